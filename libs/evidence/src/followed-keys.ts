import type { UncheckedEvent } from '@penalty-ledger/ledger';
import {
  formatVerifierKey,
  openNote,
  parseReceipt,
  parseVerifierKey,
  VerificationError,
  type VerifierKey,
} from '@penalty-ledger/merkle-log';
import { checkEventReceipt } from './event-receipt.js';

/** The key that follows another one, and the index of the event that says so. */
interface Rotation {
  readonly next: VerifierKey;
  readonly index: number;
}

/**
 * Returns the keys a reader knows, and those that they lead to: a receipt of an event
 * `SigningKeyRotated`, under a checkpoint of both its keys, makes the second known to who knows the
 * first (`docs/spec/receipt.md`, "Rotations"). From that event on the first signs for nothing by
 * itself. Receipts that do not hold lead nowhere.
 */
export function followedKeys(
  keys: readonly VerifierKey[],
  receipts: readonly (string | Uint8Array)[],
): readonly VerifierKey[] {
  const known = [...keys];
  // It grows while it is walked through.
  for (const [at, key] of known.entries()) {
    const [first] = receipts
      .flatMap((receipt) => rotationFrom(key, receipt) ?? [])
      .sort((one, other) => one.index - other.index);
    if (first === undefined) continue;
    known[at] = { ...key, until: first.index };
    if (!known.some((each) => isSame(each, first.next))) known.push(first.next);
  }
  return known;
}

/** The rotation from a key that a receipt proves, if it proves one. */
function rotationFrom(key: VerifierKey, receipt: string | Uint8Array): Rotation | undefined {
  try {
    const { event, checkpoint, index } = checkEventReceipt(receipt, [{ ...key, until: Infinity }]);
    const { previous, verifierKey } = keysIn(event);
    if (previous !== formatVerifierKey(key) || typeof verifierKey !== 'string') return undefined;
    const next = parseVerifierKey(verifierKey);
    if (next.name !== checkpoint.origin) return undefined;
    const { signedBy } = openNote(parseReceipt(receipt).checkpoint, [key, next]);
    return signedBy.length === 2 ? { next, index } : undefined;
  } catch (error) {
    if (error instanceof VerificationError) return undefined;
    throw error;
  }
}

function keysIn({ data, stream, type }: UncheckedEvent): Readonly<Record<string, unknown>> {
  return stream === 'ledger' && type === 'SigningKeyRotated' ? data : {};
}

function isSame(one: VerifierKey, other: VerifierKey): boolean {
  return formatVerifierKey(one) === formatVerifierKey(other);
}
