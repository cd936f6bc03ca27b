import { accepted, refused, withPersonal, type DecisionContext } from '../../decision.js';
import { placed, type InBoth } from '../../in-both.js';
import {
  accountOf,
  firstAccountOf,
  takesAdditions,
  unknownAccountText,
  type Account,
} from '../../rulebook.js';
import type { AgencyCommandData, AgencyDecision } from '../commands.js';
import type { AgencyHistory } from '../history.js';
import { unlessAdmitted } from './deductions.js';

/**
 * Records points that the platform adds to a falling score. The balance stays the sum of the
 * deductions (rules §4), so that no expulsion is pending or supported by it.
 */
export function recordAddition(
  data: AgencyCommandData['RecordAddition'],
  history: AgencyHistory,
  context: DecisionContext,
): AgencyDecision {
  const { now, zone, rulebooks } = context;
  const { additionId, agencyId, points, reason, effectiveAt = now } = data;
  const { reference } = rulebooks.inForceAt(effectiveAt);
  const misplaced = unlessAdmitted(history, effectiveAt, context, {
    en: 'an addition',
    zh: '加分',
  });
  if (misplaced !== undefined) return misplaced;
  const { account, problem } = accountOfAddition(data, context);
  if (account === undefined) return refused('invalid', problem);
  return accepted({
    type: 'AdditionGranted',
    data: {
      account: account.id,
      additionId,
      agencyId,
      period: zone.yearOf(effectiveAt),
      points,
    },
    effectiveAt,
    rulebook: reference,
    ...withPersonal({ reason }),
  });
}

/** Finds the account that an addition is for, or says why no account takes it. */
export function accountOfAddition(
  { account: named, effectiveAt }: AgencyCommandData['RecordAddition'],
  { now, rulebooks }: Pick<DecisionContext, 'now' | 'rulebooks'>,
):
  | { readonly account: Account; readonly problem?: undefined }
  | { readonly account?: undefined; readonly problem: InBoth } {
  const { document } = rulebooks.inForceAt(effectiveAt ?? now);
  const account = named === undefined ? firstAccountOf(document) : accountOf(document, named);
  if (account === undefined)
    return { problem: placed('data.account', unknownAccountText(document, named ?? '')) };
  if (takesAdditions(account)) return { account };
  const { id, rulebookVersion } = document;
  return {
    problem: placed('data.account', {
      en:
        `"${account.id}" of rulebook ${id} ${rulebookVersion} takes no additions; ` +
        'only an account whose scale has a cap above its start does',
      zh:
        `规则 ${id} ${rulebookVersion} 的计分账户 "${account.id}" 不接受加分；` +
        '只有递减计分（scale）的上限高于起始值的计分账户才接受',
    }),
  };
}

/** Takes an addition back, whoever was wrong: it adds nothing from its start. */
export function revokeAddition(
  { additionId, reason }: AgencyCommandData['RevokeAddition'],
  history: AgencyHistory,
): AgencyDecision {
  const addition = history.additions.get(additionId);
  if (addition === undefined)
    return refused('unknown_addition', {
      en: `no addition "${additionId}" was recorded for the agency; check the id`,
      zh: `该机构未记录加分 "${additionId}"，请核对编号`,
    });
  if (addition.revoked !== undefined)
    return refused('already_revoked', {
      en: `addition "${additionId}" was revoked already`,
      zh: `加分 "${additionId}" 此前已撤销`,
    });
  return accepted({
    type: 'AdditionRevoked',
    data: { additionId, agencyId: history.agencyId },
    ...withPersonal({ reason }),
  });
}
