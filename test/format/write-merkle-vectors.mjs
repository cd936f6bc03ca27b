/**
 * Writes the vectors of the Merkle log with the built library:
 * `npm run build && node test/format/write-merkle-vectors.mjs`.
 *
 * Vectors are frozen; see `vector-files.mjs`. Run this only to add a vector.
 */
import { Buffer } from 'node:buffer';
import { createHash, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { URL } from 'node:url';
import { checkEventReceipt } from '@penalty-ledger/evidence';
import {
  appendLeaves,
  checkAbsence,
  checkConsistency,
  checkHead,
  checkInclusion,
  consistencyProof,
  emptyMapRoot,
  emptyRoot,
  formatCheckpoint,
  formatReceipt,
  formatVerifierKey,
  inclusionProof,
  MemoryTiles,
  openCheckpoint,
  rootAt,
  signCheckpoint,
  signerKey,
  signNote,
  StreamHeads,
} from '@penalty-ledger/merkle-log';
import { vectorFolder } from './vector-files.mjs';

const vectors = vectorFolder('merkle');
const sha256 = (...parts) =>
  createHash('sha256').update(Buffer.concat(parts.map((part) => Buffer.from(part))));
const leafHashOf = (text) => sha256('\0', text).digest('hex');
const otherHash = '9'.repeat(64);
/** Seeds for vectors only; they are not secret. */
const seedOf = (name) => sha256(`vector key of ${name}`).digest();

/** What a check finds: null, or the name of the problem. */
function problemOf(check) {
  try {
    check();
    return null;
  } catch (error) {
    if (error.code !== 'verification') throw error;
    return error.problem;
  }
}

function treeOf(leafHashes) {
  const tiles = new MemoryTiles();
  tiles.write(appendLeaves(tiles, 0, leafHashes));
  return tiles;
}

// --- trees and proofs

const large = 70_000;
const tiles = treeOf(Array.from({ length: large }, (_, index) => leafHashOf(String(index))));
const root = (size) => (size === 0 ? emptyRoot : rootAt(tiles, size));
const leaf = (index) => leafHashOf(String(index));

const inclusion = [
  ['the only leaf', 0, 1],
  ['the first of seven', 0, 7],
  ['the last of seven, whose way up is short', 6, 7],
  ['in the middle', 4, 7],
  ['the last of a full tile', 255, 256],
  ['the first after it', 256, 257],
  ['over several tiles', 40_000, large],
  ['the last over several tiles', large - 1, large],
].map(([name, index, size]) => ({
  name,
  leafHash: leaf(index),
  index,
  size,
  proof: inclusionProof(tiles, index, size),
  root: root(size),
}));
const [first, firstOfSeven, lastOfSeven, middle] = inclusion;
const flipped = (hash, at) =>
  hash.slice(0, at) + (hash[at] === '0' ? '1' : '0') + hash.slice(at + 1);
const inclusionRefused = [
  { ...middle, name: 'another leaf', leafHash: leaf(5) },
  { ...middle, name: 'another index', index: 5 },
  { ...middle, name: 'another root', root: root(6) },
  { ...middle, name: 'a digit altered', proof: middle.proof.with(1, flipped(middle.proof[1], 17)) },
  {
    ...middle,
    name: 'two hashes in the wrong order',
    proof: [middle.proof[1], middle.proof[0], middle.proof[2]],
  },
  { ...middle, name: 'a hash too few', proof: middle.proof.slice(1) },
  { ...middle, name: 'a hash too many', proof: [...middle.proof, otherHash] },
  {
    ...middle,
    name: 'a hash in upper case',
    proof: middle.proof.with(0, middle.proof[0].toUpperCase()),
  },
  { ...middle, name: 'a hash cut short', proof: middle.proof.with(0, middle.proof[0].slice(2)) },
  { ...middle, name: 'an index beyond the tree', index: 7 },
  { ...middle, name: 'a negative index', index: -1 },
  { ...first, name: 'a leaf in an empty tree', size: 0, root: emptyRoot },
  { ...first, name: 'the only leaf with a hash too many', proof: [otherHash] },
  {
    ...lastOfSeven,
    name: 'the index is 2^32 higher',
    index: lastOfSeven.index + 2 ** 32,
    size: 7 + 2 ** 32,
  },
  { ...firstOfSeven, name: 'a size over 2^53-1', size: 2 ** 53 },
];
const checkedInclusion = ({ leafHash, index, size, proof, root: expected }) =>
  problemOf(() => checkInclusion(leafHash, index, size, proof, expected));

const consistency = [
  [0, 0],
  [0, 7],
  [7, 7],
  [1, 2],
  [3, 7],
  [4, 7],
  [6, 8],
  [255, 257],
  [256, 70_000],
  [65_537, 70_000],
].map(([from, to]) => ({
  name: `from ${from} to ${to} leaves`,
  from,
  fromRoot: root(from),
  to,
  toRoot: root(to),
  proof: consistencyProof(tiles, from, to),
}));
const threeToSeven = consistency[4];
const fourToSeven = consistency[5];
const consistencyRefused = [
  { ...threeToSeven, name: 'another earlier root', fromRoot: otherHash },
  { ...threeToSeven, name: 'another later root', toRoot: otherHash },
  {
    ...threeToSeven,
    name: 'a digit altered',
    proof: threeToSeven.proof.with(2, flipped(threeToSeven.proof[2], 63)),
  },
  { ...threeToSeven, name: 'a hash too few', proof: threeToSeven.proof.slice(0, -1) },
  { ...threeToSeven, name: 'a hash too many', proof: [...threeToSeven.proof, otherHash] },
  { ...threeToSeven, name: 'no hashes', proof: [] },
  {
    ...fourToSeven,
    name: 'an earlier tree that is perfect, named in the proof',
    proof: [root(4), ...fourToSeven.proof],
  },
  { ...threeToSeven, name: 'backwards', from: 7, fromRoot: root(7), to: 3, toRoot: root(3) },
  { ...threeToSeven, name: 'one size, two roots', to: 3, proof: [] },
  { ...threeToSeven, name: 'an empty tree with a root', from: 0, proof: [] },
  { ...threeToSeven, name: 'no number', from: 0.5 },
];
const checkedConsistency = ({ from, fromRoot, to, toRoot, proof }) =>
  problemOf(() => checkConsistency(from, fromRoot, to, toRoot, proof));

vectors.json(
  'tree.json',
  'Leaf i of the tree is SHA-256(0x00 || i in decimal). roots: by size. ' +
    'tiles: SHA-256 of the bytes of tiles at the size of 70,000. ' +
    'inclusion, consistency: proofs, and the problem each has, or null.',
  {
    roots: [0, 1, 2, 3, 4, 5, 6, 7, 8, 255, 256, 257, 65_536, large].map((size) => ({
      size,
      root: root(size),
    })),
    tiles: [
      [0, 0, 256],
      [0, 272, 256],
      [0, 273, 112],
      [1, 0, 256],
      [1, 1, 17],
      [2, 0, 1],
    ].map(([level, index, width]) => ({
      level,
      index,
      width,
      sha256: sha256(tiles.tile(level, index, width)).digest('hex'),
    })),
    inclusion: [...inclusion, ...inclusionRefused].map((one) => ({
      ...one,
      problem: checkedInclusion(one),
    })),
    consistency: [...consistency, ...consistencyRefused].map((one) => ({
      ...one,
      problem: checkedConsistency(one),
    })),
  },
);

// --- stream heads

const heads = Array.from({ length: 12 }, (_, number) => ({
  stream: `agency-a${number}`,
  revision: number === 11 ? Number.MAX_SAFE_INTEGER : number,
  leafHash: leafHashOf(`head ${number}`),
}));
heads.push({ stream: 'agency-杭州', revision: 0, leafHash: leafHashOf('head in Chinese') });
const mapOf = (some) => {
  const map = new StreamHeads();
  for (const { stream, ...head } of some) map.set(stream, head);
  return map;
};
const map = mapOf(heads);
const mapRoot = map.root();
const present = heads.map(({ stream, ...head }) => ({
  stream,
  head,
  proof: map.proveHead(stream),
  root: mapRoot,
}));
const [p0, p1] = present;
const presentRefused = [
  { ...p0, name: 'an earlier event', head: { ...p1.head, revision: 0 } },
  { ...p1, name: 'a later event', head: { ...p1.head, revision: 2 } },
  { ...p0, name: 'another stream', stream: 'agency-a1' },
  { ...p0, name: 'another root', root: otherHash },
  { ...p0, name: 'a hash too few', proof: { siblings: p0.proof.siblings.slice(1) } },
  { ...p0, name: 'a longer path', proof: { siblings: [emptyMapRoot, ...p0.proof.siblings] } },
  { ...p0, name: 'no revision', head: { ...p0.head, revision: -1 } },
];
const absentNames = Array.from({ length: 60 }, (_, number) => `agency-b${number}`);
const absence = (stream) => ({ stream, proof: map.proveAbsence(stream), root: mapRoot });
const ofNothing = absence(absentNames.find((name) => map.proveAbsence(name).other === undefined));
const ofAnother = absence(absentNames.find((name) => map.proveAbsence(name).other !== undefined));
const noStreams = { stream: 'agency-a1', proof: { siblings: [] }, root: emptyMapRoot };
const { siblings: own } = p0.proof;
const absent = [
  { ...ofNothing, name: 'its way ends at nothing' },
  { ...ofAnother, name: 'its way ends at another stream' },
  { ...noStreams, name: 'there are no streams' },
  { ...ofNothing, name: 'another stream’s proof', stream: ofAnother.stream },
  { ...ofAnother, name: 'the other stream hidden', proof: { siblings: ofAnother.proof.siblings } },
  {
    ...ofAnother,
    name: 'the other stream’s head altered',
    proof: { ...ofAnother.proof, other: { ...ofAnother.proof.other, head: otherHash } },
  },
  {
    ...ofAnother,
    name: 'the other stream is the stream itself',
    stream: 'agency-a0',
    proof: { siblings: own, other: { key: sha256('agency-a0').digest('hex'), head: otherHash } },
  },
  {
    ...ofAnother,
    name: 'the other stream stands elsewhere',
    proof: {
      ...ofAnother.proof,
      other: { key: flipped(ofAnother.proof.other.key, 0), head: otherHash },
    },
  },
  { ...ofNothing, name: 'a stream that is there', stream: 'agency-a0', proof: { siblings: own } },
];
vectors.json(
  'stream-heads.json',
  'maps: streams, their heads and the root. ' +
    'present, absent: proofs under a root, and the problem each has, or null.',
  {
    maps: [0, 1, 2, 3, heads.length].map((count) => ({
      heads: heads.slice(0, count),
      root: mapOf(heads.slice(0, count)).root(),
    })),
    present: [...present.map((one) => ({ name: one.stream, ...one })), ...presentRefused].map(
      (one) => ({
        ...one,
        problem: problemOf(() => checkHead(one.stream, one.head, one.proof, one.root)),
      }),
    ),
    absent: absent.map((one) => ({
      ...one,
      problem: problemOf(() => checkAbsence(one.stream, one.proof, one.root)),
    })),
  },
);

// --- checkpoints: the ledger of the event vectors, before and after the second event of agency-a7

const eventVectors = (name) =>
  JSON.parse(readFileSync(new URL(`../vectors/event/${name}`, import.meta.url), 'utf8'));
const opening = eventVectors('opening.json');
const records = [
  ...opening.streams.flatMap(({ stream, records: some }) =>
    some.map((record) => ({ stream, ...record })),
  ),
  ...eventVectors('example.json').records.map((record) => ({ stream: 'agency-a7', ...record })),
];
const log = treeOf(records.map(({ leafHash }) => leafHash));
const ledgerName = `ledger.example/${opening.ledgerId}`;
const keyOf = (name) => {
  const pkcs8 = Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    seedOf(name),
  ]);
  return signerKey(name, createPrivateKey({ key: pkcs8, type: 'pkcs8', format: 'der' }));
};
const ledger = keyOf(ledgerName);
const witness = keyOf('witness.example/w1');

