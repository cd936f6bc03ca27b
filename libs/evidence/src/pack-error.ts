/**
 * A failed step of a pack's verification, with the problem's name in `docs/spec/evidence-pack.md`.
 */
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
