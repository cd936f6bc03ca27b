import type { Instant } from '../instant.js';
import type { AgencyCommandData } from './agency-commands.js';
import type { AgencyHistory } from './agency-history.js';
import { accepted, type Decision } from './decision.js';

/** A growth post an agency shared: it decides a tie in the ranking of a vertical (rulebook §9). */
export function recordGrowthPost({
  agencyId,
  postId,
  occurredAt,
}: AgencyCommandData['RecordGrowthPost']): Decision {
  return accepted({ type: 'GrowthPostRecorded', data: { agencyId, postId }, occurredAt });
}

/** How many posts an agency shared from `start` up to and without `end`, as known at K. */
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
