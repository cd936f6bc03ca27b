import type { InBoth } from '@penalty-ledger/ledger';
import { nodeHash, VerificationError, type Hash } from '@penalty-ledger/merkle-log';

/** A leaf and where it stands. */
export interface IndexedLeaf {
  readonly index: number;
  readonly leafHash: Hash;
}

/**
 * One inclusion proof for many leaves, made from one proof for each: shared hashes are in it once
 * (`docs/spec/evidence-pack.md`, "One inclusion proof for all").
 *
 * @param indexes ascending, each below `size`, at least one
 * @param proofOf the inclusion proof of a leaf (RFC 6962 §2.1.1)
 */
export function joinProofs(
  indexes: readonly number[],
  size: number,
  proofOf: (index: number) => readonly Hash[],
): Hash[] {
  const subtrees = new Map<string, Hash>();
  for (const index of indexes) {
    const proof = [...proofOf(index)];
    walkTo(index, size, (from, to) => subtrees.set(`${from}-${to}`, proof.pop() ?? ''));
  }
  const joined: Hash[] = [];
  const visit = (from: number, to: number, within: readonly number[]): void => {
    if (within.length === 0) {
      joined.push(subtrees.get(`${from}-${to}`) ?? '');
    } else if (to - from > 1) {
      const middle = from + splitOf(to - from);
      const [left, right] = partsOf(within, middle);
      visit(from, middle, left);
      visit(middle, to, right);
    }
  };
  visit(0, size, indexes);
  return joined;
}

/** Calls with the sibling of every node on a leaf's way, from the root's child down to the leaf. */
function walkTo(index: number, size: number, sibling: (from: number, to: number) => void): void {
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    if (index < middle) {
      sibling(middle, to);
      to = middle;
    } else {
      sibling(from, middle);
      from = middle;
    }
  }
}

/**
 * Checks that these leaves stand at their indexes in the tree of `size` leaves with this root.
 *
 * @param leaves by index, ascending
 * @throws VerificationError `inclusion_form` when leaves or hashes cannot belong to such a proof,
 * `inclusion_root` when it leads to another root
 */
export function checkJoinedProof(
  leaves: readonly IndexedLeaf[],
  size: number,
  proof: readonly Hash[],
  root: Hash,
): void {
  const malformed = ({ en, zh }: InBoth): VerificationError =>
    new VerificationError('inclusion_form', {
      en: `the inclusion proof of ${leaves.length} leaves in ${size}: ${en}`,
      zh: `${leaves.length} 片叶（共 ${size} 片）的包含证明：${zh}`,
    });
  const last = leaves.at(-1);
  if (last === undefined || last.index >= size)
    throw malformed({ en: 'the tree has no such leaf', zh: '树中没有这片叶' });
  let taken = 0;
  const rootOf = (from: number, to: number, within: readonly IndexedLeaf[]): Hash => {
    const [leaf] = within;
    if (leaf === undefined) {
      const next = proof[taken];
      if (next === undefined) throw malformed({ en: 'too few hashes', zh: '哈希不足' });
      taken += 1;
      return next;
    }
    if (to - from === 1) return leaf.leafHash;
    const middle = from + splitOf(to - from);
    const at = within.findIndex(({ index }) => index >= middle);
    const [left, right] = at === -1 ? [within, []] : [within.slice(0, at), within.slice(at)];
    const leftRoot = rootOf(from, middle, left);
    return nodeHash(leftRoot, rootOf(middle, to, right));
  };
  const found = rootOf(0, size, leaves);
  if (taken !== proof.length) throw malformed({ en: 'too many hashes', zh: '哈希过多' });
  if (found !== root)
    throw new VerificationError('inclusion_root', {
      en: `the inclusion proof leads to root ${found}, not ${root}`,
      zh: `包含证明得出的根为 ${found}，而非 ${root}`,
    });
}

function partsOf(
  indexes: readonly number[],
  middle: number,
): readonly [readonly number[], readonly number[]] {
  const at = indexes.findIndex((index) => index >= middle);
  return at === -1 ? [indexes, []] : [indexes.slice(0, at), indexes.slice(at)];
}

/** The largest power of two below `size`: where RFC 6962 §2.1 splits a tree. */
function splitOf(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}
