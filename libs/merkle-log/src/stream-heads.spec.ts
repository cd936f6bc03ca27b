import { hash } from 'node:crypto';
import fc from 'fast-check';
import { problemOf } from '../../../test/support/verification.js';
import {
  checkAbsence,
  checkHead,
  emptyMapRoot,
  streamKey,
  type AbsenceProof,
  type StreamHead,
} from './stream-head-proofs.js';
import { StreamHeads } from './stream-heads.js';

const sha = (...parts: (Uint8Array | string)[]): Buffer =>
  hash('sha256', Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array))), 'buffer');
const leafHash = (text: string): string => sha(`\0${text}`).toString('hex');
const flipped = (text: string, at: number): string =>
  text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1);

/** The definition as the specification has it, over a plain list; nothing of the library in it. */
function naiveRoot(heads: ReadonlyMap<string, StreamHead>): string {
  const entries = [...heads].map(([stream, { revision, leafHash: leaf }]) => {
    const number = Buffer.alloc(8);
    number.writeUInt32BE(Math.floor(revision / 2 ** 32), 0);
    number.writeUInt32BE(revision % 2 ** 32, 4);
    return { key: sha(stream), head: sha(Buffer.from([2]), number, Buffer.from(leaf, 'hex')) };
  });
  const rootOf = (some: typeof entries, depth: number): Buffer => {
    if (some.length === 0) return Buffer.alloc(32);
    if (some.length === 1) return sha(Buffer.from([3]), some[0]!.key, some[0]!.head);
    const bit = (key: Buffer): number => (key[Math.floor(depth / 8)]! >> (7 - (depth % 8))) & 1;
    return sha(
      Buffer.from([4]),
      rootOf(
        some.filter(({ key }) => bit(key) === 0),
        depth + 1,
      ),
      rootOf(
        some.filter(({ key }) => bit(key) === 1),
        depth + 1,
      ),
    );
  };
  return rootOf(entries, 0).toString('hex');
}

function mapOf(heads: Iterable<readonly [string, StreamHead]>): StreamHeads {
  const map = new StreamHeads();
  for (const [stream, head] of heads) map.set(stream, head);
  return map;
}

const head = fc.record({
  revision: fc.oneof(fc.nat(5), fc.maxSafeNat()),
  leafHash: fc.string().map(leafHash),
});
const stream = fc.oneof(
  fc.nat(40).map((number) => `agency-a${number}`),
  fc.string({ unit: 'grapheme', minLength: 1 }),
);

