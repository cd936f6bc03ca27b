import type { DecisionContext } from '../../decision.js';
import { placed, type InBoth } from '../../in-both.js';
import {
  accountOf,
  firstAccountOf,
  takesAdditions,
  unknownAccountText,
  type Account,
} from '../../rulebook.js';
import type { AgencyCommandData } from '../commands.js';

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
