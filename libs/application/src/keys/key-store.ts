import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { BoundedCache, StoreUnavailableError } from '@penalty-ledger/event-store';
import type { SubjectKey } from '@penalty-ledger/ledger';
import type { SignerKey } from '@penalty-ledger/merkle-log';
import { KeyDestroyedError, KeysDifferError } from './key-errors.js';
import { isUnreadable, KeyFile } from './key-file.js';
import { KeyFileProtection } from './key-file-protection.js';
import { sealBytes } from './key-protection.js';
import { secretIn } from './key-secret.js';
import {
  rowsSubject,
  sumOf,
  type KeyStoreContents,
  type StoredKey,
  type SubjectRow,
} from './key-tables.js';
import { SigningKeys, type SigningKey } from './signing-keys.js';

export {
  KeyDestroyedError,
  KeysDifferError,
  KeysLockedError,
  KeysOfAnotherLedgerError,
  KeysUnreadableError,
} from './key-errors.js';
export { isUnreadable } from './key-file.js';
export type { KeyStoreContents } from './key-tables.js';
export { signingKeyName, simulationIdPrefix } from '@penalty-ledger/ledger';
export type { SigningKey } from './signing-keys.js';

/** The key of a subject as it travels: in base64, or null when it was destroyed. */
export interface SharedKey {
  readonly subject: string;
  readonly key: string | null;
}

/** The number of keys that stay at hand; the last 8,192 always do. */
const maxKnown = 16_384;

/** The keys of subjects, as decisions need them. */
export type SubjectKeys = Pick<KeyStore, 'find' | 'findOrMake' | 'stateOf'>;

/**
 * The keys of one ledger, outside its event store: one AES-256 key a subject, and the Ed25519 key
 * the ledger signs with. They lie in a file that only its owner can read (mode 0600), and can be
 * sealed there under a passphrase. Their holder can read all personal data. Without them names and
 * texts are lost, and every balance stands.
 */
export class KeyStore {
  readonly #file: KeyFile;
  readonly #protection: KeyFileProtection;
  readonly #signing: SigningKeys;
  readonly #select;
  readonly #selectBefore;
  readonly #selectAfter;
  readonly #insert;
  readonly #selectVersion;
  readonly #known = new BoundedCache<string, SubjectKey>(maxKnown);
  /** Made, and not yet in the file. */
  readonly #unsaved = new Map<string, SubjectKey>();
  /** True while pages or log can hold the bytes of a key that was destroyed. */
  #mayHoldDestroyed = false;
  /** SQLite's `data_version`: another one when another connection has written. */
  #version: number | undefined;

