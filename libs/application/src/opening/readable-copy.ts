import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { copySqliteFile, StoreUnavailableError } from '@penalty-ledger/event-store';
import { isUnreadable } from '../keys/key-store.js';
import { locationOf, secondLocationOf, type SqliteLocation } from '../stores/store-url.js';

/** A copy of a ledger's files for one reader, who may not write beside the ledger itself. */
export interface ReadableCopy {
  readonly url: string;
  /** The file of the keys, where it could not be read: names and texts stay sealed. */
  readonly keysElsewhere?: string;
  /** Removes the copy, also while the program ends. */
  readonly remove: () => void;
}

/** Tries to copy a file that changes meanwhile, before its reader is told so. */
const attempts = 5;

/**
 * Copies a ledger that this user may read and not write; `undefined` for one that it may write,
 * and for one that does not exist.
 *
 * SQLite writes beside a database even to read it. Its `immutable` mode does not, and reads wrong
 * pages when a writer comes, which nothing here can rule out. A copy is right whoever writes: a
 * file that another process has open is copied through SQLite, and any other one byte by byte, and
 * again if it has changed meanwhile.
 *
 * @throws StoreUnavailableError when the events cannot be read
 */
export async function copyToRead(url: string): Promise<ReadableCopy | undefined> {
  const source = locationOf(url);
  if (source.engine !== 'sqlite' || !existsSync(source.events) || mayWrite(source))
    return undefined;
  // What is no store is refused by who opens it, under its own name.
  if (!statSync(source.events).isFile() || statSync(source.events).size === 0) return undefined;
  for (const file of ['', '-wal', '-shm'].map((ending) => source.events + ending))
    if (existsSync(file) && !may(file, constants.R_OK))
      throw new StoreUnavailableError(
        {
          en: `"${file}" cannot be read: permission denied`,
          zh: `无法读取 "${file}"：没有权限`,
        },
        {
          hint: {
            en: 'ask its owner for the right to read it; the right to write is not needed',
            zh: '请向其所有者申请读取权限；无须写入权限',
          },
        },
      );
  if (!isDatabase(source.events)) return undefined;
  // For this user alone: it may hold the keys of subjects.
  const folder = mkdtempSync(join(tmpdir(), 'ledger-read-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const copy = `sqlite:${join(folder, basename(source.events))}`;
    const target = secondLocationOf(copy) as SqliteLocation;
    // In this order each file knows at least what the one before it refers to.
    copyReadModels(source.readModels, target.readModels);
    if (may(source.log, constants.R_OK)) await copyDatabase(source.log, target.log);
    await copyDatabase(source.events, target.events);
    if (isUnreadable(source.keys)) return { url: copy, keysElsewhere: source.keys, remove };
    if (existsSync(source.keys)) await copyDatabase(source.keys, target.keys);
    return { url: copy, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Says whether this user may write everything that reading a ledger in place would write. */
function mayWrite({ events, keys, log, readModels }: SqliteLocation): boolean {
  const files = [events, keys, log, readModels];
  return (
    [events, keys].every((file) => may(dirname(file), constants.W_OK | constants.X_OK)) &&
    files.every((file) => !existsSync(file) || may(file, constants.R_OK | constants.W_OK))
  );
}

/** Says whether a file begins as SQLite's do. */
function isDatabase(file: string): boolean {
  const beginning = Buffer.alloc(16);
  const opened = openSync(file, 'r');
  try {
    readSync(opened, beginning);
  } finally {
    closeSync(opened);
  }
  return beginning.equals(Buffer.from('SQLite format 3\0'));
}

function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

/** Read models in use, or unreadable, are left out: they are made again from the events. */
function copyReadModels(from: string, to: string): void {
  const parts = [from, `${from}-pages`];
  if (existsSync(`${from}-wal`) || !parts.every((part) => may(part, constants.R_OK))) return;
  if (!copiedUnchanged(parts, [to, `${to}-pages`])) rmSync(to, { force: true });
}

async function copyDatabase(from: string, to: string): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if (existsSync(`${from}-shm`)) return copySqliteFile(from, to);
    const log = existsSync(`${from}-wal`) ? ['-wal'] : [];
    const parts = ['', ...log];
    const isComplete = copiedUnchanged(
      parts.map((part) => from + part),
      parts.map((part) => to + part),
    );
    if (isComplete) return;
  }
  throw new StoreUnavailableError(
    {
      en: `"${from}" was written again and again while it was copied`,
      zh: `复制 "${from}" 期间，它不断被写入`,
    },
    { hint: { en: 'run the same again', zh: '请重新运行同一条命令' } },
  );
}

/** Copies files; returns false when one of them changed, or came or went, meanwhile. */
function copiedUnchanged(from: readonly string[], to: readonly string[]): boolean {
  const before = from.map(stateOf);
  for (const [index, file] of from.entries()) {
    const copy = to[index] ?? '';
    copyFileSync(file, copy, constants.COPYFILE_FICLONE);
    // A copy has the mode of its source, which is perhaps not to be written.
    chmodSync(copy, 0o600);
  }
  return from.every((file, index) => stateOf(file) === before[index]);
}

/** Another text after every write to a file, and to the log that SQLite writes beside it. */
function stateOf(file: string): string {
  return [file, `${file}-wal`]
    .map((path) => statSync(path, { bigint: true, throwIfNoEntry: false }))
    .map((found) => (found === undefined ? '' : `${found.ino} ${found.size} ${found.mtimeNs}`))
    .join(', ');
}
