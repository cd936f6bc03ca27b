import { eventIn, ledgerStream, readEnvelope, readEvent } from '@penalty-ledger/ledger';
import { checkReceipt, parseVerifierKey, VerificationError } from '@penalty-ledger/merkle-log';

/** The proof of a promotion: the event and its receipt (`docs/spec/receipt.md`). */
export interface PromotionProof {
  /** The bytes of the event `WriterPromoted`. */
  readonly event: string;
  readonly receipt: string;
}

/** A text that proves no promotion of this ledger. */
export class PromotionProofError extends Error {
  readonly code = 'promotion_proof';
}

/**
 * Reads the term out of a proof. The ledger's own signature makes it true, whoever sends it.
 *
 * @param verifierKey of the ledger
 * @throws PromotionProofError
 */
export function termProved({ event: body, receipt }: PromotionProof, verifierKey: string): number {
  try {
    checkReceipt(receipt, [parseVerifierKey(verifierKey)], body);
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    throw new PromotionProofError(`the receipt does not hold: ${error.message}`, { cause: error });
  }
  const envelope = readEnvelope(body);
  if ('problem' in envelope || envelope.stream !== ledgerStream)
    throw new PromotionProofError('the event is not one of the stream "ledger"');
  const event = eventIn('ledger', readEvent({ body }));
  if (event.type !== 'WriterPromoted')
    throw new PromotionProofError(`the event is ${event.type}, and must be WriterPromoted`);
  return event.data.term;
}
