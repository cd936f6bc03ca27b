import { bytesOfBase64, hexOf } from './bytes.js';
import { isCount } from './forms.js';
import { noteText, openCheckpoint } from './note.js';
import { must } from './problem.js';
import { checkConsistency, checkInclusion } from './tree.js';

const receiptEvent = new RegExp(
  String.raw`^\{"id":"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})",` +
    String.raw`"leafHash":"([0-9a-f]{64})","revision":(0|[1-9]\d{0,15}),` +
    String.raw`"stream":"([A-Za-z0-9._:-]{1,80})"\}$`,
);

/** Returns what a receipt says (receipt.md), its proof and its checkpoint not yet checked. */
const parseReceipt = (given) => {
  const text = noteText(given, 'receipt');
  const end = text.indexOf('\n\n');
  const lines = end < 0 ? [] : text.slice(0, end).split('\n');
  const [header, extra = '', indexLine = '', ...hashes] = lines;
  const named = bytesOfBase64(/^extra ([A-Za-z0-9+/=]+)$/.exec(extra)?.[1] ?? '');
  const found = receiptEvent.exec(String.fromCharCode(...(named ?? [])));
  const index = Number(/^index (0|[1-9]\d{0,15})$/.exec(indexLine)?.[1]);
  const proof = hashes.map((line) => bytesOfBase64(line));
  const good =
    header === 'c2sp.org/tlog-proof@v1' &&
    found !== null &&
    isCount(index) &&
    isCount(Number(found[3])) &&
    proof.every((bytes) => bytes?.length === 32);
  must(good, 'receipt');
  const [, id, leafHash, revision, stream] = found;
  const note = text.slice(end + 2);
  return { id, leafHash, revision: Number(revision), stream, index, proof: proof.map(hexOf), note };
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
    const { id, index, leafHash, note, proof, revision, stream } = parseReceipt(given);
    const held = await openCheckpoint(note, keys);
    await checkInclusion(index, leafHash, held.size, held.root, proof);
    must(held.origin === origin, 'origin');
    const chain = streams.get(stream);
    const packed = chain?.find(({ event }) => event.revision === revision);
    const isSame = packed?.leafHash === leafHash && packed.event.id === id;
    must(chain === undefined || isSame, 'event');
  }
};
