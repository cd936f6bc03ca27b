import type { Instant } from '../../instant.js';
import type { AgencyHistory } from '../history.js';

/**
 * Counts the posts an agency shared from `start` up to, but not including, `end`, as known at K.
 */
export function growthPostsIn(
  { growthPosts }: AgencyHistory,
  {
    start,
    end,
    knownAt,
  }: { readonly start: Instant; readonly end: Instant; readonly knownAt: Instant },
): number {
  return growthPosts.filter(
    ({ occurredAt, recordedAt }) =>
      recordedAt <= knownAt && occurredAt >= start && occurredAt < end,
  ).length;
}
