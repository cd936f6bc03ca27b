import type { DatabaseSyncInstance } from '@photostructure/sqlite';

/**
 * Makes the file alone the whole database. SQLite does that when a connection closes, but the
 * driver leaves prepared statements, and with them the connection, to the garbage collector.
 */
export function moveLogIntoFile(db: DatabaseSyncInstance): void {
  try {
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // Nothing is lost: what could not be moved stays in the log, where the next opening finds it.
  }
}
