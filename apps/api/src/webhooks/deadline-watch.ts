import { inOrderOfTime, type Deadline } from '@penalty-ledger/application';
import { AgencyWatch, type Matter, type WatchParts } from './agency-watch.js';

/** Deadlines follow from the events of their agency: it is folded again when there are more. */
const deadlines: Matter<Deadline> = {
  withinHours: ({ deadlines: wanted }) => wanted?.withinHours,
  isDue: ({ at }, now, until) => at > now && at <= until,
  // Webhooks are notified again of one that has moved.
  noteOf: ({ uid, at }) => ({ uid, at }),
  agencyOf: ({ agencyId }) => agencyId,
  order: inOrderOfTime,
  followsMarks: true,
  everyMs: 60_000,
};

/** Watches for deadlines that come near. */
export function deadlineWatch(parts: WatchParts<Deadline>): AgencyWatch<Deadline> {
  return new AgencyWatch(parts, deadlines);
}
