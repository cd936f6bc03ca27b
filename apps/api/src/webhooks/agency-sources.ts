import type {
  Deadline,
  LedgerReader,
  MonthDeadline,
  QueryError,
} from '@penalty-ledger/application';
import type { AgencySource } from './agency-watch.js';

/** The deadlines of a ledger, as its reader has them: an agency at a time, never of all at once. */
export function deadlineSource(reader: LedgerReader): AgencySource<Deadline> {
  return sourceOf(reader, (agencyId) => reader.deadlines({ agencyId }));
}

/** The months of a ledger that do not pass as they stand, in the same way. */
export function monthSource(reader: LedgerReader): AgencySource<MonthDeadline> {
  return sourceOf(reader, (agencyId) => reader.monthDeadlines({ agencyId }));
}

function sourceOf<Item>(
  reader: LedgerReader,
  ask: (agencyId: string) => Promise<readonly Item[] | QueryError>,
): AgencySource<Item> {
  return {
    refresh: () => reader.refresh(),
    rulebookEvents: () => reader.rulebookEvents(),
    agencies: (after, limit) => reader.agencyMarks(after, limit),
    agency: (agencyId) => reader.agencyMark(agencyId),
    async itemsOf(agencyId) {
      const found = await ask(agencyId);
      // Of an agency that was recorded ahead of this node's clock nothing is known yet.
      return 'error' in found ? [] : found;
    },
  };
}
