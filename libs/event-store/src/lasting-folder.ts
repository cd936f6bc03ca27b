import { closeSync, fsyncSync, mkdirSync, openSync, rmdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and all missing ones above it, for good: a new name is on the disk once the folder
 * that holds it is synced. Otherwise a power loss could take a folder with all that was synced in
 * it.
 *
 * @param mode of the folders that are made; by default as the process's mask leaves them
 * @returns the uppermost folder that was made; `undefined` when all were there
 */
export function makeLastingFolder(path: string, mode?: number): string | undefined {
  const first = mkdirSync(path, { recursive: true, ...(mode !== undefined && { mode }) });
  if (first === undefined) return undefined;
  const top = dirname(resolve(first));
  let holder = resolve(path);
  do {
    holder = dirname(holder);
    syncFolder(holder);
  } while (holder !== top);
  return first;
}

/**
 * Removes a folder and those above it, as far as they are empty.
 *
 * @param top the last of them, as {@link makeLastingFolder} gave it; nothing where it made none
 */
export function removeEmptyFolders(path: string, top: string | undefined): void {
  if (top === undefined) return;
  try {
    for (let folder = resolve(path); folder.length >= resolve(top).length; folder = dirname(folder))
      rmdirSync(folder);
  } catch {
    // Something else lies in it.
  }
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
