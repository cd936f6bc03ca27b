import { existsSync } from 'node:fs';
import {
  guarded,
  IntegrityError,
  SchemaTooNewError,
  StoreUnavailableError,
  type Position,
} from '@penalty-ledger/event-store';
import type { Instant } from '@penalty-ledger/ledger';
import { tileWidth, type Hash, type StreamHead, type Tile, type TileReader } from '@penalty-ledger/merkle-log';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { countedLeafOf, countedPositionOf } from './leaf-index.js';

/** How far the tree is: the last event that is a leaf of it. */
export interface LogProgress {
  readonly cursor: Position | undefined;
  /** Leaves. */
  readonly size: number;
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
  /** How many hashes it says it has. */
  readonly width: number;
}

const hashLength = 32;
const schemaVersion = 1;

/** "PLlg", kept in the file's `application_id`: this file is a penalty ledger's Merkle log. */
const applicationId = 0x504c6c67;

const tables = `
  CREATE TABLE tiles (
    level INTEGER NOT NULL,
    tileIndex INTEGER NOT NULL,
    width INTEGER NOT NULL CHECK (width BETWEEN 1 AND ${tileWidth} AND length(hashes) = width * ${hashLength}),
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, tileIndex)
  ) STRICT;

  CREATE TABLE heads (stream TEXT PRIMARY KEY, revision INTEGER NOT NULL, leafHash TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE progress (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    cursor TEXT,
    size INTEGER NOT NULL,
    lastRecordedAt TEXT
  ) STRICT;
  INSERT INTO progress VALUES (1, NULL, 0, NULL);

  CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;

  CREATE TRIGGER checkpoints_are_never_updated BEFORE UPDATE ON checkpoints
  BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only: they are never updated'); END;

  CREATE TRIGGER checkpoints_are_never_deleted BEFORE DELETE ON checkpoints
  BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only: they are never deleted'); END;

  CREATE TRIGGER checkpoints_only_grow BEFORE INSERT ON checkpoints
  WHEN EXISTS (SELECT 1 FROM checkpoints WHERE size >= NEW.size)
  BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only: there is one for this size or a larger one'); END;

  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${schemaVersion};
`;

/**
 * The leaves of an engine whose positions have gaps; those of one that counts its events stand in no row. Made in every file, so that it need not be
 * known which engine the events are in, and added to one of an earlier release, which has read such events never.
 */
const leavesTable = `
  CREATE TABLE IF NOT EXISTS leaves (leaf INTEGER PRIMARY KEY, position TEXT NOT NULL UNIQUE) STRICT;
`;

/**
 * The file beside the events that holds what proofs are made of. Tiles, heads and progress follow from the events and can be made again;
 * checkpoints cannot, because somebody may hold them, and are therefore only ever added.
 */
export class LogFile implements TileReader {
  readonly #progress;
  readonly #tile;
  readonly #head;
  readonly #checkpoints;
  readonly #latest;
  readonly #leafAt;
  readonly #positionOf;

  private constructor(
    readonly path: string,
    readonly database: DatabaseSyncInstance,
  ) {
    const prepare = (sql: string) => guarded(path, () => database.prepare(sql));
    this.#progress = prepare('SELECT cursor, size, lastRecordedAt FROM progress');
    this.#tile = prepare('SELECT hashes FROM tiles WHERE level = ? AND tileIndex = ?');
    this.#head = prepare('SELECT revision, leafHash FROM heads WHERE stream = ?');
    this.#checkpoints = prepare('SELECT size, note FROM checkpoints ORDER BY size');
    this.#latest = prepare('SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1');
    const keepsLeaves = integer(database, "SELECT count(*) FROM sqlite_schema WHERE name = 'leaves'") === 1;
    this.#leafAt = keepsLeaves ? prepare('SELECT leaf FROM leaves WHERE position = ?') : undefined;
    this.#positionOf = keepsLeaves ? prepare('SELECT position FROM leaves WHERE leaf = ?') : undefined;
  }

  /**
   * Opens the file; to write, makes it where there is none.
   *
   * @param path a file, or `:memory:`
   * @throws StoreUnavailableError when it is to be read and is not there, or is another program's
   * @throws SchemaTooNewError when a newer release wrote it
   */
  static open(path: string, access: 'write' | 'read' = 'write'): LogFile {
    if (access === 'read' && !existsSync(path)) throw new StoreUnavailableError(`there is no Merkle log at "${path}"`);
    return guarded(path, () => {
      const database = new DatabaseSync(path, { readOnly: access === 'read', timeout: 10_000 });
      try {
        // A checkpoint must be on the disk before anybody is given it.
        if (access === 'write') database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
        if (isEmpty(database, path)) {
          if (access === 'read')
            throw new StoreUnavailableError(`"${path}" is empty: no Merkle log was ever kept in it`);
          database.exec(`BEGIN IMMEDIATE; ${tables} COMMIT`);
        }
        if (access === 'write') database.exec(leavesTable);
        return new LogFile(path, database);
      } catch (error) {
        database.close();
        throw error;
      }
    });
  }

  get progress(): LogProgress {
    const { cursor, size, lastRecordedAt } = guarded<unknown>(this.path, () => this.#progress.get()) as {
      cursor: Position | null;
      size: number;
      lastRecordedAt: Instant | null;
    };
    return { cursor: cursor ?? undefined, size, lastRecordedAt: lastRecordedAt ?? undefined };
  }

