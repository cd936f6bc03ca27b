import { chmodSync, copyFileSync, rmSync, statSync } from 'node:fs';
import { damageError, type EventStore } from '@penalty-ledger/event-store';
import type { OnProgress } from './catch-up.js';
import { unreadable, type Digests } from './digests.js';
import { CheckedFile, removeDatabase } from './file/checked-file.js';
import { ReadModelsDamagedError } from './file/damage.js';
import { catchUpInItsOwnThread } from './fold-thread.js';
import { projections } from './projections.js';
import { ReadModels } from './read-models.js';

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
 * digests. With `switchOver` the new file replaces the live one; a process that has the read models
 * open takes up the new file when it folds or refreshes next.
 *
 * @throws IntegrityError when an event is damaged; the live ones stay
 */
export async function rebuildReadModels(
  store: EventStore,
  path: string,
  options: { readonly switchOver: boolean; readonly onProgress?: OnProgress },
): Promise<Rebuild> {
  const beside = `${path}.rebuild`;
  removeDatabase(beside);
  const rebuilt = ReadModels.open(beside);
  try {
    await catchUpInItsOwnThread(rebuilt, store, options.onProgress);
    const live = await liveDigests(path, store);
    await rebuilt.catchUp(store);
    // Live ones may hold what was folded in before it was damaged, and nothing else has it.
    const [damage] = rebuilt.damages;
    if (damage !== undefined) throw damageError(damage);
    const found = { events: rebuilt.progress.events, live, rebuilt: rebuilt.digests() };
    rebuilt.close();
    if (options.switchOver) copyOver(beside, path);
    return { ...found, equal: live.all === found.rebuilt.all, switched: options.switchOver };
  } finally {
    removeDatabase(beside);
    rmSync(`${beside}-lock`, { force: true });
  }
}

/** The digests of the read models in use, brought up to the store's end. */
async function liveDigests(path: string, store: EventStore): Promise<Digests> {
  let live: ReadModels | undefined;
  try {
    live = ReadModels.open(path);
    await catchUpInItsOwnThread(live, store);
    return live.digests();
  } catch (error) {
    if (!(error instanceof ReadModelsDamagedError)) throw error;
    return {
      all: unreadable,
      each: Object.fromEntries(projections.map(({ name }) => [name, unreadable])),
    };
  } finally {
    live?.close();
  }
}

/**
 * Puts a copy of a closed file, and of its sums, in another's place. Not the file itself: SQLite
 * may still have it open in this process, under its old name.
 */
function copyOver(from: string, path: string): void {
  const file = new CheckedFile(path);
  try {
    file.locked(() => {
      // The live one's mode may have been set by somebody.
      const { mode } = statSync(path);
      removeDatabase(path);
      copyFileSync(`${from}-pages`, `${path}-pages`);
      copyFileSync(from, path);
      chmodSync(path, mode & 0o777);
    });
  } finally {
    file.close();
  }
}
