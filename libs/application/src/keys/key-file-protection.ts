import { randomBytes, randomUUID } from 'node:crypto';
import { StoreUnavailableError } from '@penalty-ledger/event-store';
import type { InBoth } from '@penalty-ledger/ledger';
import { KeysLockedError } from './key-errors.js';
import type { KeyFile } from './key-file.js';
import { isUndamaged, open, seal, unwrapDataKey, wrapDataKey } from './key-protection.js';
import { secretOfPerson, type KeySecret } from './key-secret.js';
import { putProtection, type ProtectionRow } from './key-tables.js';

/** The data key of a protected file, unwrapped: every secret in the file is sealed under it. */
interface DataKey {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/**
 * Reads every key in the file, makes the change, and stores every key again: sealed under the data
 * key that holds from then on, or in plain text.
 */
export type RewriteKeys = (change: () => void) => void;

/** The protection of a key file under a passphrase, or its lack. */
export class KeyFileProtection {
  /** `undefined` while keys are stored in plain text. */
  #dataKey: DataKey | undefined;

  constructor(private readonly file: KeyFile) {}

  /** True when the keys are sealed in the file under a passphrase. */
  get isOn(): boolean {
    return this.#dataKey !== undefined;
  }

  /** Opens the protection of the file, if it has one. @throws KeysLockedError, IntegrityError */
  unlock(secret: KeySecret | undefined): void {
    const row = this.#row();
    if (row === undefined) return;
    if (!isUndamaged(row))
      throw this.file.notStored({ en: 'the sealed data key', zh: '封存的数据密钥' });
    const { path } = this.file;
    const by = secret ?? secretOfPerson(path);
    if (by === undefined)
      throw new KeysLockedError(
        {
          en: `"${path}" is protected by a passphrase, and none is given`,
          zh: `"${path}" 有口令保护，但没有给出口令`,
        },
        {
          en: 'set LEDGER_KEYS_PASSPHRASE_FILE or LEDGER_KEYS_COMMAND, or run it at a terminal',
          zh: '请设置 LEDGER_KEYS_PASSPHRASE_FILE 或 LEDGER_KEYS_COMMAND，或在终端上运行',
        },
      );
    const bytes = unwrapDataKey(row, by.source, () => by.read());
    if (bytes === undefined)
      throw new KeysLockedError(
        {
          en: `the passphrase from ${by.from} does not open "${path}"`,
          zh: `来自 ${by.from} 的口令打不开 "${path}"`,
        },
        {
          en: 'give the passphrase that this key file was protected with; nothing was changed',
          zh: '请给出保护该密钥文件时所用的口令；未作任何更改',
        },
      );
    this.#dataKey = { id: row.id, bytes };
    if (row.cleaned === 1) return;
    try {
      this.#removePlainBytes();
    } catch (error) {
      // Another program reads the file: a later opening removes them.
      if (!(error instanceof StoreUnavailableError)) throw error;
    }
  }

  /**
   * Seals every key in the file under a passphrase, in one transaction, and removes the plain bytes
   * from the file and its log. Does only the last when they are sealed already.
   *
   * @throws StoreUnavailableError when another program keeps the plain bytes in the log; they are
   * removed when it is done again
   */
  protect(passphrase: string, rewrite: RewriteKeys): void {
    if (this.#dataKey === undefined) {
      const next = { id: randomUUID(), bytes: randomBytes(32) };
      const wrapped = wrapDataKey(next.bytes, passphrase);
      this.#change(next, rewrite, () => {
        putProtection(this.file.database, next.id, wrapped, false);
      });
    }
    this.#removePlainBytes();
  }

  /** Stores every key in plain text again. Does nothing when they are. */
  unprotect(rewrite: RewriteKeys): void {
    if (this.#dataKey === undefined) return;
    this.#change(undefined, rewrite, () => {
      this.file.database.exec('DELETE FROM protection');
    });
    this.#truncateLog();
  }

  /**
   * Protects the same data key by another passphrase. An older copy of the file still opens with
   * the earlier one.
   *
   * @throws KeysLockedError when the file is not protected
   */
  changePassphrase(passphrase: string): void {
    const dataKey = this.#dataKey;
    if (dataKey === undefined)
      throw new KeysLockedError(
        {
          en: `"${this.file.path}" is not protected by a passphrase`,
          zh: `"${this.file.path}" 没有口令保护`,
        },
        { en: 'run "ledger keys protect"', zh: '请运行 "ledger keys protect"' },
      );
    const wrapped = wrapDataKey(dataKey.bytes, passphrase);
    this.file.inTransaction(() => {
      this.assertSame();
      putProtection(this.file.database, dataKey.id, wrapped, true);
    });
    this.#truncateLog();
  }

  /**
   * A secret as it is stored: sealed under the data key, if there is one.
   *
   * @param label its place, to which the seal binds it
   */
  seal(label: string, secret: Uint8Array): Uint8Array {
    return this.#dataKey === undefined ? secret : seal(this.#dataKey.bytes, label, secret);
  }

  /**
   * The secret in what {@link seal} returned.
   *
   * @param what names it in the error
   * @throws IntegrityError when it is not the one that was stored there
   */
  open(label: string, stored: Uint8Array, what: InBoth): Uint8Array {
    if (this.#dataKey === undefined) return stored;
    const secret = open(this.#dataKey.bytes, label, stored);
    if (secret === undefined) throw this.file.notStored(what);
    return secret;
  }

  /** @throws KeysLockedError when another program has sealed the keys, or stored them in plain */
  assertSame(): void {
    if (this.#row()?.id === this.#dataKey?.id) return;
    throw new KeysLockedError(
      {
        en: `another program has changed the protection of "${this.file.path}"`,
        zh: `另一个程序更改了 "${this.file.path}" 的保护方式`,
      },
      { en: 'start this program again', zh: '请重新启动本程序' },
    );
  }

  #row(): ProtectionRow | undefined {
    return this.file.get('SELECT id, salt, cost, dataKey, sum, cleaned FROM protection') as
      ProtectionRow | undefined;
  }

  /** Stores every key under another data key, or in plain text. @param note stores which */
  #change(next: DataKey | undefined, rewrite: RewriteKeys, note: () => void): void {
    const before = this.#dataKey;
    try {
      this.file.inTransaction(() => {
        rewrite(() => {
          this.#dataKey = next;
        });
        note();
      });
    } catch (error) {
      this.#dataKey = before;
      throw error;
    }
  }

  /** Removes what pages and log still hold of keys that were stored in plain text. */
  #removePlainBytes(): void {
    const { database } = this.file;
    // Moving rows leaves parts of them in the free space of pages.
    this.file.guarded(() => {
      database.exec('VACUUM');
    });
    this.#truncateLog();
    this.file.guarded(() => {
      database.exec('UPDATE protection SET cleaned = 1');
    });
  }

  /** @throws StoreUnavailableError when another program keeps the log */
  #truncateLog(): void {
    const { busy } = this.file.get('PRAGMA wal_checkpoint(TRUNCATE)') as { readonly busy: number };
    if (busy === 0) return;
    throw new StoreUnavailableError(
      {
        en: `"${this.file.path}-wal" still has what was stored before: another program reads it`,
        zh: `"${this.file.path}-wal" 中仍有之前存储的内容：另一个程序正在读取`,
      },
      {
        hint: {
          en: 'stop the programs that use this ledger, and run "ledger keys protect"',
          zh: '请停止使用此账本的程序，并运行 "ledger keys protect"',
        },
      },
    );
  }
}