  /** Which leaf the event at a position is, from 0; `undefined` when it is none yet. */
  leafAt(position: Position): number | undefined {
    const counted = countedLeafOf(position);
    if (counted !== undefined) return counted < this.progress.size ? counted : undefined;
    const row = guarded<unknown>(this.path, () => this.#leafAt?.get(position)) as { leaf: number } | undefined;
    return row?.leaf;
  }

  /**
   * The position of the event that is a leaf of the tree.
   *
   * @param leaf from 0, less than the tree's size
   * @throws IntegrityError when the table of leaves has lost it
   */
  positionOf(leaf: number): Position {
    const { cursor } = this.progress;
    if (cursor === undefined || countedLeafOf(cursor) !== undefined) return countedPositionOf(leaf);
    const row = guarded<unknown>(this.path, () => this.#positionOf?.get(leaf)) as { position: Position } | undefined;
    if (row === undefined)
      throw new IntegrityError(`"${this.path}" does not say which event is leaf ${leaf}; make the tree again`, {});
    return row.position;
  }

  tile(level: number, index: number, width: number): Uint8Array | undefined {
    const row = guarded<unknown>(this.path, () => this.#tile.get(level, index)) as { hashes: Uint8Array } | undefined;
    return row === undefined || row.hashes.length < width * hashLength
      ? undefined
      : row.hashes.subarray(0, width * hashLength);
  }

  /** Every tile, level by level. */
  tiles(): Iterable<StoredTile> {
    const select = 'SELECT level, tileIndex AS "index", width, hashes FROM tiles ORDER BY level, tileIndex';
    return guarded(this.path, () =>
      this.database.prepare(select).iterate(),
    ) as Iterable<unknown> as Iterable<StoredTile>;
  }

  head(stream: string): StreamHead | undefined {
    return guarded<unknown>(this.path, () => this.#head.get(stream)) as StreamHead | undefined;
  }

  /** The last event of every stream in the tree. */
  heads(): readonly StoredHead[] {
    const select = 'SELECT stream, revision, leafHash FROM heads ORDER BY stream';
    return guarded(this.path, (): unknown => this.database.prepare(select).all()) as readonly StoredHead[];
  }

  /** Every checkpoint that was signed, smallest tree first. */
  checkpoints(): readonly KeptCheckpoint[] {
    return guarded(this.path, (): unknown => this.#checkpoints.all()) as readonly KeptCheckpoint[];
  }

  latestCheckpoint(): KeptCheckpoint | undefined {
    return guarded<unknown>(this.path, () => this.#latest.get()) as KeptCheckpoint | undefined;
  }

  /** Runs `work` in one transaction that nobody else writes beside. */
  inOneStep<Result>(work: () => Result): Result {
    return guarded(this.path, () => {
      this.database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        this.database.exec('COMMIT');
        return result;
      } catch (error) {
        this.database.exec('ROLLBACK');
        throw error;
      }
    });
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
    { cursor, size, lastRecordedAt }: LogProgress,
  ): void {
    const putLeaf = this.database.prepare('INSERT INTO leaves VALUES (?, ?)');
    for (const [offset, position] of positions.entries())
      if (countedLeafOf(position) === undefined) putLeaf.run(size - positions.length + offset, position);
    const putTile = this.database.prepare('INSERT OR REPLACE INTO tiles VALUES (?, ?, ?, ?)');
    for (const { level, index, hashes } of tiles) putTile.run(level, index, hashes.length / hashLength, hashes);
    const putHead = this.database.prepare('INSERT OR REPLACE INTO heads VALUES (?, ?, ?)');
    for (const [stream, { revision, leafHash }] of heads) putHead.run(stream, revision, leafHash);
    this.database
      .prepare('UPDATE progress SET cursor = ?, size = ?, lastRecordedAt = ?')
      .run(cursor ?? null, size, lastRecordedAt ?? null);
  }

  /** Keeps a checkpoint for good; within {@link inOneStep}. */
  keep({ size, note }: KeptCheckpoint): void {
    this.database.prepare('INSERT INTO checkpoints VALUES (?, ?)').run(size, note);
  }

  /** Drops everything that follows from the events. */
  forgetTree(): void {
    this.inOneStep(() => {
      this.database.exec(
        'DELETE FROM tiles; DELETE FROM heads; DELETE FROM leaves; UPDATE progress SET cursor = NULL, size = 0, lastRecordedAt = NULL',
      );
    });
  }

  close(): void {
    // The driver does not finalize statements, so closing alone would leave rows in the write-ahead log. A reader cannot move them.
    try {
      this.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // Nothing is lost: the next opening finds what stays in the log.
    }
    this.database.close();
  }
}

function isEmpty(database: DatabaseSyncInstance, path: string): boolean {
  const found = integer(database, 'PRAGMA user_version');
  if (integer(database, 'PRAGMA application_id') !== applicationId) {
    if (found === 0 && integer(database, 'SELECT count(*) FROM sqlite_schema') === 0) return true;
    throw new StoreUnavailableError(`"${path}" is a database of another program, not a Merkle log`);
  }
  if (found > schemaVersion) throw new SchemaTooNewError(path, found, schemaVersion);
  return false;
}

function integer(database: DatabaseSyncInstance, query: string): number {
  return (database.prepare(query, { returnArrays: true }).get() as [number])[0];
}
