import { bytesOfBase64, hexOf, sha256, textOf } from './bytes.js';
import { readEvent } from './events.js';
import { isCount } from './forms.js';
import { noteText, openCheckpoint } from './note.js';
import { must } from './problem.js';
import { checkConsistency, checkInclusion } from './tree.js';

/** Returns the parts of a receipt (receipt.md), nothing of them checked yet. */
const parseReceipt = (given) => {
  const text = noteText(given, 'receipt', 1_310_720);
  const end = text.indexOf('\n\n');
  const lines = end < 0 ? [] : text.slice(0, end).split('\n');
  const [header, extra = '', indexLine = '', ...hashes] = lines;
  const body = bytesOfBase64(/^extra ([A-Za-z0-9+/=]+)$/.exec(extra)?.[1] ?? '');
  const index = Number(/^index (0|[1-9]\d{0,15})$/.exec(indexLine)?.[1]);
  const proof = hashes.map((line) => bytesOfBase64(line));
  const good =
    header === 'c2sp.org/tlog-proof@v1' &&
    body?.length > 0 &&
    isCount(index) &&
    proof.every((bytes) => bytes?.length === 32);
  must(good, 'receipt');
  return { body, index, proof: proof.map(hexOf), note: text.slice(end + 2) };
};

/** Returns the checkpoints in receipts; a receipt that is malformed fails its own step. */
const notesOf = (receipts) =>
  receipts.flatMap((receipt) => {
    try {
      return [parseReceipt(receipt).note];
    } catch {
      return [];
    }
  });

/** Checks that the pack's tree begins with the tree of every checkpoint its reader holds. */
export const checkHeld = async ({ checkpoints, receipts }, keys, checkpoint, proofs) => {
  const { origin, root, size } = checkpoint;
  for (const note of [...checkpoints, ...notesOf(receipts)]) {
    const held = await openCheckpoint(note, keys);
    must(held.origin === origin, 'origin');
    must(held.size <= size, 'later');
    const known = proofs.consistency.find(({ from }) => from === held.size);
    must(known !== undefined || held.size === size || held.size === 0, 'consistency_missing');
    await checkConsistency(held.size, held.root, size, root, known?.proof ?? []);
  }
};

/** Checks the receipts a reader holds, each by itself and against the pack's events. */
export const checkReceipts = async ({ receipts }, keys, { origin }, streams) => {
  for (const given of receipts) {
    const { body, index, note, proof } = parseReceipt(given);
    const held = await openCheckpoint(note, keys);
    const leafHash = await sha256([0], body);
    await checkInclusion(index, leafHash, held.size, held.root, proof);
    const { revision, stream } = readEvent(textOf(body), 'event', 'event');
    must(held.origin === origin, 'origin');
    const chain = streams.get(stream);
    const packed = chain?.find(({ event }) => event.revision === revision);
    must(chain === undefined || packed?.leafHash === leafHash, 'event');
  }
};
