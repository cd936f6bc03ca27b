import { createHash } from 'node:crypto';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import {
  appendByteLimit,
  lockForWriting,
  makeLastingFolder,
  StoreLockedError,
  syncFolder,
  type WriterLock,
} from '@penalty-ledger/event-store';
import { counted, inEach, SpokenError, type InBoth } from '@penalty-ledger/ledger';
import { splitLines, utf8TextOf } from '../intake/file-lines.js';
import {
  BackupDamagedError,
  manifestByteLimit,
  manifestText,
  readManifest,
  type Manifest,
  type Segment,
  type SequenceName,
} from './backup-manifest.js';
import { partialEnding, writeDurably } from './durable-file.js';
import { openRegularFile } from './regular-file.js';

/** The folder cannot take a backup of this ledger. Nothing in it was changed. */
export class BackupRefusedError extends SpokenError {
  readonly code = 'backup_refused';
}

/** The name of a backup's manifest. */
export const manifestName = 'backup.json';

const segmentName = /^(?:events|checkpoints|access-log)-\d{15}-\d{15}\.ndjson\.gz$/;
const isLock = (name: string): boolean => name.startsWith(`${manifestName}-lock`);
const isPartial = (name: string): boolean => name.endsWith(partialEnding);

/** A backup's folder, while this process alone writes into it. */
export class BackupFolder {
  readonly #lock: WriterLock;

  private constructor(
    readonly path: string,
    /** The manifest found; `undefined` in a new folder. */
    readonly found: Manifest | undefined,
    lock: WriterLock,
  ) {
    this.#lock = lock;
  }