function headsAt(size) {
  const found = new StreamHeads();
  for (const { stream, body, leafHash } of records.slice(0, size)) {
    found.set(stream, { revision: JSON.parse(body).revision, leafHash });
  }
  return found;
}
const checkpointAt = (size, signedAt) => {
  const found = headsAt(size);
  const streamHeads = { count: found.count, root: found.root() };
  return {
    origin: ledgerName,
    size,
    root: size === 0 ? emptyRoot : rootAt(log, size),
    streamHeads,
    signedAt,
  };
};
const whole = records.length;
const earlier = checkpointAt(whole - 1, '2019-03-31T16:00:00.000Z');
const later = checkpointAt(whole, '2019-04-01T02:00:05.000Z');
const text = formatCheckpoint(later);
const [origin, size, rootLine, headsLine, timeLine] = text.split('\n');
const note = signCheckpoint(later, [ledger]);
const cosigned = signCheckpoint(later, [ledger, witness]);
const signatureOf = (signed) => `${signed.split('\n').at(-2)}\n`;
const textOf = (...lines) => lines.map((line) => `${line}\n`).join('');
const withByte = (bytes, at, byte) => Buffer.from(bytes).fill(byte, at, at + 1);

const unsigned = signNote(text, [signerKey(ledgerName, keyOf('other').privateKey)]);

