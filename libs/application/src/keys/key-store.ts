import { type InBoth, SpokenError } from '@penalty-ledger/ledger';
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  randomUUID,
  type KeyObject,
} from 'node:crypto';
import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { SubjectKey } from '@penalty-ledger/ledger';
import { formatVerifierKey, signerKey, type SignerKey } from '@penalty-ledger/merkle-log';
import {
  BoundedCache,
  guarded as guardedFile,
  IntegrityError,
  inTransaction,
  makeLastingFolder,
  makeOwnersFile,
  removeEmptyFolders,
  removeSqliteFile,
  SchemaTooNewError,
  StoreUnavailableError,
  syncLog,
} from '@penalty-ledger/event-store';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import {
  isUndamaged,
  open,
  seal,
  sealBytes,
  unwrapDataKey,
  wrapDataKey,
  type WrappedKey,
} from './key-protection.js';
import { secretIn, secretOfPerson, type KeySecret } from './key-secret.js';

/** The public half of a signing key. */
export interface SigningKey {
  /** As a C2SP signed-note verifier key: `name+hash+key`. What a third party needs to verify. */
  readonly verifierKey: string;
  /** SubjectPublicKeyInfo, PEM. */
  readonly publicPem: string;
}

/** The key of a subject as it travels: in base64, or null when it was destroyed. */
export interface SharedKey {
  readonly subject: string;
  readonly key: string | null;
}

interface SigningRow {
  readonly privatePem: string;
  readonly publicPem: string;
}

/** The rows of a key file. */
export interface KeyStoreContents {
  /** A destroyed key is null. */
  readonly subjects: readonly { readonly subject: string; readonly key: Uint8Array | null }[];
  readonly signing: readonly (SigningRow & { readonly name: string })[];
}

const keysSchemaVersion = 2;

const restoreKeys =
  'restore the key file from its own backup; until then nothing is sealed, signed or read with it';

function guarded<Result>(path: string, work: () => Result): Result {
  return guardedFile(path, work, restoreKeys);
}

/** The number of keys that stay at hand; the last 8,192 always do. */
const maxKnown = 16_384;

/**
 * The subject's key was destroyed: its personal data are erased for good, and a subject never gets
 * a second key.
 */
export class KeyDestroyedError extends Error {
  readonly code = 'key_destroyed';

  constructor(readonly subject: string) {
    super(`the key of "${subject}" was destroyed; nothing can be sealed for it any more`);
    this.name = 'KeyDestroyedError';
  }
}

/** Two key files have different keys under one name: they are not of one ledger. */
export class KeysDifferError extends SpokenError {
  readonly code = 'keys_differ';

  constructor(
    readonly file: string,
    readonly keyName: string,
  ) {
    super({
      en: `"${file}" has another key for "${keyName}": it is the key file of another ledger`,
      zh: `"${file}" 中 "${keyName}" 的密钥不同：它是另一个账本的密钥文件`,
    });
    this.name = 'KeysDifferError';
  }
}

/** The key file is protected, and this program cannot open it. */
export class KeysLockedError extends SpokenError {
  readonly code = 'keys_locked';

  constructor(
    text: InBoth | string,
    readonly hint: InBoth | string,
  ) {
    super(text);
    this.name = 'KeysLockedError';
  }
}

/** The key file is another ledger's: neither may read or write with the other's keys. */
export class KeysOfAnotherLedgerError extends SpokenError {
  readonly code = 'keys_of_another_ledger';
  readonly hint: InBoth = {
    en:
      "give this ledger's own key file in LEDGER_KEYS; without LEDGER_KEYS the keys lie beside " +
      "the ledger's other files",
    zh:
      '请在 LEDGER_KEYS 中给出本账本自己的密钥文件；没有 LEDGER_KEYS 时密钥与账本的其他文件在' +
      '一起',
  };

