import { isHash, type Hash } from './hashes.js';
import { emptyRoot, nodeHash } from './tree.js';
import { VerificationError } from './verification-error.js';

/**
 * Checks that a leaf stands at `index` in the tree of `size` leaves with this root (RFC 9162
 * §2.1.3.2). Take size and root from one checkpoint: the proof ties leaf and index to the root, and
 * a wrong size that leads the same way up goes unnoticed.
 *
 * @param index from 0 to size−1
 * @param size from 1 to 2^53−1
 * @param proof from the leaf's sibling up to the root's child; index and size determine its length
 * @throws VerificationError `inclusion_form` when numbers or hashes do not fit such a proof,
 * `inclusion_root` when it leads to another root
 */
export function checkInclusion(
  leafHash: Hash,
  index: number,
  size: number,
  proof: readonly Hash[],
  root: Hash,
): void {
  const malformed = (why: string): VerificationError =>
    new VerificationError(
      'inclusion_form',
      `the inclusion proof of leaf ${index} in ${size}: ${why}`,
    );
  if (!isCount(size) || !isCount(index)) throw malformed('not whole numbers from 0 to 2^53-1');
  if (index >= size) throw malformed('the tree has no such leaf');
  requireHashes([leafHash, root], proof, malformed);
  let node = index;
  let last = size - 1;
  let hash = leafHash;
  for (const sibling of proof) {
    if (last === 0) throw malformed('too many hashes');
    if (isRight(node) || node === last) {
      hash = nodeHash(sibling, hash);
      // A last node without a sibling moves up until it has one.
      while (!isRight(node) && node !== 0) [node, last] = [parent(node), parent(last)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [node, last] = [parent(node), parent(last)];
  }
  if (last !== 0) throw malformed('too few hashes');
  if (hash !== root) {
    throw new VerificationError(
      'inclusion_root',
      `leaf ${index} in ${size}: the proof leads to root ${hash}, not ${root}`,
    );
  }
}

/**
 * Checks that the tree of `to` leaves begins with the tree of `from` leaves (RFC 9162 §2.1.4.2).
 * Two trees of one size are consistent when their roots are equal; every tree begins with the empty
 * one. Both cases need an empty proof.
 *
 * @param from from 0 to `to`
 * @param to from 0 to 2^53−1
 * @throws VerificationError `consistency_form` when numbers or hashes do not fit such a proof,
 * `consistency_root` when it leads to other roots, or a tree without leaves has another root than
 * {@link emptyRoot}
 */
export function checkConsistency(
  from: number,
  fromRoot: Hash,
  to: number,
  toRoot: Hash,
  proof: readonly Hash[],
): void {
  const malformed = (why: string): VerificationError =>
    new VerificationError(
      'consistency_form',
      `the consistency proof from ${from} to ${to} leaves: ${why}`,
    );
  const mismatch = (why: string): VerificationError =>
    new VerificationError('consistency_root', `from ${from} to ${to} leaves: ${why}`);
  if (!isCount(from) || !isCount(to)) throw malformed('not whole numbers from 0 to 2^53-1');
  if (from > to) throw malformed('the first tree is the larger one');
  requireHashes([fromRoot, toRoot], proof, malformed);
  if (from === 0 || from === to) {
    if (proof.length > 0) throw malformed('too many hashes');
    if (from === 0 && fromRoot !== emptyRoot)
      throw mismatch(`an empty tree has the root ${emptyRoot}, not ${fromRoot}`);
    if (from === to && fromRoot !== toRoot)
      throw mismatch(`two roots of one size, ${fromRoot} and ${toRoot}`);
    return;
  }
  let node = from - 1;
  let last = to - 1;
  while (isRight(node)) [node, last] = [parent(node), parent(last)];
  // A perfect first tree is itself the first node; else the proof names the node both trees share.
  const [first, ...siblings] = node === 0 ? [fromRoot, ...proof] : proof;
  if (first === undefined) throw malformed('too few hashes');
  let oldHash = first;
  let newHash = first;
  for (const sibling of siblings) {
    if (last === 0) throw malformed('too many hashes');
    if (isRight(node) || node === last) {
      oldHash = nodeHash(sibling, oldHash);
      newHash = nodeHash(sibling, newHash);
      while (!isRight(node) && node !== 0) [node, last] = [parent(node), parent(last)];
    } else {
      newHash = nodeHash(newHash, sibling);
    }
    [node, last] = [parent(node), parent(last)];
  }
  if (last !== 0) throw malformed('too few hashes');
  if (oldHash !== fromRoot)
    throw mismatch(`the proof leads to the earlier root ${oldHash}, not ${fromRoot}`);
  if (newHash !== toRoot)
    throw mismatch(`the proof leads to the later root ${newHash}, not ${toRoot}`);
}

/** Whole numbers are halved and never shifted: a shift would cut them to 32 bits. */
function parent(node: number): number {
  return Math.floor(node / 2);
}

function isRight(node: number): boolean {
  return node % 2 === 1;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function requireHashes(
  roots: readonly Hash[],
  proof: readonly Hash[],
  malformed: (why: string) => VerificationError,
): void {
  if (!roots.every(isHash)) throw malformed('a leaf or root that is not a hash');
  // By index, so that a hole in the list is seen: a proof may come from parsed JSON.
  if (!Array.isArray(proof) || !Array.from<unknown>(proof).every(isHash))
    throw malformed('not a list of hashes');
}
