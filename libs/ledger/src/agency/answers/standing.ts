import type { Instant } from '../../instant.js';
import type { AgencyHistory, Expulsion, PendingExpulsion } from '../history.js';
import type { Standing } from '../../standing.js';

/**
 * An agency's standing at (E, K), with the pending expulsion or the expulsion it rests on (rules
 * §5).
 */
export interface StandingAt {
  readonly standing: Standing;
  /** 0 before the first admission, then 1, 2, … */
  readonly episode: number;
  readonly pending?: PendingExpulsion;
  readonly expulsion?: Expulsion;
}

/**
 * The number of the admission episode that holds at `effectiveAt`, as known at `knownAt`. It equals
 * the number of admissions by then.
 */
export function episodeAt(history: AgencyHistory, effectiveAt: Instant, knownAt: Instant): number {
  let episode = 0;
  for (const admission of history.admissions) {
    if (admission.recordedAt <= knownAt && admission.effectiveAt <= effectiveAt) episode += 1;
  }
  return episode;
}

/**
 * The instant at which the admission episode that holds at `effectiveAt` began, as known at
 * `knownAt`; `undefined` before the first. What takes effect from then to `effectiveAt` is of this
 * episode.
 */
export function episodeStartAt(
  history: AgencyHistory,
  effectiveAt: Instant,
  knownAt: Instant,
): Instant | undefined {
  let start: Instant | undefined;
  for (const admission of history.admissions) {
    if (admission.recordedAt > knownAt || admission.effectiveAt > effectiveAt) continue;
    if (start === undefined || admission.effectiveAt > start) start = admission.effectiveAt;
  }
  return start;
}

/**
 * The standing at `effectiveAt` (E) as known at `knownAt` (K).
 *
 * An expulsion known to be revoked does not count. But it ended the pending expulsion before it, so
 * the standing is `active` from the revoked expulsion's instant on.
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

/** Says whether the expulsion was revoked by a decision recorded at or before `knownAt`. */
export function isRevoked(expulsion: Expulsion, knownAt: Instant): boolean {
  return expulsion.revoked !== undefined && expulsion.revoked.recordedAt <= knownAt;
}

function hasEnded({ ended }: PendingExpulsion, effectiveAt: Instant, knownAt: Instant): boolean {
  return ended !== undefined && ended.recordedAt <= knownAt && ended.endedAt <= effectiveAt;
}
