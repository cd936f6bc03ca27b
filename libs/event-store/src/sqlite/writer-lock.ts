import { DatabaseSync } from '@photostructure/sqlite';
import { StoreLockedError } from '../errors.js';
import { guarded, resultCode, resultCodeOf } from './failures.js';
import { makeOwnersFile } from './owners-file.js';

/** Held for as long as a store is open for writing. */
export interface WriterLock {
  readonly release: () => void;
}

/**
 * Makes this process the one writer of `file`: an exclusive transaction, never ended, on an empty
 * database beside it. The operating system holds the lock and drops it with the process, so a stale
 * lock cannot stay behind. A lock on the store itself would keep readers out.
 *
 * @throws StoreLockedError when another writer has it
 */
export function lockForWriting(file: string): WriterLock {
  const lockFile = `${file}-lock`;
  return guarded(lockFile, () => {
    makeOwnersFile(lockFile);
    const db = new DatabaseSync(lockFile, { timeout: 0 });
    try {
      db.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      db.close();
      if (resultCodeOf(error) !== resultCode.busy) throw error;
      throw new StoreLockedError(
        `"${file}" is open for writing in another process: ` +
          'stop that one, or open this for reading only',
        { cause: error },
      );
    }
    return { release: () => db.close() };
  });
}
