import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { sameInBoth, type InBoth } from '@penalty-ledger/ledger';
import { IntegrityError, StoreUnavailableError } from '../errors.js';
import { systemReasons } from '../system-error.js';

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

/** The thing that the system refused, and the next thing to do. */
interface Refusal {
  readonly reason: InBoth;
  readonly hint: InBoth;
}

const stored: InBoth = {
  en: 'and run the same again: everything acknowledged is stored',
  zh: '然后重新运行：已确认的内容都已保存',
};

/** The state of the appends in flight after a failed write, and what to do: a sentence's end. */
export const appendsInFlight: InBoth = {
  en:
    'the appends in flight may or may not be stored: ' +
    'open the store again, and send the same appends again',
  zh: '正在进行的追加可能已存储，也可能未存储：请重新打开存储，并再次发送相同的追加',
};

/** SQLite reports an exhausted quota as an I/O error. */
const refusals: Readonly<Record<number, Refusal>> = {
  [resultCode.full]: {
    reason: systemReasons.ENOSPC,
    hint: { en: `make room on its disk, ${stored.en}`, zh: `请腾出磁盘空间，${stored.zh}` },
  },
  [resultCode.readOnly]: {
    reason: { en: 'it may not be written', zh: '不可写入' },
    hint: {
      en: `make the file and its folder writable, ${stored.en}`,
      zh: `请让该文件及其文件夹可写，${stored.zh}`,
    },
  },
  [resultCode.cannotOpen]: {
    reason: { en: 'it cannot be opened', zh: '无法打开' },
    hint: {
      en:
        'check that its folder exists, has room and may be written by this user; ' +
        'then run the same again',
      zh: '请检查其文件夹存在、有空间且当前用户可写，然后重新运行',
    },
  },
  [resultCode.ioError]: {
    reason: { en: 'the disk fails, or its quota is used up', zh: '磁盘出错，或配额已用尽' },
    hint: {
      en: `check the quota, and the system's log for errors of the disk, ${stored.en}`,
      zh: `请检查配额以及系统日志中的磁盘错误，${stored.zh}`,
    },
  },
};

const isFolder: Refusal = {
  reason: systemReasons.EISDIR,
  hint: { en: 'give the path of a file', zh: '请给出文件的路径' },
};
const isDenied: Refusal = {
  reason: systemReasons.EACCES,
  hint: {
    en: 'ask its owner for the right to read it, and to write it for what records',
    zh: '请向其所有者申请读取权限；要记录内容时还需写入权限',
  },
};

/** Finds what SQLite does not tell apart when a file cannot be opened, read or written. */
function refusalOf(file: string, code: number): Refusal | undefined {
  if (code === resultCode.full) return refusals[code];
  try {
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) return isFolder;
    const needed = constants.R_OK | (code === resultCode.readOnly ? constants.W_OK : 0);
    if (existsSync(file)) accessSync(file, needed);
  } catch {
    return isDenied;
  }
  return refusals[code];
}

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
export function guarded<Result>(file: string, work: () => Result, whenDamaged?: InBoth): Result {
  try {
    return work();
  } catch (error) {
    throw databaseFailure(file, error, whenDamaged);
  }
}

/** The port's error for what the driver threw, with the file and what to do; else as it is. */
export function databaseFailure(file: string, error: unknown, whenDamaged?: InBoth): unknown {
  const code = resultCodeOf(error);
  if (code === undefined) return error;
  const message = (error as Error).message;
  switch (code) {
    case resultCode.corrupt:
    case resultCode.notADatabase:
      return new IntegrityError(
        sameInBoth(`"${file}": ${message}`),
        {},
        {
          cause: error,
          hint: whenDamaged,
        },
      );
    case resultCode.error:
      // All statements are fixed, so one that does not compile misses a table or a column.
      return new IntegrityError(
        {
          en: `"${file}" has lost part of its schema: ${message}`,
          zh: `"${file}" 缺失部分表结构：${message}`,
        },
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
    default: {
      const refusal = refusalOf(file, code);
      const { en, zh } = refusal?.reason ?? { en: message, zh: message };
      return new StoreUnavailableError(
        { en: `"${file}" cannot be used: ${en}`, zh: `无法使用 "${file}"：${zh}` },
        { cause: error, hint: refusal?.hint },
      );
    }
  }
}
