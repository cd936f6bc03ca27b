import { VerificationError } from '@penalty-ledger/merkle-log';

/**
 * Returns the name of the problem that a check finds, or `none`. Each says it in both languages:
 * the Chinese half is Chinese, and not the English one again.
 */
export function problemOf(check: () => unknown): string {
  try {
    check();
    return 'none';
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    if (!/\p{Script=Han}/u.test(error.inBoth.zh))
      throw new Error(`${error.message}: no Chinese`, { cause: error });
    return error.problem;
  }
}
