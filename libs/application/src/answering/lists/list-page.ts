import type { PagePlace } from '@penalty-ledger/projections';

/** A page of a list, and where the next one begins. */
export interface ListPage<Entry> {
  readonly items: readonly Entry[];
  /** The place of the last item; left out on the last page. */
  readonly next?: PagePlace;
}

/**
 * Makes a page of rows in order.
 *
 * @param rows one more than `limit` where there are more
 */
export function pageOf<Row, Entry>(
  rows: readonly Row[],
  limit: number,
  placeOf: (row: Row) => PagePlace,
  entryOf: (row: Row) => Entry,
): ListPage<Entry> {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return {
    items: kept.map(entryOf),
    ...(rows.length > limit && last !== undefined && { next: placeOf(last) }),
  };
}
