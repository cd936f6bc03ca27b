import type { Hash } from './hashes.js';
import {
  bitOf,
  branchHash,
  emptyMapRoot,
  entryHash,
  headHash,
  streamKey,
  type AbsenceProof,
  type HeadProof,
  type MapEntry,
  type StreamHead,
} from './stream-head-proofs.js';

/** The point at which streams whose keys begin alike part. */
class Branch {
  /** Computed when somebody asks. */
  hash: Hash | undefined;

  constructor(
    /** The map that may change it: every other one shares it, and takes a copy. */
    readonly owner: object,
    public zero: Node,
    public one: Node,
  ) {}
}

type Node = Branch | MapEntry | undefined;

/**
 * The map of all streams to their heads, a binary tree over the streams' keys
 * (`docs/spec/checkpoint.md`, "Stream heads"). Its root in a signed checkpoint proves that a stream
 * has no further events, and that a stream does not exist.
 *
 * Setting a head hashes only the head; {@link StreamHeads.root} then hashes the paths of the heads
 * set since.
 */
export class StreamHeads {
  #top: Node;
  #count = 0;
  #owner = {};

  /** Streams. */
  get count(): number {
    return this.#count;
  }

  /**
   * Sets the last event of a stream.
   *
   * @throws RangeError for what cannot be a stream's name, a revision or a hash
   */
  set(stream: string, head: StreamHead): void {
    const entry = { key: streamKey(stream), head: headHash(head) };
    if (endOf(this.#top, entry.key)?.key !== entry.key) this.#count += 1;
    this.#top = withEntry(this.#top, entry, 0, this.#owner);
  }

  /**
   * The map as it is now; later heads do not change it. It costs nothing: both share their common
   * nodes.
   */
  snapshot(): StreamHeads {
    const same = new StreamHeads();
    same.#top = this.#top;
    same.#count = this.#count;
    this.#owner = {};
    return same;
  }

  /** The root hash; 64 zeros without streams. */
  root(): Hash {
    return hashOf(this.#top);
  }

  /**
   * Proves that the stream ends with the head that was set last.
   *
   * @throws RangeError when the map does not hold the stream
   */
  proveHead(stream: string): HeadProof {
    const key = streamKey(stream);
    const { branches, end } = pathOf(this.#top, key);
    if (end?.key !== key) throw new RangeError(`there is no stream "${stream}"`);
    return { siblings: siblingsOf(branches, key) };
  }

  /**
   * Proves that the map does not hold the stream.
   *
   * @throws RangeError when it does
   */
  proveAbsence(stream: string): AbsenceProof {
    const key = streamKey(stream);
    const { branches, end } = pathOf(this.#top, key);
    if (end?.key === key) throw new RangeError(`there is a stream "${stream}"`);
    const siblings = siblingsOf(branches, key);
    return end === undefined ? { siblings } : { siblings, other: end };
  }
}

/** The branches a key passes from the top down, and what stands at the end of them. */
function pathOf(
  top: Node,
  key: Hash,
): { readonly branches: readonly Branch[]; readonly end: MapEntry | undefined } {
  const branches: Branch[] = [];
  let node = top;
  while (node instanceof Branch) {
    branches.push(node);
    node = bitOf(key, branches.length - 1) === 0 ? node.zero : node.one;
  }
  return { branches, end: node };
}

/** The node at the end of a key's path. */
function endOf(top: Node, key: Hash): MapEntry | undefined {
  let node = top;
  for (let depth = 0; node instanceof Branch; depth += 1)
    node = bitOf(key, depth) === 0 ? node.zero : node.one;
  return node;
}

/** The node at `depth` after an entry was added to the node that stood there. */
function withEntry(node: Node, entry: MapEntry, depth: number, owner: object): Node {
  if (node === undefined || (!(node instanceof Branch) && node.key === entry.key)) return entry;
  const branch = ownBranch(node, depth, owner);
  branch.hash = undefined;
  if (bitOf(entry.key, depth) === 0) branch.zero = withEntry(branch.zero, entry, depth + 1, owner);
  else branch.one = withEntry(branch.one, entry, depth + 1, owner);
  return branch;
}

/**
 * A branch that may be changed in place of a node: itself, a copy, or a new one when an entry gets
 * a neighbour.
 */
function ownBranch(node: Branch | MapEntry, depth: number, owner: object): Branch {
  if (node instanceof Branch)
    return node.owner === owner ? node : new Branch(owner, node.zero, node.one);
  return bitOf(node.key, depth) === 0
    ? new Branch(owner, node, undefined)
    : new Branch(owner, undefined, node);
}

function siblingsOf(branches: readonly Branch[], key: Hash): Hash[] {
  return branches
    .map((branch, depth) => hashOf(bitOf(key, depth) === 0 ? branch.one : branch.zero))
    .reverse();
}

function hashOf(node: Node): Hash {
  if (node === undefined) return emptyMapRoot;
  if (!(node instanceof Branch)) return entryHash(node);
  return (node.hash ??= branchHash(hashOf(node.zero), hashOf(node.one)));
}
