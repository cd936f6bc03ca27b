import type { Instant } from '../../instant.js';
import type { AgencyHistory, Expulsion, PendingExpulsion } from '../history.js';
import type { Standing } from '../../standing.js';

/** Where an agency stands at (E, K), with the pending expulsion or the expulsion that makes it so (rules §5). */
export interface StandingAt {
  readonly standing: Standing;
  /** 0 before the first admission, then 1, 2, … */
  readonly episode: number;
  readonly pending?: PendingExpulsion;
  readonly expulsion?: Expulsion;
}

/** The admission episode that holds at `effectiveAt`, as known at `knownAt`: how many admissions there were by then. */
export function episodeAt(history: AgencyHistory, effectiveAt: Instant, knownAt: Instant): number {
  let episode = 0;
  for (const admission of history.admissions) {
    if (admission.recordedAt <= knownAt && admission.effectiveAt <= effectiveAt) episode += 1;
  }
  return episode;
}

/**
 * The standing at `effectiveAt` (E) as known at `knownAt` (K).
 *
 * A revoked expulsion, known to be revoked, never was; but it ended the pending expulsion before it, so that it leaves
 * `active` from its former instant on.
 */
export function standingAt(
  history: AgencyHistory,
  effectiveAt: Instant,
  knownAt: Instant,
): StandingAt {
  const episode = episodeAt(history, effectiveAt, knownAt);
  if (episode === 0) return { standing: 'not_admitted', episode };
  const holds = (fact: { recordedAt: Instant; effectiveAt: Instant; episode: number }): boolean =>
    fact.episode === episode && fact.recordedAt <= knownAt && fact.effectiveAt <= effectiveAt;

  const expulsion = history.expulsions.findLast(
    (candidate) => holds(candidate) && !isRevoked(candidate, knownAt),
  );
  if (expulsion !== undefined) return { standing: 'expelled', episode, expulsion };
  if (history.exits.some(holds)) return { standing: 'exited', episode };
  const pending = history.pendings.find(
    (candidate) =>
      candidate.episode === episode &&
      candidate.recordedAt <= knownAt &&
      candidate.openedAt <= effectiveAt &&
      !hasEnded(candidate, effectiveAt, knownAt),
  );
  return pending === undefined
    ? { standing: 'active', episode }
    : { standing: 'pending_expulsion', episode, pending };
}

/** Whether the expulsion was revoked by a decision recorded at or before `knownAt`. */
export function isRevoked(expulsion: Expulsion, knownAt: Instant): boolean {
  return expulsion.revokedAt !== undefined && expulsion.revokedAt <= knownAt;
}

function hasEnded({ ended }: PendingExpulsion, effectiveAt: Instant, knownAt: Instant): boolean {
  return ended !== undefined && ended.recordedAt <= knownAt && ended.endedAt <= effectiveAt;
}
