import { renameSync, rmSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { syncFolder } from '@penalty-ledger/event-store';
import { naming } from './disk-failure.js';

/** The ending of the names of files that are not complete yet. */
export const partialEnding = '.partial';

/**
 * Makes a file for its owner alone, in place of what has its name. A link or a pipe there is
 * removed: writing through it would change another file, or block.
 */
export async function makeFile(path: string): Promise<FileHandle> {
  rmSync(path, { force: true });
  return open(path, 'wx', 0o600);
}

/** Writes a file for its owner alone: a new one, synced, takes the place of the old. */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const partial = `${path}${partialEnding}`;
  await naming(path, async () => {
    const file = await makeFile(partial);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    renameSync(partial, path);
    syncFolder(dirname(resolve(path)));
  });
}
