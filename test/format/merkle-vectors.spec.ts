import { createHash, createPrivateKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkEventReceipt } from '@penalty-ledger/evidence';
import {
  appendLeaves,
  checkAbsence,
  checkConsistency,
  checkHead,
  checkInclusion,
  consistencyProof,
  formatCheckpoint,
  formatReceipt,
  formatVerifierKey,
  inclusionProof,
  MemoryTiles,
  openCheckpoint,
  parseNote,
  parseReceipt,
  parseVerifierKey,
  rootAt,
  signCheckpoint,
  signerKey,
  StreamHeads,
  treeRoot,
  VerificationError,
  type AbsenceProof,
  type Checkpoint,
  type HeadProof,
  type StreamHead,
} from '@penalty-ledger/merkle-log';
import { expectSecondReaderToAgree } from '../support/second-reader.js';

const root = join(__dirname, '../..');
const folder = join(root, 'test/vectors/merkle');
const vectors = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const spec = (name: string): string => readFileSync(join(root, 'docs/spec', name), 'utf8');

type Named<T> = T & { readonly name: string; readonly problem: string | null };

function problemOf(check: () => unknown): string | null {
  try {
    check();
    return null;
  } catch (error) {
    if (error instanceof VerificationError) return error.problem;
    throw error;
  }
}

describe('the library agrees with the vectors of the Merkle log:', () => {
  const tree = vectors('tree.json') as {
    readonly roots: readonly { readonly size: number; readonly root: string }[];
    readonly tiles: readonly { level: number; index: number; width: number; sha256: string }[];
    readonly inclusion: readonly Named<{
      leafHash: string;
      index: number;
      size: number;
      proof: string[];
      root: string;
    }>[];
    readonly consistency: readonly Named<{
      from: number;
      fromRoot: string;
      to: number;
      toRoot: string;
      proof: string[];
    }>[];
  };
  const leaves = Array.from({ length: tree.roots.at(-1)!.size }, (_, index) =>
    createHash('sha256').update(`\0${index}`).digest('hex'),
  );
  const tiles = new MemoryTiles();
  tiles.write(appendLeaves(tiles, 0, leaves));

  it('roots and tiles', () => {
    for (const { size, root: expected } of tree.roots) {
      expect([rootAt(tiles, size), treeRoot(leaves.slice(0, size))]).toEqual([expected, expected]);
    }
    for (const { level, index, width, sha256 } of tree.tiles) {
      expect(
        createHash('sha256')
          .update(tiles.tile(level, index, width)!)
          .digest('hex'),
      ).toBe(sha256);
    }
  });

  it.each(tree.inclusion)(
    'inclusion: $name',
    ({ leafHash, index, size, proof, root: under, problem }) => {
      expect(problemOf(() => checkInclusion(leafHash, index, size, proof, under))).toBe(problem);
      if (problem === null) expect(inclusionProof(tiles, index, size)).toEqual(proof);
    },
  );

  it.each(tree.consistency)(
    'consistency: $name',
    ({ from, fromRoot, to, toRoot, proof, problem }) => {
      expect(problemOf(() => checkConsistency(from, fromRoot, to, toRoot, proof))).toBe(problem);
      if (problem === null) expect(consistencyProof(tiles, from, to)).toEqual(proof);
    },
  );

  const heads = vectors('stream-heads.json') as {
    readonly maps: readonly { heads: readonly (StreamHead & { stream: string })[]; root: string }[];
    readonly present: readonly Named<{
      stream: string;
      head: StreamHead;
      proof: HeadProof;
      root: string;
    }>[];
    readonly absent: readonly Named<{ stream: string; proof: AbsenceProof; root: string }>[];
  };
  const maps = heads.maps.map((known) => {
    const map = new StreamHeads();
    for (const { stream, ...head } of known.heads) map.set(stream, head);
    return map;
  });

  it('maps of stream heads', () => {
    expect(maps.map((map) => map.root())).toEqual(heads.maps.map((known) => known.root));
  });

  it.each(heads.present)('head: $name', ({ stream, head, proof, root: under, problem }) => {
    expect(problemOf(() => checkHead(stream, head, proof, under))).toBe(problem);
    if (problem === null) expect(maps.at(-1)!.proveHead(stream)).toEqual(proof);
  });

  it.each(heads.absent)('absence: $name', ({ stream, proof, root: under, problem }) => {
    expect(problemOf(() => checkAbsence(stream, proof, under))).toBe(problem);
    const map = maps.find((candidate) => candidate.root() === under);
    if (problem === null) expect(map?.proveAbsence(stream)).toEqual(proof);
  });

  const checkpoints = vectors('checkpoints.json') as {
    readonly keys: readonly string[];
    readonly signers: readonly { readonly name: string; readonly seed: string }[];
    readonly ledger: readonly { readonly stream: string; readonly leafHash: string }[];
    readonly files: readonly {
      file: string;
      about: string;
      problem: string | null;
      checkpoint?: Checkpoint;
      signedBy?: string[];
    }[];
  };
  const keys = checkpoints.keys.map(parseVerifierKey);
  const signers = checkpoints.signers.map(({ name, seed }) => {
    const pkcs8 = Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex');
    return signerKey(name, createPrivateKey({ key: pkcs8, type: 'pkcs8', format: 'der' }));
  });

  it('keys', () => {
    expect(signers.map(formatVerifierKey)).toEqual(checkpoints.keys);
  });

  it('the checkpoint of the event vectors’ ledger', () => {
    const { size, root: of, streamHeads } = checkpoints.files[0]!.checkpoint!;
    const map = new StreamHeads();
    const revisions = new Map<string, number>();
    for (const { stream, leafHash } of checkpoints.ledger) {
      const revision = revisions.get(stream) ?? 0;
      revisions.set(stream, revision + 1);
      map.set(stream, { revision, leafHash });
    }
    expect({ size, root: of, streamHeads }).toEqual({
      size: checkpoints.ledger.length,
      root: treeRoot(checkpoints.ledger.map(({ leafHash }) => leafHash)),
      streamHeads: { count: map.count, root: map.root() },
    });
  });

  it.each(checkpoints.files)('$file: $about', ({ file, problem, checkpoint, signedBy }) => {
    const bytes = readFileSync(join(folder, file));
    expect(problemOf(() => openCheckpoint(bytes, keys))).toBe(problem);
    if (checkpoint === undefined) return;
    const opened = openCheckpoint(bytes, keys);
    expect({ ...opened, signedBy: opened.signedBy.map(({ name }) => name) }).toEqual({
      ...checkpoint,
      signedBy,
    });
    expect(formatCheckpoint(checkpoint)).toBe(parseNote(bytes).text);
    // Ed25519 gives one signature: what is signed again are the same bytes, up to lines of others.
    const again = signCheckpoint(
      checkpoint,
      signers.filter(({ name }) => signedBy?.includes(name) === true),
    );
    expect(bytes.toString().slice(0, again.length)).toBe(again);
  });

  const receipts = vectors('receipts.json') as {
    readonly files: readonly {
      file: string;
      about: string;
      problem: string | null;
      event?: { stream: string; revision: number; id: string; leafHash: string };
      index?: number;
      size?: number;
    }[];
  };

  it.each(receipts.files)('$file: $about', ({ file, problem, event, index, size }) => {
    const bytes = readFileSync(join(folder, file));
    const check = () => checkEventReceipt(bytes, keys);
    expect(problemOf(check)).toBe(problem);
    if (problem !== null) return;
    const { leafHash, ...checked } = check();
    const { stream, revision, id } = checked.event;
    expect({
      event: { stream, revision, id, leafHash },
      index: checked.index,
      size: checked.checkpoint.size,
    }).toEqual({ event, index, size });
    expect(formatReceipt(parseReceipt(bytes))).toBe(bytes.toString());
  });

  it('every file is listed', () => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\//.test(file),
    );
    expect(files.sort()).toEqual(
      [...checkpoints.files, ...receipts.files].map(({ file }) => file).sort(),
    );
  });
});

