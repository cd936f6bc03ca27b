import type { Instant, LedgerZone } from '@penalty-ledger/ledger';
import {
  complaintPages,
  type ComplaintRow,
  type ComplaintsWanted,
  type PageWanted,
  type ReadModels,
} from '@penalty-ledger/projections';
import { pageOf, type ListPage } from './list-page.js';

/** A complaint in a list, as known now. What it says is personal: the answer to `complaint` has it. */
export interface ComplaintEntry {
  readonly complaintId: string;
  /** The agency that answers for it. */
  readonly agencyId: string;
  readonly creatorId: string | null;
  readonly complainantKind: ComplaintRow['complainantKind'];
  readonly occurredAt: string;
  readonly filedAt: string;
  readonly state: ComplaintRow['state'];
  /** When it was closed itself; null too when it ended with the complaint it is merged into. */
  readonly closedAt: string | null;
  readonly mergedInto: string | null;
}

/** Which complaints are listed, in the order of their filing. */
export interface ComplaintListQuery extends PageWanted {
  readonly agencyId?: string;
  /** The creator complained of. */
  readonly creatorId?: string;
  readonly state?: ComplaintRow['state'];
  /** Filed in this local month, `2019-04`. */
  readonly month?: string;
}

/** Lists complaints as known now. */
export function complaintList({
  database,
}: Pick<ReadModels, 'database'>): (
  query: ComplaintListQuery,
  zone: LedgerZone,
) => ListPage<ComplaintEntry> {
  const pages = complaintPages(database);
  return ({ month, ...query }, zone) => {
    const filed =
      month === undefined
        ? undefined
        : { from: zone.startOfMonth(month), to: zone.endOfMonth(month) };
    const wanted: ComplaintsWanted = {
      ...query,
      limit: query.limit + 1,
      ...(filed !== undefined && { filed }),
    };
    return pageOf(
      pages(wanted),
      query.limit,
      ({ filedAt, complaintId }) => ({ key: filedAt, id: complaintId }),
      (row) => entryOf(row, zone),
    );
  };
}

function entryOf(row: ComplaintRow, zone: LedgerZone): ComplaintEntry {
  const formatted = (instant: Instant | null): string | null =>
    instant === null ? null : zone.format(instant);
  const { complaintId, agencyId, creatorId, complainantKind, state, mergedInto } = row;
  return {
    complaintId,
    agencyId,
    creatorId,
    complainantKind,
    occurredAt: zone.format(row.occurredAt),
    filedAt: zone.format(row.filedAt),
    state,
    closedAt: formatted(row.closedAt),
    mergedInto,
  };
}
