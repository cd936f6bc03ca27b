import { makeOwnersFile, type Position } from '@penalty-ledger/event-store';
import {
  eventTypes,
  handleEvent,
  ignoreEvent,
  type EventHandlers,
  type EventType,
  type Instant,
  type LedgerEvent,
} from '@penalty-ledger/ledger';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import type { CheckedFile } from './file/checked-file.js';
import { statusOf } from './file/raw-file.js';
import type { Projection } from './projection.js';

/** The progress of the read models: the last event they hold, and the time of its recording. */
export interface Progress {
  readonly cursor: Position | undefined;
  /** The number of events folded in. */
  readonly events: number;
  /** The `recordedAt` of the last one. */
  readonly lastRecordedAt: Instant | undefined;
}

/** An event by its stream, and by the hash of its bytes. */
export interface FoldedEvent {
  readonly stream: string;
  readonly revision: number;
  readonly leafHash: string;
}

/** An open file of read models. */
export interface Connection {
  readonly database: DatabaseSyncInstance;
  readonly handlers: ReadonlyMap<EventType, readonly Handler[]>;
  readonly selectProgress: ReturnType<DatabaseSyncInstance['prepare']>;
  readonly moveCursor: ReturnType<DatabaseSyncInstance['prepare']>;
  readonly selectLog: ReturnType<DatabaseSyncInstance['prepare']>;
}

/** The one row of the table of progress. */
export interface ProgressRow {
  readonly cursor: Position | null;
  readonly events: number;
  readonly lastRecordedAt: Instant | null;
  readonly stream: string | null;
  readonly revision: number | null;
  readonly leafHash: string | null;
  readonly base: number;
}

const progressTable = `
  CREATE TABLE progress (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    cursor TEXT,
    events INTEGER NOT NULL,
    lastRecordedAt TEXT,
    -- The last event, to be compared with the one that the store has at the cursor.
    stream TEXT,
    revision INTEGER,
    leafHash TEXT,
    -- The state of the file's pages that the transaction was written to.
    base INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE projections (name TEXT PRIMARY KEY, projectionVersion INTEGER NOT NULL)
    STRICT, WITHOUT ROWID;`;

type Handler = (event: LedgerEvent) => void;

/**
 * Opens the file at a path, and makes its tables when there are none, or when other versions of the
 * projections made them.
 *
 * @param file the sums of its pages; left out for a database in memory
 */
export function connect(
  path: string,
  projections: readonly Projection[],
  file: CheckedFile | undefined,
): Connection {
  if (file?.isEmpty === true) file.clear();
  let database = openDatabase(path);
  try {
    if (!isEmpty(database) && !isCurrent(database, projections)) {
      database.close();
      file?.clear();
      database = openDatabase(path);
    }
    const isNew = isEmpty(database);
    if (isNew) createTables(database, projections, file?.base ?? 0);
    file?.use();
    if (isNew) file?.noteWritten(statusOf(path)?.writtenAt);
    return {
      database,
      handlers: handlersByType(projections.map((projection) => projection.prepare(database))),
      selectProgress: database.prepare('SELECT * FROM progress'),
      moveCursor: database.prepare(
        'UPDATE progress SET cursor = ?, events = events + ?, lastRecordedAt = ?, ' +
          'stream = ?, revision = ?, leafHash = ?, base = ?',
      ),
      selectLog: database.prepare('PRAGMA wal_checkpoint(NOOP)', { returnArrays: true }),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * For each event type what is done with it, where it is not ignored. An event is looked up once: in
 * eight tables it took 0.3 µs.
 */
function handlersByType(
  tables: readonly EventHandlers<EventType>[],
): ReadonlyMap<EventType, readonly Handler[]> {
  const handlerIn =
    (table: EventHandlers<EventType>): Handler =>
    (event) => {
      handleEvent(table, event);
    };
  return new Map(
    eventTypes.map((type) => [
      type,
      tables.filter((table) => table[type] !== ignoreEvent).map(handlerIn),
    ]),
  );
}

function openDatabase(path: string): DatabaseSyncInstance {
  makeOwnersFile(path);
  const database = new DatabaseSync(path);
  try {
    // A power cut loses the last transactions, which are folded in again, and tears none. Only
    // `CheckedFile` moves pages from the log into the file.
    database.exec(`
      PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 10000;
      PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 0;
      PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function isEmpty(database: DatabaseSyncInstance): boolean {
  return database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
}

function isCurrent(database: DatabaseSyncInstance, projections: readonly Projection[]): boolean {
  if (
    database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'projections'").get() === undefined
  )
    return false;
  const found = database
    .prepare('SELECT name, projectionVersion FROM projections ORDER BY name')
    .all();
  const wanted = projections.map(({ name, projectionVersion }) => ({ name, projectionVersion }));
  const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
  return JSON.stringify(found) === JSON.stringify(wanted.sort(byName));
}

function createTables(
  database: DatabaseSyncInstance,
  projections: readonly Projection[],
  base: number,
): void {
  database.exec('BEGIN IMMEDIATE');
  database.exec(progressTable);
  database.prepare('INSERT INTO progress VALUES (1, NULL, 0, NULL, NULL, NULL, NULL, ?)').run(base);
  const insert = database.prepare('INSERT INTO projections VALUES (?, ?)');
  for (const { name, projectionVersion, tables } of projections) {
    database.exec(tables);
    insert.run(name, projectionVersion);
  }
  database.exec('COMMIT');
}
