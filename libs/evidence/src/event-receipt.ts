import { readEnvelope, type InBoth, type UncheckedEvent } from '@penalty-ledger/ledger';
import {
  checkReceipt,
  VerificationError,
  type CheckedReceipt,
  type VerifierKey,
} from '@penalty-ledger/merkle-log';

/** A receipt that holds, and the event that it proves. */
export interface EventReceipt extends Omit<CheckedReceipt, 'body'> {
  readonly event: UncheckedEvent;
}

/**
 * Checks a receipt and reads the event out of the bytes it proves (`docs/spec/receipt.md`).
 *
 * @throws VerificationError those of `checkReceipt`; `event` when the bytes are none of format 1
 */
export function checkEventReceipt(
  receipt: string | Uint8Array,
  keys: readonly VerifierKey[],
): EventReceipt {
  const { body, ...checked } = checkReceipt(receipt, keys);
  const event = readEnvelope(textOf(body));
  if ('problem' in event) throw noEvent(event.message);
  return { ...checked, event };
}

function textOf(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch (error) {
    throw noEvent({ en: 'its bytes are not UTF-8', zh: '其内容不是 UTF-8' }, error);
  }
}

function noEvent({ en, zh }: InBoth, cause?: unknown): VerificationError {
  return new VerificationError(
    'event',
    {
      en: `the receipt does not hold an event of format 1: ${en}`,
      zh: `回执所载不是格式 1 的事件：${zh}`,
    },
    { cause },
  );
}
