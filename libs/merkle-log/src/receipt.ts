import { hash } from 'node:crypto';
import { openCheckpoint, type OpenedCheckpoint } from './checkpoint.js';
import { base64OfHash, bytesOfBase64, hashOfBase64, type Hash } from './hashes.js';
import type { VerifierKey } from './note-keys.js';
import { checkInclusion } from './proofs.js';
import { textOf } from './signed-note.js';
import { VerificationError, type InBoth } from './verification-error.js';

/** Bytes of a receipt: the largest append (800,000 bytes) in base64, and a checkpoint. */
export const receiptByteLimit = 1_310_720;

/**
 * A proof that an event is in the ledger, for its holder to keep (`docs/spec/receipt.md`; C2SP
 * tlog-proof).
 */
export interface Receipt {
  /** The event's bytes. */
  readonly body: Uint8Array;
  /** The number of the event's leaf in the tree, from 0. */
  readonly index: number;
  /** Inclusion proof: from the leaf's sibling up to the root's child. */
  readonly proof: readonly Hash[];
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: string;
}

/** A receipt that holds. */
export interface CheckedReceipt {
  /** The bytes that the ledger signed for. That they are an event is checked elsewhere. */
  readonly body: Uint8Array;
  readonly leafHash: Hash;
  readonly index: number;
  readonly checkpoint: OpenedCheckpoint;
}

const header = 'c2sp.org/tlog-proof@v1';
const count = '(0|[1-9][0-9]{0,15})';

/**
 * Writes a receipt.
 *
 * @throws RangeError when a member does not fit the format
 */
export function formatReceipt({ body, index, proof, checkpoint }: Receipt): string {
  if (body.length === 0) throw new RangeError('an event has at least one byte');
  if (!Number.isSafeInteger(index) || index < 0)
    throw new RangeError(`${index} is not the index of a leaf`);
  const lines = [
    header,
    `extra ${Buffer.from(body).toString('base64')}`,
    `index ${index}`,
    ...proof.map(base64OfHash),
  ];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/**
 * Reads what {@link formatReceipt} writes, without believing it.
 *
 * @throws VerificationError `receipt`
 */
export function parseReceipt(receipt: string | Uint8Array): Receipt {
  const malformed = ({ en, zh }: InBoth): VerificationError =>
    new VerificationError('receipt', { en: `not a receipt: ${en}`, zh: `不是回执：${zh}` });
  const text = textOf(receipt, receiptByteLimit, 'receipt');
  const end = text.indexOf('\n\n');
  const [first, second = '', third = '', ...hashes] = end < 0 ? [] : text.slice(0, end).split('\n');
  if (first !== header)
    throw malformed({
      en: `does not begin with ${header}, or has no blank line`,
      zh: `开头不是 ${header}，或没有空行`,
    });
  const body = bytesOfBase64(/^extra ([A-Za-z0-9+/=]+)$/.exec(second)?.[1] ?? '');
  if (body === undefined || body.length === 0)
    throw malformed({
      en: 'its second line does not hold an event in base64',
      zh: '第二行未以 base64 载有事件',
    });
  const index = Number(new RegExp(`^index ${count}$`).exec(third)?.[1]);
  if (!Number.isSafeInteger(index))
    throw malformed({ en: 'its third line is not the index of a leaf', zh: '第三行不是叶的序号' });
  const proof = hashes.map((line) => {
    const sibling = hashOfBase64(line);
    if (sibling === undefined)
      throw malformed({
        en: 'a line of its proof is not the base64 of a hash',
        zh: '证明中有一行不是哈希的 base64',
      });
    return sibling;
  });
  return { body, index, proof, checkpoint: text.slice(end + 2) };
}

/**
 * Checks that the ledger signed for the bytes that a receipt holds. From then on the ledger cannot
 * deny them, move them, or replace them in any later checkpoint that is consistent with this one.
 *
 * @param keys as in `openCheckpoint`
 * @throws VerificationError `receipt` for another form; those of `openCheckpoint` and
 * `checkInclusion`
 */
export function checkReceipt(
  receipt: string | Uint8Array,
  keys: readonly VerifierKey[],
): CheckedReceipt {
  const { body, index, proof, checkpoint: note } = parseReceipt(receipt);
  const checkpoint = openCheckpoint(note, keys);
  const leafHash = hash('sha256', Buffer.concat([Buffer.alloc(1), body]), 'hex');
  checkInclusion(leafHash, index, checkpoint.size, proof, checkpoint.root);
  return { body, leafHash, index, checkpoint };
}
