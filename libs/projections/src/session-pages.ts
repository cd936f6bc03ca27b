import type { Instant, Session } from '@penalty-ledger/ledger';
import type { QueryDatabase } from './file/query-database.js';
import type { PageWanted } from './pages.js';
import { sessionColumns, sessionOf, type SessionRow } from './sessions.js';

/**
 * A filter on sessions: an agency's, a creator's, those a creator had with an agency, or all; that
 * start from `from` up to, but not including, `to`, as known at K.
 */
export interface SessionsWanted extends PageWanted {
  readonly agencyId?: string;
  readonly creatorId?: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly knownAt: Instant;
}

/**
 * Sessions as known at K, voided ones included, in the order of their start or its reverse, in
 * pages. With a creator, a page reads only its own rows. With an agency alone, or with neither, it
 * reads all sessions between `from` and `to` of the creators ever bound to that agency, or to any.
 * An index of sessions by agency or by start would make every import slower.
 */
export function sessionPages(
  database: QueryDatabase,
): (wanted: SessionsWanted) => readonly Session[] {
  const select = (descending: boolean, of: 'creator' | 'agency' | 'all') => {
    const [direction, beyond] = descending ? ['DESC', '<'] : ['ASC', '>'];
    const theirs =
      of === 'creator'
        ? `sessions AS each INDEXED BY sessionsByCreator
         WHERE each.creatorId = ?2 AND (?1 IS NULL OR each.agencyId = ?1)`
        : `creators AS bound CROSS JOIN sessions AS each INDEXED BY sessionsByCreator
           ON each.creatorId = bound.creatorId
         WHERE ${of === 'agency' ? 'bound.agencyId = ?1' : '?1 IS NULL AND ?2 IS NULL'}
           AND each.agencyId = bound.agencyId`;
    return database.prepare(
      `SELECT ${sessionColumns.replaceAll(/\w+/g, 'each.$&')} FROM ${theirs}
        AND each.startedAt >= ?3 AND each.startedAt < ?4 AND each.recordedAt <= ?8
        AND (each.startedAt, each.sessionId) ${beyond} (?5, ?6)
        AND NOT EXISTS (
          SELECT 1 FROM sessions AS later INDEXED BY sessionsChanged
          WHERE later.place > 0 AND later.sessionId = each.sessionId AND later.place > each.place
            AND later.recordedAt <= ?8)
      ORDER BY each.startedAt ${direction}, each.sessionId ${direction} LIMIT ?7`,
      { returnArrays: true },
    );
  };
  const statements = new Map<string, ReturnType<typeof select>>();
  return ({ agencyId = null, creatorId = null, knownAt, descending = false, ...wanted }) => {
    const { from, to, after, limit } = wanted;
    const of = creatorId !== null ? 'creator' : agencyId !== null ? 'agency' : 'all';
    const name = `${descending ? 'descending' : 'ascending'} ${of}`;
    const statement = statements.get(name) ?? select(descending, of);
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
      knownAt,
    );
    return rows.map((row) => sessionOf(row as SessionRow));
  };
}

function lesser(a: string, b: string): string {
  return a < b ? a : b;
}
