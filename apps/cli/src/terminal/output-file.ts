import { systemCode } from '@penalty-ledger/application/system-error';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
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
    await writeFile(file, content);
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

async function writeAll(
  output: NodeJS.WritableStream,
  content: Uint8Array | string,
): Promise<void> {
  if (!output.write(content)) await once(output, 'drain');
}
