import {
  agency,
  creator,
  eventTypes,
  eventTypesOutside,
  evidence,
  handleEvent,
  handlersFor,
  ignoreEvent,
  parseStream,
  type EventHandlers,
  type EventType,
  type Instant,
  type LedgerEvent,
} from '@penalty-ledger/ledger';
import type { QueryDatabase } from './file/query-database.js';
import type { Projection } from './projection.js';

/** An id that is taken: by which stream, and with which data it was sent. */
export interface Registration {
  readonly stream: string;
  /**
   * The revision of the event that took it. The other events of its command in this stream come
   * right after.
   */
  readonly revision: number;
  /** The subject whose key made the fingerprint; null when it was made without a key. */
  readonly subject: string | null;
  readonly fingerprint: string;
  readonly recordedAt: Instant;
  /** The sender of a command id; null for the id of what was created. */
  readonly actor: string | null;
}

/** The key under which an id is registered. Ids cannot hold a slash, so kinds never mix. */
export function registrationKey(kind: string, id: string): string {
  return `${kind}/${id}`;
}

/** The key of what an event creates. */
const creations: EventHandlers<EventType, string | undefined> = {
  ...handlersFor(
    eventTypesOutside('agency', 'erasures', 'evidence', 'rulebooks', 'sessions', 'themes'),
    ignoreEvent,
  ),
  AgencyAdmitted: ({ data }) => registrationKey('agency', data.agencyId),
  DeductionImposed: ({ data }) => registrationKey('deduction', data.deductionId),
  AppealInitiated: ({ data }) => registrationKey('appeal', data.appealId),
  ComplaintFiled: ({ data }) => registrationKey('complaint', data.complaintId),
  GrowthPostRecorded: ({ data }) => registrationKey('post', data.postId),
  SessionRecorded: ({ data }) => registrationKey('session', data.sessionId),
  ThemeProposed: ({ data }) => registrationKey('proposal', data.proposalId),
  EvidenceRegistered: ({ data }) => registrationKey('evidence', data.evidenceId),
  RulebookPublished: ({ data: { document } }) =>
    registrationKey('rulebook', `${document.id}@${document.rulebookVersion}`),
  CalendarPublished: ({ data: { document } }) =>
    registrationKey('calendar', `${document.id}@${document.calendarVersion}`),
  MeasureImposed: ({ data }) => registrationKey('measure', data.measureId),
  HumanReviewRequested: ({ data }) => registrationKey('review', data.reviewId),
  AdditionGranted: ({ data }) => registrationKey('addition', data.additionId),
  LegalHoldPlaced: ({ data }) => registrationKey('hold', data.holdId),
  LegalHoldLifted: ignoreEvent,
  SubjectErased: ignoreEvent,
  ErasureHeld: ignoreEvent,
  AdditionRevoked: ignoreEvent,
  MeasureLifted: ignoreEvent,
  HumanReviewAnswered: ignoreEvent,
  AgencyExited: ignoreEvent,
  AgencyReadmitted: ignoreEvent,
  DeductionCorrected: ignoreEvent,
  DeductionRevoked: ignoreEvent,
  DeductionAdjusted: ignoreEvent,
  DeductionReinstated: ignoreEvent,
  AppealEvidenceSubmitted: ignoreEvent,
  AppealWithdrawn: ignoreEvent,
  AppealDecided: ignoreEvent,
  PendingExpulsionOpened: ignoreEvent,
  PendingExpulsionLifted: ignoreEvent,
  ExpulsionExecuted: ignoreEvent,
  ExpulsionUnsupported: ignoreEvent,
  ExpulsionRevoked: ignoreEvent,
  ReentryApplied: ignoreEvent,
  PlatformBalanceObserved: ignoreEvent,
  ComplaintClosed: ignoreEvent,
  ComplaintsMerged: ignoreEvent,
  ComplaintUnmerged: ignoreEvent,
  AssessmentComputed: ignoreEvent,
  RulebookShipped: ignoreEvent,
  SessionCorrected: ignoreEvent,
  SessionVoided: ignoreEvent,
  ThemeSelected: ignoreEvent,
};

/**
 * Every id an event takes: what it creates, and the command id that was sent with it, or by which
 * the line of an import is known.
 */
export function registrationsOf(
  event: LedgerEvent,
): readonly (readonly [key: string, registration: Registration])[] {
  const taken: (readonly [string, Registration])[] = [];
  const { actor, causation, stream, revision, recordedAt } = event;
  const registration = {
    stream,
    revision,
    subject: subjectOf(event),
    fingerprint: causation.fingerprint,
    recordedAt,
    actor: null,
  };
  const created = handleEvent(creations, event);
  if (created !== undefined) taken.push([created, registration]);
  // Only a command id that was derived from a place or a creation holds a slash.
  if (!causation.commandId.includes('/')) {
    taken.push([registrationKey('command', causation.commandId), { ...registration, actor }]);
    if (event.type === 'AssessmentComputed') {
      const { agencyId } = event.data;
      taken.push([registrationKey('computed', `${causation.commandId}/${agencyId}`), registration]);
    }
  }
  return taken;
}

