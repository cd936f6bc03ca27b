import type { Instant } from '../../instant.js';
import type { SupportFacts } from '../../traffic/vertical.js';
import type { LedgerZone } from '../../zone.js';
import type { AgencyHistory } from '../history.js';
import { complaintsAt, complaintStateAt } from './complaint-state.js';
import { growthPostsIn } from './growth-posts.js';
import { standingAt } from './standing.js';

/**
 * An agency's facts for a month: its standing at E, the complaints that disqualify it and the posts
 * it shared, as known at K.
 *
 * @param at `effectiveAt` decides the standing only: the month does not change, but an agency
 * expelled since gets nothing
 */
export function supportFactsOf(
  history: AgencyHistory,
  month: string,
  at: { readonly effectiveAt: Instant; readonly knownAt: Instant },
  zone: LedgerZone,
): SupportFacts {
  const { effectiveAt, knownAt } = at;
  const [start, end] = [zone.startOfMonth(month), zone.endOfMonth(month)];
  return {
    agencyId: history.agencyId,
    standing: standingAt(history, effectiveAt, knownAt).standing,
    complaintIds: blockingComplaints(history, { start, end, knownAt }),
    posts: growthPostsIn(history, { start, end, knownAt }),
  };
}

/**
 * The complaints of merchants and creators filed from `start` up to, but not including, `end` that
 * are open or upheld at K (E-59).
 */
function blockingComplaints(
  history: AgencyHistory,
  {
    start,
    end,
    knownAt,
  }: { readonly start: Instant; readonly end: Instant; readonly knownAt: Instant },
): string[] {
  return complaintsAt(history, knownAt)
    .filter(
      ({ complainantKind }) => complainantKind === 'merchant' || complainantKind === 'creator',
    )
    .filter(({ recordedAt }) => recordedAt >= start && recordedAt < end)
    .filter((complaint) => {
      const state = complaintStateAt(history, complaint, knownAt);
      return state === 'open' || state === 'upheld';
    })
    .map(({ complaintId }) => complaintId);
}
