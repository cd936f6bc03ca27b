import { hash } from 'node:crypto';
import { MemoryTiles } from './memory-tiles.js';
import { checkConsistency, checkInclusion } from './proofs.js';
import {
  appendLeaves,
  compactTreeAt,
  consistencyProof,
  inclusionProof,
  rootAt,
  TileError,
  type TileReader,
} from './tiles.js';
import { CompactTree, treeRoot } from './tree.js';

const count = 65_536 + 300;
const leaves = Array.from({ length: count }, (_, index) => hash('sha256', `\0${index}`, 'hex'));
/** Around what a tile of the first and of the second level holds. */
const sizes = [
  1,
  255,
  256,
  257,
  511,
  512,
  513,
  65_279,
  65_280,
  65_535,
  65_536,
  65_537,
  65_792,
  65_793,
  count,
];

/** Appends in batches and gives the tiles that were written. */
function filled(batches: Iterable<number>): MemoryTiles {
  const tiles = new MemoryTiles();
  let size = 0;
  for (const batch of batches) {
    tiles.write(appendLeaves(tiles, size, leaves.slice(size, size + batch)));
    size += batch;
  }
  return tiles;
}

/** The tiles of a tree of `size` leaves, after C2SP tlog-tiles, "Partial Tiles". */
function expectedTiles(size: number): string[] {
  const names: string[] = [];
  for (let level = 0, row = size; row > 0; level += 1, row = Math.floor(row / 256)) {
    for (let index = 0; index * 256 < row; index += 1)
      names.push(`${level}/${index}:${Math.min(256, row - index * 256)}`);
  }
  return names;
}

describe('tiles', () => {
  const tiles = filled([count]);

  it('give at every earlier size the root the tree had then', () => {
    const tree = new CompactTree();
    for (const [index, leaf] of leaves.entries()) {
      tree.append(leaf);
      if (!sizes.includes(index + 1)) continue;
      expect(rootAt(tiles, index + 1)).toBe(tree.root());
      expect(compactTreeAt(tiles, index + 1).edge).toEqual(tree.edge);
    }
    expect(rootAt(tiles, 0)).toBe(treeRoot([]));
  });

  it('give proofs that verify around the edges of tiles', () => {
    for (const size of sizes) {
      const root = rootAt(tiles, size);
      for (const index of [...sizes, 0, 128, 65_534].filter((candidate) => candidate < size)) {
        checkInclusion(leaves[index]!, index, size, inclusionProof(tiles, index, size), root);
      }
      for (const from of sizes.filter((earlier) => earlier <= size)) {
        checkConsistency(
          from,
          rootAt(tiles, from),
          size,
          root,
          consistencyProof(tiles, from, size),
        );
      }
    }
  });

  it('are the same for leaves at once, one by one, or in batches over the edges of tiles', () => {
    const small = 600;
    const asked = expectedTiles(small).map(
      (name) => name.split(/[/:]/).map(Number) as [number, number, number],
    );
    const atOnce = filled([small]);
    for (const batches of [
      new Array<number>(small).fill(1),
      [255, 1, 1, 256, 87],
      [256, 344],
      [0, 300, 0, 300],
    ]) {
      const built = filled(batches);
      for (const [level, index, width] of asked) {
        expect(built.tile(level, index, width)).toEqual(atOnce.tile(level, index, width));
        expect(built.tile(level, index, width)).toBeDefined();
      }
    }
  });

  it('that an append changes are those that grew, and no others', () => {
    const changes = (from: number, to: number): string[] =>
      appendLeaves(filled([from]), from, leaves.slice(from, to)).map(
        ({ level, index, hashes }) => `${level}/${index}:${hashes.length / 32}`,
      );
    expect(changes(0, 0)).toEqual([]);
    expect(changes(0, 1)).toEqual(['0/0:1']);
    expect(changes(255, 256)).toEqual(['0/0:256', '1/0:1']);
    expect(changes(256, 257)).toEqual(['0/1:1']);
    expect(changes(300, 900)).toEqual(['0/1:256', '0/2:256', '0/3:132', '1/0:3']);
    for (const size of [70_000 % count, 513, count])
      expect(changes(0, size)).toEqual(expectedTiles(size));
    expect(changes(65_535, 65_536)).toEqual(['0/255:256', '1/0:256', '2/0:1']);
  });

  it('that a store has not, or not whole, are named', () => {
    expect(() => rootAt(tiles, count + 1)).toThrow(new TileError(0, 257, 45));
    expect(() => appendLeaves(new MemoryTiles(), 5, leaves.slice(0, 1))).toThrow(TileError);
    const cut: TileReader = { tile: (...asked) => tiles.tile(...asked)?.subarray(1) };
    expect(() => inclusionProof(cut, 0, 256)).toThrow(new TileError(0, 0, 256));
    expect(() => appendLeaves(tiles, 1, ['00'])).toThrow(RangeError);
    expect(() => appendLeaves(tiles, Number.MAX_SAFE_INTEGER, [leaves[0]!])).toThrow(RangeError);
  });

  it('that were altered on the disk give a proof that leads to another root', () => {
    const altered: TileReader = {
      tile(level, index, width) {
        const bytes = Buffer.from(tiles.tile(level, index, width)!);
        bytes[level === 0 ? 33 : 0]! ^= 1;
        return bytes;
      },
    };
    const size = 65_793;
    const proof = inclusionProof(altered, 0, size);
    expect(() => checkInclusion(leaves[0]!, 0, size, proof, rootAt(tiles, size))).toThrow(
      'leads to root',
    );
  });
});
