import { rmSync, statSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import type { InBoth } from '@penalty-ledger/ledger';
import { damageOr, ReadModelsDamagedError } from './damage.js';
import { FileLock } from './file-lock.js';
import { LogDamagedError, readLogFrames } from './log-frames.js';
import { pageSum, RunSum } from './page-crc.js';
import { PageSums, removePageSums } from './page-sums.js';
import { RawFile, statusOf } from './raw-file.js';

/** Pages that are compared in one step, under the lock: some 16 MB. */
const pagesAStep = 4_096;

/** Pages read at once: 1 MB, which the processor's cache holds while their sums are computed. */
const pagesARead = 256;

/** Filled with each read anew: fresh memory cost a third of the time of comparing. */
let buffer = Buffer.alloc(0);

function readBuffer(bytes: number): Buffer {
  if (buffer.length < bytes) buffer = Buffer.allocUnsafeSlow(bytes);
  return buffer.subarray(0, bytes);
}

/** The result of one step of comparing pages. */
export interface PagesCompared {
  readonly compared: number;
  /** The pages that are not as they were written. */
  readonly damaged: readonly number[];
  /** The page to go on with; `undefined` after the last. */
  readonly next: number | undefined;
  /** The time of the last write to the file before these pages were read. */
  readonly writtenAt: string | undefined;
}

/** A change of a file in use by others than its checkpoints. */
export type FileChange = 'none' | 'written' | 'replaced';

/**
 * A SQLite file in WAL mode whose pages have sums. Nobody but {@link checkpoint} moves pages from
 * the log into the file, and it makes their sums durable before. So after a crash between any two
 * steps each page is in the log, or equals its sum. All of it happens under {@link locked}.
 */
export class CheckedFile {
  readonly #lock: FileLock;
  #sums: PageSums | undefined;
  #raw: RawFile | undefined;
  /** The last write that is known to be a checkpoint's, or from before all pages were compared. */
  #writtenAt: string | undefined;

  constructor(readonly path: string) {
    this.#lock = new FileLock(`${path}-lock`);
  }

  /** Runs work while nobody else writes, checkpoints, compares or replaces the file. */
  locked<Result>(work: () => Result): Result {
    return this.#lock.held(work);
  }

  /**
   * The change since the opening, or since {@link noteWritten}: another file or none is at the
   * path, or something else than a checkpoint wrote to this one.
   */
  get change(): FileChange {
    const now = statusOf(this.path);
    if (now === undefined || now.identity !== this.#raw?.identity) return 'replaced';
    if (now.writtenAt === this.#writtenAt) return 'none';
    this.#writtenAt = this.#withSums((sums) => sums.state.writtenAt);
    return now.writtenAt === this.#writtenAt ? 'none' : 'written';
  }

  /** Notes that the pages are right as of a write, unless another one came after it. */
  noteWritten(writtenAt: string | undefined): void {
    if (writtenAt === undefined || statusOf(this.path)?.writtenAt !== writtenAt) return;
    if (writtenAt === this.#writtenAt) return;
    this.#withSums((sums) => {
      sums.noteWritten(writtenAt);
    });
    this.#writtenAt = writtenAt;
  }

  /** Says whether there is nothing where the file should be. */
  get isEmpty(): boolean {
    return (statSync(this.path, { throwIfNoEntry: false })?.size ?? 0) === 0;
  }

  /** Takes away the file and everything beside it, and makes the sums of an empty one. */
  clear(): void {
    this.release();
    removeDatabase(this.path);
    this.#sums = PageSums.create(this.#sumsPath);
  }

  /** Begins to use the file that the path names now. */
  use(): void {
    const status = statusOf(this.path);
    if (status === undefined) throw this.#damage({ en: 'the file is gone', zh: '文件已不存在' });
    const before = this.#raw;
    this.#raw = new RawFile(this.path, status.identity);
    before?.release();
  }

  /** Ends the use of the file; call it after its database is closed. */
  release(): void {
    this.#sums?.close();
    this.#sums = undefined;
    this.#raw?.release();
    this.#raw = undefined;
    this.#writtenAt = undefined;
  }

  close(): void {
    this.release();
    this.#lock.close();
  }

  /** Names the state of the file's pages; a transaction notes it. */
  get base(): number {
    return this.#withSums((sums) => sums.base);
  }

  /**
   * Moves pages from the log into the file, after their sums.
   *
   * @param base the one that the last transaction noted
   * @returns whether the file holds everything; a reader can keep pages in the log
   * @throws ReadModelsDamagedError when the log is damaged, or belongs to other pages
   */
  checkpoint(database: DatabaseSyncInstance, base: number, mode: 'PASSIVE' | 'TRUNCATE'): boolean {
    const { frames } = logState(database, 'NOOP');
    // A write by others stays unexplained, so that all pages are compared.
    const wasChanged = this.change !== 'none';
    if (frames > 0) this.#sumUp(frames, base);
    const { busy, frames: kept, moved } = logState(database, mode);
    if (frames > 0 && !wasChanged) this.noteWritten(statusOf(this.path)?.writtenAt);
    return !busy && kept === moved;
  }

  /** Makes the sums of the pages in the log durable. */
  #sumUp(frames: number, base: number): void {
    const state = this.#withSums((sums) => sums.state);
    try {
      const read = readLogFrames(`${this.path}-wal`, frames, state);
      if (read.salts !== state.salts && base !== state.base)
        throw this.#damage({
          en: 'its log was written to other pages than those of the file',
          zh: '其日志所写的页不是该文件的页',
        });
      if (read.sums.size > 0)
        this.#withSums((sums) => {
          sums.put(read);
        });
    } catch (error) {
      throw error instanceof LogDamagedError ? this.#damage(error.inBoth, error) : error;
    }
  }

  /**
   * Compares pages with their sums, from a page on. Pages that a reader keeps in the log are left
   * out: SQLite reads them from there.
   *
   * @param base as for {@link checkpoint}
   */
  compare(
    database: DatabaseSyncInstance,
    base: number,
    from: number,
    limit = pagesAStep,
  ): PagesCompared {
    const isComplete = this.checkpoint(database, base, 'PASSIVE');
    const inLog = isComplete ? undefined : this.#pagesInLog(logState(database, 'NOOP').frames);
    const { pages, pageSize } = this.#withSums((sums) => sums.state);
    const to = Math.min(pages, from + limit - 1);
    const raw = this.#raw;
    const writtenAt = statusOf(this.path)?.writtenAt;
    if (raw === undefined || to < from)
      return { compared: 0, damaged: [], next: undefined, writtenAt };
    const damaged: number[] = [];
    const runSum = RunSum.of(pageSize);
    let parts = new Map<number, DataView>();
    const sumOf = (page: number): number | undefined => {
      const number = PageSums.partOf(page);
      let part = parts.get(number);
      if (part === undefined) {
        part = this.#withSums((sums) => sums.part(number));
        parts = new Map([[number, part]]);
      }
      return PageSums.sumIn(part, page);
    };
    for (let first = from; first <= to; first += pagesARead) {
      const last = Math.min(to, first + pagesARead - 1);
      const content = readBuffer((last - first + 1) * pageSize);
      const read = raw.read(content, (first - 1) * pageSize);
      let expected = 0;
      for (let page = first; page <= last; page += 1)
        expected = runSum.append(expected, page, sumOf(page) ?? 0);
      if (read === content.length && crc32(content) === expected) continue;
      for (let page = first; page <= last; page += 1) {
        const at = (page - first) * pageSize;
        const isRight =
          at + pageSize <= read &&
          pageSum(page, content.subarray(at, at + pageSize)) === sumOf(page);
        if (!isRight && inLog?.has(page) !== true) damaged.push(page);
      }
    }
    const next = to < pages ? to + 1 : undefined;
    return { compared: to - from + 1, damaged, next, writtenAt };
  }

  #pagesInLog(frames: number): ReadonlySet<number> {
    return new Set(readLogFrames(`${this.path}-wal`, frames).sums.keys());
  }

  get #sumsPath(): string {
    return `${this.path}-pages`;
  }

  #withSums<Result>(act: (sums: PageSums) => Result): Result {
    try {
      this.#sums ??= PageSums.open(this.#sumsPath);
      if (this.#sums !== undefined) return act(this.#sums);
    } catch (error) {
      throw damageOr(error, this.path, {
        en: `"${this.#sumsPath}" with its sums: `,
        zh: `其校验和文件 "${this.#sumsPath}"：`,
      });
    }
    throw this.#damage({
      en: `"${this.#sumsPath}" with its sums is missing`,
      zh: `缺少其校验和文件 "${this.#sumsPath}"`,
    });
  }

  #damage(found: InBoth, cause?: unknown): ReadModelsDamagedError {
    return new ReadModelsDamagedError(this.path, found, { cause });
  }
}

/** Takes away a file of read models, and what is kept beside it except its lock. */
export function removeDatabase(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
  removePageSums(`${path}-pages`);
}

interface LogState {
  readonly busy: boolean;
  readonly frames: number;
  /** Those that are in the file too. */
  readonly moved: number;
}

/** Checkpoints as `mode` says, `NOOP` not at all, and tells what is in the log. */
function logState(database: DatabaseSyncInstance, mode: 'NOOP' | 'PASSIVE' | 'TRUNCATE'): LogState {
  const [busy, frames, moved] = database
    .prepare(`PRAGMA wal_checkpoint(${mode})`, { returnArrays: true })
    .get() as [number, number, number];
  return { busy: busy !== 0, frames, moved };
}
