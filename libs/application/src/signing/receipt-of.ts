import { ledgerStream } from '@penalty-ledger/ledger';
import { parseCheckpoint, parseNote } from '@penalty-ledger/merkle-log';
import type { KeptCheckpoint, SignedTree } from '@penalty-ledger/sequencer';
import { keyRotations, signedByBoth } from '../keys/key-rotations.js';
import type { OpenedLog } from './open-log.js';

interface EventPlace {
  readonly stream: string;
  readonly revision: number;
}

/**
 * Returns the receipt for an event: under the latest checkpoint, or, for a rotation of the signing
 * key, under the one that both keys signed, so that who knows the key before can follow.
 *
 * @throws as `Sequencer.receiptFor`
 */
export async function receiptOf(
  { store, sequencer }: Pick<OpenedLog, 'store' | 'sequencer'>,
  place: EventPlace,
): Promise<string> {
  if (place.stream !== ledgerStream) return sequencer.receiptFor(place);
  const rotation = (await keyRotations(store)).find(({ revision }) => revision === place.revision);
  if (rotation === undefined) return sequencer.receiptFor(place);
  const { index } = await sequencer.inclusionProofOf(ledgerStream, rotation.revision);
  const kept = signedByBoth(rotation, index, sequencer.checkpoints);
  return sequencer.receiptFor(place, kept && treeOf(kept));
}

/**
 * Returns the receipt for an event under the first checkpoint that covers it: it verifies with the
 * key that the ledger had then, whatever key it has now.
 *
 * @throws as `Sequencer.receiptFor`
 */
export async function earliestReceiptOf(
  { sequencer }: Pick<OpenedLog, 'sequencer'>,
  place: EventPlace,
): Promise<string> {
  const { index } = await sequencer.inclusionProofOf(place.stream, place.revision);
  const [first] = sequencer.checkpointsAfter(index, 1);
  return sequencer.receiptFor(place, first && treeOf(first));
}

function treeOf({ note }: KeptCheckpoint): SignedTree {
  return { note, checkpoint: parseCheckpoint(parseNote(note).text) };
}
