import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import type { InBoth } from '@penalty-ledger/ledger';
import { guarded } from './failures.js';

/**
 * Runs work in one transaction: all of it is stored, or none.
 *
 * @param whenDamaged as for {@link guarded}
 */
export function inTransaction<Result>(
  db: DatabaseSyncInstance,
  file: string,
  work: () => Result,
  whenDamaged?: InBoth,
): Result {
  const inOne = (): Result => {
    db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      db.exec('COMMIT');
      return result;
    } catch (error) {
      rollBack(db);
      throw error;
    }
  };
  return guarded(file, inOne, whenDamaged);
}

/** Rolls back, and leaves it to the failure before this one to be reported. */
function rollBack(db: DatabaseSyncInstance): void {
  try {
    db.exec('ROLLBACK');
  } catch {
    // After a full disk or an I/O error SQLite has rolled back by itself.
  }
}