const checkpoints = [
  ['example', 'what docs/spec/checkpoint.md begins with', note],
  ['earlier', 'the ledger one event before', signCheckpoint(earlier, [ledger])],
  [
    'empty',
    'a ledger without events',
    signCheckpoint(checkpointAt(0, '2019-03-01T00:00:00.000Z'), [ledger]),
  ],
  ['cosigned', 'signed by a known witness as well', cosigned],
  [
    'unknown-cosigner',
    'signed by somebody unknown as well',
    note + signatureOf(signNote(text, [keyOf('unknown.example')])),
  ],
  [
    'unknown-wrong',
    'a line of somebody unknown that is over another text',
    note + signatureOf(signNote('x\n', [keyOf('unknown.example')])),
  ],
  ['unsigned', 'signed by an unknown key of the same name', unsigned],
  ['witness-only', 'signed by the witness alone', signNote(text, [witness])],
  [
    'cosignature-wrong',
    'the known witness signed another text',
    note + signatureOf(signNote('x\n', [witness])),
  ],
  [
    'signature-wrong',
    'the size altered after it was signed',
    note.replace(`\n${size}\n`, `\n${Number(size) + 1}\n`),
  ],
  ['signed-twice', 'the same line twice', note + signatureOf(note)],
  ['no-blank-line', 'no blank line', note.replace('\n\n', '\n')],
  ['no-last-line-feed', 'the last line without its end', note.slice(0, -1)],
  ['hyphen', 'a hyphen for the em dash', note.replace('—', '-')],
  ['stray-bits', 'a signature whose base64 has stray bits', note.replace(/(.)=\n$/, strayBits)],
  ['carriage-return', 'a carriage return', note.replace('\n', '\r\n')],
  ['not-utf8', 'a byte that is not UTF-8', withByte(note, 3, 0xff)],
  [
    'two-lines-less',
    'without our extension lines',
    signNote(textOf(origin, size, rootLine), [ledger]),
  ],
  [
    'a-line-more',
    'a further extension line',
    signNote(textOf(origin, size, rootLine, headsLine, timeLine, 'x'), [ledger]),
  ],
  [
    'swapped',
    'extension lines in the other order',
    signNote(textOf(origin, size, rootLine, timeLine, headsLine), [ledger]),
  ],
  [
    'leading-zero',
    'a size with a leading zero',
    signNote(textOf(origin, `0${size}`, rootLine, headsLine, timeLine), [ledger]),
  ],
  [
    'no-instant',
    'a day that is not in the calendar',
    signNote(textOf(origin, size, rootLine, headsLine, 'signed-at 2019-02-29T00:00:00.000Z'), [
      ledger,
    ]),
  ],
  [
    'empty-root',
    'events, and the root of no leaves',
    signNote(
      textOf(origin, size, Buffer.from(emptyRoot, 'hex').toString('base64'), headsLine, timeLine),
      [ledger],
    ),
  ],
];

