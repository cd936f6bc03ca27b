import { IntegrityError, StoreUnavailableError } from '../errors.js';

/** SQLite's primary result codes that this adapter tells apart (sqlite.org/rescode.html). */
export const resultCode = {
  error: 1,
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const;

/** The next thing to do when the disk fails. SQLite reports an exhausted quota as an I/O error. */
const diskHints: Readonly<Record<number, string>> = {
  [resultCode.full]:
    'make room on its disk, and run the same again: everything acknowledged is stored',
  [resultCode.readOnly]:
    'make the file and its folder writable, and run the same again: ' +
    'everything acknowledged is stored',
  [resultCode.cannotOpen]:
    'check that its folder exists, has room and may be written by this user; ' +
    'then run the same again',
  [resultCode.ioError]:
    "check the quota, and the system's log for errors of the disk; then run the same again: " +
    'everything acknowledged is stored',
};

/** The primary result code of what the driver threw; `undefined` when it is not SQLite's error. */
export function resultCodeOf(error: unknown): number | undefined {
  // Not `instanceof Error`: in tests the driver's errors come from outside the test's JavaScript
  // context.
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}

/**
 * Runs work on the database, and turns the driver's errors into the port's, with their cause.
 *
 * @param whenDamaged the next thing to do when the file is damaged, if it is not an event store
 */
export function guarded<Result>(file: string, work: () => Result, whenDamaged?: string): Result {
  try {
    return work();
  } catch (error) {
    throw databaseFailure(file, error, whenDamaged);
  }
}

/** The port's error for what the driver threw, with the file and what to do; else as it is. */
export function databaseFailure(file: string, error: unknown, whenDamaged?: string): unknown {
  const code = resultCodeOf(error);
  if (code === undefined) return error;
  const message = (error as Error).message;
  switch (code) {
    case resultCode.corrupt:
    case resultCode.notADatabase:
      return new IntegrityError(`"${file}": ${message}`, {}, { cause: error, hint: whenDamaged });
    case resultCode.error:
      // All statements are fixed, so one that does not compile misses a table or a column.
      return new IntegrityError(
        `"${file}" has lost part of its schema: ${message}`,
        {},
        { cause: error, hint: whenDamaged },
      );
    case resultCode.busy:
    case resultCode.locked:
      return new StoreUnavailableError(
        {
          en: `"${file}" is kept busy by another program: ${message}`,
          zh: `"${file}" 正被另一个程序占用：${message}`,
        },
        {
          cause: error,
        },
      );
    default:
      return new StoreUnavailableError(
        { en: `"${file}" cannot be used: ${message}`, zh: `无法使用 "${file}"：${message}` },
        {
          cause: error,
          hint: diskHints[code],
        },
      );
  }
}
