/** A step of the verification of a pack fails: what is wrong, by the name `docs/spec/evidence-pack.md` gives it. */
export class PackError extends Error {
  readonly code = 'evidence_pack';

  constructor(
    readonly problem: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'PackError';
  }
}
