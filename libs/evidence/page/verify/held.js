import { bytesOfBase64, hexOf, sha256, textOf } from './bytes.js';
import { readEvent } from './events.js';
import { isCount } from './forms.js';
import { noteText, openCheckpoint, openNote, parseKey } from './note.js';
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

/** Returns the event a receipt proves, its leaf's hash and its checkpoint (receipt.md). */
const checkedReceipt = async (given, keys) => {
  const { body, index, note, proof } = parseReceipt(given);
  const held = await openCheckpoint(note, keys);
  const leafHash = await sha256([0], body);
  await checkInclusion(index, leafHash, held.size, held.root, proof);
  return { event: readEvent(textOf(body), 'event', 'event'), held, index, leafHash };
};

/** Returns the rotation from a key that a receipt proves (receipt.md, "Rotations"), if it does. */
const rotationFrom = async (key, given) => {
  try {
    const { event, held, index } = await checkedReceipt(given, [{ ...key, until: undefined }]);
    const { previous, verifierKey } = event.data;
    const isRotation = event.stream === 'ledger' && event.type === 'SigningKeyRotated';
    if (!isRotation || previous !== key.text || typeof verifierKey !== 'string') return undefined;
    if (verifierKey !== verifierKey.trim()) return undefined;
    const next = await parseKey(verifierKey);
    if (next.name !== held.origin) return undefined;
    const { signedBy } = await openNote(parseReceipt(given).note, [key, next]);
    return signedBy.length === 2 ? { next, index } : undefined;
  } catch {
    return undefined;
  }
};

/** Returns the keys that a reader knows, and those that receipts of rotations lead to. */
export const followedKeys = async (keys, receipts) => {
  const known = [...keys];
  // It grows while it is walked through.
  for (let at = 0; at < known.length; at += 1) {
    const key = known[at];
    const found = await Promise.all(receipts.map((receipt) => rotationFrom(key, receipt)));
    const [first] = found
      .filter((rotation) => rotation !== undefined)
      .sort((one, other) => one.index - other.index);
    if (first === undefined) continue;
    known[at] = { ...key, until: first.index };
    if (!known.some(({ text }) => text === first.next.text)) known.push(first.next);
  }
  return known;
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
    const { event, held, leafHash } = await checkedReceipt(given, keys);
    const { revision, stream } = event;
    must(held.origin === origin, 'origin');
    // Of the ledger's own stream a pack has the first event alone.
    const chain = stream === 'ledger' && revision > 0 ? undefined : streams.get(stream);
    const packed = chain?.find((each) => each.event.revision === revision);
    must(chain === undefined || packed?.leafHash === leafHash, 'event');
  }
};
