import type { EventStore, Position } from '@penalty-ledger/event-store';
import { ledgerStream, readEnvelope } from '@penalty-ledger/ledger';
import {
  formatVerifierKey,
  openNote,
  parseVerifierKey,
  VerificationError,
  type SignerKey,
  type VerifierKey,
} from '@penalty-ledger/merkle-log';
import type { KeptCheckpoint } from '@penalty-ledger/sequencer';
import type { KeyStore } from './key-store.js';
import { SigningKeyLostError } from './key-errors.js';

/** An event `SigningKeyRotated`: from which key to which, and where it stands. */
export interface KeyRotation {
  readonly previous: VerifierKey;
  readonly next: VerifierKey;
  readonly revision: number;
  readonly position: Position;
}

/** A stored event of the ledger's own stream. */
interface StoredPlace {
  readonly body: string | undefined;
  readonly position: number | Position;
}

/** Returns the rotations of a ledger's signing key, in order. */
export function keyRotations(store: EventStore): Promise<readonly KeyRotation[]> {
  return rotationsIn(store.readStream(ledgerStream));
}

/** Returns a ledger's key, and those that it signed with before. */
export async function keysSoFar(
  store: EventStore,
  verifierKey: string,
): Promise<readonly VerifierKey[]> {
  const rotations = await keyRotations(store);
  return [parseVerifierKey(verifierKey), ...rotations.map(({ previous }) => previous)];
}

/** Returns the rotations among events, which may be damaged. */
export async function rotationsIn(
  batches: AsyncIterable<readonly StoredPlace[]> | Iterable<readonly StoredPlace[]>,
): Promise<readonly KeyRotation[]> {
  const found: KeyRotation[] = [];
  for await (const batch of batches)
    for (const { body, position } of batch) {
      const rotation = rotationIn(body ?? '');
      if (rotation !== undefined) found.push({ ...rotation, position: String(position) });
    }
  return found;
}

/** Returns the rotation that an event's bytes are; `undefined` for any others. */
export function rotationIn(body: string): Omit<KeyRotation, 'position'> | undefined {
  if (!body.includes('"type":"SigningKeyRotated"')) return undefined;
  const event = readEnvelope(body);
  if ('problem' in event || event.stream !== ledgerStream || event.type !== 'SigningKeyRotated')
    return undefined;
  const { previous, verifierKey } = event.data;
  if (typeof previous !== 'string' || typeof verifierKey !== 'string') return undefined;
  try {
    const keys = { previous: parseVerifierKey(previous), next: parseVerifierKey(verifierKey) };
    return { ...keys, revision: event.revision };
  } catch (error) {
    if (error instanceof VerificationError) return undefined;
    throw error;
  }
}

/**
 * Returns the key that signs beside the ledger's own now: a rotation to it was recorded, and no
 * checkpoint of both keys covers that yet.
 *
 * @throws SigningKeyLostError when the ledger recorded that another key follows than is held here
 */
export async function pendingSigner(
  store: EventStore,
  keys: KeyStore,
  own: VerifierKey,
): Promise<SignerKey | undefined> {
  const last = (await keyRotations(store)).findLast(({ previous }) => isSame(previous, own));
  if (last === undefined) return undefined;
  const next = keys.findNextSigner(own.name);
  if (next !== undefined && isSame(last.next, next)) return next;
  throw new SigningKeyLostError({
    en:
      `the ledger recorded that the key ${formatVerifierKey(last.next)} follows, and ` +
      `${keys.path} does not hold it: nothing was signed; bring the key file that holds it, ` +
      'or run "ledger keys rotate" again',
    zh:
      `账本已记录由密钥 ${formatVerifierKey(last.next)} 接替，而 ${keys.path} 中没有该密钥：` +
      '未签署任何内容；请取回含有该密钥的密钥文件，或再次运行 "ledger keys rotate"',
  });
}

/** Says whether a key is among those that signed a note. */
export function hasSigned(key: VerifierKey, note: string): boolean {
  try {
    openNote(note, [key]);
    return true;
  } catch (error) {
    if (error instanceof VerificationError) return false;
    throw error;
  }
}

/** Finds the checkpoint in which both keys of a rotation signed for it, if it was signed. */
export function signedByBoth(
  { previous, next }: Pick<KeyRotation, 'previous' | 'next'>,
  leaf: number,
  checkpoints: readonly KeptCheckpoint[],
): KeptCheckpoint | undefined {
  return checkpoints.find(({ size, note }) => {
    if (size <= leaf) return false;
    try {
      return openNote(note, [previous, next]).signedBy.length === 2;
    } catch (error) {
      if (error instanceof VerificationError) return false;
      throw error;
    }
  });
}

/**
 * Adds the keys that a ledger signed with before and after those known. A rotation leads from
 * either of its keys to the other, if a checkpoint of both covers its event; from there on the one
 * before signs for nothing by itself.
 *
 * @param leafOf the leaf of a rotation's event
 */
export function keysAcross<Rotation extends Pick<KeyRotation, 'previous' | 'next'>>(
  known: readonly VerifierKey[],
  rotations: readonly Rotation[],
  checkpoints: readonly KeptCheckpoint[],
  leafOf: (rotation: Rotation) => number | undefined,
): readonly VerifierKey[] {
  const keys = [...known];
  const has = (key: VerifierKey): boolean => keys.some((each) => isSame(each, key));
  const signed = rotations.filter((rotation) => {
    const leaf = leafOf(rotation);
    return leaf !== undefined && signedByBoth(rotation, leaf, checkpoints) !== undefined;
  });
  const untilOf = (key: VerifierKey): Pick<VerifierKey, 'until'> => {
    const rotation = signed.find(({ previous }) => isSame(previous, key));
    const until = rotation === undefined ? undefined : leafOf(rotation);
    return until === undefined ? {} : { until };
  };
  let left = signed;
  for (;;) {
    const next = left.find(({ previous, next: after }) => has(previous) !== has(after));
    if (next === undefined) return keys.map((key) => ({ ...key, ...untilOf(key) }));
    keys.push(has(next.previous) ? next.next : next.previous);
    left = left.filter((each) => each !== next);
  }
}

function isSame(one: VerifierKey, other: VerifierKey): boolean {
  return formatVerifierKey(one) === formatVerifierKey(other);
}
