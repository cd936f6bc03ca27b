import type { Instant, Session } from '@penalty-ledger/ledger';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import type { PageWanted } from './pages.js';
import { sessionColumns, sessionOf, type SessionRow } from './sessions.js';

/** Which sessions are listed: an agency's, a creator's, or those a creator had with an agency, that start from `from` up to and without `to`. */
export type SessionsWanted = PageWanted & { readonly from: Instant; readonly to: Instant } & (
    | { readonly agencyId: string; readonly creatorId?: string }
    | { readonly agencyId?: string; readonly creatorId: string }
  );

/**
 * Sessions as they stand, those voided too, in the order of their start or against it, in pages. With a creator a page reads itself; with an agency alone it
 * reads what those who were ever bound to the agency did between `from` and `to`: an index of sessions by agency would cost every import more.
 */
export function sessionPages(
  database: DatabaseSyncInstance,
): (wanted: SessionsWanted) => readonly Session[] {
  const select = (descending: boolean, ofCreator: boolean) => {
    const [direction, beyond] = descending ? ['DESC', '<'] : ['ASC', '>'];
    const theirs = ofCreator
      ? 'sessions AS each INDEXED BY sessionsByCreator WHERE each.creatorId = ?2 AND (?1 IS NULL OR each.agencyId = ?1)'
      : `creators AS bound CROSS JOIN sessions AS each INDEXED BY sessionsByCreator ON each.creatorId = bound.creatorId
         WHERE bound.agencyId = ?1 AND each.agencyId = ?1`;
    return database.prepare(
      `SELECT ${sessionColumns.replaceAll(/\w+/g, 'each.$&')} FROM ${theirs}
        AND each.startedAt >= ?3 AND each.startedAt < ?4 AND (each.startedAt, each.sessionId) ${beyond} (?5, ?6)
        AND NOT EXISTS (
          SELECT 1 FROM sessions AS later INDEXED BY sessionsChanged
          WHERE later.place > 0 AND later.sessionId = each.sessionId AND later.place > each.place)
      ORDER BY each.startedAt ${direction}, each.sessionId ${direction} LIMIT ?7`,
      { returnArrays: true },
    );
  };
  const statements = new Map<string, ReturnType<typeof select>>();
  return ({ agencyId = null, creatorId = null, from, to, descending = false, after, limit }) => {
    const name = `${descending ? 'descending' : 'ascending'} ${creatorId === null ? 'agency' : 'creator'}`;
    const statement = statements.get(name) ?? select(descending, creatorId !== null);
    statements.set(name, statement);
    // Begins to read where the page before ended. A tilde is after every character of an instant, so the bound takes the instant itself in.
    const [least, most] = descending
      ? [from, lesser(to, `${after?.key ?? to}~`)]
      : [after?.key ?? from, to];
    const edge = descending ? '~' : '';
    const place = [after?.key ?? edge, after?.id ?? edge];
    const rows: unknown[] = statement.all(
      agencyId,
      creatorId,
      least < from ? from : least,
      most,
      ...place,
      limit,
    );
    return rows.map((row) => sessionOf(row as SessionRow));
  };
}

function lesser(a: string, b: string): string {
  return a < b ? a : b;
}
