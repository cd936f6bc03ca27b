import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { UsageError } from './exit-codes.js';
import { reasonOf } from './reason.js';
import { said } from './language.js';

/**
 * Writes a file that the user named, or standard output for `-`.
 *
 * @throws UsageError when the file cannot be written
 */
export async function writeOutput(file: string, content: Uint8Array | string): Promise<void> {
  if (file === '-') return writeAll(process.stdout, content);
  try {
    await writeFile(file, content);
  } catch (error) {
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
