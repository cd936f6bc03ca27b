import { parseVerifierKey, VerificationError, type VerifierKey } from '@penalty-ledger/merkle-log';
import { UsageError } from './exit-codes.js';

/** Parses verifier keys. @throws UsageError for a text that is not one */
export function readKeys(texts: readonly string[]): readonly VerifierKey[] {
  return texts.map((text) => {
    try {
      return parseVerifierKey(text.trim());
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      throw new UsageError(
        `--key: "${text}": ${error.message}`,
        '"ledger keys" prints it: name+id+key',
      );
    }
  });
}