describe('the map of stream heads', () => {
  it('has the root of its definition in any order, and proves every head and nothing else', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(stream, head), { maxLength: 40 }),
        fc.array(stream),
        (sets, others) => {
          const heads = new Map(sets);
          const map = mapOf(sets);
          const root = map.root();
          expect([map.count, root]).toEqual([heads.size, naiveRoot(heads)]);
          for (const [name, at] of heads) {
            checkHead(name, at, map.proveHead(name), root);
            expect(() => map.proveAbsence(name)).toThrow(RangeError);
          }
          for (const name of others.filter((candidate) => !heads.has(candidate))) {
            checkAbsence(name, map.proveAbsence(name), root);
            expect(() => map.proveHead(name)).toThrow(RangeError);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('has the same root whether it is asked for after each head or once at the end', () => {
    const asked = new StreamHeads();
    const sets = Array.from(
      { length: 300 },
      (_, number) =>
        [`s${number % 90}`, { revision: number, leafHash: leafHash(`${number}`) }] as const,
    );
    for (const [name, at] of sets) {
      asked.set(name, at);
      asked.root();
    }
    expect(asked.root()).toBe(mapOf(sets).root());
  });

  it('keeps a snapshot as it was, whichever of the two goes on', () => {
    const map = mapOf(
      [...Array(50).keys()].map((n) => [`s${n}`, { revision: n, leafHash: leafHash(`${n}`) }]),
    );
    const then = map.snapshot();
    const root = map.root();
    map.set('s7', { revision: 99, leafHash: leafHash('later') });
    map.set('new', { revision: 0, leafHash: leafHash('new') });
    expect([then.root(), then.count, map.count]).toEqual([root, 50, 51]);
    checkAbsence('new', then.proveAbsence('new'), root);
    checkHead('s7', { revision: 7, leafHash: leafHash('7') }, then.proveHead('s7'), root);
    const before = map.root();
    then.set('s9', { revision: 100, leafHash: leafHash('elsewhere') });
    expect([map.root(), then.root() === root]).toEqual([before, false]);
  });

  it('without streams has 64 zeros for a root, and proves that there is no stream', () => {
    const map = new StreamHeads();
    expect(map.root()).toBe(emptyMapRoot);
    checkAbsence('agency-a1', map.proveAbsence('agency-a1'), emptyMapRoot);
  });

  it('refuses what is not a stream, a revision or a hash', () => {
    const map = new StreamHeads();
    const leaf = leafHash('a');
    for (const revision of [-1, 0.5, Number.NaN, 2 ** 53])
      expect(() => map.set('a', { revision, leafHash: leaf })).toThrow(RangeError);
    expect(() => map.set('a', { revision: 0, leafHash: leaf.toUpperCase() })).toThrow(RangeError);
    expect(() => map.set('\ud800', { revision: 0, leafHash: leaf })).toThrow(RangeError);
    expect(map.count).toBe(0);
  });
});

describe('a proof of a head', () => {
  const heads = new Map(
    [...Array(20).keys()].map(
      (n) => [`s${n}`, { revision: n * 2 ** 33, leafHash: leafHash(`${n}`) }] as const,
    ),
  );
  const map = mapOf(heads);
  const root = map.root();
  const at = heads.get('s3')!;
  const proof = map.proveHead('s3');

  it('proves no other head, stream or root, and nothing with a hash changed', () => {
    const { siblings } = proof;
    const given = [
      () => checkHead('s3', { ...at, revision: at.revision - 1 }, proof, root),
      () => checkHead('s3', { ...at, revision: at.revision + 1 }, proof, root),
      () => checkHead('s3', { ...at, leafHash: leafHash('4') }, proof, root),
      () => checkHead('s4', at, proof, root),
      () => checkHead('s4', heads.get('s4')!, proof, root),
      ...[...Array(64).keys()].map(
        (digit) => () => checkHead('s3', at, proof, flipped(root, digit)),
      ),
      ...siblings
        .flatMap((sibling, place) => [
          ...[...Array(64).keys()].map((digit) => siblings.with(place, flipped(sibling, digit))),
          siblings.toSpliced(place, 1),
          siblings.toSpliced(place, 0, sibling),
          siblings.toSpliced(place, 0, emptyMapRoot),
          ...(siblings[place + 1] === sibling
            ? []
            : [siblings.toSpliced(place, 2, siblings[place + 1] ?? root, sibling)]),
        ])
        .map((wrong) => () => checkHead('s3', at, { siblings: wrong }, root)),
    ];
    expect(problemOf(() => checkHead('s3', at, proof, root))).toBe('none');
    expect(given.map(problemOf).filter((problem) => !problem.startsWith('head_'))).toEqual([]);
  });

  it('is refused by name where it is of no proof', () => {
    const { siblings } = proof;
    const leaf = at.leafHash;
    const malformed: (() => void)[] = [
      () => checkHead('s3', { revision: -1, leafHash: leaf }, proof, root),
      () => checkHead('s3', { revision: Number.NaN, leafHash: leaf }, proof, root),
      () => checkHead('s3', { revision: 0, leafHash: 'x' }, proof, root),
      () => checkHead('\ud800', at, proof, root),
      () => checkHead('s3', at, proof, ''),
      () => checkHead('s3', at, { siblings: new Array<string>(257).fill(root) }, root),
      () => checkHead('s3', at, { siblings: undefined as unknown as string[] }, root),
      () => checkHead('s3', at, { siblings: [null as unknown as string] }, root),
      () => checkHead('s3', at, { siblings: siblings.with(0, siblings[0]!.toUpperCase()) }, root),
    ];
    expect(malformed.map(problemOf)).toEqual(malformed.map(() => 'head_form'));
  });

  it('is refused on a map that was built with paths longer than they can be', () => {
    const key = streamKey('s3');
    const entry = sha(
      Buffer.from([3]),
      Buffer.from(key, 'hex'),
      sha(Buffer.from([2]), Buffer.alloc(8), Buffer.from(at.leafHash, 'hex')),
    );
    const empty = Buffer.alloc(32);
    const right = (Buffer.from(key, 'hex')[0]! & 128) !== 0;
    const longer = sha(Buffer.from([4]), ...(right ? [empty, entry] : [entry, empty])).toString(
      'hex',
    );
    const shown = { revision: 0, leafHash: at.leafHash };
    expect(problemOf(() => checkHead('s3', shown, { siblings: [emptyMapRoot] }, longer))).toBe(
      'head_form',
    );
    expect(problemOf(() => checkHead('s3', shown, { siblings: [] }, entry.toString('hex')))).toBe(
      'none',
    );
  });
});

describe('a proof of absence', () => {
  const heads = new Map(
    [...Array(20).keys()].map(
      (n) => [`s${n}`, { revision: n, leafHash: leafHash(`${n}`) }] as const,
    ),
  );
  const map = mapOf(heads);
  const root = map.root();
  const absent = [...Array(40).keys()].map((n) => `none-${n}`);
  const besideNothing = absent.find((name) => map.proveAbsence(name).other === undefined)!;
  const besideAnother = absent.find((name) => map.proveAbsence(name).other !== undefined)!;

  it.each([
    ['nothing', besideNothing],
    ['another stream', besideAnother],
  ])('that ends at %s proves nothing else, and nothing with a hash changed', (_, name) => {
    const proof = map.proveAbsence(name);
    const { siblings, other } = proof;
    const wrong: AbsenceProof[] = siblings.flatMap((sibling, place) =>
      [
        ...[...Array(64).keys()].map((digit) => siblings.with(place, flipped(sibling, digit))),
        siblings.toSpliced(place, 1),
        siblings.toSpliced(place, 0, sibling),
        siblings.toSpliced(place, 0, emptyMapRoot),
      ].map((list) => ({ ...proof, siblings: list })),
    );
    if (other === undefined) {
      wrong.push(
        { siblings, other: { key: streamKey(name), head: root } },
        { siblings, other: { key: streamKey('s1'), head: root } },
      );
    } else {
      wrong.push({ siblings }, { siblings, other: { ...other, key: streamKey(name) } });
      for (let digit = 0; digit < 64; digit += 1) {
        wrong.push({ siblings, other: { ...other, key: flipped(other.key, digit) } });
        wrong.push({ siblings, other: { ...other, head: flipped(other.head, digit) } });
      }
    }
    expect(problemOf(() => checkAbsence(name, proof, root))).toBe('none');
    const found = wrong.map((given) => problemOf(() => checkAbsence(name, given, root)));
    expect(found.filter((problem) => !problem.startsWith('absence_'))).toEqual([]);
  });

  it('cannot be made up for a stream that is there, from any part of the map', () => {
    for (const [name, at] of heads) {
      const { siblings } = map.proveHead(name);
      const ends = [undefined, ...absent.flatMap((some) => map.proveAbsence(some).other ?? [])];
      for (const other of ends) {
        for (let cut = 0; cut <= siblings.length; cut += 1) {
          const given = {
            siblings: siblings.slice(cut),
            ...(other === undefined ? {} : { other }),
          };
          expect(problemOf(() => checkAbsence(name, given, root))).toMatch(/^absence_/);
        }
      }
      const own = {
        key: streamKey(name),
        head: sha(Buffer.from([2]), at.leafHash).toString('hex'),
      };
      expect(problemOf(() => checkAbsence(name, { siblings, other: own }, root))).toBe(
        'absence_form',
      );
    }
  });

  it('tells of the other stream neither revision nor leaf hash', () => {
    const { other } = map.proveAbsence(besideAnother);
    expect(Object.keys(other!)).toEqual(['key', 'head']);
    expect([...heads.values()].map(({ leafHash: leaf }) => leaf)).not.toContain(other!.head);
  });

  it('is refused by name where it is of no proof', () => {
    const proof = map.proveAbsence(besideAnother);
    const malformed: (() => void)[] = [
      () => checkAbsence('\ud800', proof, root),
      () => checkAbsence(besideAnother, proof, 'x'),
      () => checkAbsence(besideAnother, { ...proof, siblings: [''] }, root),
      () => checkAbsence(besideAnother, { ...proof, other: { key: '', head: root } }, root),
      () => checkAbsence(besideAnother, { ...proof, other: { key: root, head: '' } }, root),
    ];
    expect(malformed.map(problemOf)).toEqual(malformed.map(() => 'absence_form'));
  });
});
