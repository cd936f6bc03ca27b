import { hash } from 'node:crypto';
import { problemOf } from '../../../test/support/verification.js';
import { MemoryTiles } from './memory-tiles.js';
import { checkConsistency, checkInclusion } from './proofs.js';
import { appendLeaves, compactTreeAt, consistencyProof, inclusionProof, rootAt } from './tiles.js';
import { emptyRoot } from './tree.js';

/** Other than {@link flipped} in every digit, and a hash all the same. */
const other = '9'.repeat(64);
const sha = (...parts: Uint8Array[]): string => hash('sha256', Buffer.concat(parts), 'hex');
const bytes = (text: string): Buffer => Buffer.from(text, 'hex');
const leaves = Array.from({ length: 300 }, (_, index) => sha(Buffer.from(`\0leaf ${index}`)));

/** RFC 6962 §2.1 as it is written there, over lists of leaves; nothing of the library in it. */
const roots = new Map<number, string>();
function mth(from: number, to: number): string {
  if (to - from === 0) return sha();
  if (to - from === 1) return leaves[from]!;
  const key = from * 1000 + to;
  let root = roots.get(key);
  if (root === undefined) {
    const k = split(to - from);
    roots.set(
      key,
      (root = sha(Buffer.from([1]), bytes(mth(from, from + k)), bytes(mth(from + k, to)))),
    );
  }
  return root;
}
function path(m: number, from: number, to: number): string[] {
  if (to - from === 1) return [];
  const k = split(to - from);
  return m < k
    ? [...path(m, from, from + k), mth(from + k, to)]
    : [...path(m - k, from + k, to), mth(from, from + k)];
}
function subproof(m: number, from: number, to: number, isComplete: boolean): string[] {
  if (m === to - from) return isComplete ? [] : [mth(from, to)];
  const k = split(to - from);
  return m <= k
    ? [...subproof(m, from, from + k, isComplete), mth(from + k, to)]
    : [...subproof(m - k, from + k, to, false), mth(from, from + k)];
}
function split(n: number): number {
  let k = 1;
  while (k < n) k *= 2;
  return k / 2;
}

const root = (size: number): string => mth(0, size);
const leaf = (index: number): string => leaves[index]!;
const flipped = (text: string, at: number): string =>
  text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1);

const inclusion = (...given: Parameters<typeof checkInclusion>) =>
  problemOf(() => checkInclusion(...given));
const consistency = (...given: Parameters<typeof checkConsistency>) =>
  problemOf(() => checkConsistency(...given));

/** Every list that differs from a proof by one hash altered, dropped, added or moved. */
function* damaged(proof: readonly string[]): Generator<string[]> {
  for (let at = 0; at < proof.length; at += 1) {
    yield proof.with(at, flipped(proof[at]!, (at * 7) % 64));
    yield proof.toSpliced(at, 1);
    yield proof.toSpliced(at, 0, other);
    yield proof.toSpliced(at, 0, proof[at]!);
    if (at > 0) yield proof.toSpliced(at - 1, 2, proof[at]!, proof[at - 1]!);
  }
  yield [...proof, other];
}

const tiles = new MemoryTiles();
tiles.write(appendLeaves(tiles, 0, leaves));

