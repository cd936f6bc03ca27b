import { chmodSync } from 'node:fs';
import { backup, DatabaseSync } from '@photostructure/sqlite';
import { databaseFailure, guarded } from './failures.js';

/** The wait for a writer that holds the file for a moment. */
const busyTimeoutMs = 10_000;

/**
 * Copies a SQLite file as it is at one instant, whatever its writer does meanwhile. The copy is for
 * its owner alone.
 *
 * @throws StoreUnavailableError, IntegrityError
 */
export async function copySqliteFile(from: string, to: string): Promise<void> {
  const database = guarded(
    from,
    () => new DatabaseSync(from, { readOnly: true, timeout: busyTimeoutMs }),
  );
  try {
    // All pages in one step, because a write between two steps begins the copy anew.
    await backup(database, to, { rate: -1 });
  } catch (error) {
    throw databaseFailure(from, error);
  } finally {
    database.close();
  }
  chmodSync(to, 0o600);
}
