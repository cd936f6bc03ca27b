import { hash } from 'node:crypto';
import { assertHash, hashLength, hashOfPair, isHash, type Hash } from './hashes.js';
import { VerificationError, type InBoth } from './verification-error.js';

/**
 * The root over zero streams. All zeros are not the SHA-256 of anything known, so nothing else has
 * it.
 */
export const emptyMapRoot: Hash = '0'.repeat(2 * hashLength);

// Each prefix is used once in the ledger. 0x00 and 0x01 mark leaves and nodes of the log, so a hash
// of one kind cannot pass for another.
const headPrefix = 2;
const entryPrefix = 3;
const branchPrefix = 4;

/** The last event of a stream: its revision, from 0 to 2^53−1, and its leaf hash. */
export interface StreamHead {
  readonly revision: number;
  readonly leafHash: Hash;
}

/** That a stream ends with an event. */
export interface HeadProof {
  /**
   * From the entry's sibling up to the root's child: one for each bit of the key on the path, at
   * most 256.
   */
  readonly siblings: readonly Hash[];
}

/**
 * A proof that a stream is absent: the path of its key ends in nothing, or in another stream's
 * entry.
 */
export interface AbsenceProof {
  readonly siblings: readonly Hash[];
  /** The other stream's entry, by hashes alone: its revision and its head stay hidden. */
  readonly other?: MapEntry;
}

export interface MapEntry {
  /** {@link streamKey}. */
  readonly key: Hash;
  /** {@link headHash}. */
  readonly head: Hash;
}

/**
 * SHA-256 of the stream's name in UTF-8: where the stream stands in the map.
 *
 * @throws RangeError for text that UTF-8 cannot carry, because two such texts would have one key
 */
export function streamKey(stream: string): Hash {
  if (!stream.isWellFormed())
    throw new RangeError(`${JSON.stringify(stream)} cannot name a stream`);
  return hash('sha256', stream, 'hex');
}

const headBytes = Buffer.alloc(1 + 8 + hashLength);
headBytes[0] = headPrefix;

/**
 * SHA-256(0x02 ‖ revision in eight bytes, big-endian ‖ leaf hash).
 *
 * @throws RangeError for another kind of revision or hash
 */
export function headHash({ revision, leafHash }: StreamHead): Hash {
  if (!Number.isSafeInteger(revision) || revision < 0)
    throw new RangeError(`${revision} is not a revision`);
  assertHash(leafHash);
  headBytes.writeBigUInt64BE(BigInt(revision), 1);
  headBytes.write(leafHash, 9, 'hex');
  return hash('sha256', headBytes, 'hex');
}

/** SHA-256(0x03 ‖ key ‖ head hash). */
export function entryHash({ key, head }: MapEntry): Hash {
  return hashOfPair(entryPrefix, key, head);
}

/** SHA-256(0x04 ‖ where the key's bit is 0 ‖ where it is 1). */
export function branchHash(zero: Hash, one: Hash): Hash {
  return hashOfPair(branchPrefix, zero, one);
}

/** Bit `depth` of a key, from 0 to 255, the most significant bit of the first byte first. */
export function bitOf(key: Hash, depth: number): 0 | 1 {
  const code = key.charCodeAt(depth >> 2);
  const digit = code <= 57 ? code - 48 : code - 87;
  return ((digit >> (3 - (depth & 3))) & 1) === 0 ? 0 : 1;
}

/**
 * Checks that the stream ends with this event in the map with this root: nothing follows it.
 *
 * @throws VerificationError `head_form` when stream, head or proof have another form, `head_root`
 * when they lead to another root
 */
export function checkHead(stream: string, head: StreamHead, proof: HeadProof, root: Hash): void {
  const malformed = ({ en, zh }: InBoth): VerificationError =>
    new VerificationError('head_form', {
      en: `the head of "${stream}": ${en}`,
      zh: `"${stream}" 的流头：${zh}`,
    });
  const [key, headOf] = orMalformed(() => [streamKey(stream), headHash(head)] as const, malformed);
  const siblings = checkedSiblings(proof.siblings, root, malformed);
  const found = climb(key, entryHash({ key, head: headOf }), siblings);
  if (found !== root) {
    throw new VerificationError('head_root', {
      en: `the head of "${stream}": revision ${head.revision} leads to root ${found}, not ${root}`,
      zh: `"${stream}" 的流头：由流内序号 ${head.revision} 得出的根为 ${found}，而非 ${root}`,
    });
  }
}

/**
 * Checks that the map with this root does not hold the stream.
 *
 * @throws VerificationError `absence_form` when stream or proof have another form, or the proof
 * shows the stream's own entry; `absence_root` when it leads to another root
 */
export function checkAbsence(stream: string, proof: AbsenceProof, root: Hash): void {
  const malformed = ({ en, zh }: InBoth): VerificationError =>
    new VerificationError('absence_form', {
      en: `the absence of "${stream}": ${en}`,
      zh: `"${stream}" 的不存在证明：${zh}`,
    });
  const key = orMalformed(() => streamKey(stream), malformed);
  const siblings = checkedSiblings(proof.siblings, root, malformed);
  const { other } = proof;
  if (other !== undefined) {
    if (!isHash(other.key) || !isHash(other.head))
      throw malformed({
        en: 'the entry of the other stream is not two hashes',
        zh: '另一事件流的条目不是两个哈希',
      });
    if (other.key === key)
      throw malformed({ en: 'the proof shows the stream itself', zh: '证明所示正是该事件流' });
    for (let depth = 0; depth < siblings.length; depth += 1) {
      if (bitOf(other.key, depth) !== bitOf(key, depth))
        throw malformed({ en: 'the other stream stands elsewhere', zh: '另一事件流位于别处' });
    }
  }
  const found = climb(key, other === undefined ? emptyMapRoot : entryHash(other), siblings);
  if (found !== root) {
    throw new VerificationError('absence_root', {
      en: `the absence of "${stream}": the proof leads to root ${found}, not ${root}`,
      zh: `"${stream}" 的不存在证明：得出的根为 ${found}，而非 ${root}`,
    });
  }
}

/** From the end of a path up to the root. */
function climb(key: Hash, end: Hash, siblings: readonly Hash[]): Hash {
  return siblings.reduce((below, sibling, at) => {
    const depth = siblings.length - 1 - at;
    return bitOf(key, depth) === 0 ? branchHash(below, sibling) : branchHash(sibling, below);
  }, end);
}

const notSiblings: InBoth = {
  en: 'not a list of up to 256 hashes',
  zh: '不是最多 256 个哈希的列表',
};

function checkedSiblings(
  siblings: unknown,
  root: Hash,
  malformed: (why: InBoth) => VerificationError,
): readonly Hash[] {
  if (!isHash(root)) throw malformed({ en: 'the root is not a hash', zh: '根不是哈希' });
  if (!Array.isArray(siblings) || siblings.length > 8 * hashLength) throw malformed(notSiblings);
  const hashes: readonly unknown[] = Array.from<unknown>(siblings);
  if (!hashes.every(isHash)) throw malformed(notSiblings);
  // A subtree with at most one stream has no branch, so something stands beside the end of a path.
  if (hashes[0] === emptyMapRoot)
    throw malformed({ en: 'the path is longer than it can be', zh: '路径过长' });
  return hashes;
}

function orMalformed<T>(compute: () => T, malformed: (why: InBoth) => VerificationError): T {
  try {
    return compute();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw malformed({ en: error.message, zh: '事件流名称、流内序号或叶哈希的格式有误' });
  }
}
