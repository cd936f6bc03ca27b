import { SpokenError, type InBoth } from '@penalty-ledger/ledger';

/**
 * A failed step of a pack's verification, with the problem's name in `docs/spec/evidence-pack.md`.
 */
export class PackError extends SpokenError {
  declare readonly inBoth: InBoth;
  readonly code = 'evidence_pack';

  constructor(
    readonly problem: string,
    text: InBoth,
    options?: ErrorOptions,
  ) {
    super(text, options);
    this.name = 'PackError';
  }
}
