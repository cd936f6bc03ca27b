import { checkReceipt, type VerifierKey } from '@penalty-ledger/merkle-log';
import { checkpointFields } from './checkpoint.js';
import type { Verdict } from './verdict.js';

/**
 * Checks a receipt without its event: that the ledger signed one with this leaf hash.
 *
 * @throws VerificationError
 */
export function verifyReceipt(bytes: Uint8Array, keys: readonly VerifierKey[]): Verdict['found'] {
  const { event, index, checkpoint } = checkReceipt(bytes, keys);
  return [
    ['event', `revision ${event.revision} of stream ${event.stream}, id ${event.id}`],
    ['leaf hash', event.leafHash],
    ['index', `${index} (from 0) of ${checkpoint.size}`],
    ...checkpointFields(checkpoint),
  ];
}
