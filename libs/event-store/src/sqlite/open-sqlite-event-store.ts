import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import type { OnCommitted } from '../committed-group.js';
import { StoreUnavailableError } from '../errors.js';
import type { EventStore } from '../event-store.js';
import { makeLastingFolder, removeEmptyFolders } from '../lasting-folder.js';
import { assertMayWrite, readCustody, type WritingRole } from './custody.js';
import { connectionTo, keepLog, type Synchronous } from './connection.js';
import { guarded, resultCode, resultCodeOf } from './failures.js';
import { removeSqliteFile } from './owners-file.js';
import { kindOf, prepareSchema } from './schema.js';
import { SqliteEventStore } from './sqlite-event-store.js';
import { lockForWriting } from './writer-lock.js';
import { writerInItsOwnThread } from './writer-thread.js';
import { syncLog } from './write-ahead-log.js';
import { writerInThisThread } from './writer.js';

export interface SqliteEventStoreOptions {
  /**
   * `write` creates a missing file and locks out other writers; any number may `read` meanwhile.
   */
  readonly access: 'write' | 'read';
  /** To write: as the ledger (`writer`, the default), or as a copy of another machine's. */
  readonly as?: WritingRole | undefined;
  /**
   * `full` (default): an append is acknowledged when it is on the disk. `normal`: a power failure
   * may lose the last moments, in order and never in part; the death of the process alone loses
   * nothing.
   */
  readonly synchronous?: Synchronous | undefined;
  /**
   * Writes in a thread of its own, for callers that decide much while the disk is busy. Starting it
   * takes some 40 ms.
   */
  readonly thread?: boolean;
  /** Told of what was made durable in one go. */
  readonly onCommitted?: OnCommitted | undefined;
}

/**
 * Opens an event store in a SQLite file. A failure leaves no file behind.
 *
 * @throws StoreLockedError when it is to be written and another process writes it
 * @throws CustodyError when it is to be written, and not in this role
 * @throws SchemaTooNewError when a newer release wrote it
 * @throws StoreUnavailableError when it is not there, cannot be opened, or is another program's
 * @throws IntegrityError when SQLite finds the file damaged
 */
export function openSqliteEventStore(path: string, options: SqliteEventStoreOptions): EventStore {
  return options.access === 'read' ? openForReading(path) : openForWriting(path, options);
}

function openForReading(path: string): EventStore {
  if (!existsSync(path))
    throw new StoreUnavailableError({
      en: `there is no event store at "${resolve(path)}"`,
      zh: `"${resolve(path)}" 处没有事件存储`,
    });
  const file = realpathSync(path);
  const db = connectionTo(file, 'read');
  return closingOnFailure([() => db.close()], () => {
    if (kindAt(db, file) === 'empty')
      throw new StoreUnavailableError({
        en: `"${file}" is empty: nothing was ever stored in it`,
        zh: `"${file}" 为空：从未存储过任何内容`,
      });
    return new SqliteEventStore(file, db, undefined);
  });
}

function openForWriting(path: string, options: SqliteEventStoreOptions): EventStore {
  const { file, madeFolder } = placeFor(path);
  const removeFolders = (): void => removeEmptyFolders(dirname(file), madeFolder);
  const lock = closingOnFailure([removeFolders], () => lockForWriting(file));
  // Under the lock nobody else can have made it since.
  const isNew = !existsSync(file);
  const discard = (): void => {
    if (isNew) removeSqliteFile(file);
    lock.discard();
    removeFolders();
  };
  const releases = [discard];
  return closingOnFailure(releases, () => {
    const db = connectionTo(file, 'write');
    const closeWriter = (): void => db.close();
    releases.unshift(closeWriter);
    const kind = kindAt(db, file);
    const as = options.as ?? 'writer';
    if (kind === 'store') assertMayWrite(file, readCustody(db, file), as);
    const guardsPutBack = guarded(file, () => {
      keepLog(db, file, options.synchronous);
      const putBack = prepareSchema(db, kind);
      syncLog(db);
      return putBack;
    });
    const reading = connectionTo(file, 'read');
    releases.unshift(() => reading.close());
    const { onCommitted } = options;
    const parts = { lock, onCommitted, guardsPutBack, ...(isNew && { discard }) };
    if (options.thread !== true) {
      return new SqliteEventStore(file, reading, {
        writer: (committed) => writerInThisThread(db, file, committed),
        ...parts,
      });
    }
    closeWriter();
    releases.splice(releases.indexOf(closeWriter), 1);
    const data = { file, synchronous: options.synchronous };
    return new SqliteEventStore(file, reading, {
      writer: (committed) => writerInItsOwnThread(data, committed),
      ...parts,
    });
  });
}

/**
 * The file itself, and its folder, which is made if need be. Links are resolved to one name,
 * because the lock is found by the name.
 */
function placeFor(path: string): { readonly file: string; readonly madeFolder?: string } {
  try {
    const madeFolder = makeLastingFolder(dirname(resolve(path)));
    const file = existsSync(path)
      ? realpathSync(path)
      : join(realpathSync(dirname(resolve(path))), basename(path));
    return { file, ...(madeFolder !== undefined && { madeFolder: realpathSync(madeFolder) }) };
  } catch (error) {
    throw new StoreUnavailableError(
      { en: `no event store can be made at "${path}"`, zh: `无法在 "${path}" 处生成事件存储` },
      { cause: error },
    );
  }
}

function kindAt(db: DatabaseSyncInstance, file: string): 'store' | 'empty' {
  return guarded(file, () => {
    try {
      return kindOf(db, file);
    } catch (error) {
      if (resultCodeOf(error) !== resultCode.notADatabase) throw error;
      throw new StoreUnavailableError(
        { en: `"${file}" is not a SQLite database`, zh: `"${file}" 不是 SQLite 数据库` },
        { cause: error },
      );
    }
  });
}

function closingOnFailure<Result>(releases: readonly (() => void)[], work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    for (const release of releases) release();
    throw error;
  }
}