describe('an inclusion proof', () => {
  it('made from tiles is that of RFC 6962 and verifies, for every leaf in up to 300', () => {
    for (let size = 1; size <= 300; size += 1) {
      expect(rootAt(tiles, size)).toBe(root(size));
      for (let index = 0; index < size; index += 1) {
        const proof = path(index, 0, size);
        if (inclusion(leaf(index), index, size, proof, root(size)) !== 'none')
          throw new Error(`${index} of ${size}`);
        if (index % 61 === size % 61) expect(inclusionProof(tiles, index, size)).toEqual(proof);
      }
    }
  });

  it('proves no other leaf, index, size or root, and nothing with a hash changed', () => {
    for (let size = 1; size <= 40; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const proof = path(index, 0, size);
        const given = [
          inclusion(other, index, size, proof, root(size)),
          inclusion(leaf(index), index, size, proof, other),
          inclusion(leaf(index), index, size, proof, root(size - 1)),
          ...[index - 1, index + 1, (index + 2) % (size + 3)].map((wrong) =>
            inclusion(leaf(index), wrong, size, proof, root(size)),
          ),
          ...[...damaged(proof)].map((wrong) =>
            inclusion(leaf(index), index, size, wrong, root(size)),
          ),
        ];
        if (given.includes('none'))
          throw new Error(`${index} of ${size}: ${given.indexOf('none')} passed`);
      }
    }
  });

  it('verifies under the root of no other size', () => {
    for (let size = 1; size <= 70; size += 1) {
      const proof = path(size - 1, 0, size);
      for (let wrong = 0; wrong <= 140; wrong += 1) {
        if (
          wrong !== size &&
          inclusion(leaf(size - 1), size - 1, wrong, proof, root(wrong)) === 'none'
        )
          throw new Error(`${size} passed as ${wrong}`);
      }
    }
  });

  it('does not tie the size to the root: leaf 0 has the same path in trees of 3 and 4', () => {
    const proof = path(0, 0, 3);
    expect([
      inclusion(leaf(0), 0, 3, proof, root(3)),
      inclusion(leaf(0), 0, 4, proof, root(3)),
    ]).toEqual(['none', 'none']);
  });

  it('is refused by name where numbers or hashes are of no proof', () => {
    const proof = path(2, 0, 5);
    for (const wrong of [-1, 0.5, Number.NaN, Infinity, 2 ** 53, '2' as unknown as number]) {
      expect(inclusion(leaf(2), wrong, 5, proof, root(5))).toBe('inclusion_form');
      expect(inclusion(leaf(2), 2, wrong, proof, root(5))).toBe('inclusion_form');
    }
    expect(inclusion(leaf(2), 5, 5, proof, root(5))).toBe('inclusion_form');
    expect(inclusion(leaf(0), 0, 0, [], emptyRoot)).toBe('inclusion_form');
    expect(inclusion(leaf(2), 2, 5, [], root(5))).toBe('inclusion_form');
    expect(inclusion(leaf(2), 2, 5, [...proof, other], root(5))).toBe('inclusion_form');
    expect(inclusion(leaf(2), 2, 5, proof.slice(1), root(5))).toBe('inclusion_form');
    expect(inclusion(leaf(2), 2, 5, proof.with(0, proof[0]!.toUpperCase()), root(5))).toBe(
      'inclusion_form',
    );
    expect(inclusion(leaf(2), 2, 5, 'abc' as unknown as string[], root(5))).toBe('inclusion_form');
    expect(inclusion('', 2, 5, proof, root(5))).toBe('inclusion_form');
    expect(inclusion(leaf(2), 2, 5, proof, '')).toBe('inclusion_form');
    expect(inclusion(leaf(2), 2, 5, proof.with(0, other), root(5))).toBe('inclusion_root');
  });

  it('follows the last leaf of the largest tree, whose size has more than 32 bits', () => {
    const size = Number.MAX_SAFE_INTEGER;
    const proof = new Array<string>(52).fill(other);
    const up = proof.reduce((below) => sha(bytes(`01${other}${below}`)), leaf(0));
    expect(inclusion(leaf(0), size - 1, size, proof, up)).toBe('none');
    expect(inclusion(leaf(0), size - 1, size, [...proof, other], up)).toBe('inclusion_form');
    expect(inclusion(leaf(0), size - 2, size, proof, up)).not.toBe('none');
    // 2^32 apart: with shifts of 32 bits they would be one leaf.
    expect(inclusion(leaf(0), size - 1 - 2 ** 32, size, proof, up)).not.toBe('none');
  });
});

