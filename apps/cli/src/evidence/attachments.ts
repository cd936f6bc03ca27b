import { createHash } from 'node:crypto';
import { readBytes } from '../terminal/input.js';

/** Reads the files to attach, by their SHA-256. @throws UsageError when one cannot be read */
export async function readAttachments(
  names: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const name of names) {
    const bytes = await readBytes(name);
    files.set(createHash('sha256').update(bytes).digest('hex'), bytes);
  }
  return files;
}
