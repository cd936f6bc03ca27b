import { ledgerStream } from '@penalty-ledger/ledger';
import { parseCheckpoint, parseNote } from '@penalty-ledger/merkle-log';
import { keyRotations, signedByBoth } from '../keys/key-rotations.js';
import type { OpenedLog } from './open-log.js';

/**
 * Returns the receipt for an event: under the latest checkpoint, or, for a rotation of the signing
 * key, under the one that both keys signed, so that who knows either key can follow to the other.
 *
 * @throws as `Sequencer.receiptFor`
 */
export async function receiptOf(
  { store, sequencer }: Pick<OpenedLog, 'store' | 'sequencer'>,
  place: { readonly stream: string; readonly revision: number },
): Promise<string> {
  if (place.stream !== ledgerStream) return sequencer.receiptFor(place);
  const rotation = (await keyRotations(store)).find(({ revision }) => revision === place.revision);
  if (rotation === undefined) return sequencer.receiptFor(place);
  const { index } = await sequencer.inclusionProofOf(ledgerStream, rotation.revision);
  const kept = signedByBoth(rotation, index, sequencer.checkpoints);
  if (kept === undefined) return sequencer.receiptFor(place);
  const { note } = kept;
  return sequencer.receiptFor(place, {
    note,
    checkpoint: parseCheckpoint(parseNote(note).text),
  });
}