describe('a second reader, in another language and from the specification alone,', () => {
  it('agrees with the vectors', () => {
    expectSecondReaderToAgree('second_log_reader.py');
  });
});

describe('the specification', () => {
  it('begins with the files of the examples', () => {
    const example = (file: string): string =>
      `\n\`\`\`\n${readFileSync(join(folder, file), 'utf8')}\`\`\`\n`;
    expect(spec('checkpoint.md')).toContain(example('checkpoints/example.txt'));
    expect(spec('receipt.md')).toContain(example('receipts/example.tlog-proof'));
    const { keys } = vectors('checkpoints.json') as { keys: readonly string[] };
    expect(spec('checkpoint.md')).toContain(`\n\`\`\`\n${keys[0]!}\n\`\`\`\n`);
  });

  it('names the event of event.md by its leaf hash, as other specifications do', () => {
    const example = readFileSync(join(root, 'test/vectors/event/example.json'), 'utf8');
    const { records } = JSON.parse(example) as { records: readonly { leafHash: string }[] };
    const { leafHash } = records.at(-1)!;
    for (const name of ['webhooks.md', 'eventstoredb.md'])
      expect(spec(name)).toContain(`"leafHash":"${leafHash}"`);
    expect(spec('receipt.md')).toContain(`\`${leafHash}\``);
    expect(spec('checkpoint.md')).toContain(`\`${leafHash.slice(0, 8)}…\``);
  });

  it('names every problem a vector has', () => {
    const text = spec('checkpoint.md') + spec('receipt.md');
    const found = ['tree', 'stream-heads', 'checkpoints', 'receipts'].flatMap((name) =>
      [...readFileSync(join(folder, `${name}.json`), 'utf8').matchAll(/"problem": "(\w+)"/g)].map(
        ([, problem]) => problem!,
      ),
    );
    expect([...new Set(found)].filter((problem) => !text.includes(`\`${problem}\``))).toEqual([]);
    expect(new Set(found).size).toBeGreaterThan(14);
  });
});
