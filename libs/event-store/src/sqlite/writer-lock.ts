import { rmSync, statSync } from 'node:fs';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { StoreLockedError } from '../errors.js';
import { guarded, resultCode, resultCodeOf } from './failures.js';
import { LockHolderNote } from './lock-holder.js';
import { makeOwnersFile } from './owners-file.js';

/** Held for as long as a store is open for writing. */
export interface WriterLock {
  readonly release: () => void;
  /** Releases it, and leaves no file of it behind where this opening made one. */
  readonly discard: () => void;
}

/**
 * Makes this process the one writer of `file`: an exclusive transaction, never ended, on an empty
 * database beside it. The operating system holds the lock and drops it with the process, so a stale
 * lock cannot stay behind. A lock on the store itself would keep readers out. A note beside it
 * names the holder.
 *
 * @throws StoreLockedError when another writer has it; names that one
 */
export function lockForWriting(file: string): WriterLock {
  const lockFile = `${file}-lock`;
  const holder = new LockHolderNote(lockFile);
  return guarded(lockFile, () => {
    for (;;) {
      const isMade = makeOwnersFile(lockFile);
      const opened = fileNumber(lockFile);
      const db = new DatabaseSync(lockFile, { timeout: 0 });
      lock(db, file, holder);
      // Another process discarded the file after it was opened here: a lock on it excludes nobody.
      if (fileNumber(lockFile) !== opened) {
        db.close();
        continue;
      }
      holder.write();
      return {
        release: () => {
          holder.remove();
          db.close();
        },
        discard: () => {
          holder.remove();
          // While it is held, so that the next process finds the file gone.
          if (isMade) rmSync(lockFile, { force: true });
          db.close();
        },
      };
    }
  });
}

function lock(db: DatabaseSyncInstance, file: string, holder: LockHolderNote): void {
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (resultCodeOf(error) !== resultCode.busy) throw error;
    const named = holder.read();
    throw new StoreLockedError(
      {
        en:
          `"${file}" is open for writing in another process${named.en}: ` +
          'stop that one, or open this for reading only',
        zh: `"${file}" 正由另一个进程打开写入${named.zh}：请停止那个进程，或以只读方式打开`,
      },
      { cause: error, heldBy: named },
    );
  }
}

/** Tells apart the files that stand under one name, one after another. */
function fileNumber(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}
