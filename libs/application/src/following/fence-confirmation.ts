import type { Position } from '@penalty-ledger/event-store';
import type { InBoth } from '@penalty-ledger/ledger';
import {
  openNote,
  parseVerifierKey,
  signNote,
  VerificationError,
  type SignerKey,
} from '@penalty-ledger/merkle-log';
import { SourceRefusedError } from './source-errors.js';

/** The order to a writer to take no commands any more. */
export interface FenceOrder {
  /** The ledger that is meant: another one at the same address refuses. */
  readonly ledgerId: string;
  /** The copy that takes over: the same one may repeat the order, and no other may give it. */
  readonly copy: string;
  readonly term: number;
  readonly writer?: string;
}

/** The service's answer to a fence. */
export interface Fenced {
  readonly term: number;
  /** The position of its last event; nothing is added behind it. */
  readonly position: Position;
  /** The ledger's signature over both, and over the order that they answer. */
  readonly confirmation: string;
}

/**
 * Signs that a writer takes no more commands. The copy's name is random, so no answer to an earlier
 * order fits.
 */
export function confirmFence(order: FenceOrder, position: Position, signer: SignerKey): string {
  return signNote(confirmationText(order, position, signer.name), [signer]);
}

/**
 * Checks that the ledger itself answered this order.
 *
 * @throws SourceRefusedError
 */
export function assertConfirmed(
  order: FenceOrder,
  { position, confirmation }: Fenced,
  verifierKey: string,
): void {
  const key = parseVerifierKey(verifierKey);
  try {
    const { text } = openNote(confirmation, [key]);
    if (text === confirmationText(order, position, key.name)) return;
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    const { en, zh } = error.inBoth;
    throw unconfirmed(
      { en: `is not signed by ${key.name}: ${en}`, zh: `没有 ${key.name} 的签名：${zh}` },
      error,
    );
  }
  throw unconfirmed({ en: 'answers another order', zh: '答复的是另一项要求' });
}

/** A checkpoint has a number in the second line, so neither can be taken for the other. */
function confirmationText(
  { ledgerId, copy, term }: FenceOrder,
  position: Position,
  origin: string,
): string {
  return `${[origin, 'fenced', ledgerId, copy, term, position].join('\n')}\n`;
}

function unconfirmed(problem: InBoth, cause?: unknown): SourceRefusedError {
  return new SourceRefusedError(
    { en: `its confirmation of the fence ${problem.en}`, zh: `其隔离确认${problem.zh}` },
    {
      en:
        'the writer may still take commands: ' +
        'find out what answers at its URL, then run this again',
      zh: '写入方可能仍在接受指令：请查明其 URL 上由谁应答，然后重新运行',
    },
    { cause },
  );
}
