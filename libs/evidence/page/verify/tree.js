import { bytesOfHex, nodeHash, sha256, utf8, zeros } from './bytes.js';
import { must } from './problem.js';

/** Returns the largest power of two below a size. */
const splitOf = (size) => {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
};

/** Checks the joined proof of leaves (evidence-pack.md, "One inclusion proof for all"). */
export const checkJoined = async (leaves, size, proof, root) => {
  must(leaves.length > 0 && leaves.at(-1).index < size, 'inclusion_form');
  let taken = 0;
  const rootOf = async (from, to, within) => {
    if (within.length === 0) {
      must(taken < proof.length, 'inclusion_form', 'too few hashes');
      taken += 1;
      return proof[taken - 1];
    }
    if (to - from === 1) return within[0].leafHash;
    const middle = from + splitOf(to - from);
    const [before, after] = [
      within.filter(({ index }) => index < middle),
      within.filter(({ index }) => index >= middle),
    ];
    const left = await rootOf(from, middle, before);
    return nodeHash(1, left, await rootOf(middle, to, after));
  };
  const found = await rootOf(0, size, leaves);
  must(taken === proof.length, 'inclusion_form', 'too many hashes');
  must(found === root, 'inclusion_root');
};

const half = (number) => Math.floor(number / 2);

/** Climbs from a node to the root, and with `first` to the root of the smaller tree too. */
const climbTree = async (node, last, start, proof, problem, first) => {
  let [old, hash] = [first, start];
  for (const sibling of proof) {
    must(last > 0, problem, 'too many hashes');
    if (node % 2 === 1 || node === last) {
      if (old !== undefined) old = await nodeHash(1, sibling, old);
      hash = await nodeHash(1, sibling, hash);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      hash = await nodeHash(1, hash, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  must(last === 0, problem, 'too few hashes');
  return { old, hash };
};

/** Checks that a leaf is in the tree of a size and root (RFC 9162 §2.1.3.2). */
export const checkInclusion = async (index, leafHash, size, root, proof) => {
  must(index < size, 'inclusion_form');
  const { hash } = await climbTree(index, size - 1, leafHash, proof, 'inclusion_form');
  must(hash === root, 'inclusion_root');
};

/** Checks that a tree begins with the leaves of a smaller one (RFC 9162 §2.1.4.2). */
export const checkConsistency = async (from, fromRoot, to, toRoot, proof) => {
  if (from === 0 || from === to) {
    must(proof.length === 0, 'consistency_form');
    must(from === 0 || fromRoot === toRoot, 'consistency_root');
    return;
  }
  let [node, last] = [from - 1, to - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  const [first, ...rest] = node === 0 ? [fromRoot, ...proof] : proof;
  must(first !== undefined, 'consistency_form');
  const { old, hash } = await climbTree(node, last, first, rest, 'consistency_form', first);
  must(old === fromRoot && hash === toRoot, 'consistency_root');
};

// The map of stream heads (checkpoint.md).

const bitOf = (key, depth) => (parseInt(key[depth >> 2], 16) >> (3 - (depth & 3))) & 1;

const climbMap = async (key, end, siblings, problem) => {
  must(siblings.length <= 256 && siblings[0] !== zeros, problem);
  let hash = end;
  for (const [at, sibling] of siblings.entries()) {
    const isLeft = bitOf(key, siblings.length - 1 - at) === 0;
    hash = await (isLeft ? nodeHash(4, hash, sibling) : nodeHash(4, sibling, hash));
  }
  return hash;
};

const streamKey = (stream) => sha256(utf8.encode(stream));

/** Checks that a stream's last event is this one. */
export const checkHead = async (stream, { revision, leafHash }, siblings, root) => {
  const key = await streamKey(stream);
  const number = new DataView(new ArrayBuffer(8));
  number.setBigUint64(0, BigInt(revision));
  const head = await sha256([2], new Uint8Array(number.buffer), bytesOfHex(leafHash));
  const found = await climbMap(key, await nodeHash(3, key, head), siblings, 'head_form');
  must(found === root, 'head_root', stream);
};

/** Checks that there is no such stream: its place is empty, or another stream's. */
export const checkAbsence = async (stream, { other, siblings }, root) => {
  const key = await streamKey(stream);
  const isElsewhere =
    other !== undefined &&
    siblings.some((_, depth) => bitOf(other.key, depth) !== bitOf(key, depth));
  must(other?.key !== key && !isElsewhere, 'absence_form');
  const end = other === undefined ? zeros : await nodeHash(3, other.key, other.head);
  const found = await climbMap(key, end, siblings, 'absence_form');
  must(found === root, 'absence_root', stream);
};
