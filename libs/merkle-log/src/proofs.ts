import { isHash, type Hash } from './hashes.js';
import { emptyRoot, nodeHash } from './tree.js';
import { VerificationError, type InBoth } from './verification-error.js';

const tooMany: InBoth = { en: 'too many hashes', zh: '哈希过多' };
const tooFew: InBoth = { en: 'too few hashes', zh: '哈希不足' };
const notCounts: InBoth = {
  en: 'not whole numbers from 0 to 2^53-1',
  zh: '不是 0 至 2^53-1 的整数',
};

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
  const malformed = ({ en, zh }: InBoth): VerificationError =>
    new VerificationError('inclusion_form', {
      en: `the inclusion proof of leaf ${index} in ${size}: ${en}`,
      zh: `叶 ${index}（共 ${size}）的包含证明：${zh}`,
    });
  if (!isCount(size) || !isCount(index)) throw malformed(notCounts);
  if (index >= size) throw malformed({ en: 'the tree has no such leaf', zh: '树中没有这片叶' });
  requireHashes([leafHash, root], proof, malformed);
  let node = index;
  let last = size - 1;
  let hash = leafHash;
  for (const sibling of proof) {
    if (last === 0) throw malformed(tooMany);
    if (isRight(node) || node === last) {
      hash = nodeHash(sibling, hash);
      // A last node without a sibling moves up until it has one.
      while (!isRight(node) && node !== 0) [node, last] = [parent(node), parent(last)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [node, last] = [parent(node), parent(last)];
  }
  if (last !== 0) throw malformed(tooFew);
  if (hash !== root) {
    throw new VerificationError('inclusion_root', {
      en: `leaf ${index} in ${size}: the proof leads to root ${hash}, not ${root}`,
      zh: `叶 ${index}（共 ${size}）：证明得出的根为 ${hash}，而非 ${root}`,
    });
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
  const malformed = ({ en, zh }: InBoth): VerificationError =>
    new VerificationError('consistency_form', {
      en: `the consistency proof from ${from} to ${to} leaves: ${en}`,
      zh: `从 ${from} 片叶到 ${to} 片叶的一致性证明：${zh}`,
    });
  const mismatch = ({ en, zh }: InBoth): VerificationError =>
    new VerificationError('consistency_root', {
      en: `from ${from} to ${to} leaves: ${en}`,
      zh: `从 ${from} 片叶到 ${to} 片叶：${zh}`,
    });
  if (!isCount(from) || !isCount(to)) throw malformed(notCounts);
  if (from > to) throw malformed({ en: 'the first tree is the larger one', zh: '前一棵树更大' });
  requireHashes([fromRoot, toRoot], proof, malformed);
  if (from === 0 || from === to) {
    if (proof.length > 0) throw malformed(tooMany);
    if (from === 0 && fromRoot !== emptyRoot)
      throw mismatch({
        en: `an empty tree has the root ${emptyRoot}, not ${fromRoot}`,
        zh: `空树的根为 ${emptyRoot}，而非 ${fromRoot}`,
      });
    if (from === to && fromRoot !== toRoot)
      throw mismatch({
        en: `two roots of one size, ${fromRoot} and ${toRoot}`,
        zh: `同一大小有两个根：${fromRoot} 和 ${toRoot}`,
      });
    return;
  }
  let node = from - 1;
  let last = to - 1;
  while (isRight(node)) [node, last] = [parent(node), parent(last)];
  // A perfect first tree is itself the first node; else the proof names the node both trees share.
  const [first, ...siblings] = node === 0 ? [fromRoot, ...proof] : proof;
  if (first === undefined) throw malformed(tooFew);
  let oldHash = first;
  let newHash = first;
  for (const sibling of siblings) {
    if (last === 0) throw malformed(tooMany);
    if (isRight(node) || node === last) {
      oldHash = nodeHash(sibling, oldHash);
      newHash = nodeHash(sibling, newHash);
      while (!isRight(node) && node !== 0) [node, last] = [parent(node), parent(last)];
    } else {
      newHash = nodeHash(newHash, sibling);
    }
    [node, last] = [parent(node), parent(last)];
  }
  if (last !== 0) throw malformed(tooFew);
  if (oldHash !== fromRoot)
    throw mismatch({
      en: `the proof leads to the earlier root ${oldHash}, not ${fromRoot}`,
      zh: `证明得出的前一个根为 ${oldHash}，而非 ${fromRoot}`,
    });
  if (newHash !== toRoot)
    throw mismatch({
      en: `the proof leads to the later root ${newHash}, not ${toRoot}`,
      zh: `证明得出的后一个根为 ${newHash}，而非 ${toRoot}`,
    });
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
  malformed: (why: InBoth) => VerificationError,
): void {
  if (!roots.every(isHash))
    throw malformed({ en: 'a leaf or root that is not a hash', zh: '叶或根不是哈希' });
  // By index, so that a hole in the list is seen: a proof may come from parsed JSON.
  if (!Array.isArray(proof) || !Array.from<unknown>(proof).every(isHash))
    throw malformed({ en: 'not a list of hashes', zh: '不是哈希的列表' });
}