  /** @param ledgerId the ledger that was opened; `undefined` for a new one */
  constructor(
    readonly file: string,
    readonly owner: string,
    ledgerId: string | undefined,
  ) {
    super({
      en:
        `"${file}" holds the keys of the ledger ${owner}, and ` +
        (ledgerId === undefined
          ? 'a new ledger needs a key file of its own'
          : `this one is ${ledgerId}`),
      zh:
        `"${file}" 中是账本 ${owner} 的密钥，而` +
        (ledgerId === undefined ? '新账本需要自己的密钥文件' : `当前账本是 ${ledgerId}`),
    });
    this.name = 'KeysOfAnotherLedgerError';
  }
}

/** The key file is there, and this user may not read it. */
export class KeysUnreadableError extends SpokenError {
  readonly code = 'keys_unreadable';

  constructor(
    file: string,
    /** The thing that cannot be done without the keys. */
    without: InBoth,
    readonly hint: InBoth,
  ) {
    super({
      en: `the keys in "${file}" cannot be read by this user: ${without.en}`,
      zh: `当前用户无权读取 "${file}" 中的密钥：${without.zh}`,
    });
    this.name = 'KeysUnreadableError';
  }
}

/** The protection of a key file, opened: every secret in it is sealed under the data key. */
interface Protection {
  readonly id: string;
  readonly dataKey: Uint8Array;
}

/** The keys of subjects, as decisions need them. */
export type SubjectKeys = Pick<KeyStore, 'find' | 'findOrMake' | 'stateOf'>;

/**
 * The keys of one ledger, outside its event store: one AES-256 key a subject, and the Ed25519 key
 * the ledger signs with. They lie in a file that only its owner can read (mode 0600), and can be
 * sealed there under a passphrase. Their holder can read all personal data. Without them names and
 * texts are lost, and every balance stands.
 */
export class KeyStore {
  readonly #select;
  readonly #selectBefore;
  readonly #selectAfter;
  readonly #insert;
  readonly #known = new BoundedCache<string, SubjectKey>(maxKnown);
  /** Made, and not yet in the file. */
  readonly #unsaved = new Map<string, SubjectKey>();
  readonly #selectVersion;
  #protection: Protection | undefined;
  /** SQLite's `data_version`: another one when another connection has written. */
  #version: number | undefined;

