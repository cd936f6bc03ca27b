import { cursorOf } from './cursor.js';
import { pageOf, type ListPage, type PageQuery } from './list-page.js';

/** The orders of what an agency has: that of its recording. */
export const recordedSorts = ['recorded'] as const;

type RecordedSort = (typeof recordedSorts)[number];

/** A page of what an agency has. */
export interface OfAgencyQuery extends PageQuery<RecordedSort> {
  readonly agencyId: string;
}

/**
 * Cuts a page out of a list that only grows at its end; an empty one when nothing in it has the id
 * that the page is to follow.
 */
export function recordedPage<Row>(
  rows: readonly Row[],
  { after, limit }: Pick<PageQuery<RecordedSort>, 'after' | 'limit'>,
  idOf: (row: Row) => string,
): ListPage<Row> {
  const place = after === undefined ? -1 : rows.findIndex((row) => idOf(row) === after.id);
  const found = after !== undefined && place < 0 ? [] : rows.slice(place + 1, place + limit + 2);
  const cursorAt = (row: Row): string => cursorOf(recordedSorts[0], { key: '', id: idOf(row) });
  return pageOf(found, limit, cursorAt, (row) => row);
}
