import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { StoreUnavailableError } from '../errors.js';
import { guarded } from './failures.js';
import { makeOwnersFile } from './owners-file.js';

/** The reach of a commit before it is acknowledged: the disk, or the operating system. */
export type Synchronous = 'full' | 'normal';

/** The wait for another program that holds the file for a moment. */
const busyTimeoutMs = 2_000;

/** A connection to a file that may be damaged, or planted. */
export function connectionTo(file: string, access: 'write' | 'read'): DatabaseSyncInstance {
  return guarded(file, () => {
    if (access === 'write') makeOwnersFile(file);
    const db = new DatabaseSync(file, { readOnly: access === 'read', timeout: busyTimeoutMs });
    // Neither its cells nor the functions its views and triggers may call are to be trusted.
    db.exec('PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF');
    return db;
  });
}

/**
 * Makes a connection write through a write-ahead log, so that readers and the writer do not block
 * each other.
 */
export function keepLog(
  db: DatabaseSyncInstance,
  file: string,
  synchronous: Synchronous = 'full',
): void {
  const [mode] = db.prepare('PRAGMA journal_mode = WAL', { returnArrays: true }).get() as [string];
  if (mode !== 'wal') {
    throw new StoreUnavailableError({
      en: `"${file}" lies where SQLite cannot keep a write-ahead log (a network drive?)`,
      zh: `"${file}" 所在位置无法保存 SQLite 的预写日志（网络驱动器？）`,
    });
  }
  // F_FULLFSYNC is what reaches the disk on macOS; elsewhere the last two change nothing.
  db.exec(
    `PRAGMA synchronous = ${synchronous}; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON`,
  );
  // A thousand streams written in turn keep a thousand index pages in use, twice SQLite's default
  // cache. Each page moves from the log into the file once in 32 MB of log instead of once in 4.
  db.exec('PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 8192');
}
