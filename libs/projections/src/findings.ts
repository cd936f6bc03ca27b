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

/** Which findings are listed: of one stream or all, of one code or all, after the last of the page before. */
export interface FindingsWanted {
  readonly stream?: string;
  readonly code?: string;
  readonly after?: { readonly stream: string; readonly revision: number; readonly place: number };
  readonly limit: number;
}

/** Findings in the order of stream, revision and place, in pages. */
export function findingPages(
  database: DatabaseSyncInstance,
): (wanted: FindingsWanted) => readonly (FindingRow & { readonly place: number })[] {
  const select = database.prepare(`
    SELECT * FROM findings
    WHERE (stream, revision, place) > (?, ?, ?) AND (? IS NULL OR stream = ?) AND (? IS NULL OR code = ?)
    ORDER BY stream, revision, place LIMIT ?`);
  return ({ stream = null, code = null, after = { stream: '', revision: -1, place: -1 }, limit }) => {
    const rows: unknown[] = select.all(after.stream, after.revision, after.place, stream, stream, code, code, limit);
    return rows as (FindingRow & { place: number })[];
  };
}
