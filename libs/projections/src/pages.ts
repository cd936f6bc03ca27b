import type { QueryDatabase, QueryStatement } from './file/query-database.js';

/** The end of a page: the last row's place in the order. */
export interface PagePlace {
  /** The value the rows are sorted by. */
  readonly key: string;
  readonly id: string;
}

/** A request for one page of a list. */
export interface PageWanted {
  /** The latest first; the earliest unless given. */
  readonly descending?: boolean;
  /** The last row of the page before. */
  readonly after?: PagePlace;
  /** The maximum number of rows; 1 or more. */
  readonly limit: number;
}

/** A condition on a row, and its value where it has a `?`. */
export interface Condition {
  readonly sql: string;
  readonly value?: string;
}

/** Before and after every key and id: those are printable ASCII and never begin with a tilde. */
const [first, last] = ['', '~'] as const;

/**
 * Reads a table page by page, each from the end of the page before. The index is named in the
 * query: the planner has no statistics here, and a page must not read a table to its end. A
 * statement is prepared once for each set of conditions.
 */
export function pagesOf(
  database: QueryDatabase,
  {
    table,
    sortedBy,
    id,
  }: { readonly table: string; readonly sortedBy: string; readonly id: string },
): (wanted: PageWanted, index: string, conditions: readonly Condition[]) => readonly unknown[] {
  const statements = new Map<string, QueryStatement>();
  return ({ descending = false, after, limit }, index, conditions) => {
    const direction = descending ? 'DESC' : 'ASC';
    const where = [
      ...conditions.map(({ sql }) => sql),
      `(${sortedBy}, ${id}) ${descending ? '<' : '>'} (?, ?)`,
    ];
    const sql = `SELECT * FROM ${table} INDEXED BY ${index} WHERE ${where.join(' AND ')}
      ORDER BY ${sortedBy} ${direction}, ${id} ${direction} LIMIT ?`;
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = database.prepare(sql);
      statements.set(sql, statement);
    }
    const edge = descending ? last : first;
    const values = conditions.flatMap(({ value }) => (value === undefined ? [] : [value]));
    const rows: unknown[] = statement.all(...values, after?.key ?? edge, after?.id ?? edge, limit);
    return rows;
  };
}