/** The last base64 digit before one padding sign carries two bits that say nothing. */
function strayBits(_, digit) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  return `${alphabet[alphabet.indexOf(digit) + 1]}=\n`;
}

const keys = [formatVerifierKey(ledger), formatVerifierKey(witness)];
for (const [name, , content] of checkpoints) vectors.file(`checkpoints/${name}.txt`, content);
vectors.json(
  'checkpoints.json',
  'Signed checkpoints, one a file, read with the verifier keys `keys`; ' +
    'the problem each has, or null and what it says. ' +
    'signers: names and the seeds of their private keys, nobody’s secret. ' +
    'ledger: the leaf hashes it has, in order.',
  {
    keys,
    signers: [ledger, witness].map(({ name }) => ({ name, seed: seedOf(name).toString('hex') })),
    ledger: records.map(({ stream, leafHash }) => ({ stream, leafHash })),
    consistency: consistencyProof(log, whole - 1, whole),
    files: checkpoints.map(([name, about, content]) => {
      const bytes = Buffer.from(content);
      const problem = problemOf(() => openCheckpoint(bytes, [ledger, witness]));
      if (problem !== null) return { file: `checkpoints/${name}.txt`, about, problem };
      const { signedBy, ...checkpoint } = openCheckpoint(bytes, [ledger, witness]);
      return {
        file: `checkpoints/${name}.txt`,
        about,
        problem,
        checkpoint,
        signedBy: signedBy.map((key) => key.name),
      };
    }),
  },
);

// --- receipts

