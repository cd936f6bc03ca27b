import {
  closed,
  ComplaintAnswerSchema,
  type Instant,
  type LedgerZone,
  type Shape,
} from '@penalty-ledger/ledger';
import {
  complaintPages,
  type ComplaintRow,
  type ComplaintsWanted,
  type ReadModels,
} from '@penalty-ledger/projections';
import { Type } from '@sinclair/typebox';
import { cursorOf } from './cursor.js';
import { pageOf, pageSchema, type ListPage, type PageQuery } from './list-page.js';

/** The orders of the list of complaints. */
export const complaintSorts = ['filedAt', '-filedAt'] as const;

/** A complaint in a list, as known now. Its text is personal: the answer to `complaint` has it. */
export type ComplaintEntry = Shape<typeof ComplaintEntrySchema>;
export const ComplaintEntrySchema = closed(
  Type.Omit(ComplaintAnswerSchema, ['knownAt', 'merged', 'deductions']).properties,
  { $id: 'ComplaintEntry' },
);
export const ComplaintPageSchema = pageSchema(ComplaintEntrySchema, 'ComplaintPage');

/** The complaints to list. */
export interface ComplaintListQuery extends PageQuery<(typeof complaintSorts)[number]> {
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
  return ({ month, sort = 'filedAt', ...query }, zone) => {
    const filed =
      month === undefined
        ? undefined
        : { from: zone.startOfMonth(month), to: zone.endOfMonth(month) };
    const wanted: ComplaintsWanted = {
      ...query,
      descending: sort.startsWith('-'),
      limit: query.limit + 1,
      ...(filed !== undefined && { filed }),
    };
    return pageOf(
      pages(wanted),
      query.limit,
      ({ filedAt, complaintId }) => cursorOf(sort, { key: filedAt, id: complaintId }),
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
