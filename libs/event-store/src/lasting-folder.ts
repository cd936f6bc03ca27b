import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and all missing ones above it, for good: a new name is on the disk once the folder
 * that holds it is synced. Otherwise a power loss could take a folder with all that was synced in
 * it.
 *
 * @param mode of the folders that are made; by default as the process's mask leaves them
 */
export function makeLastingFolder(path: string, mode?: number): void {
  const first = mkdirSync(path, { recursive: true, ...(mode !== undefined && { mode }) });
  if (first === undefined) return;
  const top = dirname(resolve(first));
  let holder = resolve(path);
  do {
    holder = dirname(holder);
    syncFolder(holder);
  } while (holder !== top);
}

/** Makes the names in a folder durable. */
export function syncFolder(path: string): void {
  // Windows opens no folder as a file, and writes names in their order by itself.
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
