import { eventTypesOutside, handlersFor, ignoreEvent, type Instant } from '@penalty-ledger/ledger';
import type { QueryDatabase } from './file/query-database.js';
import type { Projection } from './projection.js';

/**
 * The creators that were ever bound to each agency. The times of the bindings are in the creators'
 * histories.
 */
export const creators: Projection = {
  name: 'creators',
  projectionVersion: 1,
  tables: `
    CREATE TABLE creators (
      agencyId TEXT NOT NULL,
      creatorId TEXT NOT NULL,
      recordedAt TEXT NOT NULL,
      PRIMARY KEY (agencyId, creatorId)
    ) STRICT, WITHOUT ROWID;`,
  digestQuery: 'SELECT agencyId, creatorId, recordedAt FROM creators ORDER BY agencyId, creatorId',
  prepare(database) {
    const insert = database.prepare('INSERT OR IGNORE INTO creators VALUES (?, ?, ?)');
    return {
      ...handlersFor(eventTypesOutside('creator'), ignoreEvent),
      CreatorBound: ({ data, recordedAt }) => {
        insert.run(data.agencyId, data.creatorId, recordedAt);
      },
      CreatorUnbound: ignoreEvent,
      ExposureRightGranted: ignoreEvent,
      ExposureRightWithdrawn: ignoreEvent,
    };
  },
};

/** The creators whose binding to an agency was recorded at or before K, in order of their ids. */
export function creatorsOfAgency(
  database: QueryDatabase,
): (agencyId: string, knownAt: Instant) => readonly string[] {
  const select = database.prepare(
    'SELECT creatorId FROM creators WHERE agencyId = ? AND recordedAt <= ? ORDER BY creatorId',
  );
  return (agencyId, knownAt) => {
    const rows: unknown[] = select.all(agencyId, knownAt);
    return rows.map((row) => (row as { creatorId: string }).creatorId);
  };
}

/** A creator that was bound to an agency at some time. */
export interface CreatorRow {
  readonly agencyId: string;
  readonly creatorId: string;
}

/**
 * The creators whose binding was recorded at or before K, with their agencies, in the order of
 * agency and creator or its reverse, in pages: of one agency, or of all.
 */
export function creatorPages(
  database: QueryDatabase,
): (wanted: {
  readonly agencyId?: string;
  readonly knownAt: Instant;
  readonly descending: boolean;
  readonly after?: CreatorRow;
  readonly limit: number;
}) => readonly CreatorRow[] {
  const select = (ofAgency: boolean, descending: boolean) => {
    const [direction, beyond] = descending ? ['DESC', '<'] : ['ASC', '>'];
    return database.prepare(`
      SELECT agencyId, creatorId FROM creators
      WHERE recordedAt <= ?2 AND ${
        ofAgency
          ? `agencyId = ?1 AND ?3 IS NOT NULL AND creatorId ${beyond} ?4`
          : `?1 IS NULL AND (agencyId, creatorId) ${beyond} (?3, ?4)`
      }
      ORDER BY agencyId ${direction}, creatorId ${direction} LIMIT ?5`);
  };
  const statements = new Map<string, ReturnType<typeof select>>();
  return ({ agencyId = null, knownAt, descending, after, limit }) => {
    const name = `${String(agencyId !== null)} ${String(descending)}`;
    const statement = statements.get(name) ?? select(agencyId !== null, descending);
    statements.set(name, statement);
    const edge = descending ? '~' : '';
    const place = [after?.agencyId ?? edge, after?.creatorId ?? edge];
    const rows: unknown[] = statement.all(agencyId, knownAt, ...place, limit);
    return rows as CreatorRow[];
  };
}
