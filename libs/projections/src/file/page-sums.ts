import { randomInt } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { makeOwnersFile } from '@penalty-ledger/event-store';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import type { LogFrames, LogMark } from './log-frames.js';

/** The state of the pages as of the last checkpoint. */
export interface PageState extends LogMark {
  /** Drawn anew at each checkpoint; transactions note it, so a log from elsewhere shows. */
  readonly base: number;
  readonly pageSize: number;
  /** The size of the database in pages. */
  readonly pages: number;
  /** The time of the last write to the file that these sums are of; empty before the first. */
  readonly writtenAt: string;
}

/** Sums in one row: 4 KB, as much as a page. */
const sumsAPart = 1_024;

/**
 * The sums of every page of a database, in a file of its own. It is durable with each commit:
 * the sums of pages are there before the pages themselves.
 */
export class PageSums {
  readonly #database: DatabaseSyncInstance;
  readonly #selectState;
  readonly #selectBase;
  readonly #selectPart;

  private constructor(readonly path: string) {
    this.#database = new DatabaseSync(path, { timeout: 10_000 });
    this.#database.exec('PRAGMA synchronous = FULL; PRAGMA fullfsync = ON');
    this.#selectState = this.#database.prepare(
      'SELECT base, pageSize, pages, salts, frames, writtenAt FROM state',
    );
    this.#selectBase = this.#database.prepare('SELECT base FROM state', { returnArrays: true });
    this.#selectPart = this.#database.prepare('SELECT sums FROM sums WHERE part = ?', {
      returnArrays: true,
    });
  }

  /** Opens the sums; `undefined` when there are none. */
  static open(path: string): PageSums | undefined {
    return existsSync(path) ? new PageSums(path) : undefined;
  }

  /** Makes the sums of a database that has no page yet. */
  static create(path: string): PageSums {
    removePageSums(path);
    makeOwnersFile(path);
    const database = new DatabaseSync(path);
    database.exec(`
      BEGIN;
      CREATE TABLE state (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        base INTEGER NOT NULL,
        pageSize INTEGER NOT NULL,
        pages INTEGER NOT NULL,
        salts TEXT NOT NULL,
        frames INTEGER NOT NULL,
        writtenAt TEXT NOT NULL
      ) STRICT;
      CREATE TABLE sums (part INTEGER PRIMARY KEY, sums BLOB NOT NULL) STRICT;
      INSERT INTO state VALUES (1, ${String(newBase())}, 4096, 0, '', 0, '');
      COMMIT;`);
    database.close();
    return new PageSums(path);
  }

  get state(): PageState {
    return this.#selectState.get() as PageState;
  }

  get base(): number {
    const [base] = this.#selectBase.get() as [number];
    return base;
  }

  /** The sums of the pages from `part` × 1,024 + 1 on, 4 bytes each, the lowest first. */
  part(part: number): DataView {
    const [sums] = (this.#selectPart.get(part) ?? [new Uint8Array()]) as [Uint8Array];
    return new DataView(sums.buffer, sums.byteOffset, sums.byteLength);
  }

  /** The sum of a page; `undefined` when it has none. */
  static sumIn(part: DataView, page: number): number | undefined {
    const at = 4 * ((page - 1) % sumsAPart);
    return at + 4 <= part.byteLength ? part.getUint32(at, true) : undefined;
  }

  static partOf(page: number): number {
    return Math.floor((page - 1) / sumsAPart);
  }

  /** Takes in what a checkpoint will write. Durable when it returns. */
  put({ salts, frames, pageSize, databasePages, sums }: LogFrames): void {
    const parts = new Map<number, Uint8Array>();
    for (const [page, sum] of sums) {
      const number = PageSums.partOf(page);
      let part = parts.get(number);
      if (part === undefined) {
        const { buffer, byteOffset, byteLength } = this.part(number);
        part = new Uint8Array(4 * sumsAPart);
        part.set(new Uint8Array(buffer, byteOffset, byteLength));
        parts.set(number, part);
      }
      new DataView(part.buffer).setUint32(4 * ((page - 1) % sumsAPart), sum, true);
    }
    const putPart = this.#database.prepare('INSERT OR REPLACE INTO sums VALUES (?, ?)');
    const putState = this.#database.prepare(
      'UPDATE state SET base = ?, pageSize = ?, pages = ?, salts = ?, frames = ?',
    );
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const [number, part] of parts) putPart.run(number, part);
      putState.run(newBase(), pageSize, databasePages, salts, frames);
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Notes the last write to the file. Durable when it returns. */
  noteWritten(writtenAt: string): void {
    this.#database.prepare('UPDATE state SET writtenAt = ?').run(writtenAt);
  }

  close(): void {
    this.#database.close();
  }
}

/** Takes the sums away, and what SQLite keeps beside them. */
export function removePageSums(path: string): void {
  for (const suffix of ['', '-journal']) rmSync(`${path}${suffix}`, { force: true });
}

function newBase(): number {
  return randomInt(2 ** 47);
}
