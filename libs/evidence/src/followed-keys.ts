import type { UncheckedEvent } from '@penalty-ledger/ledger';
import {
  formatVerifierKey,
  parseVerifierKey,
  VerificationError,
  type VerifierKey,
} from '@penalty-ledger/merkle-log';
import { checkEventReceipt, type EventReceipt } from './event-receipt.js';

/**
 * Returns the keys a reader knows, and those that they lead to: each receipt of an event
 * `SigningKeyRotated` that a known key signed for makes the key known that the event names
 * (`docs/spec/receipt.md`, "Rotations"). Receipts that do not hold lead nowhere.
 */
export function followedKeys(
  keys: readonly VerifierKey[],
  receipts: readonly (string | Uint8Array)[],
): readonly VerifierKey[] {
  const known = [...keys];
  let left = receipts;
  for (;;) {
    const before = known.length;
    const notYet: (string | Uint8Array)[] = [];
    for (const receipt of left) {
      const checked = heldBy(receipt, known);
      if (checked === undefined) {
        notYet.push(receipt);
        continue;
      }
      const next = rotatedTo(checked);
      if (next !== undefined && !known.some((key) => isSame(key, next))) known.push(next);
    }
    if (known.length === before) return known;
    left = notYet;
  }
}

function heldBy(
  receipt: string | Uint8Array,
  known: readonly VerifierKey[],
): EventReceipt | undefined {
  try {
    return checkEventReceipt(receipt, known);
  } catch (error) {
    if (error instanceof VerificationError) return undefined;
    throw error;
  }
}

/** The key that a rotation names, if the key before it signed for the rotation. */
function rotatedTo({ event, checkpoint }: EventReceipt): VerifierKey | undefined {
  const { origin, signedBy } = checkpoint;
  const { previous, verifierKey } = keysIn(event);
  const isSigned = signedBy.some(
    (key) => key.name === origin && formatVerifierKey(key) === previous,
  );
  if (!isSigned || typeof verifierKey !== 'string') return undefined;
  try {
    const next = parseVerifierKey(verifierKey);
    return next.name === origin ? next : undefined;
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
