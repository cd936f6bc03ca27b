import {
  agencyOfStream,
  closed,
  earlierOf,
  endOfTime,
  epochMsOf,
  IdSchema,
  instantOf,
  InstantSchema,
  nullable,
  type Finding,
  type FindingCode,
  type Instant,
  type LedgerZone,
  type Shape,
} from '@penalty-ledger/ledger';
import {
  findingPages,
  FindingRowSchema,
  findingsByRecording,
  type FindingPlace,
  type FindingRow,
  type FindingsWanted,
  type PagePlace,
  type ReadModels,
} from '@penalty-ledger/projections';
import { CursorError, cursorOf } from './cursor.js';
import {
  numberKey,
  pageOf,
  pageSchema,
  sortedBy,
  sortedPage,
  type ListPage,
  type PageQuery,
} from './list-page.js';
import type { ListSort } from './list-texts.js';

/** A finding in a list, with the agency it is about. */
export type FindingEntry = Shape<typeof FindingEntrySchema>;
export const FindingEntrySchema = closed(
  {
    ...FindingRowSchema.properties,
    recordedAt: InstantSchema,
    agencyId: nullable(IdSchema, 'null for a finding about a rulebook'),
  },
  { $id: 'Finding' },
);
export const FindingPageSchema = pageSchema(FindingEntrySchema, 'FindingPage');

/** The findings to list, and their order. */
export interface FindingListQuery extends PageQuery<ListSort<'findings'>> {
  readonly agencyId?: string;
  readonly knownAt?: Instant;
  readonly code?: FindingCode;
  readonly severity?: Finding['severity'];
  /** Recorded at or after. */
  readonly from?: Instant;
  /** Recorded before. */
  readonly to?: Instant;
}

/** Lists departures from the rulebook, as known at K. */
export function findingList({
  database,
}: Pick<ReadModels, 'database'>): (
  query: FindingListQuery,
  knownAt: Instant,
  zone: LedgerZone,
) => ListPage<FindingEntry> {
  const [inOrder, byRecording] = [findingPages(database), findingsByRecording(database)];
  return ({ sort = 'stream', limit, after, knownAt: _, ...filter }, knownAt, zone) => {
    const entryOf = (row: FindingRow): FindingEntry => ({
      ...row,
      recordedAt: zone.format(row.recordedAt),
      agencyId: agencyOfStream(row.stream) ?? null,
    });
    const wanted = {
      ...filter,
      to: earlierOf(filter.to ?? endOfTime, instantOf(epochMsOf(knownAt) + 1)),
    };
    if (sort !== 'stream' && filter.agencyId !== undefined)
      // An agency's findings are few, and stand in the order of its streams.
      return sortedPage(
        { rows: inOrder({ ...wanted, limit: -1 }), placeOf, entryOf },
        { sort, limit, after },
      );
    const rows = (
      sortedBy(sort) === 'stream'
        ? inOrder
        : (page: FindingsWanted) => byRecording({ ...page, descending: sort.startsWith('-') })
    )({ ...wanted, limit: limit + 1, ...(after !== undefined && { after: findingAt(after) }) });
    return pageOf(rows, limit, (row) => cursorOf(sort, placeOf(row)), entryOf);
  };
}

/** The place of a finding as a text that sorts as the places do within one instant. */
function placeOf({ recordedAt, stream, revision, place }: FindingRow): PagePlace {
  return { key: recordedAt, id: `${stream}@${numberKey(revision)}@${numberKey(place)}` };
}

/** @throws CursorError when the place is of another form */
function findingAt({ key, id }: PagePlace): FindingPlace {
  const [, stream, revision, place] =
    /^([A-Za-z0-9._:-]{1,100})@(\d{1,16})@(\d{1,16})$/.exec(id) ?? [];
  if (stream === undefined) throw new CursorError();
  return { recordedAt: key as Instant, stream, revision: Number(revision), place: Number(place) };
}
