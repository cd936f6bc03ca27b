import { signingKeyName, type InBoth } from '@penalty-ledger/ledger';
import { randomBytes } from 'node:crypto';
import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import {
  guarded,
  IntegrityError,
  inTransaction,
  makeLastingFolder,
  makeOwnersFile,
  removeEmptyFolders,
  removeSqliteFile,
  SchemaTooNewError,
  syncLog,
} from '@penalty-ledger/event-store';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { KeysOfAnotherLedgerError } from './key-errors.js';
import { wrapDataKey } from './key-protection.js';
import type { KeySecret } from './key-secret.js';
import { keysSchemaVersion, makeTables, rowsSubject } from './key-tables.js';

const restoreKeys: InBoth = {
  en:
    'restore the key file from its own backup; ' +
    'until then nothing is sealed, signed or read with it',
  zh: '请从密钥文件自己的备份恢复；在此之前无法用它封存、签名或读取',
};

const busyTimeoutMs = 10_000;

/**
 * The SQLite file that keys lie in, which only its owner can read (mode 0600), and the ledger whose
 * keys they are. A failure names the file and what to do.
 */
export class KeyFile {
  private constructor(
    readonly database: DatabaseSyncInstance,
    /** The file, for messages. */
    readonly path: string,
    /** The uppermost folder made for the file, where this opening made the file. */
    private readonly made?: { readonly folder: string | undefined },
  ) {}

  /**
   * Opens the file, or makes it; `:memory:` for one that is thrown away.
   *
   * @param given protects a new file; what protects an older one is not opened here
   * @throws SchemaTooNewError when a newer release wrote it; KeysFileError, IntegrityError
   */
  static open(path: string, given?: KeySecret): KeyFile {
    const isInMemory = path === ':memory:';
    const secret = isInMemory ? undefined : given;
    // Before a file is made, which a passphrase that cannot be read would leave behind.
    const passphrase = existsSync(path) ? undefined : secret?.read();
    const madeFolder = isInMemory ? undefined : makeLastingFolder(dirname(path));
    const isMade = makeOwnersFile(path);
    const openFile = (): KeyFile => {
      const database = new DatabaseSync(path);
      // FULL: a key must be on the disk before the first event that only it opens.
      database.exec(
        `PRAGMA busy_timeout = ${String(busyTimeoutMs)}; PRAGMA journal_mode = WAL; ` +
          'PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;',
      );
      const { user_version: found } = database.prepare('PRAGMA user_version').get() as {
        user_version: number;
      };
      if (found > keysSchemaVersion) {
        database.close();
        throw new SchemaTooNewError(path, found, keysSchemaVersion);
      }
      if (found < keysSchemaVersion) {
        const protection =
          found === 0 && secret !== undefined
            ? wrapDataKey(randomBytes(32), passphrase ?? secret.read())
            : undefined;
        inTransaction(database, path, () => {
          makeTables(database, protection);
        });
      }
      syncLog(database);
      return new KeyFile(database, path, isMade ? { folder: madeFolder } : undefined);
    };
    return guarded(path, openFile, restoreKeys);
  }

  /** An empty file in memory, in the place of one that cannot be read. */
  static emptyFor(path: string): KeyFile {
    return new KeyFile(KeyFile.open(':memory:').database, path);
  }

  /** Runs work on the database, and turns the driver's errors into those of the store. */
  guarded<Result>(work: () => Result): Result {
    return guarded(this.path, work, restoreKeys);
  }

  /** Runs work in one transaction: all of it is stored, or none. */
  inTransaction<Result>(work: () => Result): Result {
    return inTransaction(this.database, this.path, work, restoreKeys);
  }

  /**
   * Moves the write-ahead log into the file and leaves nothing in it, if no other program reads or
   * writes the file just now. Waits for none.
   *
   * @returns whether the log is empty
   */
  emptyLog(): boolean {
    return this.guarded(() => {
      this.database.exec('PRAGMA busy_timeout = 0');
      try {
        const { busy } = this.database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as {
          readonly busy: number;
        };
        return busy === 0;
      } finally {
        this.database.exec(`PRAGMA busy_timeout = ${String(busyTimeoutMs)}`);
      }
    });
  }

  /** The first row of a query. */
  get(query: string, ...values: readonly string[]): unknown {
    return this.guarded<unknown>(() => this.database.prepare(query).get(...values));
  }

  /** All rows of a query. */
  all(query: string): unknown[] {
    return this.guarded<unknown[]>(() => this.database.prepare(query).all());
  }

  /** The error for a thing in the file that is not as it was stored. */
  notStored(what: InBoth, cause?: unknown): IntegrityError {
    return new IntegrityError(
      {
        en: `${what.en} in "${this.path}" is not the one that was stored there`,
        zh: `"${this.path}" 中的${what.zh}与存入时不同`,
      },
      {},
      { cause, hint: restoreKeys },
    );
  }

  /**
   * Checks that the keys are those of a ledger, or of nobody yet.
   *
   * @param ledgerId `undefined` for a new ledger
   * @throws KeysOfAnotherLedgerError
   */
  assertOf(ledgerId: string | undefined): void {
    const owner = this.#owner();
    if (owner !== undefined && owner !== ledgerId)
      throw new KeysOfAnotherLedgerError(this.path, owner, ledgerId);
    if (owner !== undefined) return;
    // A file that does not name its ledger can still have signed for one.
    const names = this.all('SELECT name FROM signingKeys') as { readonly name: string }[];
    const own = ledgerId === undefined ? undefined : signingKeyName(ledgerId);
    const other = names.find(({ name }) => name !== own);
    if (other !== undefined) throw new KeysOfAnotherLedgerError(this.path, other.name, ledgerId);
  }

  /**
   * Notes durably which ledger the keys are of.
   *
   * @throws KeysOfAnotherLedgerError
   */
  claim(ledgerId: string): void {
    this.inTransaction(() => {
      this.assertOf(ledgerId);
      const insert = 'INSERT INTO ledger (only, ledgerId, sum) VALUES (1, ?, ?)';
      this.database.prepare(`${insert} ON CONFLICT DO NOTHING`).run(ledgerId, crc32(ledgerId));
    });
  }

  close(): void {
    // The driver does not finalize statements, so closing alone would leave the keys in the
    // write-ahead log.
    this.guarded(() => {
      this.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    });
    this.database.close();
  }

  /**
   * Closes the file, and removes it if this opening made it and nothing was stored in it. For a
   * process that has the ledger to itself: another one that has the file open would lose its keys.
   */
  closeUnused(): void {
    const isUnused = this.made !== undefined && this.#isEmpty();
    this.close();
    if (!isUnused) return;
    removeSqliteFile(this.path);
    removeEmptyFolders(dirname(this.path), this.made.folder);
  }

  #isEmpty(): boolean {
    const { rows } = this.get(
      'SELECT (SELECT count(*) FROM ledger) + (SELECT count(*) FROM signingKeys) + ' +
        '(SELECT count(*) FROM subjectKeys WHERE subject <> ?) AS rows',
      rowsSubject,
    ) as { readonly rows: number };
    return rows === 0;
  }

  /** The ledger that the file names as its own. */
  #owner(): string | undefined {
    const row = this.get('SELECT ledgerId, sum FROM ledger') as
      { readonly ledgerId: string; readonly sum: number } | undefined;
    if (row !== undefined && row.sum !== crc32(row.ledgerId))
      throw this.notStored({ en: "the ledger's id", zh: '账本编号' });
    return row?.ledgerId;
  }
}

/** Says whether a file is there that this user may not read. */
export function isUnreadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return false;
  } catch (error) {
    return ['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
}
