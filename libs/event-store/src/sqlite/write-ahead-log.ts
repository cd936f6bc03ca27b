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

/**
 * Makes durable what an earlier process committed before it was killed. Such rows can be read, and
 * so be relied on, while a power loss can still take them. It syncs the log, waits for no reader,
 * and costs nothing after a clean close.
 */
export function syncLog(db: DatabaseSyncInstance): void {
  db.exec('PRAGMA wal_checkpoint(PASSIVE)');
}
