import { channel } from 'node:diagnostics_channel';
import { inEach, sameInBoth, SpokenError, type InBoth } from '@penalty-ledger/ledger';

/** The files of the read models are not as they were written. The events can make them again. */
export class ReadModelsDamagedError extends SpokenError {
  readonly code = 'read_models_damaged';

  constructor(
    readonly path: string,
    /** The damage, without the place. */
    readonly found: InBoth,
    options?: ErrorOptions,
  ) {
    super(
      {
        en: `the read models "${path}" are damaged: ${found.en}`,
        zh: `读模型 "${path}" 已损坏：${found.zh}`,
      },
      options,
    );
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
export function damageOr(error: unknown, path: string, part = sameInBoth('')): unknown {
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
  if (!isDamage) return error;
  const found = inEach(part, (half) => half + message);
  return new ReadModelsDamagedError(path, found, { cause: error });
}

const pagesNamed = 10;

/** Names the pages that are not as they were written, the first of them. */
export function damagedPages(pages: readonly number[]): InBoth {
  const some = pages.slice(0, pagesNamed);
  const named: InBoth = { en: some.join(', '), zh: some.join('、') };
  if (pages.length === 1)
    return { en: `page ${named.en} is not as it was written`, zh: `第 ${named.zh} 页与写入时不同` };
  const others = pages.length - pagesNamed;
  const more: InBoth =
    others > 0
      ? { en: ` and ${String(others)} more`, zh: ` 等另外 ${String(others)} 页` }
      : sameInBoth('');
  return {
    en: `pages ${named.en}${more.en} are not as they were written`,
    zh: `第 ${named.zh} 页${more.zh}与写入时不同`,
  };
}
