import {
  parseNote,
  parseVerifierKey,
  openCheckpoint,
  parseCheckpoint,
  VerificationError,
} from '@penalty-ledger/merkle-log';
import type { KeyStore } from '../key-store.js';
import type { SharedEngine } from '../open-store.js';
import { PublishedCheckpoints } from './published-checkpoints.js';

/** This node has not the ledger's keys: it could neither sign for it nor read its names. */
export class KeysMissingError extends Error {
  readonly code = 'keys_missing';
  readonly hint =
    'nodes that take commands share one key file: LEDGER_KEYS=FILE; without it a node can answer questions';
}

/**
 * That a node has the ledger's own keys before it takes commands. A node without them would make new ones: a second key for a subject that has one, and a
 * second signature on the ledger's checkpoints.
 *
 * @throws KeysMissingError when the last published checkpoint is not signed with the key in this file
 */
export async function assertKeysOf(engine: SharedEngine, keys: KeyStore): Promise<void> {
  const last = (await new PublishedCheckpoints(engine).all()).at(-1);
  if (last === undefined) return;
  const { origin } = parseCheckpoint(parseNote(last.note).text);
  const key = keys.findSigningKey(origin);
  if (key === undefined) throw new KeysMissingError(`"${keys.path}" does not hold the key this ledger signs with`);
  try {
    openCheckpoint(last.note, [parseVerifierKey(key.verifierKey)]);
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    throw new KeysMissingError(
      `the ledger’s last checkpoint was not signed with the key in "${keys.path}": ${error.message}`,
      { cause: error },
    );
  }
}
