import { parseCheckpoint, parseNote } from '@penalty-ledger/merkle-log';
import type { KeyStore } from '../keys/key-store.js';
import type { SharedEngine } from '../stores/open-store.js';
import { assertKeySigned } from './signing-key.js';
import { PublishedCheckpoints } from '../shared-engine/published-checkpoints.js';

/**
 * Checks that a node has the ledger's own keys before it takes commands. A node without them would
 * make new ones: a second key for a subject, and a second signature on the ledger's checkpoints.
 *
 * @throws SigningKeyLostError when the last published checkpoint is not signed with the key in this
 * file
 */
export async function assertKeysOf(engine: SharedEngine, keys: KeyStore): Promise<void> {
  const last = (await new PublishedCheckpoints(engine).all()).at(-1);
  if (last !== undefined)
    assertKeySigned(keys, parseCheckpoint(parseNote(last.note).text).origin, last.note);
}
