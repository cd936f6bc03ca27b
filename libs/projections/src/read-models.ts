import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import {
  comparePositions,
  IntegrityError,
  makeOwnersFile,
  type EventStore,
  type Position,
  type StoredEvent,
} from '@penalty-ledger/event-store';
import {
  eventTypes,
  handleEvent,
  ignoreEvent,
  readEvent,
  type EventHandlers,
  type EventType,
  type Instant,
  type LedgerEvent,
} from '@penalty-ledger/ledger';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import type { Projection } from './projection.js';
import { projections as everyProjection } from './projections.js';

/** The progress of the read models: the last event they hold, and the time of its recording. */
export interface Progress {
  readonly cursor: Position | undefined;
  /** The number of events folded in. */
  readonly events: number;
  /** The `recordedAt` of the last one. */
  readonly lastRecordedAt: Instant | undefined;
}

/** Called while events are folded in: how many so far in this run. */
export type OnProgress = (events: number) => void;

/** Folds in a batch of stored events, as {@link ReadModels.apply} does. */
export type FoldBatch = (
  events: readonly StoredEvent[],
  after: Position | undefined,
  last: Position,
) => Promise<boolean>;

/**
 * The digest of each read model and of all together: SHA-256 over their rows in order, hexadecimal.
 */
export interface Digests {
  readonly all: string;
  readonly each: Readonly<Record<string, string>>;
}

const catchUpBatch = 1_000;

/** Batches that may wait to be folded in while the next is read. */
const batchesAhead = 4;

const progressTable = `
  CREATE TABLE progress (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    cursor TEXT,
    events INTEGER NOT NULL,
    lastRecordedAt TEXT
  ) STRICT;
  INSERT INTO progress VALUES (1, NULL, 0, NULL);
  CREATE TABLE projections (name TEXT PRIMARY KEY, projectionVersion INTEGER NOT NULL)
    STRICT, WITHOUT ROWID;`;

/**
 * The read models of one ledger in one SQLite file, apart from the events: all of it can be deleted
 * and rebuilt. The cursor moves in the same transaction as the rows, so an event is folded in
 * exactly once. Several processes may share the file: a process skips a batch that another one
 * folded in first.
 */
export class ReadModels {
  readonly #handlers: ReadonlyMap<EventType, readonly Handler[]>;
  readonly #selectProgress;
  readonly #moveCursor;

