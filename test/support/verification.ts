import { VerificationError } from '@penalty-ledger/merkle-log';

/** Returns the name of the problem that a check finds, or `none`. */
export function problemOf(check: () => unknown): string {
  try {
    check();
    return 'none';
  } catch (error) {
    if (error instanceof VerificationError) return error.problem;
    throw error;
  }
}
