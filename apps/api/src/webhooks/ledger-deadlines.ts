import type { LedgerReader } from '@penalty-ledger/application';
import type { DeadlineSource } from './deadline-watch.js';

/** The deadlines of a ledger, as its reader has them: an agency at a time, never of all at once. */
export function ledgerDeadlines(reader: LedgerReader): DeadlineSource {
  return {
    refresh: () => reader.refresh(),
    rulebookEvents: () => reader.rulebookEvents(),
    agencies: (after, limit) => reader.agencyMarks(after, limit),
    agency: (agencyId) => reader.agencyMark(agencyId),
    async deadlinesOf(agencyId) {
      const found = await reader.deadlines({ agencyId });
      // Of an agency that was recorded ahead of this node's clock nothing is known yet.
      return 'error' in found ? [] : found;
    },
  };
}