  private constructor(
    readonly path: string,
    readonly database: DatabaseSyncInstance,
    readonly projections: readonly Projection[],
  ) {
    this.#handlers = handlersByType(projections.map((projection) => projection.prepare(database)));
    this.#selectProgress = database.prepare('SELECT cursor, events, lastRecordedAt FROM progress');
    this.#moveCursor = database.prepare(
      'UPDATE progress SET cursor = ?, events = events + ?, lastRecordedAt = ?',
    );
  }

  /**
   * Opens the read models. Creates empty ones when there are none, or when other versions of the
   * projections made them.
   *
   * @param path a file, or `:memory:`
   */
  static open(path: string, projections: readonly Projection[] = everyProjection): ReadModels {
    const database = openDatabase(path);
    if (isCurrent(database, projections)) return new ReadModels(path, database, projections);
    if (isEmpty(database)) {
      createTables(database, projections);
      return new ReadModels(path, database, projections);
    }
    database.close();
    removeDatabase(path);
    return ReadModels.open(path, projections);
  }

  get progress(): Progress {
    const { cursor, events, lastRecordedAt } = this.#selectProgress.get() as unknown as {
      cursor: Position | null;
      events: number;
      lastRecordedAt: Instant | null;
    };
    return { cursor: cursor ?? undefined, events, lastRecordedAt: lastRecordedAt ?? undefined };
  }

  /**
   * Folds in a batch that follows directly on `after`, in one transaction with the cursor. Returns
   * false, and changes nothing, when the read models are not at `after`: another process was first.
   */
  apply(events: readonly LedgerEvent[], after: Position | undefined, last: Position): boolean {
    const recordedAt = events.at(-1)?.recordedAt;
    if (recordedAt === undefined) return true;
    this.database.exec('BEGIN IMMEDIATE');
    try {
      const atCursor = comparePositions(this.progress.cursor, after) === 0;
      if (atCursor) {
        for (const event of events)
          for (const handler of this.#handlers.get(event.type) ?? []) handler(event);
        this.#moveCursor.run(last, events.length, recordedAt);
      }
      this.database.exec('COMMIT');
      return atCursor;
    } catch (error) {
      this.database.exec('ROLLBACK');
      throw error;
    }
  }

  /** As {@link apply}, from events as they are stored. */
  readonly fold: FoldBatch = (events, after, last) =>
    Promise.resolve(
      this.apply(
        events.map((event) => readEvent(event)),
        after,
        last,
      ),
    );

  /**
   * Folds in every event of the store that is not folded in yet. The next batches are read while
   * earlier ones are folded in.
   *
   * @param fold folds them into the same file
   * @throws IntegrityError when the read models are ahead of the store: the store has lost its last
   * events
   */
  async catchUp(
    store: EventStore,
    onProgress: OnProgress = () => undefined,
    fold: FoldBatch = this.fold,
  ): Promise<void> {
    const head = await store.head();
    if (comparePositions(this.progress.cursor, head) > 0) {
      throw new IntegrityError(
        'the read models have seen later events than the store holds: its tail is gone',
        {
          position: this.progress.cursor ?? '',
        },
      );
    }
    let done = 0;
    for (
      let { cursor } = this.progress;
      comparePositions(cursor, head) < 0;
      { cursor } = this.progress
    ) {
      const folding: Promise<boolean>[] = [];
      for await (const batch of store.readAll({
        ...(cursor !== undefined && { after: cursor }),
        batchSize: catchUpBatch,
      })) {
        const last = batch.at(-1)?.position;
        if (last === undefined) break;
        if (folding.length >= batchesAhead && (await folding.shift()) === false) break;
        const folded = fold(batch, cursor, last);
        // A failure is reported by the await below. Until then this handler keeps it from counting
        // as unhandled.
        folded.catch(() => undefined);
        folding.push(folded);
        cursor = last;
        done += batch.length;
        onProgress(done);
      }
      await Promise.all(folding);
    }
  }

  /** The digests of all rows. Equal histories give equal digests, on every machine. */
  digests(): Digests {
    const each: Record<string, string> = {};
    const all = createHash('sha256');
    for (const { name, digestQuery } of this.projections) {
      const digest = createHash('sha256');
      for (const row of this.database.prepare(digestQuery).iterate())
        digest.update(`${JSON.stringify(Object.values(row as object))}\n`);
      each[name] = digest.digest('hex');
      all.update(`${name} ${each[name]}\n`);
    }
    return { all: all.digest('hex'), each };
  }

  close(): void {
    // The driver does not finalize statements, so closing alone would leave rows in the write-ahead
    // log.
    this.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    this.database.close();
  }
}

type Handler = (event: LedgerEvent) => void;

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
  // Rows lost in a power cut are folded in again from the events, so writes do not wait for the
  // disk. With a long log (64 MB), a page that is written many times is moved into the file once.
  database.exec(`
    PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA busy_timeout = 10000;
    PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 16384;`);
  return database;
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

function createTables(database: DatabaseSyncInstance, projections: readonly Projection[]): void {
  database.exec('BEGIN IMMEDIATE');
  database.exec(progressTable);
  const insert = database.prepare('INSERT INTO projections VALUES (?, ?)');
  for (const { name, projectionVersion, tables } of projections) {
    database.exec(tables);
    insert.run(name, projectionVersion);
  }
  database.exec('COMMIT');
}

/** Takes away a file of read models, and what SQLite keeps beside it. */
export function removeDatabase(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
}
