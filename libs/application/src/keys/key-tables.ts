import { randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import type { WrappedKey } from './key-protection.js';

/** The version of the tables below. */
export const keysSchemaVersion = 2;

/**
 * The subject that stands for the rows of the event file beside these keys. Its key is of that one
 * file: it goes to no copy and to no backup.
 */
export const rowsSubject = 'event-rows';

/** A subject's key as it is stored. */
export interface StoredKey {
  /** Null where it was destroyed. */
  readonly key: Uint8Array | null;
  readonly sum: number;
}

export interface SubjectRow extends StoredKey {
  readonly subject: string;
}

export interface SigningRow {
  readonly name: string;
  readonly privatePem: string;
  readonly publicPem: string;
}

export interface ProtectionRow extends WrappedKey {
  /** Another one for each data key. */
  readonly id: string;
  /** 0 while pages or log can hold keys that were stored in plain text. */
  readonly cleaned: number;
}

/** Every key in a key file, as it is outside the file. */
export interface KeyStoreContents {
  /** A destroyed key is null. */
  readonly subjects: readonly { readonly subject: string; readonly key: Uint8Array | null }[];
  readonly signing: readonly SigningRow[];
}

/**
 * Makes the tables of a key file that are not there yet.
 *
 * @param protection that of a new file; left out where its keys are stored in plain text
 */
export function makeTables(
  database: DatabaseSyncInstance,
  protection: WrappedKey | undefined,
): void {
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
    -- The sizes of the trees that were signed: the log must hold a checkpoint for each.
    CREATE TABLE IF NOT EXISTS signedTrees (
      size INTEGER PRIMARY KEY
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

/** Stores a data key as wrapped under a passphrase, in place of an earlier one. */
export function putProtection(
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

/** The sum of a subject, and of its key as it is stored or the key's destruction. */
export function sumOf(subject: string, stored: Uint8Array | null): number {
  return crc32(stored ?? 'destroyed', crc32(`${subject}\0`));
}
