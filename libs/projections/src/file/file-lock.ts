import { rmSync } from 'node:fs';
import { makeOwnersFile } from '@penalty-ledger/event-store';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { damageOr, ReadModelsDamagedError } from './damage.js';

/**
 * The lock under which the read models are written, checkpointed, checked and replaced: a
 * transaction on an empty database beside them. The operating system drops it with the process. It
 * is held only within one synchronous step.
 */
export class FileLock {
  readonly #path: string;
  #database: DatabaseSyncInstance | undefined;
  #isHeld = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** Runs work while no other connection, of any process, holds the lock. */
  held<Result>(work: () => Result): Result {
    if (this.#isHeld) return work();
    const database = this.#begin();
    this.#isHeld = true;
    try {
      return work();
    } finally {
      this.#isHeld = false;
      database.exec('COMMIT');
    }
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  #begin(): DatabaseSyncInstance {
    try {
      return this.#beginOnce();
    } catch (error) {
      if (!(damageOr(error, this.#path) instanceof ReadModelsDamagedError)) throw error;
    }
    // A power loss left a part of its header. Nothing is in it, so another one does as well.
    this.close();
    rmSync(this.#path, { force: true });
    return this.#beginOnce();
  }

  #beginOnce(): DatabaseSyncInstance {
    const database = (this.#database ??= openLock(this.#path));
    // The first transaction gives the database its header, which need not be durable.
    database.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; BEGIN IMMEDIATE');
    return database;
  }
}

function openLock(path: string): DatabaseSyncInstance {
  makeOwnersFile(path);
  return new DatabaseSync(path, { timeout: 10_000 });
}
