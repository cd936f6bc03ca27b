/**
 * The steps that can fail, under their names in `docs/spec/checkpoint.md` and
 * `docs/spec/receipt.md`.
 */
export type VerificationProblem =
  | 'verifier_key'
  | 'note'
  | 'signature'
  | 'unsigned'
  | 'checkpoint'
  | 'origin'
  | 'succeeded'
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

/** A text in both languages of the product. */
export type InBoth = Readonly<Record<'en' | 'zh', string>>;

/**
 * A check failed: the input does not prove what it should. Every check throws this and nothing else
 * for any input, because a result that must be looked at could be overlooked.
 */
export class VerificationError extends Error {
  readonly code = 'verification';

  constructor(
    readonly problem: VerificationProblem,
    readonly inBoth: InBoth,
    options?: ErrorOptions,
  ) {
    super(inBoth.en, options);
    this.name = 'VerificationError';
  }
}
