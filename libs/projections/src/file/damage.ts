import { channel } from 'node:diagnostics_channel';

/** The files of the read models are not as they were written. The events can make them again. */
export class ReadModelsDamagedError extends Error {
  readonly code = 'read_models_damaged';

  constructor(
    readonly path: string,
    /** The damage, without the place. */
    readonly found: string,
    options?: ErrorOptions,
  ) {
    super(`the read models "${path}" are damaged: ${found}`, options);
    this.name = 'ReadModelsDamagedError';
  }
}

/**
 * Reports each {@link ReadModelsDamagedError} for which read models are rebuilt. A channel of the
 * process, because every program that opens a ledger may have to say it.
 */
export const rebuildChannel = channel('penalty-ledger.read-models-rebuilt');

/** SQLite's primary result codes that a damaged file gives (sqlite.org/rescode.html). */
const damageCodes: ReadonlySet<number> = new Set([
  // SQL error: all statements are fixed, so one that does not compile misses a table or a column.
  1,
  // A corrupt database.
  11,
  // A constraint: folding gives each row once, so another row stands where it belongs.
  19,
  // Another type than the column's.
  20,
  // Not a database.
  26,
]);

/** SQLite's extended codes of reads that gave other bytes, or fewer, than were written. */
const damagedReads: ReadonlySet<number> = new Set([522, 8_202, 8_458]);

/** SQLite's messages of the same; the driver gives no code with an error of `all` and `iterate`. */
const damageMessages = /^(?:database disk image is malformed|file is not a database|no such )/;

/** The error as {@link ReadModelsDamagedError} where SQLite means damage; else as it is. */
export function damageOr(error: unknown, path: string, part = ''): unknown {
  // Not `instanceof Error`: in tests the driver's errors come from outside the test's JavaScript
  // context.
  if (typeof error !== 'object' || error === null || !('code' in error)) return error;
  if (error.code !== 'ERR_SQLITE_ERROR') return error;
  const { message } = error as unknown as Error;
  const code = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined;
  const isDamage =
    code === undefined
      ? damageMessages.test(message)
      : damageCodes.has(code & 0xff) || damagedReads.has(code);
  return isDamage ? new ReadModelsDamagedError(path, `${part}${message}`, { cause: error }) : error;
}
