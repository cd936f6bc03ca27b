import { closed } from '@penalty-ledger/ledger';
import type { PagePlace } from '@penalty-ledger/projections';
import {
  Type,
  type TArray,
  type TObject,
  type TOptional,
  type TSchema,
  type TString,
} from '@sinclair/typebox';

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
