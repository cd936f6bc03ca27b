import { accepted, refused, withPersonal, type DecisionContext } from '../../decision.js';
import type { AgencyCommandData, AgencyDecision } from '../commands.js';
import type { AgencyHistory } from '../history.js';
import { accountOfAddition } from './addition-account.js';
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
