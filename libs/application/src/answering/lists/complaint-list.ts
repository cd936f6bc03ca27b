import {
  agency,
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
import type { QueryError } from '../queries.js';
import type { ReaderContext } from '../reader-context.js';
import { agencyRows, withDamaged } from './agency-rows.js';
import { cursorOf } from './cursor.js';
import {
  agencyRowsPageSchema,
  pageOf,
  sortedPage,
  type AgencyRowsPage,
  type ListPage,
  type PageQuery,
} from './list-page.js';
import type { ListSort } from './list-texts.js';

/** A complaint in a list, as known at K. Its text is personal: the answer to `complaint` has it. */
export type ComplaintEntry = Shape<typeof ComplaintEntrySchema>;
export const ComplaintEntrySchema = closed(
  Type.Omit(ComplaintAnswerSchema, ['knownAt', 'merged', 'deductions']).properties,
  { $id: 'ComplaintEntry' },
);
export const ComplaintPageSchema = agencyRowsPageSchema(ComplaintEntrySchema, 'ComplaintPage');

/** The complaints to list. */
export interface ComplaintListQuery extends PageQuery<ListSort<'complaints'>> {
  readonly agencyId?: string;
  readonly knownAt?: Instant;
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
    const filed = filedIn(month, zone);
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

/**
 * Lists complaints as known at an earlier K, from the histories of their agencies: an index can
 * follow the recorded events, and not every K.
 */
export async function complaintsThen(
  {
    creatorId,
    state,
    month,
    sort = 'filedAt',
    limit,
    after,
    ...asked
  }: ComplaintListQuery & {
    readonly knownAt: Instant;
  },
  reader: ReaderContext,
): Promise<AgencyRowsPage<ComplaintEntry> | QueryError> {
  const found = await agencyRows(asked, reader, (history, { knownAt }) =>
    agency.complaintsAt(history, knownAt).map((complaint) => ({
      history,
      complaint,
      state: agency.complaintStateAt(history, complaint, knownAt),
    })),
  );
  if ('error' in found) return found;
  const { zone } = reader;
  const { knownAt } = reader.at(asked);
  const filed = filedIn(month, zone);
  const rows = found.rows.filter(
    ({ complaint, state: then }) =>
      (creatorId === undefined || complaint.creatorId === creatorId) &&
      (state === undefined || then === state) &&
      (filed === undefined ||
        (complaint.recordedAt >= filed.from && complaint.recordedAt < filed.to)),
  );
  const page = sortedPage(
    {
      rows,
      placeOf: ({ complaint }) => ({ key: complaint.recordedAt, id: complaint.complaintId }),
      entryOf: ({ history, complaint, state: then }) => {
        const { complaintId, complainantKind, occurredAt, recordedAt, closed } = complaint;
        return entryOf(
          {
            ...{ complaintId, complainantKind, occurredAt, state: then },
            agencyId: history.agencyId,
            creatorId: complaint.creatorId ?? null,
            filedAt: recordedAt,
            closedAt:
              closed === undefined || closed.recordedAt > knownAt ? null : closed.recordedAt,
            mergedInto: agency.mergedIntoAt(complaint, knownAt) ?? null,
          },
          zone,
        );
      },
    },
    { sort, limit, after },
  );
  return withDamaged(page, found.damaged);
}

function filedIn(
  month: string | undefined,
  zone: LedgerZone,
): { readonly from: Instant; readonly to: Instant } | undefined {
  return month === undefined
    ? undefined
    : { from: zone.startOfMonth(month), to: zone.endOfMonth(month) };
}

function entryOf(row: Omit<ComplaintRow, 'outcome'>, zone: LedgerZone): ComplaintEntry {
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
