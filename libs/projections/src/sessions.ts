import {
  epochMsOf,
  eventTypesOutside,
  handlersFor,
  ignoreEvent,
  instantOf,
  type AssessedSession,
  type Instant,
  type Sale,
  type Session,
  type SessionValues,
} from '@penalty-ledger/ledger';
import type { QueryDatabase } from './file/query-database.js';
import type { Projection } from './projection.js';

/**
 * A row as the driver returns it, in the order of {@link sessionColumns}. An array costs a third
 * less than an object, and a vertical reads a month of the platform.
 */
export type SessionRow = readonly [
  sessionId: string,
  agencyId: string,
  creatorId: string,
  startedAt: Instant,
  endedAt: Instant,
  contentVertical: string | null,
  sales: string | null,
  newFollowers: number | null,
  views: number | null,
  corrections: number,
  voided: 0 | 1,
];

export const sessionColumns =
  'sessionId, agencyId, creatorId, startedAt, endedAt, contentVertical, ' +
  'sales, newFollowers, views, corrections, voided';

const dayMs = 86_400_000;

/**
 * Every session after each of its events, so that it can be read as known at any K. Rows are stored
 * in order of arrival; only the two narrow indexes are written in scattered places. That costs half
 * as much as a table ordered by ids.
 */
export const sessions: Projection = {
  name: 'sessions',
  projectionVersion: 6,
  tables: `
    CREATE TABLE sessions (
      sessionId TEXT NOT NULL,
      place INTEGER NOT NULL,
      recordedAt TEXT NOT NULL,
      agencyId TEXT NOT NULL,
      creatorId TEXT NOT NULL,
      startedAt TEXT NOT NULL,
      endedAt TEXT NOT NULL,
      -- The full days it lasts: 0 for nearly all.
      fullDays INTEGER NOT NULL,
      contentVertical TEXT,
      sales TEXT,
      newFollowers INTEGER,
      views INTEGER,
      corrections INTEGER NOT NULL,
      voided INTEGER NOT NULL,
      -- The event's revision in the session's stream, which only the first row names, with the
      -- data it was sent with.
      revision INTEGER NOT NULL,
      stream TEXT,
      fingerprint TEXT
    ) STRICT;
    CREATE UNIQUE INDEX sessionsById ON sessions (sessionId, place);
    CREATE INDEX sessionsByCreator ON sessions (creatorId, startedAt);
    -- Few: with them apart, sessions that overlap an hour are found among those of a day.
    CREATE INDEX sessionsOfDays ON sessions (creatorId, startedAt) WHERE fullDays > 0;
    -- Few: that a session was never changed is found without a look at its rows.
    CREATE INDEX sessionsChanged ON sessions (sessionId, place, recordedAt) WHERE place > 0;`,
  digestQuery: 'SELECT * FROM sessions ORDER BY sessionId, place',
  prepare(database) {
    const insert = database.prepare(
      'INSERT INTO sessions VALUES (?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?)',
    );
    const correct = database.prepare(`
      INSERT INTO sessions
      SELECT sessionId, place + 1, ?, ?, creatorId, ?, ?, ?, ?, ?, ?, ?, corrections + 1, voided,
        ?, NULL, NULL
      FROM sessions WHERE sessionId = ? ORDER BY place DESC LIMIT 1`);
    const discard = database.prepare(`
      INSERT INTO sessions
      SELECT sessionId, place + 1, ?, agencyId, creatorId, startedAt, endedAt, fullDays,
        contentVertical, sales, newFollowers, views, corrections, 1, ?, NULL, NULL
      FROM sessions WHERE sessionId = ? ORDER BY place DESC LIMIT 1`);
    return {
      ...handlersFor(eventTypesOutside('sessions'), ignoreEvent),
      SessionRecorded: ({ data, recordedAt, stream, revision, causation }) => {
        const { sessionId, agencyId, creatorId } = data;
        const first = [revision, stream, causation.fingerprint] as const;
        insert.run(sessionId, recordedAt, agencyId, creatorId, ...saidOf(data), ...first);
      },
      SessionCorrected: ({ data, recordedAt, revision }) => {
        correct.run(recordedAt, data.agencyId, ...saidOf(data), revision, data.sessionId);
      },
      SessionVoided: ({ data, recordedAt, revision }) => {
        discard.run(recordedAt, revision, data.sessionId);
      },
    };
  },
};

/** A session's values, in the order of their columns. */
function saidOf({
  startedAt,
  endedAt,
  contentVertical,
  sales,
  newFollowers,
  views,
}: SessionValues) {
  return [
    startedAt,
    endedAt,
    Math.floor((epochMsOf(endedAt) - epochMsOf(startedAt)) / dayMs),
    contentVertical ?? null,
    sales === undefined ? null : JSON.stringify(sales),
    newFollowers ?? null,
    views ?? null,
  ] as const;
}

