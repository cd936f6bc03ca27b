import {
  eventTypesIn,
  eventTypesOutside,
  handlersFor,
  ignoreEvent,
  type Instant,
  type StreamEvent,
  type LegalPerson,
} from '@penalty-ledger/ledger';
import type { QueryDatabase } from './file/query-database.js';
import type { Projection } from './projection.js';

/**
 * An agency in the list, with counts of its records. Balances and standings depend on (E, K) and
 * are computed from its history.
 */
export interface AgencyRow {
  readonly agencyId: string;
  readonly admittedAt: Instant;
  readonly recordedAt: Instant;
  readonly legalPerson: LegalPerson | null;
  readonly events: number;
  readonly deductions: number;
  readonly appeals: number;
  readonly findings: number;
  readonly lastRecordedAt: Instant;
}

/** The list of agencies. */
export const agencies: Projection = {
  name: 'agencies',
  projectionVersion: 2,
  tables: `
    CREATE TABLE agencies (
      agencyId TEXT PRIMARY KEY,
      admittedAt TEXT NOT NULL,
      recordedAt TEXT NOT NULL,
      legalPerson TEXT,
      events INTEGER NOT NULL,
      deductions INTEGER NOT NULL,
      appeals INTEGER NOT NULL,
      findings INTEGER NOT NULL,
      lastRecordedAt TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX agenciesByLegalPerson ON agencies (legalPerson)
      WHERE legalPerson IS NOT NULL;`,
  digestQuery:
    'SELECT agencyId, admittedAt, recordedAt, legalPerson, events, deductions, appeals, ' +
    'findings, lastRecordedAt FROM agencies ORDER BY agencyId',
  prepare(database) {
    const insert = database.prepare('INSERT INTO agencies VALUES (?, ?, ?, ?, 1, 0, 0, 0, ?)');
    const count = database.prepare(
      `UPDATE agencies SET events = events + 1, deductions = deductions + ?,
        appeals = appeals + ?, findings = findings + ?, lastRecordedAt = ? WHERE agencyId = ?`,
    );
    const counted = ({ data, recordedAt, type }: StreamEvent<'agency'>): void => {
      const deductions = type === 'DeductionImposed' ? 1 : 0;
      const appeals = type === 'AppealInitiated' ? 1 : 0;
      const findings = 'findings' in data ? data.findings.length : 0;
      count.run(deductions, appeals, findings, recordedAt, data.agencyId);
    };
    return {
      ...handlersFor(eventTypesOutside('agency'), ignoreEvent),
      ...handlersFor(eventTypesIn('agency'), counted),
      AgencyAdmitted: ({ data, effectiveAt, recordedAt }) => {
        const { agencyId, legalPerson = null } = data;
        insert.run(agencyId, effectiveAt ?? recordedAt, recordedAt, legalPerson, recordedAt);
      },
    };
  },
};

/** The agencies recorded at or before K, in order of their ids, in pages. */
export function agencyPages(
  database: QueryDatabase,
): (knownAt: Instant, after: string, limit: number) => readonly AgencyRow[] {
  const select = database.prepare(
    'SELECT * FROM agencies WHERE recordedAt <= ? AND agencyId > ? ORDER BY agencyId LIMIT ?',
  );
  return (knownAt, after, limit) => {
    const rows: unknown[] = select.all(knownAt, after, limit);
    return rows as AgencyRow[];
  };
}

/** Returns an agency's row; `undefined` when the id is unknown. */
export function agencyRow(database: QueryDatabase): (agencyId: string) => AgencyRow | undefined {
  const select = database.prepare('SELECT * FROM agencies WHERE agencyId = ?');
  return (agencyId) => {
    const row: unknown = select.get(agencyId);
    return row as AgencyRow | undefined;
  };
}

/** The agencies of one legal person: shows whether a ban is evaded by a new account (E-66). */
export function agenciesOfLegalPerson(
  database: QueryDatabase,
): (legalPerson: LegalPerson) => readonly string[] {
  const select = database.prepare(
    'SELECT agencyId FROM agencies WHERE legalPerson = ? ORDER BY agencyId',
  );
  return (legalPerson) =>
    select.all(legalPerson).map((row) => (row as { agencyId: string }).agencyId);
}
