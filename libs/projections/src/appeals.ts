import type { AgencyEventData, Instant, LedgerEvent } from '@penalty-ledger/ledger';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import type { Projection } from './projection.js';

/** An appeal in the list, with its clocks. */
export interface AppealRow {
  readonly appealId: string;
  readonly agencyId: string;
  readonly kind: string;
  readonly initiatedAt: Instant;
  readonly initiateBy: Instant;
  readonly evidenceBy: Instant;
  readonly outOfTime: 0 | 1;
  readonly evidenceAt: Instant | null;
  readonly withdrawnAt: Instant | null;
  readonly decidedAt: Instant | null;
  readonly outcome: string | null;
}

/** The list of appeals, by the deadline that is next. */
export const appeals: Projection = {
  name: 'appeals',
  projectionVersion: 1,
  tables: `
    CREATE TABLE appeals (
      appealId TEXT PRIMARY KEY,
      agencyId TEXT NOT NULL,
      kind TEXT NOT NULL,
      initiatedAt TEXT NOT NULL,
      initiateBy TEXT NOT NULL,
      evidenceBy TEXT NOT NULL,
      outOfTime INTEGER NOT NULL,
      evidenceAt TEXT,
      withdrawnAt TEXT,
      decidedAt TEXT,
      outcome TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX appealsByAgency ON appeals (agencyId, initiatedAt);`,
  digestQuery: 'SELECT * FROM appeals ORDER BY appealId',
  prepare(database) {
    const insert = database.prepare('INSERT INTO appeals VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL, NULL)');
    const evidence = database.prepare('UPDATE appeals SET evidenceAt = ? WHERE appealId = ?');
    const withdraw = database.prepare('UPDATE appeals SET withdrawnAt = ? WHERE appealId = ?');
    const decide = database.prepare('UPDATE appeals SET decidedAt = ?, outcome = ? WHERE appealId = ?');
    return (event) => {
      const { recordedAt } = event;
      switch (event.type) {
        case 'AppealInitiated': {
          const { data } = event as LedgerEvent<string, AgencyEventData['AppealInitiated']>;
          const { appealId, agencyId, kind, initiateBy, evidenceBy } = data;
          insert.run(appealId, agencyId, kind, recordedAt, initiateBy, evidenceBy, data.outOfTime ? 1 : 0);
          break;
        }
        case 'AppealEvidenceSubmitted':
          evidence.run(recordedAt, (event.data as AgencyEventData['AppealEvidenceSubmitted']).appealId);
          break;
        case 'AppealWithdrawn':
          withdraw.run(recordedAt, (event.data as AgencyEventData['AppealWithdrawn']).appealId);
          break;
        case 'AppealDecided': {
          const { appealId, outcome } = event.data as AgencyEventData['AppealDecided'];
          decide.run(recordedAt, outcome, appealId);
          break;
        }
        default:
      }
    };
  },
};

/** The appeals of an agency, in the order of their initiation. */
export function appealsOfAgency(database: DatabaseSyncInstance): (agencyId: string) => readonly AppealRow[] {
  const select = database.prepare('SELECT * FROM appeals WHERE agencyId = ? ORDER BY initiatedAt, appealId');
  return (agencyId) => {
    const rows: unknown[] = select.all(agencyId);
    return rows as AppealRow[];
  };
}
