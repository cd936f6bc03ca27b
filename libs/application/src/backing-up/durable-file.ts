import { renameSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { syncFolder } from '@penalty-ledger/event-store';
import { naming } from './disk-failure.js';

/** The ending of the names of files that are not complete yet. */
export const partialEnding = '.partial';

/** Writes a file for its owner alone: a new one, synced, takes the place of the old. */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const partial = `${path}${partialEnding}`;
  await naming(path, async () => {
    const file = await open(partial, 'w', 0o600);
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
