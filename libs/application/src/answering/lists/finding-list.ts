import type { FindingCode } from '@penalty-ledger/ledger';
import {
  findingPages,
  FindingRowSchema,
  type FindingRow,
  type ReadModels,
} from '@penalty-ledger/projections';
import { CursorError } from './cursor.js';
import { pageOf, pageSchema, type ListPage } from './list-page.js';

export const FindingPageSchema = pageSchema(FindingRowSchema, 'FindingPage');

/** The finding that a page ended with. */
export type FindingPlace = Pick<FindingRow, 'stream' | 'revision' | 'place'>;

/** The findings to list, in the order of stream, revision and place. */
export interface FindingListQuery {
  readonly agencyId?: string;
  readonly code?: FindingCode;
  readonly limit: number;
  readonly after?: FindingPlace;
}

/** Lists departures from the rulebook. */
export function findingList({
  database,
}: Pick<ReadModels, 'database'>): (query: FindingListQuery) => ListPage<FindingRow> {
  const pages = findingPages(database);
  return ({ limit, ...wanted }) =>
    pageOf(
      pages({ ...wanted, limit: limit + 1 }),
      limit,
      ({ stream, revision, place }) => `${stream}@${revision}@${place}`,
      (row) => row,
    );
}

/**
 * Reads the cursor of a page of findings.
 *
 * @throws CursorError when the text is not such a cursor
 */
export function readFindingCursor(cursor: unknown): FindingPlace {
  const [, stream, revision, place] =
    /^([A-Za-z0-9._:-]{1,100})@(\d{1,15})@(\d{1,6})$/.exec(String(cursor)) ?? [];
  if (stream === undefined) throw new CursorError();
  return { stream, revision: Number(revision), place: Number(place) };
}
