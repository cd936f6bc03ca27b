import { assertHash, hashOfPair, type Hash } from './hashes.js';

/** The root hash of a tree without leaves: SHA-256 of nothing (RFC 6962 §2.1). */
export const emptyRoot: Hash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** The prefix that sets an inner node apart from a leaf, whose prefix is 0x00 (RFC 6962 §2.1). */
export const nodePrefix = 1;

/** SHA-256(0x01 ‖ left ‖ right): the hash of an inner node (RFC 6962 §2.1). Both must be hashes. */
export function nodeHash(left: Hash, right: Hash): Hash {
  return hashOfPair(nodePrefix, left, right);
}

/**
 * The root hash of these leaves, given as their leaf hashes, in order (RFC 6962 §2.1).
 *
 * @throws RangeError for a leaf that is not a hash
 */
export function treeRoot(leafHashes: Iterable<Hash>): Hash {
  const tree = new CompactTree();
  for (const leafHash of leafHashes) tree.append(leafHash);
  return tree.root();
}

/**
 * A tree that remembers only its right edge: the roots of its perfect subtrees, one for each bit of
 * its size that is 1. That suffices to append (one node hash a leaf on average) and to give the
 * root; it proves nothing.
 */
export class CompactTree {
  #size: number;
  readonly #edge: Hash[];

  /**
   * @param size leaves, from 0 to 2^53−1
   * @param edge roots of the perfect subtrees, largest first: as many as `size` has bits that are 1
   * @throws RangeError when they do not fit each other
   */
  constructor(size = 0, edge: readonly Hash[] = []) {
    if (!Number.isSafeInteger(size) || size < 0)
      throw new RangeError(`${size} is not the size of a tree`);
    if (edge.length !== perfectSubtrees(size).length) {
      throw new RangeError(`a tree of ${size} leaves has no right edge of ${edge.length} hashes`);
    }
    edge.forEach(assertHash);
    this.#size = size;
    this.#edge = [...edge];
  }

  /** Leaves. */
  get size(): number {
    return this.#size;
  }

  /** Roots of the perfect subtrees, largest first. */
  get edge(): readonly Hash[] {
    return [...this.#edge];
  }

  /** @throws RangeError for a leaf that is not a hash, or in a tree of 2^53−1 leaves */
  append(leafHash: Hash): void {
    assertHash(leafHash);
    if (this.#size === Number.MAX_SAFE_INTEGER) throw new RangeError('the tree is full');
    let subtree = leafHash;
    // Each low bit of the size that is 1 is a subtree as large as the one to be appended.
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      subtree = nodeHash(this.#edge.pop() as Hash, subtree);
    }
    this.#edge.push(subtree);
    this.#size += 1;
  }

  /** The root hash; {@link emptyRoot} without leaves. */
  root(): Hash {
    return rootOfEdge(this.#edge);
  }
}

/** The root over perfect subtrees, largest first: RFC 6962 §2.1 for a tree that ends with them. */
export function rootOfEdge(edge: readonly Hash[]): Hash {
  let root = edge.at(-1);
  if (root === undefined) return emptyRoot;
  for (let at = edge.length - 2; at >= 0; at -= 1) root = nodeHash(edge[at] as Hash, root);
  return root;
}

/**
 * The sizes of a tree's perfect subtrees, largest first: the powers of two that add up to `size`.
 */
export function perfectSubtrees(size: number): number[] {
  const sizes: number[] = [];
  let power = 1;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) sizes.unshift(power);
    power *= 2;
  }
  return sizes;
}

/** The largest power of two below `size`: the point at which RFC 6962 §2.1 splits a tree. */
export function splitOf(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}
