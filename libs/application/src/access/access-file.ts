import { accessSync, constants, existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  guarded as guardedFile,
  inTransaction,
  makeLastingFolder,
  makeOwnersFile,
  StoreUnavailableError,
  syncLog,
} from '@penalty-ledger/event-store';
import { SpokenError, type InBoth } from '@penalty-ledger/ledger';
import {
  DatabaseSync,
  type DatabaseSyncInstance,
  type StatementSyncInstance,
} from '@photostructure/sqlite';

const restoreAccess: InBoth = {
  en:
    'restore the file from a backup; or move it away with its -wal and -shm, and start again: ' +
    'then the first administrator gets a new API key, and no event is lost',
  zh:
    '请从备份恢复该文件；或将它连同其 -wal 和 -shm 移走后重新启动：' +
    '首位管理员会得到新的 API 密钥，不会丢失任何事件',
};

function guarded<Result>(path: string, work: () => Result): Result {
  return guardedFile(path, work, restoreAccess);
}

type Values = readonly (string | number | bigint | null | Uint8Array)[];

/** A statement on the access file. A failure names the file and what to do. */
export class AccessStatement {
  readonly #statement: StatementSyncInstance;

  constructor(
    readonly path: string,
    statement: StatementSyncInstance,
  ) {
    this.#statement = statement;
  }

  get(...values: Values): unknown {
    return guarded<unknown>(this.path, () => this.#statement.get(...values));
  }

  all(...values: Values): unknown[] {
    return guarded<unknown[]>(this.path, () => this.#statement.all(...values));
  }

  run(...values: Values): ReturnType<StatementSyncInstance['run']> {
    return guarded(this.path, () => this.#statement.run(...values));
  }
}

/** The tables one part of the service keeps in the access file. */
export interface AccessTables {
  /** The part: `apiKeys`. */
  readonly part: string;
  /** Raised whenever `sql` changes. */
  readonly schemaVersion: number;
  /** `CREATE TABLE … STRICT` and indexes; run once. */
  readonly sql: string;
}

/**
 * The access file was written by a newer version of this program, whose tables this one does not
 * know.
 */
export class AccessFileTooNewError extends SpokenError {
  readonly code = 'access_file_too_new';
}

/**
 * The service's own data beside a ledger, apart from the events: API keys, webhooks, and the ends
 * of the access log. Losing it loses no event and no balance. Only its owner can read the file
 * (mode 0600).
 */
export class AccessFile {
  readonly #database: DatabaseSyncInstance;
  #isInStep = false;

  private constructor(
    readonly path: string,
    database: DatabaseSyncInstance,
  ) {
    this.#database = database;
  }

  /** Opens the file, or makes it; `:memory:` for one that is thrown away. */
  static open(path: string): AccessFile {
    if (path !== ':memory:') makeLastingFolder(dirname(path));
    makeOwnersFile(path);
    return guarded(path, () => {
      const database = new DatabaseSync(path);
      // FULL: a key that was revoked must stay so after a power cut.
      database.exec(`
        PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
        PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;
        CREATE TABLE IF NOT EXISTS parts (
          part TEXT PRIMARY KEY,
          schemaVersion INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;`);
      syncLog(database);
      return new AccessFile(path, database);
    });
  }

  /**
   * The bytes of a copy, consistent while others write the file. The copy lies beside the file for
   * that time, with the same mode.
   *
   * @param change what is changed in the copy alone
   */
  copy(change: (copy: AccessFile) => void): Uint8Array {
    const path = `${this.path}-copy`;
    // A process that was killed may have left one.
    rmSync(path, { force: true });
    try {
      makeOwnersFile(path);
      this.statement('VACUUM INTO ?').run(path);
      const copy = AccessFile.open(path);
      try {
        change(copy);
      } finally {
        copy.close();
      }
      return readFileSync(path);
    } finally {
      for (const ending of ['', '-wal', '-shm']) rmSync(`${path}${ending}`, { force: true });
    }
  }

  /**
   * Makes a part's tables where they are not there yet.
   *
   * @throws AccessFileTooNewError when a newer version of the program made them
   */
  prepare({ part, schemaVersion, sql }: AccessTables): void {
    this.inOneStep(() => {
      const found = this.statement('SELECT schemaVersion FROM parts WHERE part = ?').get(part) as
        { schemaVersion: number } | undefined;
      if (found === undefined) {
        this.#database.exec(sql);
        this.statement('INSERT INTO parts VALUES (?, ?)').run(part, schemaVersion);
      } else if (found.schemaVersion !== schemaVersion) {
        throw new AccessFileTooNewError({
          en:
            `"${this.path}" holds ${part} in schema ${found.schemaVersion}, ` +
            `and this program knows ${schemaVersion}: use the version that wrote it`,
          zh:
            `"${this.path}" 中 ${part} 的结构版本为 ${found.schemaVersion}，` +
            `而此程序支持 ${schemaVersion}：请使用写入它的版本`,
        });
      }
    });
  }

  /** Prepares a statement. */
  statement(sql: string): AccessStatement {
    return guarded(this.path, () => new AccessStatement(this.path, this.#database.prepare(sql)));
  }

  /**
   * Runs synchronous work in one transaction: all of it is stored, durably, or none. Within another
   * step it is part of that one.
   */
  inOneStep<T>(work: () => T): T {
    if (this.#isInStep) return work();
    this.#isInStep = true;
    try {
      return inTransaction(this.#database, this.path, work, restoreAccess);
    } finally {
      this.#isInStep = false;
    }
  }

  close(): void {
    // The driver does not finalize statements, so closing alone would leave secrets in the
    // write-ahead log.
    guarded(this.path, () => {
      this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    });
    this.#database.close();
  }
}

/**
 * Checks that an access file can be opened, or made where there is none; makes nothing.
 *
 * @throws StoreUnavailableError, SchemaTooNewError, IntegrityError
 */
export function assertAccessFile(path: string): void {
  if (existsSync(path)) {
    AccessFile.open(path).close();
    return;
  }
  let folder = dirname(path);
  while (!existsSync(folder)) folder = dirname(folder);
  try {
    // With a separator at its end, a file is no folder to the system.
    accessSync(`${folder}/`, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new StoreUnavailableError(
      { en: `"${path}" cannot be made: ${message}`, zh: `无法生成 "${path}"：${message}` },
      { cause },
    );
  }
}
