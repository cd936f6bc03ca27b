import type { Instant, Session } from '@penalty-ledger/ledger';
import type { QueryDatabase } from './file/query-database.js';
import type { PageWanted } from './pages.js';
import { sessionColumns, sessionOf, type SessionRow } from './sessions.js';

/**
 * A filter on sessions: an agency's, a creator's, or those a creator had with an agency, that start
 * from `from` up to, but not including, `to`.
 */
export type SessionsWanted = PageWanted & { readonly from: Instant; readonly to: Instant } & (
    | { readonly agencyId: string; readonly creatorId?: string }
    | { readonly agencyId?: string; readonly creatorId: string }
  );

/**
 * Current sessions, voided ones included, in the order of their start or its reverse, in pages.
 * With a creator, a page reads only its own rows. With an agency alone, it reads all sessions
 * between `from` and `to` of the creators ever bound to the agency. An index of sessions by agency
 * would make every import slower.
 */
export function sessionPages(
  database: QueryDatabase,
): (wanted: SessionsWanted) => readonly Session[] {
  const select = (descending: boolean, ofCreator: boolean) => {
    const [direction, beyond] = descending ? ['DESC', '<'] : ['ASC', '>'];
    const theirs = ofCreator
      ? `sessions AS each INDEXED BY sessionsByCreator
         WHERE each.creatorId = ?2 AND (?1 IS NULL OR each.agencyId = ?1)`
      : `creators AS bound CROSS JOIN sessions AS each INDEXED BY sessionsByCreator
           ON each.creatorId = bound.creatorId
         WHERE bound.agencyId = ?1 AND each.agencyId = ?1`;
    return database.prepare(
      `SELECT ${sessionColumns.replaceAll(/\w+/g, 'each.$&')} FROM ${theirs}
        AND each.startedAt >= ?3 AND each.startedAt < ?4
        AND (each.startedAt, each.sessionId) ${beyond} (?5, ?6)
        AND NOT EXISTS (
          SELECT 1 FROM sessions AS later INDEXED BY sessionsChanged
          WHERE later.place > 0 AND later.sessionId = each.sessionId AND later.place > each.place)
      ORDER BY each.startedAt ${direction}, each.sessionId ${direction} LIMIT ?7`,
      { returnArrays: true },
    );
  };
  const statements = new Map<string, ReturnType<typeof select>>();
  return ({ agencyId = null, creatorId = null, from, to, descending = false, after, limit }) => {
    const direction = descending ? 'descending' : 'ascending';
    const name = `${direction} ${creatorId === null ? 'agency' : 'creator'}`;
    const statement = statements.get(name) ?? select(descending, creatorId !== null);
    statements.set(name, statement);
    // Starts reading at the end of the page before. A tilde sorts after every character of an
    // instant, so the bound includes the instant itself.
    const [lower, upper] = descending
      ? [from, lesser(to, `${after?.key ?? to}~`)]
      : [after?.key ?? from, to];
    const edge = descending ? '~' : '';
    const place = [after?.key ?? edge, after?.id ?? edge];
    const rows: unknown[] = statement.all(
      agencyId,
      creatorId,
      lower < from ? from : lower,
      upper,
      ...place,
      limit,
    );
    return rows.map((row) => sessionOf(row as SessionRow));
  };
}

function lesser(a: string, b: string): string {
  return a < b ? a : b;
}
