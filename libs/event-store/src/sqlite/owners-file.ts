import { closeSync, openSync } from 'node:fs';

/**
 * Makes a missing SQLite file, empty, for its owner alone (mode 0600): a ledger's content is about
 * businesses and people. An existing file keeps its mode, which somebody may have set. SQLite gives
 * `-wal` and `-shm` the mode of their database.
 *
 * The file is made before SQLite opens it, and not changed afterwards: a process that opened it in
 * between would go on reading.
 *
 * @param path a file, or `:memory:`
 */
export function makeOwnersFile(path: string): void {
  if (path === ':memory:') return;
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch {
    // It exists; or it cannot be made, and SQLite, which opens it next, says so as callers expect.
  }
}
