import { base64OfHash, hashOfBase64, type Hash } from './hashes.js';
import { isOwnKeyName, type SignerKey, type VerifierKey } from './note-keys.js';
import { openNote, signNote } from './signed-note.js';
import { emptyMapRoot } from './stream-head-proofs.js';
import { emptyRoot } from './tree.js';
import { VerificationError, type InBoth } from './verification-error.js';

/**
 * The ledger's statement about itself at an instant (`docs/spec/checkpoint.md`). Once signed, it
 * binds the ledger to everything recorded by then.
 */
export interface Checkpoint {
  /** The ledger: the name of the key that signs for it. */
  readonly origin: string;
  /** Leaves of the tree. */
  readonly size: number;
  readonly root: Hash;
  /** The number of streams, and the root of the map of their heads. */
  readonly streamHeads: { readonly count: number; readonly root: Hash };
  /**
   * The instant of signing, `2019-04-01T02:00:00.000Z`: the ledger's own word, like `recordedAt`.
   */
  readonly signedAt: string;
}

/** A checkpoint the ledger's key signed. */
export interface OpenedCheckpoint extends Checkpoint {
  /** The known keys that signed, the ledger's and others'. */
  readonly signedBy: readonly VerifierKey[];
}

const count = '(0|[1-9][0-9]{0,15})';
const base64 = '([A-Za-z0-9+/]{43}=)';
const body = new RegExp(
  `^([^\\n]+)\\n${count}\\n${base64}\\nstream-heads ${count} ${base64}\\nsigned-at ([^\\n]+)\\n$`,
);

/**
 * The text of a checkpoint: C2SP tlog-checkpoint with our two extension lines.
 *
 * @throws RangeError when a member does not fit the format
 */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, root, streamHeads, signedAt } = checkpoint;
  const problem = problemOf(checkpoint);
  if (problem !== undefined) throw new RangeError(`not a checkpoint: ${problem.en}`);
  const heads = `stream-heads ${streamHeads.count} ${base64OfHash(streamHeads.root)}`;
  return `${origin}\n${size}\n${base64OfHash(root)}\n${heads}\nsigned-at ${signedAt}\n`;
}

/**
 * Reads what {@link formatCheckpoint} writes, and nothing else.
 *
 * @throws VerificationError `checkpoint`
 */
export function parseCheckpoint(text: string): Checkpoint {
  const malformed = ({ en, zh }: InBoth): VerificationError =>
    new VerificationError('checkpoint', { en: `not a checkpoint: ${en}`, zh: `不是检查点：${zh}` });
  const match = body.exec(text);
  if (match === null)
    throw malformed({
      en: 'not origin, size, root, stream heads and instant, a line each',
      zh: '须依次为账本名、树的大小、根、流头和时点，各占一行',
    });
  const [, origin, size, rootText, streams, headsText, signedAt] = match as unknown as [
    string,
    ...string[],
  ];
  const root = hashOfBase64(rootText ?? '');
  const headsRoot = hashOfBase64(headsText ?? '');
  if (root === undefined || headsRoot === undefined)
    throw malformed({
      en: 'a root that is not the base64 of 32 bytes',
      zh: '根不是 32 字节的 base64',
    });
  const checkpoint: Checkpoint = {
    origin: origin ?? '',
    size: Number(size),
    root,
    streamHeads: { count: Number(streams), root: headsRoot },
    signedAt: signedAt ?? '',
  };
  const problem = problemOf(checkpoint);
  if (problem !== undefined) throw malformed(problem);
  return checkpoint;
}

/**
 * Signs a checkpoint with the ledger's key, whose name is the origin, and with others beside it.
 *
 * @throws RangeError when a member does not fit the format, or no signer has the origin's name
 */
export function signCheckpoint(checkpoint: Checkpoint, signers: readonly SignerKey[]): string {
  const text = formatCheckpoint(checkpoint);
  if (!signers.some(({ name }) => name === checkpoint.origin)) {
    throw new RangeError(`no signer is named "${checkpoint.origin}"`);
  }
  return signNote(text, signers);
}

/**
 * Reads a signed checkpoint and checks its signatures. `checkConsistency` compares it with an
 * earlier one.
 *
 * @param keys the ledger's key, whose name is the expected origin, and keys of others to check
 * @throws VerificationError `note`, `signature`, `unsigned` as in `openNote`; `checkpoint` for
 * another text; `origin` when none of the keys that signed has the origin's name; `succeeded` when
 * another key had followed each of those
 */
export function openCheckpoint(
  note: string | Uint8Array,
  keys: readonly VerifierKey[],
): OpenedCheckpoint {
  const { text, signedBy } = openNote(note, keys);
  const checkpoint = parseCheckpoint(text);
  if (!signedBy.some(({ name }) => name === checkpoint.origin)) {
    throw new VerificationError('origin', {
      en: `"${checkpoint.origin}" did not sign: the checkpoint is another ledger's, or nobody's`,
      zh: `"${checkpoint.origin}" 没有签名：该检查点属于另一账本，或不属于任何账本`,
    });
  }
  assertCurrent(signedBy, checkpoint);
  return { ...checkpoint, signedBy };
}

/**
 * Checks that one of the ledger's keys that signed was its key then: no other is known to have
 * followed it within the tree that was signed for.
 *
 * @throws VerificationError `succeeded`
 */
export function assertCurrent(
  signedBy: readonly VerifierKey[],
  { origin, size }: Pick<Checkpoint, 'origin' | 'size'>,
): void {
  const own = signedBy.filter(({ name }) => name === origin);
  if (own.some(({ until = size }) => size <= until)) return;
  const until = Math.max(...own.map((key) => key.until ?? 0));
  throw new VerificationError('succeeded', {
    en:
      `only a key of "${origin}" signed that another one followed at leaf ${until}, ` +
      `and the tree has ${size} leaves`,
    zh: `仅由 "${origin}" 的旧密钥签署：另一密钥自第 ${until} 片叶起接替，而该树有 ${size} 片叶`,
  });
}

function problemOf({ origin, size, root, streamHeads, signedAt }: Checkpoint): InBoth | undefined {
  if (!isOwnKeyName(origin))
    return { en: 'an origin that cannot be the name of a key', zh: '账本名不能作为密钥名称' };
  if (!isCount(size) || !isCount(streamHeads.count))
    return { en: 'a number that is not whole or over 2^53-1', zh: '数字不是整数，或大于 2^53-1' };
  if ((size === 0) !== (root === emptyRoot))
    return {
      en: 'the root of a tree without leaves, or a tree without leaves with another',
      zh: '根属于没有叶的树，或没有叶的树另有其根',
    };
  if ((streamHeads.count === 0) !== (streamHeads.root === emptyMapRoot)) {
    return {
      en: 'the root of a map without streams, or a map without streams with another',
      zh: '根属于没有事件流的流头表，或没有事件流的流头表另有其根',
    };
  }
  if (streamHeads.count > size || (streamHeads.count === 0) !== (size === 0))
    return { en: 'more streams than events, or none', zh: '事件流多于事件，或没有事件流' };
  return isInstant(signedAt)
    ? undefined
    : { en: 'an instant that is none, or spelt otherwise', zh: '时点不存在，或写法不同' };
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** An instant as events have it (`docs/spec/event.md`, "Envelope"). */
function isInstant(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text)) return false;
  if (text < '1992-01-01T00:00:00.000Z' || text > '9000-12-31T00:00:00.000Z') return false;
  const epochMs = Date.parse(text);
  return !Number.isNaN(epochMs) && new Date(epochMs).toISOString() === text;
}
