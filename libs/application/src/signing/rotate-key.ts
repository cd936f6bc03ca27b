import { SpokenError, type InBoth, type Instant } from '@penalty-ledger/ledger';
import { formatVerifierKey } from '@penalty-ledger/merkle-log';
import { signingKeyName } from '../keys/key-store.js';
import type { LedgerWriter } from '../recording/ledger-writer.js';
import { keyRotations } from '../keys/key-rotations.js';

/** A signing key that took another's place. */
export interface SigningKeyRotated {
  /** The verifier key until now. */
  readonly previous: string;
  readonly verifierKey: string;
  /** The revision of its event in the stream `ledger`. */
  readonly revision: number;
}

/** The ledger has another key by now than the one that is to be replaced. */
export class KeyRotatedError extends SpokenError {
  declare readonly inBoth: InBoth;
  readonly code = 'key_rotated';

  constructor(previous: string, verifierKey: string) {
    super({
      en: `the ledger signs with ${verifierKey}, and no longer with ${previous}`,
      zh: `账本现用 ${verifierKey} 签署，已不再使用 ${previous}`,
    });
  }
}

/** The terms of a rotation. */
export interface RotateSigningKey {
  /** The verifier key to replace; left out: the one that the ledger has. */
  readonly previous?: string;
  readonly by: string | undefined;
  readonly now: Instant;
}

/**
 * Gives a ledger another signing key: records it, and signs for that with both keys. The private
 * half of the one before is destroyed then. Interrupted, it goes on when it is run again, or when
 * the next checkpoint is signed. One rotation at a time.
 *
 * @param checkpoint signs for everything recorded
 * @throws KeyRotatedError, IntegrityError, SigningKeyLostError
 */
export async function rotateSigningKey(
  ledger: LedgerWriter,
  checkpoint: () => Promise<string>,
  { previous: expected, by, now }: RotateSigningKey,
): Promise<SigningKeyRotated> {
  const { keys, store } = ledger.parts;
  const name = signingKeyName(ledger.settings.ledgerId);
  const previous = keys.signingKey(name).verifierKey;
  if (expected !== undefined && expected !== previous)
    throw new KeyRotatedError(expected, previous);
  const verifierKey = formatVerifierKey(keys.nextSigner(name));
  const recorded = async (): Promise<number | undefined> =>
    (await keyRotations(store)).find(({ next }) => formatVerifierKey(next) === verifierKey)
      ?.revision;
  if ((await recorded()) === undefined)
    await ledger.rotateSigningKey({ previous, verifierKey }, by, now);
  await checkpoint();
  const revision = await recorded();
  if (revision === undefined) throw new Error('the rotation was recorded, and is not there');
  return { previous, verifierKey, revision };
}
