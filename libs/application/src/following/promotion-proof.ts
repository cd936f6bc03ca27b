import {
  eventIn,
  ledgerStream,
  readEnvelope,
  readEvent,
  SpokenError,
  type InBoth,
} from '@penalty-ledger/ledger';
import { checkReceipt, parseVerifierKey, VerificationError } from '@penalty-ledger/merkle-log';

/** The proof of a promotion: the event and its receipt (`docs/spec/receipt.md`). */
export interface PromotionProof {
  /** The bytes of the event `WriterPromoted`. */
  readonly event: string;
  readonly receipt: string;
}

/** A text that proves no promotion of this ledger. */
export class PromotionProofError extends SpokenError {
  declare readonly inBoth: InBoth;
  readonly code = 'promotion_proof';

  constructor(text: InBoth, options?: ErrorOptions) {
    super(text, options);
    this.name = 'PromotionProofError';
  }
}

/**
 * Reads the term out of a proof. The ledger's own signature makes it true, whoever sends it.
 *
 * @param verifierKey of the ledger
 * @throws PromotionProofError
 */
export function termProved({ event: body, receipt }: PromotionProof, verifierKey: string): number {
  try {
    const proved = checkReceipt(receipt, [parseVerifierKey(verifierKey)]);
    if (!Buffer.from(body).equals(proved.body))
      throw new VerificationError('event', {
        en: 'it is for another event than the one given',
        zh: '回执所载事件与所给事件不同',
      });
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    const { en, zh } = error.inBoth;
    throw new PromotionProofError(
      { en: `the receipt does not hold: ${en}`, zh: `回执核验未通过：${zh}` },
      { cause: error },
    );
  }
  const envelope = readEnvelope(body);
  if ('problem' in envelope || envelope.stream !== ledgerStream)
    throw new PromotionProofError({
      en: 'the event is not one of the stream "ledger"',
      zh: '该事件不属于事件流 "ledger"',
    });
  const event = eventIn('ledger', readEvent({ body }));
  if (event.type !== 'WriterPromoted')
    throw new PromotionProofError({
      en: `the event is ${event.type}, and must be WriterPromoted`,
      zh: `该事件为 ${event.type}，须为 WriterPromoted`,
    });
  return event.data.term;
}
