import { systemCode } from '@penalty-ledger/application/system-error';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import {
  access,
  constants,
  copyFile,
  open,
  realpath,
  rename,
  rm,
  stat,
  type FileHandle,
} from 'node:fs/promises';
import { UsageError } from './exit-codes.js';
import { reasonOf } from './reason.js';
import { said } from './language.js';

/** Codes of a file that was right, on a disk without room for it. */
const withoutRoom: readonly (string | undefined)[] = ['EDQUOT', 'EFBIG', 'ENOSPC'];

/**
 * Writes a file that the user named, or standard output for `-`.
 *
 * @throws UsageError when the file cannot be written; the system's error, with the file, when there
 * is no room for it
 */
export async function writeOutput(file: string, content: Uint8Array | string): Promise<void> {
  if (file === '-') return writeAll(process.stdout, content);
  try {
    const output = await OutputFile.open(file);
    await output.write(content);
    await output.finish();
  } catch (error) {
    if (hasNoRoom(error)) throw error;
    throw new UsageError(
      said(
        `cannot write "${file}": ${reasonOf(error, 'folder')}`,
        `无法写入 "${file}"：${reasonOf(error, 'folder')}`,
      ),
      said('give another file, or make its folder', '请给出另一个文件，或先建立其文件夹'),
      { cause: error },
    );
  }
}

/** Tells an error of a file that was right, on a disk without room for it. */
export function hasNoRoom(error: unknown): boolean {
  return withoutRoom.includes(systemCode(error));
}

/**
 * A file that the user named, being written. It is written beside and takes its name once it is
 * whole, so that a full disk leaves no half of it, and what was there before. After an error
 * nothing is left beside.
 */
export class OutputFile {
  private constructor(
    readonly file: string,
    /** The file that is replaced, and that the name points to. */
    private readonly path: string,
    /** The file beside; `undefined` where the file itself is written to. */
    private readonly partial: string | undefined,
    private readonly handle: FileHandle,
    /** True when there is a file to replace. */
    private readonly replaces: boolean,
  ) {}

  static async open(file: string): Promise<OutputFile> {
    const found = await stat(file).catch(() => undefined);
    const itself = async (path: string): Promise<OutputFile> =>
      new OutputFile(file, path, undefined, await open(path, 'w'), false);
    // A pipe or a device is written to.
    if (found !== undefined && !found.isFile()) return itself(file);
    // A link keeps pointing to its file.
    const path = found === undefined ? file : await realpath(file);
    // Another file could take its name, though its owner lets nobody write to it.
    if (found !== undefined) await access(path, constants.W_OK);
    const partial = `${path}.${randomUUID().slice(0, 8)}.partial`;
    try {
      const handle = await open(partial, 'wx', found === undefined ? 0o666 : found.mode & 0o777);
      return new OutputFile(file, path, partial, handle, found !== undefined);
    } catch (error) {
      if (found === undefined || !isForbidden(error)) throw error;
      // A file may be open to writing in a folder that is not.
      return itself(path);
    }
  }

  /** Writes after what was written. */
  async write(content: Uint8Array | string): Promise<void> {
    await this.#orDiscard(() => this.handle.appendFile(content));
  }

  /** Gives the file its name. */
  async finish(): Promise<void> {
    await this.#orDiscard(async () => {
      await this.handle.close();
      const { partial, path } = this;
      if (partial === undefined) return;
      try {
        await rename(partial, path);
      } catch (error) {
        if (!this.replaces || !isForbidden(error)) throw error;
        await copyFile(partial, path);
        await rm(partial, { force: true });
      }
    });
  }

  async #orDiscard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      await this.handle.close().catch(() => undefined);
      if (this.partial !== undefined) await rm(this.partial, { force: true });
      if (hasNoRoom(error)) throw Object.assign(error as Error, { path: this.file });
      throw error;
    }
  }
}

function isForbidden(error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes(systemCode(error) ?? '');
}

async function writeAll(
  output: NodeJS.WritableStream,
  content: Uint8Array | string,
): Promise<void> {
  if (!output.write(content)) await once(output, 'drain');
}
