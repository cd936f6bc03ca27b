import {
  abcPoints,
  aliMcn20190307,
  douyinGuildHealth2022,
  douyinMcnCredit2022,
  type Rulebook,
} from '@penalty-ledger/ledger';
import { UsageError } from '../terminal/exit-codes.js';

const shipped = [aliMcn20190307, abcPoints, douyinGuildHealth2022, douyinMcnCredit2022];

/**
 * Returns the rulebook of that id that comes with the program; of several versions the last.
 *
 * @throws UsageError when there is none
 */
export function shippedRulebook(id: string): Rulebook {
  const found = shipped.find((rulebook) => rulebook.id === id);
  if (found !== undefined) return found;
  const ids = shipped.map((rulebook) => rulebook.id).join(', ');
  throw new UsageError(`no rulebook "${id}" comes with the program`, `these do: ${ids}`);
}
