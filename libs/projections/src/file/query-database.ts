/** A prepared query. */
export interface QueryStatement {
  get(...values: readonly QueryValue[]): unknown;
  all(...values: readonly QueryValue[]): unknown[];
  iterate(...values: readonly QueryValue[]): IterableIterator<unknown>;
}

export type QueryValue = string | number | null;

/** A database to ask. */
export interface QueryDatabase {
  prepare(sql: string, options?: { readonly returnArrays?: boolean }): QueryStatement;
}
