/** What can fail, by the names `docs/spec/checkpoint.md` and `docs/spec/receipt.md` give their steps. */
export type VerificationProblem =
  | 'verifier_key'
  | 'note'
  | 'signature'
  | 'unsigned'
  | 'checkpoint'
  | 'origin'
  | 'inclusion_form'
  | 'inclusion_root'
  | 'consistency_form'
  | 'consistency_root'
  | 'head_form'
  | 'head_root'
  | 'absence_form'
  | 'absence_root'
  | 'receipt'
  | 'event';

/**
 * What was given does not prove what it should. Every check throws it and nothing else, whatever it is given: an answer that must be
 * looked at could be overlooked.
 */
export class VerificationError extends Error {
  readonly code = 'verification';

  constructor(
    readonly problem: VerificationProblem,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'VerificationError';
  }
}
