import { existsSync } from 'node:fs';
import {
  droppingOf,
  guarded as guardedFile,
  lostTriggers,
  makeOwnersFile,
  inTransaction,
  moveLogIntoFile,
  syncLog,
  triggersIn,
  IntegrityError,
  SchemaTooNewError,
  StoreUnavailableError,
  type Position,
} from '@penalty-ledger/event-store';
import type { InBoth, Instant } from '@penalty-ledger/ledger';
import {
  headHash,
  streamKey,
  tileWidth,
  type Hash,
  type HeadPages,
  type MapEntry,
  type StreamHead,
  type Tile,
  type TileReader,
} from '@penalty-ledger/merkle-log';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { countedLeafOf, countedPositionOf } from './leaf-index.js';

/** The next thing to do when a file of a Merkle log is damaged. */
export const rebuildLog: InBoth = {
  en:
    '"ledger verify" lists all damage; restore the store from a backup; ' +
    'if only the Merkle log is damaged, "ledger checkpoint --rebuild" makes its tree again',
  zh:
    '"ledger verify" 会列出全部损坏；请从备份恢复存储；' +
    '若只有默克尔日志损坏，"ledger checkpoint --rebuild" 可重新生成其树',
};

function guarded<Result>(path: string, work: () => Result): Result {
  return guardedFile(path, work, rebuildLog);
}

/** The tree's progress: the last event that is a leaf of it. */
export interface LogProgress {
  readonly cursor: Position | undefined;
  /** Leaves. */
  readonly size: number;
  /** Streams the leaves are of. */
  readonly streams: number;
  /** The `recordedAt` of the last leaf's event. */
  readonly lastRecordedAt: Instant | undefined;
}

/** A checkpoint the ledger signed: its tree's size, and the signed note to the byte. */
export interface KeptCheckpoint {
  readonly size: number;
  readonly note: string;
}

export interface StoredHead extends StreamHead {
  readonly stream: string;
}

export interface StoredTile extends Tile {
  /** The number of hashes that it states. */
  readonly width: number;
}

const hashLength = 32;
const schemaVersion = 2;

/** "PLlg", kept in the file's `application_id`: this file is a penalty ledger's Merkle log. */
const applicationId = 0x504c6c67;

const tables = `
  CREATE TABLE tiles (
    level INTEGER NOT NULL,
    tileIndex INTEGER NOT NULL,
    width INTEGER NOT NULL
      CHECK (width BETWEEN 1 AND ${tileWidth} AND length(hashes) = width * ${hashLength}),
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, tileIndex)
  ) STRICT;

  CREATE TABLE heads (
    key BLOB PRIMARY KEY CHECK (length(key) = ${hashLength}),
    stream TEXT NOT NULL,
    revision INTEGER NOT NULL,
    leafHash TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- The map over the heads, and the keys of heads that moved since its pages were brought up.
  CREATE TABLE headPages (prefix TEXT PRIMARY KEY, page BLOB NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE movedHeads (key BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;

  CREATE TABLE progress (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    cursor TEXT,
    size INTEGER NOT NULL,
    streams INTEGER NOT NULL,
    lastRecordedAt TEXT
  ) STRICT;
  INSERT INTO progress VALUES (1, NULL, 0, 0, NULL);
`;

/** Guards against every program that opens the file, as those of the event file are. */
const guards = `
  CREATE TRIGGER IF NOT EXISTS checkpoints_are_never_updated BEFORE UPDATE ON checkpoints
  BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only: they are never updated'); END;

  CREATE TRIGGER IF NOT EXISTS checkpoints_are_never_deleted BEFORE DELETE ON checkpoints
  BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only: they are never deleted'); END;

  CREATE TRIGGER IF NOT EXISTS checkpoints_only_grow BEFORE INSERT ON checkpoints
  WHEN EXISTS (SELECT 1 FROM checkpoints WHERE size >= NEW.size)
  BEGIN
    SELECT RAISE(ABORT, 'checkpoints are append-only: there is one for this size or a larger one');
  END;
`;

const triggers = triggersIn(guards);

const keptTables = `
  CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
  ${guards}
  PRAGMA application_id = ${applicationId};
`;

/**
 * Version 1 kept the heads by name, without a map of them. All that follows from the events is made
 * again; the checkpoints stay.
 */
const migration = `DROP TABLE tiles; DROP TABLE heads; DROP TABLE progress; ${tables}`;

/**
 * The leaves of an engine whose positions have gaps; an engine that counts its events needs none.
 * Every file gets the table, so that opening it does not depend on the engine.
 */
