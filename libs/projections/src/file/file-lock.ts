import { makeOwnersFile } from '@penalty-ledger/event-store';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';

/**
 * The lock under which the read models are written, checkpointed, checked and replaced: a
 * transaction on an empty database beside them. The operating system drops it with the process. It
 * is held only within one synchronous step.
 */
export class FileLock {
  readonly #database: DatabaseSyncInstance;
  #isHeld = false;

  constructor(path: string) {
    makeOwnersFile(path);
    this.#database = new DatabaseSync(path, { timeout: 10_000 });
    // The first transaction gives the database its header, which need not be durable.
    this.#database.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF');
  }

  /** Runs work while no other connection, of any process, holds the lock. */
  held<Result>(work: () => Result): Result {
    if (this.#isHeld) return work();
    this.#database.exec('BEGIN IMMEDIATE');
    this.#isHeld = true;
    try {
      return work();
    } finally {
      this.#isHeld = false;
      this.#database.exec('COMMIT');
    }
  }

  close(): void {
    this.#database.close();
  }
}
