import { writeFile } from 'node:fs/promises';
import { UsageError } from './exit-codes.js';

/** @throws UsageError when the file cannot be written */
export async function writeOutput(file: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(file, bytes);
  } catch (error) {
    throw new UsageError(
      `cannot write "${file}": ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