/** A session as known at K. */
export function sessionAt(
  database: QueryDatabase,
): (sessionId: string, knownAt: Instant) => Session | undefined {
  const select = database.prepare(
    `SELECT ${sessionColumns} FROM sessions
      WHERE sessionId = ? AND recordedAt <= ? ORDER BY place DESC LIMIT 1`,
    { returnArrays: true },
  );
  return (sessionId, knownAt) => {
    const row = select.get(sessionId, knownAt) as SessionRow | undefined;
    return row === undefined ? undefined : sessionOf(row);
  };
}

/** The sessions of an agency or of a creator, or one session. */
export type SessionsOf =
  { readonly agencyId: string } | { readonly creatorId: string } | { readonly sessionId: string };

export type LastSession = Pick<Session, 'sessionId' | 'endedAt'>;

/** Finds the session that ended last as known now, voided ones left out. */
export function lastSession(database: QueryDatabase): (of: SessionsOf) => LastSession | undefined {
  const select = (theirs: string) =>
    database.prepare(
      `SELECT each.sessionId, each.endedAt FROM ${theirs}
        AND each.voided = 0 AND NOT EXISTS (
          SELECT 1 FROM sessions AS later INDEXED BY sessionsChanged
          WHERE later.place > 0 AND later.sessionId = each.sessionId AND later.place > each.place)
      ORDER BY each.endedAt DESC, each.sessionId LIMIT 1`,
    );
  const ofAgency = select(
    `creators AS bound CROSS JOIN sessions AS each INDEXED BY sessionsByCreator
       ON each.creatorId = bound.creatorId
     WHERE bound.agencyId = ?1 AND each.agencyId = ?1`,
  );
  const ofCreator = select(
    'sessions AS each INDEXED BY sessionsByCreator WHERE each.creatorId = ?1',
  );
  const itself = select('sessions AS each INDEXED BY sessionsById WHERE each.sessionId = ?1');
  return (of) => {
    const row: unknown =
      'agencyId' in of
        ? ofAgency.get(of.agencyId)
        : 'creatorId' in of
          ? ofCreator.get(of.creatorId)
          : itself.get(of.sessionId);
    return row as LastSession | undefined;
  };
}

/** The stored events of a session: their stream, and their revisions in order. */
export interface SessionEvents {
  readonly stream: string;
  readonly revisions: readonly number[];
}

/** The events of a session that were recorded by K; `undefined` when there are none. */
export function sessionEvents(
  database: QueryDatabase,
): (sessionId: string, knownAt: Instant) => SessionEvents | undefined {
  const select = database.prepare(
    `SELECT stream, revision FROM sessions
      WHERE sessionId = ? AND recordedAt <= ? ORDER BY place`,
  );
  return (sessionId, knownAt) => {
    const rows = select.all(sessionId, knownAt) as unknown as readonly {
      readonly stream: string | null;
      readonly revision: number;
    }[];
    const stream = rows[0]?.stream;
    return stream === null || stream === undefined
      ? undefined
      : { stream, revisions: rows.map(({ revision }) => revision) };
  };
}

/**
 * A creator's sessions that start from `from` up to, but not including, `to`, without voided ones,
 * each as known at K, in order of start and id.
 */
export function sessionsOfCreator(
  database: QueryDatabase,
): (creatorId: string, from: Instant, to: Instant, knownAt: Instant) => readonly Session[] {
  const select = database.prepare(`SELECT ${sessionColumns} ${ofCreator}`, { returnArrays: true });
  return (creatorId, from, to, knownAt) => {
    const rows: unknown[] = select.all(creatorId, from, to, knownAt, knownAt);
    return rows.map((row) => sessionOf(row as SessionRow));
  };
}

/**
 * Like {@link sessionsOfCreator}, with only the members an assessment needs: an assessment of all
 * agencies reads a month of the platform. The sessions that overlap one of them come too, whenever
 * they start.
 */