  private constructor(
    file: KeyFile,
    /** False when the file is there, and this user may not read it. */
    readonly isReadable = true,
  ) {
    this.#file = file;
    this.#protection = new KeyFileProtection(file);
    this.#signing = new SigningKeys(file, this.#protection);
    const { database } = file;
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
    const file = KeyFile.open(path, secret);
    // A file that has lost its table of subjects is found here.
    const keys = file.guarded(() => new KeyStore(file));
    try {
      keys.#protection.unlock(secret);
      if (ledgerId !== undefined) keys.assertOf(ledgerId);
      // An earlier process may have been killed right after it destroyed a key.
      keys.#mayHoldDestroyed = !file.emptyLog();
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
      ? new KeyStore(KeyFile.emptyFor(path), false)
      : KeyStore.open(path, ledgerId);
  }

  /** Keys in memory, with the contents of a key file. */
  static holding({ subjects, signing }: KeyStoreContents): KeyStore {
    const keys = KeyStore.open(':memory:');
    keys.#file.inTransaction(() => {
      for (const { subject, key } of subjects) keys.#insertKey(subject, key);
    });
    for (const row of signing) keys.#signing.put(row);
    return keys;
  }

  /** The connection to the file. */
  get database(): KeyFile['database'] {
    return this.#file.database;
  }

  /** The file, for messages. */
  get path(): string {
    return this.#file.path;
  }

  /**
   * Checks that the keys are those of a ledger, or of nobody yet.
   *
   * @param ledgerId `undefined` for a new ledger
   * @throws KeysOfAnotherLedgerError
   */
  assertOf(ledgerId: string | undefined): void {
    this.#file.assertOf(ledgerId);
  }

  /**
   * Notes durably which ledger the keys are of.
   *
   * @throws KeysOfAnotherLedgerError
   */
  claim(ledgerId: string): void {
    this.#file.claim(ledgerId);
  }

  /** True when the keys are sealed in the file under a passphrase. */
  get isProtected(): boolean {
    return this.#protection.isOn;
  }

  /** Seals every key in the file under a passphrase: {@link KeyFileProtection.protect}. */
  protect(passphrase: string): void {
    this.save();
    this.#protection.protect(passphrase, this.#rewrite);
  }

  /** Stores every key in plain text again. Does nothing when they are. */
  unprotect(): void {
    this.save();
    this.#protection.unprotect(this.#rewrite);
  }

  /** Protects the keys by another passphrase: {@link KeyFileProtection.changePassphrase}. */
  changePassphrase(passphrase: string): void {
    this.#protection.changePassphrase(passphrase);
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
    this.#file.inTransaction(() => {
      this.#protection.assertSame();
      for (const [subject, key] of this.#unsaved) this.#insertKey(subject, key);
    });
    for (const [subject, key] of this.#unsaved) this.#known.set(subject, key);
    this.#unsaved.clear();
  }

  /** Says whether the subject has a key, had one that was destroyed, or never had one here. */
  stateOf(subject: string): 'held' | 'destroyed' | 'never' {
    const key = this.#look(subject);
    return key === undefined ? 'never' : key === null ? 'destroyed' : 'held';
  }

  /**
   * Destroys a subject's key: from now on nobody finds it. The row stays without it. Done again, it
   * changes nothing.
   *
   * The bytes are overwritten in the database and its log at once, unless another program reads the
   * file just now: {@link destroyedAreGone}. Old blocks that the disk or a backup keeps are out of
   * reach.
   */
  destroy(subject: string): void {
    this.save();
    const { database } = this.#file;
    this.#file.guarded(() => {
      database
        .prepare(
          `INSERT INTO subjectKeys (subject, key, sum) VALUES (?, NULL, ?)
           ON CONFLICT (subject) DO UPDATE SET key = NULL, sum = excluded.sum`,
        )
        .run(subject, sumOf(subject, null));
    });
    this.#mayHoldDestroyed = true;
    this.#known.peek(subject)?.fill(0);
    this.#known.delete(subject);
    this.removeDestroyed();
  }

  /**
   * Removes what the file and its log still hold of destroyed keys, without waiting for another
   * program that reads the file.
   *
   * @returns whether nothing is left
   */
  removeDestroyed(): boolean {
    if (this.#mayHoldDestroyed) this.#mayHoldDestroyed = !this.#file.emptyLog();
    return !this.#mayHoldDestroyed;
  }

  /**
   * Resolves when the file and its log hold nothing of destroyed keys. Others can work meanwhile.
   *
   * @param patienceMs how long another program may keep them
   * @throws StoreUnavailableError when it keeps them longer
   */
  async destroyedAreGone(patienceMs = maxWaitMs): Promise<void> {
    for (let waited = 0; !this.removeDestroyed(); waited += tryEveryMs) {
      if (waited >= patienceMs)
        throw new StoreUnavailableError(
          {
            en:
              'the key is destroyed, but its bytes are still in ' +
              `"${this.path}" or "${this.path}-wal": another program reads the file`,
            zh:
              `密钥已销毁，但其字节仍在 "${this.path}" 或 "${this.path}-wal" 中：` +
              '另一个程序正在读取该文件',
          },
          {
            hint: {
              en: 'end that program, and erase again: "already_erased" says that they are gone',
              zh: '请结束该程序并再次删除：返回 "already_erased" 即表示字节已清除',
            },
          },
        );
      await pause(tryEveryMs);
    }
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

  /** The number of subjects with a key. */
  get subjects(): number {
    const select = 'SELECT count(key) AS count FROM subjectKeys WHERE subject <> ?';
    return (this.#file.get(select, rowsSubject) as { readonly count: number }).count;
  }

  /** The key for the MACs of the event file's rows; `undefined` before it was made. */
  findRowKey(): SubjectKey | undefined {
    return this.find(rowsSubject);
  }

  /**
   * Takes the key for the MACs of the event file's rows, to be saved ({@link save}). Until then a
   * crash loses it, and another one is made.
   */
  putRowKey(key: SubjectKey): void {
    this.#unsaved.set(rowsSubject, key);
  }

  /**
   * Notes durably that a tree of this size was signed.
   *
   * @param earlier the sizes to begin with, where nothing was noted yet
   */
  noteSigned(size: number, earlier: () => readonly number[]): void {
    const last = this.#file.get('SELECT max(size) AS size FROM signedTrees') as {
      readonly size: number | null;
    };
    if (last.size !== null && last.size >= size) return;
    this.#file.inTransaction(() => {
      const insert = this.#file.database.prepare(
        'INSERT INTO signedTrees (size) VALUES (?) ON CONFLICT DO NOTHING',
      );
      for (const each of last.size === null ? [...earlier(), size] : [size]) insert.run(each);
    });
  }

  /** The sizes of the trees that were signed, smallest first. */
  signedSizes(): readonly number[] {
    const rows = this.#file.all('SELECT size FROM signedTrees ORDER BY size');
    return (rows as { readonly size: number }[]).map(({ size }) => size);
  }

  /**
   * Forgets what is known of the event file and the log beside these keys, which others are put in
   * place of: the key of the rows, and which trees were signed.
   */
  forgetFiles(): void {
    this.forgetRowKey();
    this.#file.inTransaction(() => this.#file.database.exec('DELETE FROM signedTrees'));
  }

  /** Forgets the key of the rows, so that the next writer makes another for all of them. */
  forgetRowKey(): void {
    this.save();
    this.#file.inTransaction(() =>
      this.#file.database.prepare('DELETE FROM subjectKeys WHERE subject = ?').run(rowsSubject),
    );
    this.#known.delete(rowsSubject);
  }

  /**
   * Everything in the file that is the ledger's: for another key file, or for a backup that is
   * encrypted.
   *
   * @throws IntegrityError when a key is not as it was stored
   */
  contents(): KeyStoreContents {
    const { subjects, signing } = this.#all();
    return { subjects: subjects.filter(({ subject }) => subject !== rowsSubject), signing };
  }

  #all(): KeyStoreContents {
    this.save();
    const subjects = this.#file.all(
      'SELECT subject, key, sum FROM subjectKeys ORDER BY subject',
    ) as SubjectRow[];
    const signing = this.#signing.rows();
    return {
      subjects: subjects.map(({ subject, ...row }) => ({
        subject,
        key: this.#checked(subject, row),
      })),
      signing,
    };
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
    const added = other.#addAll(subjects);
    for (const row of signing) other.#signing.add(row);
    other.save();
    return added;
  }

  /**
   * The keys of subjects, for a copy of the ledger that takes them over an authenticated
   * connection. A destroyed one is null; a subject that never had one is left out.
   */
  share(subjects: readonly string[]): readonly SharedKey[] {
    return subjects.flatMap((subject) => {
      const key = subject === rowsSubject ? undefined : this.#look(subject);
      if (key === undefined) return [];
      return [{ subject, key: key === null ? null : Buffer.from(key).toString('base64') }];
    });
  }

  /**
   * Takes in keys that another machine shared, durably and all in one step.
   *
   * @throws KeysDifferError when there is another key for a subject
   */
  take(shared: readonly SharedKey[]): void {
    this.#addAll(
      shared.map(({ subject, key }) => ({
        subject,
        key: key === null ? null : Buffer.from(key, 'base64'),
      })),
    );
    this.save();
  }

  /**
   * The public half of the ledger's signing key, which is made on first use. @param name the
   * signed-note key name, without spaces and plus signs
   */
  signingKey(name: string): SigningKey {
    return this.#signing.findOrMake(name);
  }

  /** The public half of the ledger's signing key, if it was ever made. */
  findSigningKey(name: string): SigningKey | undefined {
    return this.#signing.find(name);
  }

  /**
   * The ledger's signing key, made on first use. The private half is a `KeyObject`; it is text only
   * in this file, in backups of it, and through {@link shareSigningKey}.
   */
  signer(name: string): SignerKey {
    return this.#signing.signer(name);
  }

  /** The key that is to follow the ledger's signing key, made on first use. */
  nextSigner(name: string): SignerKey {
    return this.#signing.next(name);
  }

  /** The key that is to follow the ledger's signing key, if one was made. */
  findNextSigner(name: string): SignerKey | undefined {
    return this.#signing.findNext(name);
  }

  /** Makes the key that was to follow the signing key, and destroys the one before. */
  promoteNextSigner(name: string): void {
    this.#signing.promoteNext(name);
  }

  /** Forgets a signing key that was rotated away, in a copy that knows the one after it. */
  forgetSigningKey(name: string): void {
    this.#signing.forget(name);
  }

  /** The signing key in PEM, for a copy as in {@link share}; `undefined` when none was made. */
  shareSigningKey(name: string): string | undefined {
    return this.#signing.row(name)?.privatePem;
  }

  /**
   * Takes in a signing key that another machine shared.
   *
   * @throws KeysDifferError when it is not the one of this verifier key, or there is another here
   */
  takeSigningKey(name: string, privatePem: string, verifierKey: string): void {
    this.#signing.take(name, privatePem, verifierKey);
  }

  close(): void {
    this.#file.close();
  }

  /**
   * Closes the file, and removes it if this opening made it and nothing was stored in it. For a
   * process that has the ledger to itself: another one that has the file open would lose its keys.
   */
  closeUnused(): void {
    this.#file.closeUnused();
  }

  /**
   * Adds keys that are lacking here, to be saved, and destroys those that were destroyed there.
   *
   * @returns the number of added ones
   */
  #addAll(keys: KeyStoreContents['subjects']): number {
    let added = 0;
    for (const { subject, key } of keys) {
      const here = this.#look(subject);
      if (key === null) {
        if (here !== null) this.destroy(subject);
      } else if (here === undefined) {
        this.#unsaved.set(subject, key);
        added += 1;
      } else if (here !== null && Buffer.compare(here, key) !== 0) {
        throw new KeysDifferError(this.path, subject);
      }
    }
    return added;
  }

  /** Stores every key again, after a change of the protection. */
  readonly #rewrite = (change: () => void): void => {
    const { subjects, signing } = this.#all();
    change();
    const update = this.#file.database.prepare(
      'UPDATE subjectKeys SET key = ?, sum = ? WHERE subject = ?',
    );
    for (const { subject, key } of subjects) {
      const stored = this.#stored(subject, key);
      update.run(stored, sumOf(subject, stored), subject);
    }
    this.#signing.rewrite(signing);
  };

  #insertKey(subject: string, key: SubjectKey | null): void {
    const stored = this.#stored(subject, key);
    this.#insert.run(subject, stored, sumOf(subject, stored));
  }

  /** A subject's key as it is stored. */
  #stored(subject: string, key: SubjectKey | null): Uint8Array | null {
    return key === null ? null : this.#protection.seal(labelOf(subject), key);
  }

  /** The subject's key; null where it was destroyed, `undefined` where there never was one. */
  #look(subject: string): SubjectKey | null | undefined {
    const known = this.#known.get(subject) ?? this.#unsaved.get(subject);
    if (known !== undefined) return known;
    const row = this.#file.guarded<unknown>(() => this.#select.get(subject)) as
      StoredKey | undefined;
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
      const beside = this.#file.guarded<unknown>(() => select.get(subject)) as
        SubjectRow | undefined;
      if (beside !== undefined) this.#checked(beside.subject, beside);
    }
  }

  /** The key in a row. @throws IntegrityError when it is not the one that was stored */
  #checked(subject: string, { key: stored, sum }: StoredKey): SubjectKey | null {
    const what = { en: `the key of "${subject}"`, zh: ` "${subject}" 的密钥` };
    if (sum !== sumOf(subject, stored)) throw this.#file.notStored(what);
    if (stored === null) return null;
    const isSealed = stored.length === keyBytes + sealBytes;
    if (isSealed !== this.isProtected) this.#protection.assertSame();
    return this.#protection.open(labelOf(subject), stored, what);
  }
}

/**
 * As {@link KeyStore.forgetFiles}, where a key file lies already.
 *
 * @throws KeysOfAnotherLedgerError
 */
export function forgetFilesBeside(path: string, ledgerId: string): void {
  if (!existsSync(path)) return;
  const keys = KeyStore.open(path, ledgerId);
  try {
    keys.forgetFiles();
  } finally {
    keys.close();
  }
}

const keyBytes = 32;

/** The time an erasure waits for another program that reads the keys, and between its tries. */
const maxWaitMs = 5_000;
const tryEveryMs = 20;

const labelOf = (subject: string): string => `subjectKeys\0${subject}`;
