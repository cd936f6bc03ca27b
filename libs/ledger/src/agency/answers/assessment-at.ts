import type { AgencyHistory, Assessment } from '../history.js';
import type { Instant } from '../../instant.js';

/** The latest computation of a month that is known at K, if there is one. */
export function assessmentAt(
  history: AgencyHistory,
  month: string,
  knownAt: Instant,
): Assessment | undefined {
  return history.assessments.get(month)?.findLast(({ recordedAt }) => recordedAt <= knownAt);
}