const leavesTable = `
  CREATE TABLE IF NOT EXISTS leaves (
    leaf INTEGER PRIMARY KEY,
    position TEXT NOT NULL UNIQUE
  ) STRICT;
`;

/**
 * The file beside the events that proofs are made from. Tiles, heads and progress follow from the
 * events and can be made again. Checkpoints cannot, because somebody may hold them: they are only
 * ever added.
 */
export class LogFile implements TileReader, HeadPages {
  readonly #progress;
  readonly #tile;
  readonly #head;
  readonly #page;
  readonly #entries;
  readonly #checkpoints;
  readonly #checkpointsAfter;
  readonly #latest;
  readonly #leafAt;
  readonly #positionOf;

  private constructor(
    readonly path: string,
    readonly database: DatabaseSyncInstance,
  ) {
    const prepare = (sql: string) => guarded(path, () => database.prepare(sql));
    this.#progress = prepare('SELECT cursor, size, streams, lastRecordedAt FROM progress');
    this.#tile = prepare('SELECT hashes FROM tiles WHERE level = ? AND tileIndex = ?');
    this.#head = prepare('SELECT revision, leafHash FROM heads WHERE key = ?');
    this.#page = prepare('SELECT page FROM headPages WHERE prefix = ?');
    this.#entries = prepare(
      'SELECT key, revision, leafHash FROM heads WHERE key BETWEEN ? AND ? ORDER BY key LIMIT ?',
    );
    this.#checkpoints = prepare('SELECT size, note FROM checkpoints ORDER BY size');
    this.#checkpointsAfter = prepare(
      'SELECT size, note FROM checkpoints WHERE size > ? ORDER BY size LIMIT ?',
    );
    this.#latest = prepare('SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1');
    const keepsLeaves =
      integer(database, "SELECT count(*) FROM sqlite_schema WHERE name = 'leaves'") === 1;
    this.#leafAt = keepsLeaves ? prepare('SELECT leaf FROM leaves WHERE position = ?') : undefined;
    this.#positionOf = keepsLeaves
      ? prepare('SELECT position FROM leaves WHERE leaf = ?')
      : undefined;
  }

  /**
   * Opens the file; to write, makes it where there is none.
   *
   * @param path a file, or `:memory:`
   * @throws StoreUnavailableError when it is to be read and is not there, or is another program's
   * @throws SchemaTooNewError when a newer release wrote it
   */
  static open(path: string, access: 'write' | 'read' = 'write'): LogFile {
    if (access === 'read' && !existsSync(path))
      throw new StoreUnavailableError({
        en: `there is no Merkle log at "${path}"`,
        zh: `"${path}" 处没有默克尔日志`,
      });
    return guarded(path, () => {
      if (access === 'write') makeOwnersFile(path);
      const database = new DatabaseSync(path, { readOnly: access === 'read', timeout: 10_000 });
      try {
        // A checkpoint must be on the disk before it is handed out.
        if (access === 'write')
          database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
        if (isEmpty(database, path)) {
          if (access === 'read')
            throw new StoreUnavailableError({
              en: `"${path}" is empty: no Merkle log was ever kept in it`,
              zh: `"${path}" 为空：从未保存过默克尔日志`,
            });
          database.exec(
            `BEGIN IMMEDIATE; ${tables} ${keptTables} ` +
              `PRAGMA user_version = ${schemaVersion}; COMMIT`,
          );
        } else if (integer(database, 'PRAGMA user_version') < schemaVersion) {
          if (access === 'read')
            throw new StoreUnavailableError({
              en: `"${path}" is of an older release: "ledger checkpoint" brings it up to this one`,
              zh: `"${path}" 属于较旧的版本："ledger checkpoint" 会将其更新`,
            });
          database.exec(
            `BEGIN IMMEDIATE; ${migration} PRAGMA user_version = ${schemaVersion}; COMMIT`,
          );
        }
        if (access === 'write') {
          database.exec(leavesTable);
          syncLog(database);
        }
        return new LogFile(path, database);
      } catch (error) {
        database.close();
        throw error;
      }
    });
  }

  get progress(): LogProgress {
    const { cursor, size, streams, lastRecordedAt } = guarded<unknown>(this.path, () =>
      this.#progress.get(),
    ) as {
      cursor: Position | null;
      size: number;
      streams: number;
      lastRecordedAt: Instant | null;
    };
    return {
      cursor: cursor ?? undefined,
      size,
      streams,
      lastRecordedAt: lastRecordedAt ?? undefined,
    };
  }

  /**
   * The number of the leaf of the event at a position, from 0; `undefined` when it is not a leaf
   * yet.
   */
  leafAt(position: Position): number | undefined {
    const counted = countedLeafOf(position);
    if (counted !== undefined) return counted < this.progress.size ? counted : undefined;
    const row = guarded<unknown>(this.path, () => this.#leafAt?.get(position)) as
      { leaf: number } | undefined;
    return row?.leaf;
  }

  /**
   * The position of the event that is a leaf of the tree.
   *
   * @param leaf from 0, less than the tree's size
   * @throws IntegrityError when the table of leaves has lost it
   */
  positionOf(leaf: number): Position {
    const position = this.knownPositionOf(leaf);
    if (position === undefined)
      throw new IntegrityError(
        {
          en: `"${this.path}" does not say which event is leaf ${leaf}; make the tree again`,
          zh: `"${this.path}" 中没有叶 ${leaf} 对应的事件；请重新生成树`,
        },
        {},
        { hint: rebuildLog },
      );
    return position;
  }

  /** As {@link positionOf}; `undefined` when the table of leaves has lost it. */
  knownPositionOf(leaf: number): Position | undefined {
    const { cursor } = this.progress;
    if (cursor === undefined || countedLeafOf(cursor) !== undefined) return countedPositionOf(leaf);
    const row = guarded<unknown>(this.path, () => this.#positionOf?.get(leaf)) as
      { position: Position } | undefined;
    return row?.position;
  }

  tile(level: number, index: number, width: number): Uint8Array | undefined {
    const row = guarded<unknown>(this.path, () => this.#tile.get(level, index)) as
      { hashes: Uint8Array } | undefined;
    return row === undefined || row.hashes.length < width * hashLength
      ? undefined
      : row.hashes.subarray(0, width * hashLength);
  }

  /** Every tile, level by level. */
  tiles(): Iterable<StoredTile> {
    const select =
      'SELECT level, tileIndex AS "index", width, hashes FROM tiles ORDER BY level, tileIndex';
    return guarded(this.path, () =>
      this.database.prepare(select).iterate(),
    ) as Iterable<unknown> as Iterable<StoredTile>;
  }

  head(stream: string): StreamHead | undefined {
    const key = Buffer.from(streamKey(stream), 'hex');
    return guarded<unknown>(this.path, () => this.#head.get(key)) as StreamHead | undefined;
  }

  /** The last event of every stream in the tree, in order of the streams' keys. */
  heads(): Iterable<StoredHead> {
    const select = 'SELECT stream, revision, leafHash FROM heads ORDER BY key';
    return guarded(this.path, () =>
      this.database.prepare(select).iterate(),
    ) as Iterable<unknown> as Iterable<StoredHead>;
  }

  /** Up to `limit` heads in order of the streams' keys, from a key on. */
  headsFrom(key: Hash, limit: number): readonly StoredHead[] {
    const select =
      'SELECT stream, revision, leafHash FROM heads WHERE key >= ? ORDER BY key LIMIT ?';
    return guarded(this.path, (): unknown =>
      this.database.prepare(select).all(Buffer.from(key, 'hex'), limit),
    ) as readonly StoredHead[];
  }

  page(prefix: string): Uint8Array | undefined {
    return (
      guarded<unknown>(this.path, () => this.#page.get(prefix)) as { page: Uint8Array } | undefined
    )?.page;
  }

  /** The number of pages. */
  countPages(): number {
    return guarded(this.path, () => integer(this.database, 'SELECT count(*) FROM headPages'));
  }

  entries(prefix: string, limit: number): readonly MapEntry[] {
    const rows = guarded(this.path, (): unknown =>
      this.#entries.all(keyFrom(prefix, '0'), keyFrom(prefix, 'f'), limit),
    );
    return (rows as readonly (StreamHead & { readonly key: Uint8Array })[]).map(
      ({ key, ...head }) => ({
        key: Buffer.from(key).toString('hex'),
        head: headHash(head),
      }),
    );
  }

  /** The keys of the heads that moved since {@link putPages}, in order. */
  movedHeads(): readonly Hash[] {
    const rows = guarded(this.path, (): unknown =>
      this.database
        .prepare('SELECT key FROM movedHeads ORDER BY key', { returnArrays: true })
        .all(),
    );
    return (rows as readonly [Uint8Array][]).map(([key]) => Buffer.from(key).toString('hex'));
  }

  /** Every checkpoint that was signed, smallest tree first. */
  checkpoints(): readonly KeptCheckpoint[] {
    return guarded(this.path, (): unknown => this.#checkpoints.all()) as readonly KeptCheckpoint[];
  }

  /** Up to `limit` checkpoints of larger trees than one of `size` leaves, smallest first. */
  checkpointsAfter(size: number, limit: number): readonly KeptCheckpoint[] {
    return guarded(this.path, (): unknown =>
      this.#checkpointsAfter.all(size, limit),
    ) as readonly KeptCheckpoint[];
  }

  latestCheckpoint(): KeptCheckpoint | undefined {
    return guarded<unknown>(this.path, () => this.#latest.get()) as KeptCheckpoint | undefined;
  }

  /** The number of triggers that guard the file, and those that are missing or were changed. */
  get guards(): { readonly count: number; readonly lost: readonly string[] } {
    const lost = guarded(this.path, () => lostTriggers(this.database, triggers));
    return { count: triggers.length, lost };
  }

  /** Puts the guards back that are missing or were changed. */
  putGuardsBack(): void {
    const { lost } = this.guards;
    if (lost.length > 0) this.inOneStep(() => this.database.exec(droppingOf(lost) + guards));
  }

  /** Runs `work` in one exclusive transaction. */
  inOneStep<Result>(work: () => Result): Result {
    return inTransaction(this.database, this.path, work, rebuildLog);
  }

  /**
   * Writes what changed when leaves were appended; within {@link inOneStep}.
   *
   * @param positions of the new leaves' events, in order; the last is the cursor
   */
  advance(
    tiles: readonly Tile[],
    heads: ReadonlyMap<string, { readonly revision: number; readonly leafHash: Hash }>,
    positions: readonly Position[],
    { cursor, size, streams, lastRecordedAt }: LogProgress,
  ): void {
    const putLeaf = this.database.prepare('INSERT INTO leaves VALUES (?, ?)');
    for (const [offset, position] of positions.entries())
      if (countedLeafOf(position) === undefined)
        putLeaf.run(size - positions.length + offset, position);
    const putTile = this.database.prepare('INSERT OR REPLACE INTO tiles VALUES (?, ?, ?, ?)');
    for (const { level, index, hashes } of tiles)
      putTile.run(level, index, hashes.length / hashLength, hashes);
    const putHead = this.database.prepare('INSERT OR REPLACE INTO heads VALUES (?, ?, ?, ?)');
    const putMoved = this.database.prepare('INSERT OR IGNORE INTO movedHeads VALUES (?)');
    for (const [stream, { revision, leafHash }] of heads) {
      const key = Buffer.from(streamKey(stream), 'hex');
      putHead.run(key, stream, revision, leafHash);
      putMoved.run(key);
    }
    this.database
      .prepare('UPDATE progress SET cursor = ?, size = ?, streams = ?, lastRecordedAt = ?')
      .run(cursor ?? null, size, streams, lastRecordedAt ?? null);
  }

  /** Writes pages that `update` gives, which then hold every head; within {@link inOneStep}. */
  putPages<Result>(update: (put: (prefix: string, page: Uint8Array) => void) => Result): Result {
    const put = this.database.prepare('INSERT OR REPLACE INTO headPages VALUES (?, ?)');
    const result = update((prefix, page) => put.run(prefix, page));
    this.database.exec('DELETE FROM movedHeads');
    return result;
  }

  /** Keeps a checkpoint for good; within {@link inOneStep}. */
  keep({ size, note }: KeptCheckpoint): void {
    this.database.prepare('INSERT INTO checkpoints VALUES (?, ?)').run(size, note);
  }

  /** Drops everything that follows from the events. */
  forgetTree(): void {
    this.inOneStep(() => {
      this.database.exec(
        'DELETE FROM tiles; DELETE FROM heads; DELETE FROM headPages; DELETE FROM movedHeads; ' +
          'DELETE FROM leaves; ' +
          'UPDATE progress SET cursor = NULL, size = 0, streams = 0, lastRecordedAt = NULL',
      );
    });
  }

  close(): void {
    moveLogIntoFile(this.database);
    this.database.close();
  }
}

/** A key that begins with `prefix` and goes on with one digit only. */
function keyFrom(prefix: string, digit: '0' | 'f'): Buffer {
  return Buffer.from(prefix.padEnd(2 * hashLength, digit), 'hex');
}

function isEmpty(database: DatabaseSyncInstance, path: string): boolean {
  const found = integer(database, 'PRAGMA user_version');
  if (integer(database, 'PRAGMA application_id') !== applicationId) {
    if (found === 0 && integer(database, 'SELECT count(*) FROM sqlite_schema') === 0) return true;
    throw new StoreUnavailableError({
      en: `"${path}" is a database of another program, not a Merkle log`,
      zh: `"${path}" 是其他程序的数据库，不是默克尔日志`,
    });
  }
  if (found > schemaVersion) throw new SchemaTooNewError(path, found, schemaVersion);
  return false;
}

function integer(database: DatabaseSyncInstance, query: string): number {
  return (database.prepare(query, { returnArrays: true }).get() as [number])[0];
}
