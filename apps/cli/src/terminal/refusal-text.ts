import { ruleLinkOf } from '@penalty-ledger/ledger';

/** A refusal as people read it: its code, what is wrong, and the section it rests on. */
export function refusalText(
  code: string,
  message: string,
  link: string | undefined = ruleLinkOf(code),
): string {
  return `${code}: ${message}${link === undefined ? '' : ` (${link})`}`;
}
