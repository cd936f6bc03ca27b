import { counted, ledgerStream } from '@penalty-ledger/ledger';
import {
  checkConsistency,
  openCheckpoint,
  parseReceipt,
  VerificationError,
  type OpenedCheckpoint,
  type VerifierKey,
} from '@penalty-ledger/merkle-log';
import { checkEventReceipt } from './event-receipt.js';
import { PackError } from './pack-error.js';
import type { PackStreams } from './pack-events.js';
import type { Proofs } from './proofs.js';

/** Signed checkpoints and receipts a reader has kept, as they were given out. */
export interface Held {
  readonly checkpoints: readonly (string | Uint8Array)[];
  readonly receipts: readonly (string | Uint8Array)[];
}

/**
 * Checks that the pack's tree extends that of every checkpoint the reader holds, including those of
 * receipts. So the ledger did not show two different histories.
 *
 * @returns the number of checkpoints held
 * @throws PackError `later`, `consistency_missing`
 * @throws VerificationError those of `openCheckpoint` and `checkConsistency`; `origin` for another
 * ledger's checkpoint
 */
export function checkHeldCheckpoints(
  { checkpoints, receipts }: Held,
  keys: readonly VerifierKey[],
  checkpoint: OpenedCheckpoint,
  proofs: Proofs,
): number {
  const notes = [...checkpoints, ...receipts.flatMap((receipt) => noteOf(receipt))];
  for (const note of notes) {
    const held = openCheckpoint(note, keys);
    const { origin, root, size } = held;
    if (origin !== checkpoint.origin)
      throw new VerificationError('origin', {
        en: `a checkpoint held is of "${origin}", not of "${checkpoint.origin}"`,
        zh: `所持检查点属于 "${origin}"，而非 "${checkpoint.origin}"`,
      });
    if (size > checkpoint.size)
      throw new PackError('later', {
        en: `a checkpoint held is of ${counted(size, 'event')}, the pack's of ${checkpoint.size}`,
        zh: `所持检查点有 ${size} 个事件，证据包的只有 ${checkpoint.size} 个`,
      });
    const known = proofs.consistency.find(({ from }) => from === size);
    if (known === undefined && size !== checkpoint.size && size !== 0)
      throw new PackError('consistency_missing', {
        en:
          `the pack has no proof from the ${counted(size, 'event')} of a checkpoint held: ` +
          'ask its issuer for a pack with this proof',
        zh: `证据包中没有从所持检查点（${size} 个事件）起的证明：请向出具方索取含此证明的证据包`,
      });
    checkConsistency(size, root, checkpoint.size, checkpoint.root, known?.proof ?? []);
  }
  return notes.length;
}

/** A receipt that is none has its own step. */
function noteOf(receipt: string | Uint8Array): string[] {
  try {
    return [parseReceipt(receipt).checkpoint];
  } catch {
    return [];
  }
}

/**
 * Checks every receipt a reader holds, and that the pack has its event unaltered.
 *
 * @throws PackError `event`
 * @throws VerificationError those of {@link checkEventReceipt}
 */
export function checkHeldReceipts(
  { receipts }: Held,
  keys: readonly VerifierKey[],
  { origin }: OpenedCheckpoint,
  streams: PackStreams,
): number {
  for (const receipt of receipts) {
    const { event, leafHash, checkpoint } = checkEventReceipt(receipt, keys);
    if (checkpoint.origin !== origin)
      throw new VerificationError('origin', {
        en: `a receipt held is of "${checkpoint.origin}", not of "${origin}"`,
        zh: `所持回执属于 "${checkpoint.origin}"，而非 "${origin}"`,
      });
    const chain = streams.get(event.stream);
    // Of the ledger's own stream a pack has the first event alone.
    if (chain === undefined || (event.stream === ledgerStream && event.revision > 0)) continue;
    const packed = chain.find(({ event: { revision } }) => revision === event.revision);
    if (packed?.leafHash !== leafHash)
      throw new PackError('event', {
        en: `a receipt held is for another event ${event.revision} of "${event.stream}"`,
        zh: `所持回执对应 "${event.stream}" 的另一个事件 ${event.revision}`,
      });
  }
  return receipts.length;
}
