import { chmodSync, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import type { EventStore } from '@penalty-ledger/event-store';
import { catchUpInItsOwnThread } from './fold-thread.js';
import { type Digests, type OnProgress, ReadModels, removeDatabase } from './read-models.js';

/** The result of a rebuild. */
export interface Rebuild {
  readonly events: number;
  readonly live: Digests;
  readonly rebuilt: Digests;
  readonly equal: boolean;
  readonly switched: boolean;
}

/**
 * Rebuilds every read model from the first event on, beside the live ones, and compares the
 * digests. With `switchOver` the new file replaces the live one in one step (a rename); no other
 * process may have the read models open then.
 */
export async function rebuildReadModels(
  store: EventStore,
  path: string,
  options: { readonly switchOver: boolean; readonly onProgress?: OnProgress },
): Promise<Rebuild> {
  const beside = `${path}.rebuild`;
  removeDatabase(beside);
  const rebuilt = ReadModels.open(beside);
  await catchUpInItsOwnThread(rebuilt, store, options.onProgress);
  const live = ReadModels.open(path);
  await catchUpInItsOwnThread(live, store);
  await rebuilt.catchUp(store);
  const found = {
    events: rebuilt.progress.events,
    live: live.digests(),
    rebuilt: rebuilt.digests(),
  };
  live.close();
  // Leaves the whole content in the one file that is renamed.
  rebuilt.database.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;');
  rebuilt.close();
  if (options.switchOver) {
    for (const suffix of ['-wal', '-shm'])
      if (existsSync(`${path}${suffix}`)) rmSync(`${path}${suffix}`);
    // The live one's mode may have been set by somebody.
    chmodSync(beside, statSync(path).mode & 0o777);
    renameSync(beside, path);
  } else {
    removeDatabase(beside);
  }
  return { ...found, equal: found.live.all === found.rebuilt.all, switched: options.switchOver };
}
