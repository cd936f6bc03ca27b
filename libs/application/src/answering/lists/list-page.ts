import { byCodeUnit, closed, IdSchema } from '@penalty-ledger/ledger';
import type { PagePlace } from '@penalty-ledger/projections';
import {
  Type,
  type TArray,
  type TObject,
  type TOptional,
  type TSchema,
  type TString,
} from '@sinclair/typebox';
import { cursorOf } from './cursor.js';

/** Items of a page at most, and unless said otherwise. */
export const maxPageSize = 1_000;
export const defaultPageSize = 100;

/** The page of a list that is requested, and its order: `-` before a sort reverses it. */
export interface PageQuery<Sort extends string> {
  /** The first of the list's sorts unless given. */
  readonly sort?: Sort;
  /** Items at most: 1 to {@link maxPageSize}. */
  readonly limit: number;
  /** The place where the page before ended; read from its `next` with {@link readCursor}. */
  readonly after?: PagePlace;
}

/** A page of a list. */
export interface ListPage<Entry> {
  readonly items: readonly Entry[];
  /** The cursor of the next page; left out on the last. */
  readonly next?: string;
}

/** Describes a {@link ListPage} of entries. */
export function pageSchema<Entry extends TSchema>(
  entry: Entry,
  $id: string,
): TObject<{ items: TArray<Entry>; next: TOptional<TString> }> {
  const next = Type.String({ description: 'the cursor of the next page; left out on the last' });
  const items = Type.Array(entry, { maxItems: maxPageSize });
  return closed({ items, next: Type.Optional(next) }, { $id });
}

/** A page of what follows from agencies' histories. */
export interface AgencyRowsPage<Entry> extends ListPage<Entry> {
  /** Left out where there are none. */
  readonly damaged?: readonly string[];
}

/** Describes an {@link AgencyRowsPage} of entries. */
export function agencyRowsPageSchema<Entry extends TSchema>(
  entry: Entry,
  $id: string,
): TObject<{
  items: TArray<Entry>;
  next: TOptional<TString>;
  damaged: TOptional<TArray<TString>>;
}> {
  const damaged = Type.Optional(
    Type.Array(IdSchema, {
      description: 'agencies that are not listed because their events are damaged, on every page',
    }),
  );
  return closed({ ...pageSchema(entry, $id).properties, damaged }, { $id });
}

/**
 * Makes a page of rows in order.
 *
 * @param rows one more than `limit` where there are more
 * @param cursorOf writes the cursor of a page that ends with this row
 */
export function pageOf<Row, Entry>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (row: Row) => string,
  entryOf: (row: Row) => Entry,
): ListPage<Entry> {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return {
    items: kept.map(entryOf),
    ...(rows.length > limit && last !== undefined && { next: cursorOf(last) }),
  };
}

/** A row, and its place in the order that is asked for. */
export interface Placed<Row> {
  readonly row: Row;
  readonly place: PagePlace;
}

/** Sorts rows by their places, and leaves out those up to where the page before ended. */
export function rowsAfter<Row>(
  rows: readonly Row[],
  placeOf: (row: Row) => PagePlace,
  { sort, after }: Pick<AskedPage, 'sort'> & Partial<Pick<AskedPage, 'after'>>,
): readonly Placed<Row>[] {
  const sign = sort.startsWith('-') ? -1 : 1;
  const compare = (a: PagePlace, b: PagePlace): number =>
    sign * (byCodeUnit(a.key, b.key) || byCodeUnit(a.id, b.id));
  return rows
    .map((row) => ({ row, place: placeOf(row) }))
    .filter(({ place }) => after === undefined || compare(place, after) > 0)
    .sort((a, b) => compare(a.place, b.place));
}

/** The page of rows that are all at hand, in any order, and how each is placed and written. */
export interface SortedRows<Row, Entry> {
  readonly rows: readonly Row[];
  /** The row's value in the order that is asked for, and its id among rows of the same value. */
  readonly placeOf: (row: Row) => PagePlace;
  readonly entryOf: (row: Row) => Entry;
}

/** A page that is asked for, with the list's own sort filled in. */
export interface AskedPage {
  readonly sort: string;
  readonly limit: number;
  readonly after: PagePlace | undefined;
}

/** Sorts rows by their places, and makes the page that is asked for. */
export function sortedPage<Row, Entry>(
  { rows, placeOf, entryOf }: SortedRows<Row, Entry>,
  { sort, limit, after }: AskedPage,
): ListPage<Entry> {
  return pageOf(
    rowsAfter(rows, placeOf, { sort, after }),
    limit,
    ({ place }) => cursorOf(sort, place),
    ({ row }) => entryOf(row),
  );
}

/** The value that a list is sorted by, whichever way round. */
export function sortedBy<Sort extends string>(sort: Sort | `-${Sort}`): Sort {
  return sort.replace(/^-/, '') as Sort;
}

/** A number as a text that sorts as the number does; 0 or more. */
export function numberKey(number: number): string {
  return String(number).padStart(16, '0');
}
