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
