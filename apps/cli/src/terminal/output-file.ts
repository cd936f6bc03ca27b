import { writeFile } from 'node:fs/promises';
import { UsageError } from './exit-codes.js';
import { reasonOf } from './reason.js';
import { said } from './language.js';

/** Writes a file that the user named. @throws UsageError when the file cannot be written */
export async function writeOutput(file: string, content: Uint8Array | string): Promise<void> {
  try {
    await writeFile(file, content);
  } catch (error) {
    throw new UsageError(
      said(
        `cannot write "${file}": ${reasonOf(error, 'folder')}`,
        `无法写入 "${file}"：${reasonOf(error, 'folder')}`,
      ),
    );
  }
}
