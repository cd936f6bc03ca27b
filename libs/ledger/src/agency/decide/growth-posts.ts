import { accepted } from '../../decision.js';
import type { AgencyCommandData, AgencyDecision } from '../commands.js';

/** A growth post an agency shared: it decides a tie in the ranking of a vertical (rules §9). */
export function recordGrowthPost({
  agencyId,
  postId,
  occurredAt,
}: AgencyCommandData['RecordGrowthPost']): AgencyDecision {
  return accepted({ type: 'GrowthPostRecorded', data: { agencyId, postId }, occurredAt });
}
