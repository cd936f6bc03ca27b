import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { CustodyError, IntegrityError } from '../errors.js';
import { connectionTo } from './connection.js';
import { guarded } from './failures.js';
import { custodySchemaVersion } from './schema.js';
import { inTransaction } from './transaction.js';

/** The roles of a file among the machines that hold one ledger. */
export type CustodyRole = 'writer' | 'follower' | 'fenced';

/**
 * The right to append to a file, kept in the file itself, so that no copy or move separates them. A
 * file without a record was never handed over, and may be written.
 */
export interface Custody {
  /** `follower`: copies another machine's events. `fenced`: another machine took over. */
  readonly role: CustodyRole;
  /** The URL of the other machine; empty when it is unknown. */
  readonly other: string;
  /** Further facts of the program that set the role. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** The role in which a program opens a file for writing. */
export type WritingRole = Exclude<CustodyRole, 'fenced'>;

const table = `
  CREATE TABLE IF NOT EXISTS custody (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    role    TEXT NOT NULL CHECK (role IN ('writer', 'follower', 'fenced')),
    other   TEXT NOT NULL,
    details TEXT NOT NULL CHECK (json_type(details) = 'object')
  ) STRICT;

  CREATE TRIGGER IF NOT EXISTS custody_is_never_deleted BEFORE DELETE ON custody
  BEGIN SELECT RAISE(ABORT, 'custody is never deleted: a copy would become writable'); END;
`;

/** Reads a file's custody; `undefined` where none was ever set. */
export function readCustody(db: DatabaseSyncInstance, file: string): Custody | undefined {
  const { version } = guarded<unknown>(file, () =>
    db.prepare('SELECT user_version AS version FROM pragma_user_version').get(),
  ) as { readonly version: number };
  if (version < custodySchemaVersion) return undefined;
  const row = guarded<unknown>(file, () =>
    db.prepare('SELECT role, other, details FROM custody').get(),
  ) as { readonly role: CustodyRole; readonly other: string; readonly details: string } | undefined;
  if (row === undefined)
    throw new IntegrityError(
      {
        en: `"${file}" has lost the record that says who may write to it`,
        zh: `"${file}" 丢失了写入权的记录`,
      },
      {},
    );
  return { ...row, details: JSON.parse(row.details) as Readonly<Record<string, unknown>> };
}

/**
 * Sets a file's custody, durably, and raises the file's schema version: a release that does not
 * know custody would write to the file.
 */
export function writeCustody(file: string, { role, other, details }: Custody): void {
  const db = connectionTo(file, 'write');
  try {
    guarded(file, () => db.exec('PRAGMA synchronous = FULL; PRAGMA fullfsync = ON'));
    inTransaction(db, file, () => {
      db.exec(table);
      db.prepare(
        'INSERT INTO custody VALUES (1, ?, ?, ?) ON CONFLICT (one) DO UPDATE ' +
          'SET role = excluded.role, other = excluded.other, details = excluded.details',
      ).run(role, other, JSON.stringify(details));
      db.exec(`PRAGMA user_version = ${custodySchemaVersion}`);
    });
  } finally {
    db.close();
  }
}

/** @throws CustodyError when the file may not be written in this role */
export function assertMayWrite(file: string, custody: Custody | undefined, as: WritingRole): void {
  const role = custody?.role ?? 'writer';
  if (role === as || (custody === undefined && as === 'follower')) return;
  throw new CustodyError(file, role, custody?.other ?? '');
}
