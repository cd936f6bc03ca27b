import { closeSync, openSync } from 'node:fs';

/**
 * Makes a SQLite file that is not there yet, empty, for its owner alone (mode 0600): what a ledger keeps is about businesses and people. One that is
 * there keeps its mode, which somebody may have set. SQLite gives `-wal` and `-shm` the mode of their database.
 *
 * Made before SQLite opens it, and not changed afterwards: whoever opened it in between would go on reading.
 *
 * @param path a file, or `:memory:`
 */
export function makeOwnersFile(path: string): void {
  if (path === ':memory:') return;
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch {
    // It is there; or it cannot be made, and SQLite, which is to open it next, says so as callers expect.
  }
}