  private constructor(
    readonly database: DatabaseSyncInstance,
    /** The file, for messages. */
    readonly path: string,
    /** The uppermost folder made for the file, where this opening made the file. */
    private readonly made?: { readonly folder: string | undefined },
    /** False when the file is there, and this user may not read it. */
    readonly isReadable = true,
  ) {
    this.#select = database.prepare('SELECT key, sum FROM subjectKeys WHERE subject = ?');
    this.#selectBefore = database.prepare(
      'SELECT * FROM subjectKeys WHERE subject < ? ORDER BY subject DESC LIMIT 1',
    );
    this.#selectAfter = database.prepare(
      'SELECT * FROM subjectKeys WHERE subject > ? ORDER BY subject LIMIT 1',
    );
    this.#selectVersion = database.prepare('PRAGMA data_version');
    this.#insert = database.prepare('INSERT INTO subjectKeys (subject, key, sum) VALUES (?, ?, ?)');
  }

  /**
   * Opens the keys in a file, or makes it; `:memory:` for a ledger that is thrown away.
   *
   * @param ledgerId the ledger that they must be of; left out when it is not known yet
   * @param secret opens a protected file, and protects a new one
   * @throws KeysOfAnotherLedgerError
   * @throws KeysLockedError without the passphrase of a protected file; KeysFileError
   * @throws SchemaTooNewError when a newer release wrote it; IntegrityError
   */
  static open(path: string, ledgerId?: string, secret = secretIn()): KeyStore {
    const keys = KeyStore.#open(path, path === ':memory:' ? undefined : secret);
    try {
      keys.#unlock(secret);
      if (ledgerId !== undefined) keys.assertOf(ledgerId);
      return keys;
    } catch (error) {
      keys.close();
      throw error;
    }
  }

  /**
   * Opens keys for somebody who only reads. Where this user may not read the file, there are none:
   * names and texts stay sealed, and everything else can be read.
   *
   * @throws as {@link KeyStore.open}
   */
  static openToRead(path: string, ledgerId?: string): KeyStore {
    return isUnreadable(path)
      ? new KeyStore(KeyStore.#open(':memory:', undefined).database, path, undefined, false)
      : KeyStore.open(path, ledgerId);
  }

  static #open(path: string, secret: KeySecret | undefined): KeyStore {
    // Before a file is made, which a passphrase that cannot be read would leave behind.
    const passphrase = existsSync(path) ? undefined : secret?.read();
    const madeFolder = path === ':memory:' ? undefined : makeLastingFolder(dirname(path));
    const isMade = makeOwnersFile(path);
    return guarded(path, () => {
      const database = new DatabaseSync(path);
      // FULL: a key must be on the disk before the first event that only it opens.
      database.exec(
        'PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; ' +
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
      const made = isMade ? { folder: madeFolder } : undefined;
      return new KeyStore(database, path, made);
    });
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
    const names = guarded(
      this.path,
      () =>
        this.database.prepare('SELECT name FROM signingKeys').all() as unknown as readonly {
          readonly name: string;
        }[],
    );
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
    const claim = (): void => {
      this.assertOf(ledgerId);
      const insert = 'INSERT INTO ledger (only, ledgerId, sum) VALUES (1, ?, ?)';
      this.database.prepare(`${insert} ON CONFLICT DO NOTHING`).run(ledgerId, crc32(ledgerId));
    };
    inTransaction(this.database, this.path, claim, restoreKeys);
  }

  /** True when the keys are sealed in the file under a passphrase. */
  get isProtected(): boolean {
    return this.#protection !== undefined;
  }

  /**
   * Seals every key in the file under a passphrase, in one transaction, and removes the plain bytes
   * from the file and its log. Does only the last when they are sealed already.
   *
   * @throws StoreUnavailableError when another program keeps the plain bytes in the log; they are
   * removed when it is done again
   */
  protect(passphrase: string): void {
    this.save();
    if (this.#protection === undefined) {
      const dataKey = randomBytes(32);
      const wrapped = wrapDataKey(dataKey, passphrase);
      this.#rewrite({ id: randomUUID(), dataKey }, ({ id }) => {
        putProtection(this.database, id, wrapped, false);
      });
    }
    this.#removePlainBytes();
  }

  /** Stores every key in plain text again. Does nothing when they are. */
  unprotect(): void {
    this.save();
    if (this.#protection === undefined) return;
    this.#rewrite(undefined, () => this.database.exec('DELETE FROM protection'));
    this.#truncateLog();
  }

  /**
   * Protects the same data key by another passphrase. An older copy of the file still opens with
   * the earlier one.
   *
   * @throws KeysLockedError when the file is not protected
   */
  changePassphrase(passphrase: string): void {
    const { id, dataKey } = this.#protection ?? {};
    if (id === undefined || dataKey === undefined)
      throw new KeysLockedError(
        {
          en: `"${this.path}" is not protected by a passphrase`,
          zh: `"${this.path}" 没有口令保护`,
        },
        { en: 'run "ledger keys protect"', zh: '请运行 "ledger keys protect"' },
      );
    const wrapped = wrapDataKey(dataKey, passphrase);
    const change = (): void => {
      this.#assertSameProtection();
      putProtection(this.database, id, wrapped, true);
    };
    inTransaction(this.database, this.path, change, restoreKeys);
    this.#truncateLog();
  }

  /** The subject's key, or `undefined` when it never had one or it was destroyed. */
  find(subject: string): SubjectKey | undefined {
    return this.#look(subject) ?? undefined;
  }

  /**
   * The subject's key, made now for a new subject. A new key must be saved ({@link save}) before
   * anything sealed with it is stored.
   *
   * @throws KeyDestroyedError
   * @throws IntegrityError when a key, or its subject, is not as it was stored
   */
  findOrMake(subject: string): SubjectKey {
    const found = this.#look(subject);
    if (found === null) throw new KeyDestroyedError(subject);
    if (found !== undefined) return found;
    const key = randomBytes(32);
    this.#unsaved.set(subject, key);
    return key;
  }

  /** Writes the new keys to the disk, durably and all in one step. */
  save(): void {
    if (this.#unsaved.size === 0) return;
    const insertAll = (): void => {
      this.#assertSameProtection();
      for (const [subject, key] of this.#unsaved) this.#insertKey(subject, key);
    };
    inTransaction(this.database, this.path, insertAll, restoreKeys);
    for (const [subject, key] of this.#unsaved) this.#known.set(subject, key);
    this.#unsaved.clear();
  }

  /** Says whether the subject has a key, had one that was destroyed, or never had one here. */
  stateOf(subject: string): 'held' | 'destroyed' | 'never' {
    const key = this.#look(subject);
    return key === undefined ? 'never' : key === null ? 'destroyed' : 'held';
  }

  /**
   * Destroys a subject's key, on the disk and in memory. The row stays without it. Done again, it
   * changes nothing.
   *
   * The bytes are overwritten in the database and its journal. Old blocks that the disk or a backup
   * keeps are out of reach.
   */
  destroy(subject: string): void {
    this.save();
    guarded(this.path, () => {
      this.database
        .prepare(
          `INSERT INTO subjectKeys (subject, key, sum) VALUES (?, NULL, ?)
           ON CONFLICT (subject) DO UPDATE SET key = NULL, sum = excluded.sum`,
        )
        .run(subject, sumOf(subject, null));
      this.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    });
    this.#known.peek(subject)?.fill(0);
    this.#known.delete(subject);
  }

  /**
   * Looks every key up again after another process has changed the file: it may have destroyed
   * some.
   */
  refresh(): void {
    const { data_version: version } = this.#selectVersion.get() as { data_version: number };
    if (version === this.#version) return;
    this.save();
    this.#known.clear();
    this.#version = version;
  }

  /**
   * Everything in the file: for another key file, or for a backup that is encrypted.
   *
   * @throws IntegrityError when a key is not as it was stored
   */
  contents(): KeyStoreContents {
    this.save();
    const all = (query: string): unknown =>
      guarded<unknown[]>(this.path, () => this.database.prepare(query).all());
    const subjects = all(
      'SELECT subject, key, sum FROM subjectKeys ORDER BY subject',
    ) as NamedRow[];
    const names = all('SELECT name FROM signingKeys ORDER BY name') as { readonly name: string }[];
    const signing = names.flatMap(({ name }) => {
      const row = this.#signingRow(name);
      return row === undefined ? [] : [{ name, ...row }];
    });
    for (const { name, ...row } of signing) this.#privateKeyIn(name, row);
    return {
      subjects: subjects.map(({ subject, ...row }) => ({
        subject,
        key: this.#checked(subject, row),
      })),
      signing,
    };
  }

  /** Keys in memory, with the contents of a key file. */
  static holding({ subjects, signing }: KeyStoreContents): KeyStore {
    const keys = KeyStore.open(':memory:');
    inTransaction(keys.database, keys.path, () => {
      for (const { subject, key } of subjects) keys.#insertKey(subject, key);
    });
    for (const { name, ...row } of signing) keys.#putSigningKey(name, row);
    return keys;
  }

  /**
   * Gives everything in this file to another that lacks it: keys of subjects, destructions, signing
   * keys. A key that was destroyed here is destroyed there.
   *
   * @returns the number of subjects' keys that the other did not have
   * @throws KeysDifferError when it has another key under the same name: it is another ledger's
   */
  copyTo(other: KeyStore): number {
    const { subjects, signing } = this.contents();
    let added = 0;
    for (const { subject, key } of subjects) {
      const there = other.#look(subject);
      if (key === null) {
        if (there !== null) other.destroy(subject);
      } else if (there === undefined) {
        other.#unsaved.set(subject, key);
        added += 1;
      } else if (there !== null && Buffer.compare(there, key) !== 0) {
        throw new KeysDifferError(other.path, subject);
      }
    }
    for (const { name, privatePem, publicPem } of signing) {
      const there = other.#signingRow(name);
      if (there === undefined) other.#putSigningKey(name, { privatePem, publicPem });
      else if (there.publicPem !== publicPem) throw new KeysDifferError(other.path, name);
    }
    other.save();
    return added;
  }

  /**
   * The keys of subjects, for a copy of the ledger that takes them over an authenticated
   * connection. A destroyed one is null; a subject that never had one is left out.
   */
  share(subjects: readonly string[]): readonly SharedKey[] {
    return subjects.flatMap((subject) => {
      const key = this.#look(subject);
      if (key === undefined) return [];
      return [{ subject, key: key === null ? null : Buffer.from(key).toString('base64') }];
    });
  }

  /** The signing key in PEM, for such a copy; `undefined` when none was made. */
  shareSigningKey(name: string): string | undefined {
    return this.#signingRow(name)?.privatePem;
  }

  /**
   * Takes in keys that another machine shared, durably and all in one step.
   *
   * @throws KeysDifferError when there is another key for a subject
   */
  take(shared: readonly SharedKey[]): void {
    for (const { subject, key } of shared) {
      const here = this.#look(subject);
      if (key === null) {
        if (here !== null) this.destroy(subject);
        continue;
      }
      const bytes = Buffer.from(key, 'base64');
      if (here === undefined) this.#unsaved.set(subject, bytes);
      else if (here !== null && Buffer.compare(here, bytes) !== 0)
        throw new KeysDifferError(this.path, subject);
    }
    this.save();
  }

  /**
   * Takes in a signing key that another machine shared.
   *
   * @throws KeysDifferError when it is not the one of this verifier key, or there is another here
   */
  takeSigningKey(name: string, privatePem: string, verifierKey: string): void {
    const row = { privatePem, publicPem: publicPemOf(privatePem) };
    const here = this.#signingRow(name);
    if (this.#publicHalfOf(name, row).verifierKey !== verifierKey)
      throw new KeysDifferError(this.path, name);
    if (here === undefined) this.#putSigningKey(name, row);
    else if (here.publicPem !== row.publicPem) throw new KeysDifferError(this.path, name);
  }

  /** The number of subjects with a key. */
  get subjects(): number {
    return (
      this.database.prepare('SELECT count(key) AS count FROM subjectKeys').get() as {
        count: number;
      }
    ).count;
  }

  /**
   * The public half of the ledger's signing key, which is made on first use. @param name the
   * signed-note key name, without spaces and plus signs
   */
  signingKey(name: string): SigningKey {
    return this.#publicHalfOf(name, this.#signingRow(name) ?? this.#makeSigningKey(name));
  }

  /** The public half of the ledger's signing key, if it was ever made. */
  findSigningKey(name: string): SigningKey | undefined {
    const row = this.#signingRow(name);
    return row === undefined ? undefined : this.#publicHalfOf(name, row);
  }

  /**
   * The ledger's signing key, made on first use. The private half is a `KeyObject`; it is text only
   * in this file, in backups of it, and through {@link shareSigningKey}.
   */
  signer(name: string): SignerKey {
    const row = this.#signingRow(name) ?? this.#makeSigningKey(name);
    return signerKey(name, this.#privateKeyIn(name, row));
  }

  close(): void {
    // The driver does not finalize statements, so closing alone would leave the keys in the
    // write-ahead log.
    guarded(this.path, () => {
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
    const { rows } = guarded(
      this.path,
      () =>
        this.database
          .prepare(
            'SELECT (SELECT count(*) FROM ledger) + (SELECT count(*) FROM signingKeys) + ' +
              '(SELECT count(*) FROM subjectKeys) AS rows',
          )
          .get() as { readonly rows: number },
    );
    return rows === 0;
  }

  /** The ledger that the file names as its own. */
  #owner(): string | undefined {
    const row = guarded<unknown>(this.path, () =>
      this.database.prepare('SELECT ledgerId, sum FROM ledger').get(),
    ) as { readonly ledgerId: string; readonly sum: number } | undefined;
    if (row !== undefined && row.sum !== crc32(row.ledgerId))
      throw this.#notStored("the ledger's id");
    return row?.ledgerId;
  }

  #signingRow(name: string): SigningRow | undefined {
    const select = 'SELECT privatePem, publicPem FROM signingKeys WHERE name = ?';
    const row = guarded<unknown>(this.path, () => this.database.prepare(select).get(name)) as
      SigningRow | undefined;
    this.#assertSameProtection();
    if (row === undefined || this.#protection === undefined) return row;
    const { publicPem } = row;
    const sealed = Buffer.from(row.privatePem, 'base64');
    const bytes = open(this.#protection.dataKey, signingKeyLabel(name, publicPem), sealed);
    if (bytes === undefined) throw this.#notStored(`the signing key "${name}"`);
    return { privatePem: Buffer.from(bytes).toString('utf8'), publicPem };
  }

  #makeSigningKey(name: string): SigningRow {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const row = { privatePem: privateKey, publicPem: publicKey };
    this.#putSigningKey(name, row);
    return row;
  }

  #putSigningKey(name: string, row: SigningRow): void {
    const put = (): void => {
      this.#assertSameProtection();
      this.database
        .prepare('INSERT INTO signingKeys (name, privatePem, publicPem) VALUES (?, ?, ?)')
        .run(name, this.#storedPem(name, row), row.publicPem);
    };
    inTransaction(this.database, this.path, put, restoreKeys);
  }

  /** The private half as it is stored. */
  #storedPem(name: string, { privatePem, publicPem }: SigningRow): string {
    if (this.#protection === undefined) return privatePem;
    const label = signingKeyLabel(name, publicPem);
    const sealed = seal(this.#protection.dataKey, label, Buffer.from(privatePem));
    return Buffer.from(sealed).toString('base64');
  }

  #insertKey(subject: string, key: SubjectKey | null): void {
    const stored = this.#storedKey(subject, key);
    this.#insert.run(subject, stored, sumOf(subject, stored));
  }

  /** A subject's key as it is stored. */
  #storedKey(subject: string, key: SubjectKey | null): Uint8Array | null {
    if (key === null || this.#protection === undefined) return key;
    return seal(this.#protection.dataKey, subjectKeyLabel(subject), key);
  }

  /** The subject's key; null where it was destroyed, `undefined` where there never was one. */
  #look(subject: string): SubjectKey | null | undefined {
    const known = this.#known.get(subject) ?? this.#unsaved.get(subject);
    if (known !== undefined) return known;
    const row = guarded<unknown>(this.path, () => this.#select.get(subject)) as
      SubjectRow | undefined;
    if (row === undefined) {
      this.#checkPlaceOf(subject);
      return undefined;
    }
    const key = this.#checked(subject, row);
    if (key !== null) this.#known.set(subject, key);
    return key;
  }

  /**
   * Checks that a subject without a row never had one. A row whose subject was damaged stands where
   * the subject is looked for, between the same rows as before.
   */
  #checkPlaceOf(subject: string): void {
    for (const select of [this.#selectBefore, this.#selectAfter]) {
      const beside = guarded<unknown>(this.path, () => select.get(subject)) as NamedRow | undefined;
      if (beside !== undefined) this.#checked(beside.subject, beside);
    }
  }

  /** The key in a row. @throws IntegrityError when it is not the one that was stored */
  #checked(subject: string, { key: stored, sum }: SubjectRow): SubjectKey | null {
    const label = `the key of "${subject}"`;
    if (sum !== sumOf(subject, stored)) throw this.#notStored(label);
    if (stored === null) return null;
    const isSealed = stored.length === keyBytes + sealBytes;
    if (isSealed !== this.isProtected) this.#assertSameProtection();
    if (this.#protection === undefined) return stored;
    const key = open(this.#protection.dataKey, subjectKeyLabel(subject), stored);
    if (key === undefined) throw this.#notStored(label);
    return key;
  }

  #notStored(what: string, cause?: unknown): IntegrityError {
    return new IntegrityError(
      `${what} in "${this.path}" is not the one that was stored there`,
      {},
      { cause, hint: restoreKeys },
    );
  }

  /** Opens the protection of the file, if it has one. @throws KeysLockedError, IntegrityError */
  #unlock(secret: KeySecret | undefined): void {
    const row = this.#protectionRow();
    if (row === undefined) return;
    if (!isUndamaged(row)) throw this.#notStored('the sealed data key');
    const by = secret ?? secretOfPerson(this.path);
    const dataKey = unwrapDataKey(row, by?.source ?? '', () => {
      if (by !== undefined) return by.read();
      throw new KeysLockedError(
        {
          en: `"${this.path}" is protected by a passphrase, and none is given`,
          zh: `"${this.path}" 有口令保护，但没有给出口令`,
        },
        {
          en: 'set LEDGER_KEYS_PASSPHRASE_FILE or LEDGER_KEYS_COMMAND, or run it at a terminal',
          zh: '请设置 LEDGER_KEYS_PASSPHRASE_FILE 或 LEDGER_KEYS_COMMAND，或在终端上运行',
        },
      );
    });
    if (dataKey === undefined)
      throw new KeysLockedError(
        {
          en: `the passphrase from ${by?.from ?? 'nowhere'} does not open "${this.path}"`,
          zh: `来自 ${by?.from ?? 'nowhere'} 的口令打不开 "${this.path}"`,
        },
        {
          en: 'give the passphrase that this key file was protected with; nothing was changed',
          zh: '请给出保护该密钥文件时所用的口令；未作任何更改',
        },
      );
    this.#protection = { id: row.id, dataKey };
    if (row.cleaned === 1) return;
    try {
      this.#removePlainBytes();
    } catch (error) {
      // Another program reads the file: a later opening removes them.
      if (!(error instanceof StoreUnavailableError)) throw error;
    }
  }

  #protectionRow(): ProtectionRow | undefined {
    const select = 'SELECT id, salt, cost, dataKey, sum, cleaned FROM protection';
    return guarded<unknown>(this.path, () => this.database.prepare(select).get()) as
      ProtectionRow | undefined;
  }

  /** @throws KeysLockedError when another program has sealed the keys, or stored them in plain */
  #assertSameProtection(): void {
    if (this.#protectionRow()?.id === this.#protection?.id) return;
    throw new KeysLockedError(
      {
        en: `another program has changed the protection of "${this.path}"`,
        zh: `另一个程序更改了 "${this.path}" 的保护方式`,
      },
      { en: 'start this program again', zh: '请重新启动本程序' },
    );
  }

  /** Stores every key under another protection. */
  #rewrite(next: Protection, note: (next: Protection) => void): void;
  #rewrite(next: undefined, note: () => void): void;
  #rewrite(next: Protection | undefined, note: (next: never) => void): void {
    const before = this.#protection;
    const rewrite = (): void => {
      const { subjects, signing } = this.contents();
      this.#protection = next;
      const setKey = this.database.prepare(
        'UPDATE subjectKeys SET key = ?, sum = ? WHERE subject = ?',
      );
      for (const { subject, key } of subjects) {
        const stored = this.#storedKey(subject, key);
        setKey.run(stored, sumOf(subject, stored), subject);
      }
      const setPem = this.database.prepare('UPDATE signingKeys SET privatePem = ? WHERE name = ?');
      for (const { name, ...row } of signing) setPem.run(this.#storedPem(name, row), name);
      note(next as never);
    };
    try {
      inTransaction(this.database, this.path, rewrite, restoreKeys);
    } catch (error) {
      this.#protection = before;
      throw error;
    }
  }

  /** Removes what pages and log still hold of keys that were stored in plain text. */
  #removePlainBytes(): void {
    // Moving rows leaves parts of them in the free space of pages.
    guarded(this.path, () => this.database.exec('VACUUM'));
    this.#truncateLog();
    guarded(this.path, () => this.database.exec('UPDATE protection SET cleaned = 1'));
  }

  /** @throws StoreUnavailableError when another program keeps the log */
  #truncateLog(): void {
    const { busy } = guarded<unknown>(this.path, () =>
      this.database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get(),
    ) as { readonly busy: number };
    if (busy === 0) return;
    throw new StoreUnavailableError(
      {
        en: `"${this.path}-wal" still has what was stored before: another program reads it`,
        zh: `"${this.path}-wal" 中仍有之前存储的内容：另一个程序正在读取`,
      },
      { hint: 'stop the programs that use this ledger, and run "ledger keys protect"' },
    );
  }

  #publicHalfOf(name: string, row: SigningRow): SigningKey {
    const verifierKey = formatVerifierKey(signerKey(name, this.#privateKeyIn(name, row)));
    return { verifierKey, publicPem: row.publicPem };
  }

  /**
   * The private half, which must be that of the public one beside it.
   *
   * @throws IntegrityError when one of the two is not as it was stored
   */
  #privateKeyIn(name: string, { privatePem, publicPem }: SigningRow): KeyObject {
    let cause: unknown;
    try {
      const key = createPrivateKey(privatePem);
      if (createPublicKey(key).export({ type: 'spki', format: 'pem' }) === publicPem) return key;
    } catch (error) {
      cause = error;
    }
    throw this.#notStored(`the signing key "${name}"`, cause);
  }
}

interface SubjectRow {
  readonly key: Uint8Array | null;
  readonly sum: number;
}

interface NamedRow extends SubjectRow {
  readonly subject: string;
}

interface ProtectionRow extends WrappedKey {
  /** Another one for each data key. */
  readonly id: string;
  /** 0 while pages or log can hold keys that were stored in plain text. */
  readonly cleaned: number;
}

function makeTables(database: DatabaseSyncInstance, protection: WrappedKey | undefined): void {
  const { user_version: found } = database.prepare('PRAGMA user_version').get() as {
    user_version: number;
  };
  database.exec(`
    -- A destroyed key is NULL. Its row stays, so that its subject never gets a second key.
    CREATE TABLE IF NOT EXISTS subjectKeys (
      subject TEXT PRIMARY KEY,
      key BLOB,
      -- A flipped bit in a key would seal new texts for nobody.
      sum INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS signingKeys (
      name TEXT PRIMARY KEY,
      privatePem TEXT NOT NULL,
      publicPem TEXT NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS ledger (
      only INTEGER PRIMARY KEY CHECK (only = 1),
      ledgerId TEXT NOT NULL,
      sum INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS protection (
      only INTEGER PRIMARY KEY CHECK (only = 1),
      id TEXT NOT NULL,
      salt BLOB NOT NULL,
      cost INTEGER NOT NULL,
      dataKey BLOB NOT NULL,
      sum INTEGER NOT NULL,
      cleaned INTEGER NOT NULL
    ) STRICT;
    PRAGMA user_version = ${String(keysSchemaVersion)};`);
  // Another program may have made the file meanwhile, without protection.
  if (found === 0 && protection !== undefined)
    putProtection(database, randomUUID(), protection, true);
}

function putProtection(
  database: DatabaseSyncInstance,
  id: string,
  { salt, cost, dataKey, sum }: WrappedKey,
  cleaned: boolean,
): void {
  database
    .prepare(
      `INSERT INTO protection (only, id, salt, cost, dataKey, sum, cleaned)
       VALUES (1, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (only) DO UPDATE SET salt = excluded.salt, cost = excluded.cost,
         dataKey = excluded.dataKey, sum = excluded.sum`,
    )
    .run(id, salt, cost, dataKey, sum, cleaned ? 1 : 0);
}

const keyBytes = 32;

const subjectKeyLabel = (subject: string): string => `subjectKeys\0${subject}`;

/** The public half is in it: another one beside the private half is found. */
const signingKeyLabel = (name: string, publicPem: string): string =>
  `signingKeys\0${name}\0${publicPem}`;

/** The sum of a subject, and of its key as it is stored or the key's destruction. */
function sumOf(subject: string, stored: Uint8Array | null): number {
  return crc32(stored ?? 'destroyed', crc32(`${subject}\0`));
}

/** The beginning of a simulation's ledger id (rules §12). */
export const simulationIdPrefix = 'simulation-';

/**
 * The name of a ledger's signing key: what stands before the signature in everything it signs. That
 * of a simulation says so.
 */
export function signingKeyName(ledgerId: string): string {
  const kind = ledgerId.startsWith(simulationIdPrefix) ? simulationIdPrefix : '';
  return `penalty-ledger-${kind}${ledgerId.slice(kind.length, kind.length + 8)}`;
}

function publicPemOf(privatePem: string): string {
  return createPublicKey(privatePem).export({ type: 'spki', format: 'pem' }).toString();
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
