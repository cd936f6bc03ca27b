import type { Finding, Instant } from '@penalty-ledger/ledger';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import type { Projection } from './projection.js';

/** A finding in the list, with the event that carries it. */
export interface FindingRow {
  readonly stream: string;
  readonly revision: number;
  readonly code: string;
  readonly severity: string;
  readonly detail: string;
  readonly recordedAt: Instant;
}

/** Every departure from the rulebook that was found, for the auditor. */
export const findings: Projection = {
  name: 'findings',
  projectionVersion: 1,
  tables: `
    CREATE TABLE findings (
      stream TEXT NOT NULL,
      revision INTEGER NOT NULL,
      place INTEGER NOT NULL,
      code TEXT NOT NULL,
      severity TEXT NOT NULL,
      detail TEXT NOT NULL,
      recordedAt TEXT NOT NULL,
      PRIMARY KEY (stream, revision, place)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX findingsByCode ON findings (code, recordedAt);`,
  digestQuery: 'SELECT * FROM findings ORDER BY stream, revision, place',
  prepare(database) {
    const insert = database.prepare('INSERT INTO findings VALUES (?, ?, ?, ?, ?, ?, ?)');
    return ({ data, stream, revision, recordedAt }) => {
      const found = (data as { findings?: readonly Finding[] }).findings;
      if (found === undefined) return;
      for (const [place, { code, severity, detail }] of found.entries()) {
        insert.run(stream, revision, place, code, severity, detail, recordedAt);
      }
    };
  },
};

/** How often each finding was made. */
export function findingCounts(
  database: DatabaseSyncInstance,
): () => readonly { readonly code: string; readonly severity: string; readonly count: number }[] {
  const select = database.prepare(
    'SELECT code, severity, count(*) AS count FROM findings GROUP BY code, severity ORDER BY code',
  );
  return () => {
    const rows: unknown[] = select.all();
    return rows as { code: string; severity: string; count: number }[];
  };
}
