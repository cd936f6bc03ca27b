import { checkReceipt, type VerifierKey } from '@penalty-ledger/merkle-log';
import { checkpointFields } from './checkpoint.js';
import type { SignedFacts } from './verdict.js';
import { said } from '../terminal/language.js';

/**
 * Checks a receipt without its event: that the ledger signed one with this leaf hash.
 *
 * @throws VerificationError
 */
export function verifyReceipt(bytes: Uint8Array, keys: readonly VerifierKey[]): SignedFacts {
  const { event, index, checkpoint } = checkReceipt(bytes, keys);
  const found: SignedFacts['found'] = [
    [
      said('event', '事件'),
      said(
        `revision ${event.revision} of stream ${event.stream}, id ${event.id}`,
        `事件流 ${event.stream} 的流内序号 ${event.revision}，编号 ${event.id}`,
      ),
    ],
    [said('leaf hash', '叶哈希'), event.leafHash],
    [
      said('index', '序号'),
      said(
        `${index} (from 0) of ${checkpoint.size}`,
        `第 ${index} 个（从 0 起），共 ${checkpoint.size} 个`,
      ),
    ],
    ...checkpointFields(checkpoint),
  ];
  return { origin: checkpoint.origin, found };
}
