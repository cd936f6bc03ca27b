import { ruleLinkOf } from '@penalty-ledger/ledger';
import type { InBoth } from '@penalty-ledger/application/language';
import { saidIn } from './language.js';

/**
 * A refusal as people read it: its code, what is wrong, and the section it rests on.
 *
 * @param message as it was said, or as it is kept in both languages
 */
export function refusalText(
  code: string,
  message: InBoth | string,
  link: string | undefined = ruleLinkOf(code),
): string {
  const text = typeof message === 'string' ? message : saidIn(message);
  return `${code}: ${text}${link === undefined ? '' : ` (${link})`}`;
}
