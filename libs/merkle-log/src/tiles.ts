import { assertHash, hashLength, hashOfRow, type Hash } from './hashes.js';
import { CompactTree, nodePrefix, perfectSubtrees, rootOfEdge, splitOf } from './tree.js';

/** Hashes in a full tile: a perfect subtree of height 8 (C2SP tlog-tiles, "Merkle Tree"). */
export const tileWidth = 256;
const tileHeight = 8;

/**
 * Tile `index` of `level`: a row of hashes, one after the other, 32 bytes each. At level 0 they are
 * leaf hashes; at level l the roots of the full tiles of level l−1 (C2SP tlog-tiles). A full tile
 * never changes; a partial one, the last of its level, only grows.
 */
export interface Tile {
  readonly level: number;
  readonly index: number;
  /** From 1 to {@link tileWidth} hashes. */
  readonly hashes: Uint8Array;
}

/** The synchronous reads of a store of tiles: a proof reads one tile a level. */
export interface TileReader {
  /**
   * The first `width` hashes of a tile, exactly `width` × 32 bytes; `undefined` when the store has
   * fewer. A store that keeps a partial tile in its longest form can answer for every shorter one.
   */
  tile(level: number, index: number, width: number): Uint8Array | undefined;
}

/** A store's tiles are not those of a tree of the size asked for. */
export class TileError extends Error {
  readonly code = 'tile';

  constructor(
    readonly level: number,
    readonly index: number,
    readonly width: number,
  ) {
    super(`there is no tile ${index} of level ${level} with ${width} hashes`);
    this.name = 'TileError';
  }
}

/**
 * The tiles that change when leaves are appended to a tree of `size` leaves, lower levels first:
 * those that became full, and the last of each level. It costs one node hash a leaf on average, and
 * reads one tile a level. A store writes all of them in one step.
 *
 * @throws TileError when the store lacks the right edge of a tree of this size
 * @throws RangeError for a leaf that is not a hash, or a size beyond 2^53−1
 */
export function appendLeaves(tiles: TileReader, size: number, leafHashes: readonly Hash[]): Tile[] {
  assertSize(size);
  assertSize(size + leafHashes.length);
  leafHashes.forEach(assertHash);
  const changed: Tile[] = [];
  let arrived: readonly Hash[] = leafHashes;
  for (let level = 0; arrived.length > 0; level += 1) {
    const before = rowLength(level, size);
    const full: Hash[] = [];
    let index = Math.floor(before / tileWidth);
    let width = before % tileWidth;
    const start = width === 0 ? Buffer.alloc(0) : readTile(tiles, level, index, width);
    for (let taken = 0; taken < arrived.length; index += 1) {
      const some = arrived.slice(taken, taken + tileWidth - width);
      const hashes = Buffer.concat([
        width === 0 ? Buffer.alloc(0) : start,
        Buffer.from(some.join(''), 'hex'),
      ]);
      changed.push({ level, index, hashes });
      if (width + some.length === tileWidth) full.push(subtreeOfTile(hashes, 0, tileWidth));
      taken += some.length;
      width = 0;
    }
    arrived = full;
  }
  return changed;
}

/**
 * The root hash of the first `size` leaves (RFC 6962 §2.1).
 *
 * @throws TileError when the store has not as many
 */
export function rootAt(tiles: TileReader, size: number): Hash {
  return rootOfEdge(compactTreeAt(tiles, size).edge);
}

/**
 * The tree of the first `size` leaves, to append to in memory. A root then costs one hash for each
 * bit of the size.
 */
export function compactTreeAt(tiles: TileReader, size: number): CompactTree {
  return new CompactTree(size, new StoredTree(tiles, size).edge(0, size));
}

/**
 * PATH(index, D[size]) of RFC 6962 §2.1.1: from the leaf's sibling up to the root's child. Reads a
 * tile a level. Full subtrees inside a tile are not stored, so it hashes up to 255 pairs in each.
 * Check a proof against a trusted root before handing it on: altered tiles give a proof that leads
 * nowhere.
 *
 * @param index from 0 to size−1
 * @throws RangeError for a leaf beyond the tree
 * @throws TileError when the store has fewer leaves
 */
