import type { LedgerCommand, LedgerEvent } from '@penalty-ledger/ledger';

/**
 * The refusals that are recorded of one actor in a month, and of all. A sender could otherwise make
 * the ledger grow for ever by what it refuses; events cannot be taken out again.
 */
export const maxRefusals = { ofOneActor: 1_000, ofAll: 50_000 } as const;

/** The members of a command's data that name what it is about. */
const ids: ReadonlySet<string> = new Set([
  'additionId',
  'agencyId',
  'appealId',
  'complaintId',
  'creatorId',
  'deductionId',
  'evidenceId',
  'holdId',
  'measureId',
  'postId',
  'proposalId',
  'reviewId',
  'sessionId',
]);

/**
 * Returns the ids in a command's data, by which its refusal is recognised when it comes again. No
 * other value is taken: whoever has the keys could test guesses at it by the fingerprint.
 */
export function idsNamedBy({ data }: LedgerCommand): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(data).filter(([name]) => ids.has(name)));
}

/** The refusals recorded in one month. */
export class RecordedRefusals {
  readonly #ofActors = new Map<string, number>();
  readonly #fingerprints = new Set<string>();

  /** Says whether one more is recorded: a new one, of an actor who has not reached the bound. */
  takes(actor: string, fingerprint: string): boolean {
    return (
      this.#fingerprints.size < maxRefusals.ofAll &&
      (this.#ofActors.get(actor) ?? 0) < maxRefusals.ofOneActor &&
      !this.#fingerprints.has(fingerprint)
    );
  }

  note({ actor, causation }: Pick<LedgerEvent, 'actor' | 'causation'>): void {
    this.#ofActors.set(actor, (this.#ofActors.get(actor) ?? 0) + 1);
    this.#fingerprints.add(causation.fingerprint);
  }
}
