import { systemCode } from '@penalty-ledger/application/system-error';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { access, constants, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { UsageError } from './exit-codes.js';
import { reasonOf } from './reason.js';
import { said } from './language.js';

/** Codes of a file that was right, on a disk without room for it. */
const withoutRoom: readonly (string | undefined)[] = ['EDQUOT', 'EFBIG', 'ENOSPC'];

/**
 * Writes a file that the user named, or standard output for `-`. A file is written beside and takes
 * its name once it is whole, so that a full disk leaves no half of it, and what was there before.
 *
 * @throws UsageError when the file cannot be written; the system's error, with the file, when there
 * is no room for it
 */
export async function writeOutput(file: string, content: Uint8Array | string): Promise<void> {
  if (file === '-') return writeAll(process.stdout, content);
  try {
    await writeComplete(file, content);
  } catch (error) {
    if (withoutRoom.includes(systemCode(error)))
      throw Object.assign(error as Error, { path: file });
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

async function writeComplete(file: string, content: Uint8Array | string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  // A pipe or a device is written to.
  if (found !== undefined && !found.isFile()) return writeFile(file, content);
  // A link keeps pointing to its file.
  const path = found === undefined ? file : await realpath(file);
  // Another file could take its name, though its owner lets nobody write to it.
  if (found !== undefined) await access(path, constants.W_OK);
  const partial = `${path}.${randomUUID().slice(0, 8)}.partial`;
  try {
    await writeFile(partial, content, { flag: 'wx', ...(found && { mode: found.mode & 0o777 }) });
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    // A file may be open to writing in a folder that is not.
    if (found === undefined || !['EACCES', 'EPERM'].includes(systemCode(error) ?? '')) throw error;
    await writeFile(path, content);
  }
}

async function writeAll(
  output: NodeJS.WritableStream,
  content: Uint8Array | string,
): Promise<void> {
  if (!output.write(content)) await once(output, 'drain');
}