export function inclusionProof(tiles: TileReader, index: number, size: number): Hash[] {
  const tree = new StoredTree(tiles, size);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new RangeError(`a tree of ${size} leaves has no leaf ${index}`);
  }
  const proof: Hash[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    if (index < middle) {
      proof.push(tree.root(middle, to));
      to = middle;
    } else {
      proof.push(tree.root(from, middle));
      from = middle;
    }
  }
  return proof.reverse();
}

/**
 * PROOF(from, D[to]) of RFC 6962 §2.1.2: the tree of `to` leaves begins with that of `from`. Empty
 * when both are the same, or `from` is 0. The note on {@link inclusionProof} holds here too.
 *
 * @param from from 0 to `to`
 * @throws RangeError when `from` is more than `to`
 * @throws TileError when the store has fewer leaves
 */
export function consistencyProof(tiles: TileReader, from: number, to: number): Hash[] {
  const tree = new StoredTree(tiles, to);
  assertSize(from);
  if (from > to) throw new RangeError(`a tree of ${to} leaves does not begin with one of ${from}`);
  if (from === 0 || from === to) return [];
  const proof: Hash[] = [];
  let [low, high] = [0, to];
  while (from < high) {
    const middle = low + splitOf(high - low);
    if (from <= middle) {
      proof.push(tree.root(middle, high));
      high = middle;
    } else {
      proof.push(tree.root(low, middle));
      low = middle;
    }
  }
  // The node that both trees share is left out when it is the whole first tree, whose root the
  // reader has.
  if (low > 0) proof.push(tree.root(low, high));
  return proof.reverse();
}

/** The tree of the first `size` leaves, read from tiles as that tree has them; each tile once. */
class StoredTree {
  readonly #tiles: TileReader;
  readonly #size: number;
  readonly #read = new Map<string, Buffer>();

  constructor(tiles: TileReader, size: number) {
    assertSize(size);
    this.#tiles = tiles;
    this.#size = size;
  }

  /**
   * The root of leaves `from` to `to` (exclusive); `from` is a multiple of the largest perfect
   * subtree in them.
   */
  root(from: number, to: number): Hash {
    return rootOfEdge(this.edge(from, to));
  }

  /** The perfect subtrees of those leaves, largest first. */
  edge(from: number, to: number): Hash[] {
    let at = from;
    return perfectSubtrees(to - from).map((leaves) => {
      const hash = this.#perfect(at, leaves);
      at += leaves;
      return hash;
    });
  }

  /**
   * The root of a perfect subtree. It lies in one tile, of the highest level whose hashes are not
   * larger.
   */
  #perfect(from: number, leaves: number): Hash {
    let level = 0;
    let each = 1;
    while (each * tileWidth <= leaves) {
      each *= tileWidth;
      level += 1;
    }
    const first = from / each;
    return subtreeOfTile(
      this.#tile(level, Math.floor(first / tileWidth)),
      first % tileWidth,
      leaves / each,
    );
  }

  #tile(level: number, index: number): Buffer {
    const key = `${level}/${index}`;
    let tile = this.#read.get(key);
    if (tile === undefined) {
      const width = Math.min(tileWidth, rowLength(level, this.#size) - index * tileWidth);
      this.#read.set(key, (tile = readTile(this.#tiles, level, index, width)));
    }
    return tile;
  }
}

/**
 * The root over `count` hashes of a tile, beginning at `first`. `count` is a power of two and
 * `first` a multiple of it.
 */
function subtreeOfTile(tile: Buffer, first: number, count: number): Hash {
  return hashOfRow(
    nodePrefix,
    Buffer.from(tile.subarray(first * hashLength, (first + count) * hashLength)),
  );
}

/** Hashes of a level in a tree of `size` leaves. */
function rowLength(level: number, size: number): number {
  return Math.floor(size / 2 ** (tileHeight * level));
}

function readTile(tiles: TileReader, level: number, index: number, width: number): Buffer {
  const hashes = tiles.tile(level, index, width);
  if (hashes?.length !== width * hashLength) throw new TileError(level, index, width);
  return Buffer.from(hashes.buffer, hashes.byteOffset, hashes.length);
}

function assertSize(size: number): void {
  if (!Number.isSafeInteger(size) || size < 0)
    throw new RangeError(`${size} is not the size of a tree`);
}