export function assessedSessionsOfCreator(
  database: QueryDatabase,
): (creatorId: string, from: Instant, to: Instant, knownAt: Instant) => readonly AssessedSession[] {
  const select = database.prepare(`SELECT sessionId, corrections, startedAt, endedAt ${ofCreator}`);
  const between = (creatorId: string, from: Instant, to: Instant, knownAt: Instant) => {
    const rows: unknown[] = select.all(creatorId, from, to, knownAt, knownAt);
    return rows as AssessedSession[];
  };
  const within = sessionsWithin(database);
  return (creatorId, from, to, knownAt) => {
    const inMonth = between(creatorId, from, to, knownAt);
    const [first] = inMonth;
    if (first === undefined) return [];
    let end = to;
    for (const { endedAt } of inMonth) if (endedAt > end) end = endedAt;
    return [
      ...within({ creatorId, startsBefore: from, endsAfter: first.startedAt, knownAt }),
      ...inMonth,
      ...(end > to ? between(creatorId, to, end, knownAt) : []),
    ];
  };
}

/** The sessions of a creator that start before one instant and end after another. */
export interface SessionsWithin {
  readonly creatorId: string;
  readonly startsBefore: Instant;
  readonly endsAfter: Instant;
  readonly knownAt: Instant;
  /** The greatest number of them, the first by start and id. Default all. */
  readonly limit?: number;
}

/**
 * The sessions of a creator that go on at some time between two instants, without voided ones, as
 * known at K, in order of start and id. It reads those that last a day or longer, and of the others
 * those that start less than a day before: a creator's years of sessions cost nothing.
 */
export function sessionsWithin(
  database: QueryDatabase,
): (wanted: SessionsWithin) => readonly AssessedSession[] {
  const select = (among: string) =>
    database.prepare(
      `SELECT sessionId, corrections, startedAt, endedAt FROM sessions AS each INDEXED BY ${among}
        AND creatorId = ?1 AND startedAt < ?2 AND endedAt > ?3 AND recordedAt <= ?4
        ${standsAt('?4')} LIMIT ?5`,
    );
  // Those of days that start later are among the others.
  const ofDays = select('sessionsOfDays WHERE fullDays > 0 AND startedAt <= ?6');
  const others = select('sessionsByCreator WHERE startedAt > ?6');
  return ({ creatorId, startsBefore, endsAfter, knownAt, limit = -1 }) => {
    const dayBefore = instantOf(epochMsOf(endsAfter) - dayMs);
    const read = (from: typeof ofDays, max: number): AssessedSession[] => {
      const rows: unknown[] = from.all(creatorId, startsBefore, endsAfter, knownAt, max, dayBefore);
      return rows as AssessedSession[];
    };
    const long = read(ofDays, limit);
    return [...long, ...read(others, limit < 0 ? limit : limit - long.length)];
  };
}

/** A creator's sessions from an instant on, as they are or were, voided or not. */
export interface SessionsFrom {
  /** The first start at or after it; null when none. */
  readonly nextStart: Instant | null;
  /** 1 when a session of the creator, before or after it, lasts a day or longer. */
  readonly ofDays: 0 | 1;
}

/** Looks at a creator's sessions from an instant on in the indexes alone. */
export function sessionsFrom(
  database: QueryDatabase,
): (creatorId: string, from: Instant) => SessionsFrom {
  const select = database.prepare(
    `SELECT (SELECT min(startedAt) FROM sessions INDEXED BY sessionsByCreator
        WHERE creatorId = ?1 AND startedAt >= ?2) AS nextStart,
      EXISTS (SELECT 1 FROM sessions INDEXED BY sessionsOfDays
        WHERE creatorId = ?1 AND fullDays > 0) AS ofDays`,
  );
  return (creatorId, from) => select.get(creatorId, from) as SessionsFrom;
}

/** The condition that a row is a session as known at K and not void, and the order of sessions. */
function standsAt(knownAt: string): string {
  return `AND voided = 0 AND NOT EXISTS (
    SELECT 1 FROM sessions AS later INDEXED BY sessionsChanged
    WHERE later.place > 0 AND later.sessionId = each.sessionId AND later.place > each.place
      AND later.recordedAt <= ${knownAt})
  ORDER BY startedAt, sessionId`;
}

const ofCreator = `
  FROM sessions AS each INDEXED BY sessionsByCreator
  WHERE creatorId = ? AND startedAt >= ? AND startedAt < ? AND recordedAt <= ?
  ${standsAt('?')}`;

export function sessionOf(row: SessionRow): Session {
  const [sessionId, agencyId, creatorId, startedAt, endedAt, ...measured] = row;
  const [contentVertical, sales, newFollowers, views, corrections, voided] = measured;
  return {
    sessionId,
    agencyId,
    creatorId,
    startedAt,
    endedAt,
    ...(contentVertical !== null && { contentVertical }),
    ...(sales !== null && { sales: JSON.parse(sales) as Sale[] }),
    ...(newFollowers !== null && { newFollowers }),
    ...(views !== null && { views }),
    corrections,
    voided: voided === 1,
  };
}