/**
 * Returns the subject whose key made the command's fingerprint (docs/spec/event.md, "Actor and
 * causation").
 */
function subjectOf({ type, data, stream }: LedgerEvent): string | null {
  if (type === 'EvidenceRegistered') return evidence.subjectOf(data.evidenceId);
  if (type === 'ComplaintFiled' || type === 'ComplaintClosed')
    return agency.complaintSubjectOf(data.complaintId);
  if (type === 'LegalHoldPlaced' || type === 'LegalHoldLifted') return data.subject;
  if (type === 'SessionRecorded' || type === 'AssessmentComputed') return null;
  const parsed = parseStream(stream);
  switch (parsed?.kind) {
    case 'creator':
      return creator.subjectOf(parsed.creatorId);
    case 'agency':
    case 'sessions':
      return agency.subjectOf(parsed.agencyId);
    default:
      return null;
  }
}

/**
 * The ids that are taken. They distinguish a duplicate from a conflict, and lead to the agency of a
 * deduction or an appeal. Session ids are kept with the sessions (`sessions.ts`): they are a
 * hundred times as many as all others, and each would be written twice.
 */
export const registrations: Projection = {
  name: 'registrations',
  projectionVersion: 7,
  tables: `
    CREATE TABLE registrations (
      key TEXT PRIMARY KEY,
      stream TEXT NOT NULL,
      revision INTEGER NOT NULL,
      subject TEXT,
      fingerprint TEXT NOT NULL,
      recordedAt TEXT NOT NULL,
      actor TEXT
    ) STRICT, WITHOUT ROWID;`,
  digestQuery: `SELECT key, stream, revision, subject, fingerprint, recordedAt, actor
     FROM registrations ORDER BY key`,
  prepare(database) {
    const insert = database.prepare(
      'INSERT OR IGNORE INTO registrations VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    return handlersFor(eventTypes, (event) => {
      for (const [key, registration] of registrationsOf(event)) {
        if (key.startsWith(sessionKeys)) continue;
        const { stream, revision, subject, fingerprint, recordedAt, actor } = registration;
        insert.run(key, stream, revision, subject, fingerprint, recordedAt, actor);
      }
    });
  },
};

const sessionKeys = registrationKey('session', '');

const columns = 'stream, revision, subject, fingerprint, recordedAt, actor';

const sessionColumns =
  'stream, revision, NULL AS subject, fingerprint, recordedAt, NULL AS actor FROM sessions';

/** Looks registrations up by key. */
export function registrationLookup(
  database: QueryDatabase,
): (key: string) => Registration | undefined {
  const select = database.prepare(`SELECT ${columns} FROM registrations WHERE key = ?`);
  const selectSession = database.prepare(
    `SELECT ${sessionColumns} WHERE sessionId = ? AND place = 0`,
  );
  return (key) => {
    const row: unknown = key.startsWith(sessionKeys)
      ? selectSession.get(key.slice(sessionKeys.length))
      : select.get(key);
    return row as Registration | undefined;
  };
}

/** The registrations whose key goes on after this one and a slash, in order of their keys. */
export function registrationsUnder(
  database: QueryDatabase,
): (key: string) => readonly Registration[] {
  const select = database.prepare(
    `SELECT ${columns} FROM registrations WHERE key > ? AND key < ? ORDER BY key`,
  );
  return (key) => {
    // "0" is the character after the slash.
    const rows: unknown[] = select.all(`${key}/`, `${key}0`);
    return rows as Registration[];
  };
}

/** Looks many keys up at once: a look-up by itself costs more in locks than in reading. */
export function registrationsAmong(
  database: QueryDatabase,
): (keys: readonly string[]) => ReadonlyMap<string, Registration> {
  const select = database.prepare(
    `SELECT key, ${columns} FROM registrations WHERE key IN (SELECT value FROM json_each(?))`,
  );
  const selectSessions = database.prepare(`
    SELECT ? || sessionId AS key, ${sessionColumns}
    WHERE sessionId IN (SELECT value FROM json_each(?)) AND place = 0`);
  return (keys) => {
    const others: string[] = [];
    const sessionIds: string[] = [];
    for (const key of keys) {
      if (key.startsWith(sessionKeys)) sessionIds.push(key.slice(sessionKeys.length));
      else others.push(key);
    }
    const rows: unknown[] = select.all(JSON.stringify(others));
    const sessionRows: unknown[] = selectSessions.all(sessionKeys, JSON.stringify(sessionIds));
    return new Map(
      [...rows, ...sessionRows].map((row) => {
        const { key, ...registration } = row as Registration & { readonly key: string };
        return [key, registration];
      }),
    );
  };
}
