import type { LedgerReader } from '@penalty-ledger/application';
import { rulebooksStream } from '@penalty-ledger/ledger';
import { agencyPages, agencyRow } from '@penalty-ledger/projections';
import type { DeadlineSource } from './deadline-watch.js';

/** The deadlines of a ledger, as its reader has them: an agency at a time, never of all at once. */
export function ledgerDeadlines(reader: LedgerReader): DeadlineSource {
  const { store, readModels } = reader.parts;
  const pages = agencyPages(readModels.database);
  return {
    refresh: () => reader.refresh(),
    async rulebookEvents() {
      let events = 0;
      for await (const batch of store.readStream(rulebooksStream)) events += batch.length;
      return events;
    },
    agencies: (after, limit) => pages(reader.now, after, limit),
    agency: agencyRow(readModels.database),
    async deadlinesOf(agencyId) {
      const found = await reader.deadlines({ agencyId });
      // Of an agency that was recorded ahead of this node's clock nothing is known yet.
      return 'error' in found ? [] : found;
    },
  };
}
