import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { SchemaTooNewError, StoreUnavailableError } from '../errors.js';
import { droppingOf, lostTriggers, triggersIn } from './triggers.js';

/** The version of the tables below, kept in the file's `user_version`. */
export const schemaVersion = 1;

/** The version of a file whose custody was set: it has one more table (`custody.ts`). */
export const custodySchemaVersion = 2;

/** "PLdg", kept in the file's `application_id`: this file is a penalty ledger's event store. */
const applicationId = 0x504c6467;

const tables = `
  CREATE TABLE streams (
    stream_id INTEGER PRIMARY KEY,
    name      TEXT NOT NULL UNIQUE
  ) STRICT;

  CREATE TABLE events (
    position  INTEGER PRIMARY KEY,
    stream_id INTEGER NOT NULL,
    revision  INTEGER NOT NULL,
    leaf_hash TEXT NOT NULL,
    body      TEXT NOT NULL,
    UNIQUE (stream_id, revision)
  ) STRICT;

  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${schemaVersion};
`;

/**
 * Guards against every program that opens the file. The insert triggers refuse REPLACE: its hidden
 * delete fires a delete trigger only on connections with recursive triggers. They cost about a
 * fifth of an insert. None of this stops somebody who means to alter the file; reading finds that.
 */
const guards = `
  -- The MAC of the rows up to a position, behind those of the MAC before it (\`row-macs.ts\`).
  CREATE TABLE IF NOT EXISTS row_macs (
    last INTEGER PRIMARY KEY,
    mac  BLOB NOT NULL
  ) STRICT;

  CREATE TRIGGER IF NOT EXISTS events_are_never_updated BEFORE UPDATE ON events
  BEGIN SELECT RAISE(ABORT, 'events are append-only: they are never updated'); END;

  CREATE TRIGGER IF NOT EXISTS events_are_never_deleted BEFORE DELETE ON events
  BEGIN SELECT RAISE(ABORT, 'events are append-only: they are never deleted'); END;

  CREATE TRIGGER IF NOT EXISTS events_are_only_appended BEFORE INSERT ON events
  WHEN NEW.position <> (SELECT coalesce(max(position), 0) + 1 FROM events)
    OR NEW.revision <>
      (SELECT coalesce(max(revision), -1) + 1 FROM events WHERE stream_id = NEW.stream_id)
  BEGIN SELECT RAISE(
    ABORT,
    'events are append-only: the next one takes the next position and the next revision'
  ); END;

  CREATE TRIGGER IF NOT EXISTS streams_are_never_updated BEFORE UPDATE ON streams
  BEGIN SELECT RAISE(ABORT, 'streams are append-only: they are never updated'); END;

  CREATE TRIGGER IF NOT EXISTS streams_are_never_deleted BEFORE DELETE ON streams
  BEGIN SELECT RAISE(ABORT, 'streams are append-only: they are never deleted'); END;

  CREATE TRIGGER IF NOT EXISTS streams_are_only_appended BEFORE INSERT ON streams
  WHEN EXISTS (SELECT 1 FROM streams WHERE stream_id = NEW.stream_id OR name = NEW.name)
  BEGIN SELECT RAISE(ABORT, 'streams are append-only: this one exists'); END;

  CREATE VIEW IF NOT EXISTS readable_events AS
  SELECT events.position, streams.name AS stream, events.revision,
         json_extract(body, '$.type') AS type,
         json_extract(body, '$.recordedAt') AS recorded_at,
         json_extract(body, '$.occurredAt') AS occurred_at,
         json_extract(body, '$.actor') AS actor,
         json_extract(body, '$.data') AS data,
         json_extract(body, '$.id') AS id,
         leaf_hash
  FROM events JOIN streams USING (stream_id) ORDER BY events.position;
`;

/**
 * Looks at a file before anything in it is read or changed.
 *
 * @throws StoreUnavailableError when it is another program's
 * @throws SchemaTooNewError when a newer release wrote it
 */
export function kindOf(db: DatabaseSyncInstance, file: string): 'store' | 'empty' {
  const found = integer(db, 'PRAGMA user_version');
  if (integer(db, 'PRAGMA application_id') !== applicationId) {
    if (found === 0 && integer(db, 'SELECT count(*) FROM sqlite_schema') === 0) return 'empty';
    throw new StoreUnavailableError({
      en: `"${file}" is a database of another program, not an event store`,
      zh: `"${file}" 是其他程序的数据库，不是事件存储`,
    });
  }
  if (found > custodySchemaVersion) throw new SchemaTooNewError(file, found, custodySchemaVersion);
  return 'store';
}

/**
 * Lays out an empty file, or puts guards back into a store, which are missing or changed. In one
 * transaction.
 *
 * @returns the guards that were put back
 */
export function prepareSchema(
  db: DatabaseSyncInstance,
  kind: 'store' | 'empty',
): readonly string[] {
  const lost = kind === 'empty' ? [] : lostGuards(db);
  const changed = droppingOf(lost);
  db.exec(`BEGIN IMMEDIATE; ${kind === 'empty' ? tables : ''} ${changed} ${guards} COMMIT`);
  return lost;
}

/** The guards of a store that are missing from it, or are not as they were laid out. */
export function lostGuards(db: DatabaseSyncInstance): readonly string[] {
  return lostTriggers(db, laidOut);
}

const laidOut = triggersIn(guards);

/** The number of guards. */
export const guardCount = laidOut.length;

function integer(db: DatabaseSyncInstance, query: string): number {
  const [value] = db.prepare(query, { returnArrays: true }).get() as [number];
  return value;
}
