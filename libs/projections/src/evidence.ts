import { eventTypesOutside, handlersFor, ignoreEvent, type Instant } from '@penalty-ledger/ledger';
import type { QueryDatabase } from './file/query-database.js';
import { pagesOf, type PageWanted } from './pages.js';
import type { Projection } from './projection.js';

/** A registered piece of evidence. Its title is sealed in its event. */
export interface EvidenceRow {
  readonly evidenceId: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  readonly mediaType: string;
  readonly sha256: string;
  readonly capturedAt: Instant | null;
  readonly recordedAt: Instant;
}

/** Every registered piece of evidence. */
export const evidence: Projection = {
  name: 'evidence',
  projectionVersion: 1,
  tables: `
    CREATE TABLE evidence (
      evidenceId TEXT PRIMARY KEY,
      subjectKind TEXT NOT NULL,
      subjectId TEXT NOT NULL,
      mediaType TEXT NOT NULL,
      sha256 TEXT NOT NULL,
      capturedAt TEXT,
      recordedAt TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX evidenceByRecording ON evidence (recordedAt);
    CREATE INDEX evidenceBySubject ON evidence (subjectKind, subjectId);
    CREATE INDEX evidenceBySha256 ON evidence (sha256, recordedAt);`,
  digestQuery: 'SELECT * FROM evidence ORDER BY evidenceId',
  prepare(database) {
    const insert = database.prepare('INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?, ?)');
    return {
      ...handlersFor(eventTypesOutside('evidence'), ignoreEvent),
      EvidenceRegistered: ({ data, recordedAt }) => {
        const { evidenceId, subject, mediaType, sha256, capturedAt = null } = data;
        const about = [subject.kind, subject.id] as const;
        insert.run(evidenceId, ...about, mediaType, sha256, capturedAt, recordedAt);
      },
    };
  },
};

/** A filter on evidence: recorded at or before K, of one kind of subject, of one file; or all. */
export interface EvidenceWanted extends PageWanted {
  readonly knownAt: Instant;
  readonly subjectKind?: string;
  readonly sha256?: string;
}

/**
 * Evidence in the order of its recording or its reverse, in pages. A page reads only what was
 * registered of one file, or in that order what it passes by.
 */
export function evidencePages(
  database: QueryDatabase,
): (wanted: EvidenceWanted) => readonly EvidenceRow[] {
  const page = pagesOf(database, { table: 'evidence', sortedBy: 'recordedAt', id: 'evidenceId' });
  return ({ knownAt, subjectKind, sha256, ...wanted }) =>
    page(wanted, sha256 === undefined ? 'evidenceByRecording' : 'evidenceBySha256', [
      ...(sha256 === undefined ? [] : [{ sql: 'sha256 = ?', value: sha256 }]),
      ...(subjectKind === undefined ? [] : [{ sql: 'subjectKind = ?', value: subjectKind }]),
      { sql: 'recordedAt <= ?', value: knownAt },
    ]) as readonly EvidenceRow[];
}

/**
 * The evidence about one agency, or about a record of it, recorded at or before K. It is found by
 * its subjects; of sessions, which are many, all evidence about any session is looked at.
 */
export function evidenceOfAgency(
  database: QueryDatabase,
): (
  agencyId: string,
  subjects: readonly { readonly kind: string; readonly id: string }[],
  knownAt: Instant,
) => readonly EvidenceRow[] {
  const named = database.prepare(`
    SELECT evidence.* FROM json_each(?) AS subject
      CROSS JOIN evidence INDEXED BY evidenceBySubject
        ON subjectKind = subject.value ->> 'kind' AND subjectId = subject.value ->> 'id'
    WHERE recordedAt <= ?`);
  const ofSessions = database.prepare(`
    SELECT * FROM evidence INDEXED BY evidenceBySubject
    WHERE subjectKind = 'session' AND evidence.recordedAt <= ?2 AND EXISTS (
      SELECT 1 FROM sessions INDEXED BY sessionsById
      WHERE sessionId = subjectId AND place = 0 AND agencyId = ?1
        AND sessions.recordedAt <= ?2)`);
  return (agencyId, subjects, knownAt) => {
    const rows: unknown[] = [
      ...named.all(JSON.stringify(subjects), knownAt),
      ...ofSessions.all(agencyId, knownAt),
    ];
    return rows as EvidenceRow[];
  };
}