  /**
   * Opens a folder to write into, or makes it (mode 0700 for what it makes).
   *
   * @throws BackupRefusedError when it holds other files or another backup is being written;
   * BackupDamagedError when its manifest is lost or damaged
   */
  static async open(folder: string): Promise<BackupFolder> {
    const path = resolve(folder);
    if (existsSync(path)) assertBackup(path);
    else makeLastingFolder(path, 0o700);
    const lock = lockedFolder(path);
    try {
      const manifest = join(path, manifestName);
      const found = existsSync(manifest)
        ? readManifest(await readManifestText(manifest), manifest)
        : undefined;
      return new BackupFolder(path, found, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /**
   * Makes a manifest the backup's, durably and in one step; the segments that it names must be
   * synced. Then removes files that it does not name.
   */
  async commit(manifest: Manifest): Promise<void> {
    syncFolder(this.path);
    await writeDurably(join(this.path, manifestName), Buffer.from(manifestText(manifest)));
    const named = new Set(segmentsOf(manifest).map(({ file: name }) => name));
    for (const name of readdirSync(this.path))
      if (isPartial(name) || (segmentName.test(name) && !named.has(name)))
        rmSync(join(this.path, name), { force: true });
  }

  close(): void {
    this.#lock.release();
  }
}

function lockedFolder(path: string): WriterLock {
  try {
    return lockForWriting(join(path, manifestName));
  } catch (error) {
    if (!(error instanceof StoreLockedError)) throw error;
    const { en, zh } = error.heldBy;
    throw new BackupRefusedError(
      {
        en: `another backup is being written into "${path}"${en}: wait until it ends`,
        zh: `另一个备份正在写入 "${path}"${zh}：请等待其结束`,
      },
      { cause: error },
    );
  }
}

/** Tells a backup that has lost its manifest from what never was one. */
function noManifest(path: string, manifest: string): Error {
  const text = {
    en: `there is no "${manifest}": give a folder that "ledger backup" made`,
    zh: `没有 "${manifest}"：请给出由 "ledger backup" 生成的文件夹`,
  };
  const isBackup =
    existsSync(path) &&
    statSync(path).isDirectory() &&
    readdirSync(path).some((name) => segmentName.test(name));
  return isBackup ? new BackupDamagedError(text) : new BackupRefusedError(text);
}

/** @throws BackupRefusedError, BackupDamagedError when a folder is not one for backups */
function assertBackup(path: string): void {
  if (!statSync(path).isDirectory())
    throw new BackupRefusedError({
      en: `"${path}" is a file, not a folder: give an empty folder, or that of a backup`,
      zh: `"${path}" 是文件而非文件夹：请给出空文件夹，或备份所在的文件夹`,
    });
  const names = readdirSync(path);
  if (names.includes(manifestName)) return;
  if (names.some((name) => segmentName.test(name)))
    throw new BackupDamagedError({
      en: `"${path}" has lost its ${manifestName}: keep the folder, and back up into another one`,
      zh: `"${path}" 缺少 ${manifestName}：请保留该文件夹，并备份到另一个文件夹`,
    });
  const other = names.find((name) => !isLock(name) && !isPartial(name));
  if (other !== undefined)
    throw new BackupRefusedError({
      en: `"${path}" is not a backup, and holds other files ("${other}"): give an empty folder`,
      zh: `"${path}" 不是备份，且含有其他文件（"${other}"）：请给出空文件夹`,
    });
}

function segmentsOf({ accessLog, checkpoints, events }: Manifest): readonly Segment[] {
  return [...events.segments, ...checkpoints.segments, ...(accessLog?.segments ?? [])];
}

async function readManifestText(path: string): Promise<string> {
  const file = await openRegularFile(path);
  try {
    const { size } = await file.stat();
    if (size > manifestByteLimit)
      throw new BackupDamagedError({
        en: `"${path}" has ${counted(size, 'byte')}; the limit is ${manifestByteLimit}`,
        zh: `"${path}" 有 ${size} 字节；上限为 ${manifestByteLimit}`,
      });
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Attempts at opening every file of a backup that another process is writing. */
const attempts = 5;

/**
 * A backup, open to be read. Its files are all open, so that a backup that runs beside it can
 * replace them.
 */
export class OpenedBackup {
  readonly #files: ReadonlyMap<string, FileHandle>;

  private constructor(
    readonly path: string,
    readonly manifest: Manifest,
    files: ReadonlyMap<string, FileHandle>,
  ) {
    this.#files = files;
  }

  /** @throws BackupRefusedError when it is no backup, BackupDamagedError when a file is missing */
  static async open(folder: string): Promise<OpenedBackup> {
    const path = resolve(folder);
    const name = join(path, manifestName);
    if (!existsSync(name)) throw noManifest(path, name);
    for (let attempt = 1; ; attempt += 1) {
      const manifest = readManifest(await readManifestText(name), name);
      const files = new Map<string, FileHandle>();
      try {
        for (const { file } of segmentsOf(manifest))
          files.set(file, await openRegularFile(join(path, file)));
        return new OpenedBackup(path, manifest, files);
      } catch (error) {
        for (const file of files.values()) await file.close();
        const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
        if (!isMissing) throw error;
        // A backup that ran meanwhile may have replaced the file.
        if (attempt === attempts)
          throw new BackupDamagedError(
            {
              en: `a file of the backup is missing: ${error.message}`,
              zh: `缺少备份的文件：${error.message}`,
            },
            {
              cause: error,
            },
          );
      }
    }
  }

  /**
   * The lines of a sequence, in order. A file's hash is checked before its first line is given.
   *
   * @throws BackupDamagedError at the first file that is not what was written
   */
  async *lines(sequence: SequenceName): AsyncGenerator<readonly string[], void, undefined> {
    const { accessLog, checkpoints, events } = this.manifest;
    const parts = { events, checkpoints, 'access-log': accessLog };
    for (const segment of parts[sequence]?.segments ?? []) {
      await this.#assertAsWritten(segment);
      yield* this.#linesOf(segment);
    }
  }

  async close(): Promise<void> {
    for (const file of this.#files.values()) await file.close();
  }

  #bytesOf({ file, bytes }: Segment): Readable {
    const handle = this.#files.get(file) as FileHandle;
    return handle.createReadStream({ start: 0, end: bytes - 1, autoClose: false });
  }

  async #assertAsWritten(segment: Segment): Promise<void> {
    const { size } = await (this.#files.get(segment.file) as FileHandle).stat();
    const hash = createHash('sha256');
    for await (const chunk of this.#bytesOf(segment)) hash.update(chunk as Uint8Array);
    if (size !== segment.bytes || hash.digest('hex') !== segment.sha256)
      throw this.#damaged(segment, {
        en: 'is not the file that was written: its SHA-256 differs',
        zh: '不是所写入的文件：其 SHA-256 不同',
      });
  }

  async *#linesOf(segment: Segment): AsyncGenerator<readonly string[], void, undefined> {
    const expected = segment.last - segment.first + 1;
    let found = 0;
    for await (const lines of splitLines(this.#unpacked(segment), appendByteLimit)) {
      found += lines.length;
      if (found > expected) break;
      yield lines.map(({ bytes, length }) => {
        const text = length > appendByteLimit ? undefined : utf8TextOf(bytes);
        if (text === undefined)
          throw this.#damaged(segment, {
            en: 'has a line that is too long or is not text in UTF-8',
            zh: '中有过长或不是 UTF-8 文本的行',
          });
        return text;
      });
    }
    if (found !== expected)
      throw this.#damaged(segment, {
        en: `does not have the ${counted(expected, 'line')} that its name says`,
        zh: `没有其名称所示的 ${expected} 行`,
      });
  }

  /** The unpacked bytes, of all members. */
  async *#unpacked(segment: Segment): AsyncGenerator<Uint8Array, void, undefined> {
    const unpacking = pipeline(this.#bytesOf(segment), createGunzip(), () => undefined);
    try {
      for await (const chunk of unpacking) yield chunk as Uint8Array;
    } catch (error) {
      const { message } = error as Error;
      throw this.#damaged(
        segment,
        { en: `cannot be unpacked: ${message}`, zh: `无法解压：${message}` },
        error,
      );
    }
  }

  #damaged({ file }: Segment, problem: InBoth, cause?: unknown): BackupDamagedError {
    const text = inEach(problem, (half) => `"${join(this.path, file)}" ${half}`);
    return new BackupDamagedError(text, { cause });
  }
}