const receiptOf = (index, checkpoint, of) => ({
  body: Buffer.from(records[index].body),
  index,
  proof: inclusionProof(log, index, of),
  checkpoint,
});
const last = records[whole - 1];
const receipt = receiptOf(whole - 1, note, whole);
const written = formatReceipt(receipt);
const secondLine = written.split('\n')[1];
/** The same receipt with its event relabelled: no verifier may print what the ledger never said. */
const saying = (from, to) => {
  const body = last.body.replace(from, to);
  if (body === last.body) throw new Error(`the event does not have ${from}`);
  return formatReceipt({ ...receipt, body: Buffer.from(body) });
};
/** A receipt for bytes that the ledger signed for, and that are the only leaf of its tree. */
const signedFor = (bytes) => {
  const leaf = sha256('\0', bytes).digest('hex');
  const heads = new StreamHeads();
  heads.set('agency-a7', { revision: 0, leafHash: leaf });
  const streamHeads = { count: heads.count, root: heads.root() };
  const only = { ...later, size: 1, root: leaf, streamHeads };
  return formatReceipt({
    body: bytes,
    index: 0,
    proof: [],
    checkpoint: signCheckpoint(only, [ledger]),
  });
};
const receipts = [
  ['example', 'what docs/spec/receipt.md begins with', written],
  ['inside', 'an event in the middle of the tree', formatReceipt(receiptOf(2, note, whole))],
  [
    'cosigned',
    'a checkpoint with a cosignature',
    formatReceipt({ ...receipt, checkpoint: cosigned }),
  ],
  [
    'other-event',
    'the event before it',
    formatReceipt({ ...receipt, body: Buffer.from(records[whole - 2].body) }),
  ],
  ['other-revision', 'another revision', saying('"revision":1', '"revision":2')],
  ['other-stream', 'another stream', saying('"stream":"agency-a7"', '"stream":"agency-a8"')],
  ['other-id', 'another id', saying('"id":"12aa', '"id":"12ab')],
  ['other-points', 'other points', saying('"points":40', '"points":10')],
  ['other-time', 'recorded at another time', saying('"recordedAt":"2019', '"recordedAt":"2018')],
  ['not-an-event', 'bytes that are no event, signed for', signedFor(Buffer.from('{"points":40}'))],
  [
    'not-canonical',
    'an event with a space in it, signed for',
    signedFor(Buffer.from(last.body.replace(',', ', '))),
  ],
  [
    'twice',
    'an event with a member twice, signed for',
    signedFor(Buffer.from(last.body.replace('{', '{"actor":"officer-2",'))),
  ],
  ['not-text', 'bytes that are not UTF-8, signed for', signedFor(Buffer.from([0xff]))],
  ['other-index', 'another index', written.replace(/\nindex \d+\n/, `\nindex ${whole - 2}\n`)],
  ['beyond', 'an index beyond the tree', written.replace(/\nindex \d+\n/, `\nindex ${whole}\n`)],
  [
    'other-checkpoint',
    'the checkpoint before',
    formatReceipt({ ...receipt, checkpoint: signCheckpoint(earlier, [ledger]) }),
  ],
  ['hash-missing', 'a hash too few', formatReceipt({ ...receipt, proof: receipt.proof.slice(1) })],
  [
    'hash-altered',
    'a hash altered',
    formatReceipt({ ...receipt, proof: receipt.proof.with(0, otherHash) }),
  ],
  [
    'unsigned',
    'a checkpoint that an unknown key signed',
    formatReceipt({ ...receipt, checkpoint: unsigned }),
  ],
  ['header', 'another first line', written.replace('@v1', '@v2')],
  ['no-extra', 'no event', written.replace(`${secondLine}\n`, '')],
  ['empty', 'an event of no bytes', written.replace(secondLine, 'extra ')],
  ['base64', 'base64 with a space', written.replace(secondLine, `${secondLine} `)],
  ['leading-zero', 'an index with a leading zero', written.replace('\nindex ', '\nindex 0')],
];
for (const [name, , content] of receipts) vectors.file(`receipts/${name}.tlog-proof`, content);
vectors.json(
  'receipts.json',
  'Receipts, one a file, read with the verifier keys `keys`; the problem each has, or null and ' +
    'what its event says.',
  {
    keys,
    files: receipts.map(([name, about, content]) => {
      const check = () => checkEventReceipt(content, [ledger, witness]);
      const problem = problemOf(check);
      const file = { file: `receipts/${name}.tlog-proof`, about, problem };
      if (problem !== null) return file;
      const { event, leafHash, index, checkpoint } = check();
      const { stream, revision, id } = event;
      return { ...file, event: { stream, revision, id, leafHash }, index, size: checkpoint.size };
    }),
  },
);