describe('a consistency proof', () => {
  it('made from tiles is RFC 6962’s, and verifies, between all trees of up to 130 leaves', () => {
    for (let to = 0; to <= 130; to += 1) {
      for (let from = 0; from <= to; from += 1) {
        const proof = from === 0 ? [] : subproof(from, 0, to, true);
        if (consistency(from, root(from), to, root(to), proof) !== 'none')
          throw new Error(`${from} to ${to}`);
        if (from % 11 === to % 11) expect(consistencyProof(tiles, from, to)).toEqual(proof);
      }
    }
  });

  it('proves no other size or root, and nothing with a hash changed', () => {
    for (let to = 1; to <= 36; to += 1) {
      for (let from = 1; from <= to; from += 1) {
        const proof = subproof(from, 0, to, true);
        const given = [
          consistency(from, other, to, root(to), proof),
          consistency(from, root(from), to, other, proof),
          consistency(from - 1, root(from), to, root(to), proof),
          consistency(from + 1, root(from), to, root(to), proof),
          consistency(from, root(from), to + 1, root(to + 1), proof),
          consistency(from, root(from), to - 1, root(to - 1), proof),
          consistency(to, root(to), from, root(from), proof),
          ...[...damaged(proof)].map((wrong) => consistency(from, root(from), to, root(to), wrong)),
        ];
        // Between trees of one size the last swaps nothing.
        const passed = given.flatMap((found, at) => (found === 'none' ? [at] : []));
        if (passed.join() !== (from === to ? '6' : ''))
          throw new Error(`${from} to ${to}: ${passed.join()} passed`);
      }
    }
  });

  it('shows a history that was written anew, however the proof is made up', () => {
    const forked = new MemoryTiles();
    const changed = leaves.with(20, other);
    forked.write(appendLeaves(forked, 0, changed));
    for (const from of [21, 32, 64, 100]) {
      expect(
        consistency(
          from,
          root(from),
          128,
          rootAt(forked, 128),
          consistencyProof(forked, from, 128),
        ),
      ).toBe('consistency_root');
      expect(
        consistency(from, root(from), 128, rootAt(forked, 128), consistencyProof(tiles, from, 128)),
      ).toBe('consistency_root');
    }
    // What was changed lies after the earlier tree: of that the proof says nothing.
    expect(
      consistency(20, root(20), 128, rootAt(forked, 128), consistencyProof(forked, 20, 128)),
    ).toBe('none');
  });

  it('is refused by name where numbers or hashes are of no proof', () => {
    const proof = subproof(3, 0, 7, true);
    for (const wrong of [-1, 0.5, Number.NaN, Infinity, 2 ** 53]) {
      expect(consistency(wrong, root(3), 7, root(7), proof)).toBe('consistency_form');
      expect(consistency(3, root(3), wrong, root(7), proof)).toBe('consistency_form');
    }
    expect(consistency(7, root(7), 3, root(3), proof)).toBe('consistency_form');
    expect(consistency(3, root(3), 7, root(7), [])).toBe('consistency_form');
    expect(consistency(4, root(4), 7, root(7), [])).toBe('consistency_form');
    expect(consistency(3, root(3), 3, root(3), [other])).toBe('consistency_form');
    expect(consistency(0, emptyRoot, 7, root(7), [other])).toBe('consistency_form');
    expect(consistency(0, root(1), 7, root(7), [])).toBe('consistency_root');
    expect(consistency(3, root(3), 3, root(4), [])).toBe('consistency_root');
    expect(consistency(3, root(3), 7, root(7), proof.with(1, 'x'))).toBe('consistency_form');
    expect(consistency(3, '', 7, root(7), proof)).toBe('consistency_form');
  });
});

describe('a proof that is asked for', () => {
  it('is of leaves the tree has', () => {
    for (const index of [-1, 5, 0.5, Number.NaN])
      expect(() => inclusionProof(tiles, index, 5)).toThrow(RangeError);
    expect(() => consistencyProof(tiles, 6, 5)).toThrow(RangeError);
    expect(() => consistencyProof(tiles, -1, 5)).toThrow(RangeError);
    expect(() => inclusionProof(tiles, 0, Number.NaN)).toThrow(RangeError);
    expect(() => compactTreeAt(tiles, 2 ** 53)).toThrow(RangeError);
  });
});
