import {
  abcPoints,
  aliMcn20180703,
  aliMcn20190307,
  douyinGuildHealth2022,
  douyinMcnCredit2022,
  type Rulebook,
} from '@penalty-ledger/ledger';
import { UsageError } from '../terminal/exit-codes.js';
import { said } from '../terminal/language.js';
import { listed } from '../terminal/words.js';

const shipped = [
  aliMcn20180703,
  aliMcn20190307,
  abcPoints,
  douyinGuildHealth2022,
  douyinMcnCredit2022,
];

/**
 * Returns the rulebook of that id that comes with the program; of several versions the last, unless
 * one is named.
 *
 * @throws UsageError when there is none
 */
export function shippedRulebook(id: string, version?: string): Rulebook {
  const found = shipped.findLast(
    (rulebook) =>
      rulebook.id === id && (version === undefined || rulebook.rulebookVersion === version),
  );
  if (found !== undefined) return found;
  const named = version === undefined ? `"${id}"` : `"${id}" "${version}"`;
  const known = listed(shipped.map((rulebook) => `${rulebook.id} ${rulebook.rulebookVersion}`));
  throw new UsageError(
    said(`no rulebook ${named} comes with the program`, `程序没有附带规则 ${named}`),
    said(`these do: ${known}`, `附带的规则有：${known}`),
  );
}
