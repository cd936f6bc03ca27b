import { hash } from 'node:crypto';
import { openCheckpoint, type OpenedCheckpoint } from './checkpoint.js';
import { assertHash, base64OfHash, bytesOfBase64, hashOfBase64, type Hash } from './hashes.js';
import type { VerifierKey } from './note-keys.js';
import { checkInclusion } from './proofs.js';
import { noteByteLimit, textOf } from './signed-note.js';
import { VerificationError, type InBoth } from './verification-error.js';

/** The event that a receipt is for. */
export interface ReceiptEvent {
  readonly stream: string;
  readonly revision: number;
  /** The event's id, a UUID. */
  readonly id: string;
  readonly leafHash: Hash;
}

/**
 * A proof that an event is in the ledger, for its holder to keep (`docs/spec/receipt.md`; C2SP
 * tlog-proof).
 */
export interface Receipt {
  readonly event: ReceiptEvent;
  /** The number of the event's leaf in the tree, from 0. */
  readonly index: number;
  /** Inclusion proof: from the leaf's sibling up to the root's child. */
  readonly proof: readonly Hash[];
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: string;
}

/** A receipt that holds. */
export interface CheckedReceipt {
  /**
   * The receipt's statement. The leaf hash is proved; the rest is proved once the event itself was
   * checked against it.
   */
  readonly event: ReceiptEvent;
  readonly index: number;
  readonly checkpoint: OpenedCheckpoint;
}

const header = 'c2sp.org/tlog-proof@v1';
const count = '(0|[1-9][0-9]{0,15})';
const eventText = new RegExp(
  `^\\{"id":"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})","leafHash":"([0-9a-f]{64})",` +
    `"revision":${count},"stream":"([A-Za-z0-9._:-]{1,80})"\\}$`,
);

/**
 * Writes a receipt. With an inclusion proof of 30 hashes (a thousand million leaves), the longest
 * names and one signature it stays below 2,953 bytes, the capacity of one QR code.
 *
 * @throws RangeError when a member does not fit the format
 */
export function formatReceipt({ event, index, proof, checkpoint }: Receipt): string {
  const { id, leafHash, revision, stream } = event;
  const extra = JSON.stringify({ id, leafHash, revision, stream });
  if (!eventText.test(extra) || !Number.isSafeInteger(revision))
    throw new RangeError(`not an event: ${extra}`);
  if (!Number.isSafeInteger(index) || index < 0)
    throw new RangeError(`${index} is not the index of a leaf`);
  proof.forEach(assertHash);
  const lines = [
    header,
    `extra ${Buffer.from(extra).toString('base64')}`,
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
  const text = textOf(receipt, noteByteLimit, 'receipt');
  const end = text.indexOf('\n\n');
  const [first, second = '', third = '', ...hashes] = end < 0 ? [] : text.slice(0, end).split('\n');
  if (first !== header)
    throw malformed({
      en: `does not begin with ${header}, or has no blank line`,
      zh: `开头不是 ${header}，或没有空行`,
    });
  const event = eventOf(/^extra ([A-Za-z0-9+/=]+)$/.exec(second)?.[1] ?? '');
  if (event === undefined)
    throw malformed({ en: 'its second line does not name an event', zh: '第二行未指明事件' });
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
  return { event, index, proof, checkpoint: text.slice(end + 2) };
}

/**
 * Checks that the ledger signed for this event. From then on the ledger cannot deny the event with
 * this leaf hash, move it, or replace it in any later checkpoint that is consistent with this one.
 *
 * @param keys as in `openCheckpoint`
 * @param body the event's bytes; without them only the leaf hash is proved. Their form is checked
 * elsewhere (`docs/spec/event.md`)
 * @throws VerificationError `receipt` for another form; those of `openCheckpoint` and
 * `checkInclusion`; `event` when the body has another hash, or another stream, revision or id than
 * the receipt states
 */
export function checkReceipt(
  receipt: string | Uint8Array,
  keys: readonly VerifierKey[],
  body?: string | Uint8Array,
): CheckedReceipt {
  const { event, index, proof, checkpoint: note } = parseReceipt(receipt);
  const checkpoint = openCheckpoint(note, keys);
  checkInclusion(event.leafHash, index, checkpoint.size, proof, checkpoint.root);
  if (body !== undefined) checkBody(event, Buffer.from(body));
  return { event, index, checkpoint };
}

function eventOf(base64: string): ReceiptEvent | undefined {
  const match = eventText.exec(bytesOfBase64(base64)?.toString('latin1') ?? '');
  if (match === null) return undefined;
  const [, id, leafHash, revision, stream] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
  ];
  return Number.isSafeInteger(Number(revision))
    ? { stream, revision: Number(revision), id, leafHash }
    : undefined;
}

function checkBody(event: ReceiptEvent, body: Buffer): void {
  const leafHash = hash('sha256', Buffer.concat([Buffer.alloc(1), body]), 'hex');
  if (leafHash !== event.leafHash) {
    throw new VerificationError('event', {
      en: `the receipt is for leaf ${event.leafHash}, and this event has ${leafHash}`,
      zh: `回执对应叶哈希 ${event.leafHash}，而该事件的叶哈希为 ${leafHash}`,
    });
  }
  const { stream, revision, id } = (parsed(body.toString()) ?? {}) as Partial<
    Record<string, unknown>
  >;
  if (stream !== event.stream || revision !== event.revision || id !== event.id) {
    throw new VerificationError('event', {
      en: 'the receipt gives the event another stream, revision or id than it has',
      zh: '回执所载的事件流、流内序号或编号与事件不符',
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
