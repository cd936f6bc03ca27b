import { closeSync, openSync, rmSync } from 'node:fs';

/**
 * Makes a missing SQLite file, empty, for its owner alone (mode 0600): a ledger's content is about
 * businesses and people. An existing file keeps its mode, which somebody may have set. SQLite gives
 * `-wal` and `-shm` the mode of their database.
 *
 * The file is made before SQLite opens it, and not changed afterwards: a process that opened it in
 * between would go on reading.
 *
 * @param path a file, or `:memory:`
 * @returns true when it was made now
 */
export function makeOwnersFile(path: string): boolean {
  if (path === ':memory:') return false;
  try {
    closeSync(openSync(path, 'wx', 0o600));
    return true;
  } catch {
    // It exists; or it cannot be made, and SQLite, which opens it next, says so as callers expect.
    return false;
  }
}

/** Removes a SQLite file that is closed, with what SQLite may have left beside it. */
export function removeSqliteFile(path: string): void {
  for (const ending of ['', '-wal', '-shm', '-journal'])
    rmSync(`${path}${ending}`, { force: true });
}
