import { AnsweringThread, type EventStore, type Position } from '@penalty-ledger/event-store';
import type { InBoth } from '@penalty-ledger/ledger';
import { healReadModels } from './healing.js';
import type { Projector } from './projector.js';
import type { ReadModels } from './read-models.js';

/** The files that the thread reads and writes. */
export interface ProjectorThreadData {
  /** The file of the SQLite event store. */
  readonly events: string;
  /** The file of the read models. */
  readonly path: string;
}

const body = new URL('../dist/projector-worker.js', import.meta.url);

/**
 * Folds in a separate thread, which reads the events from the store's file and checks them like
 * every reader.
 */
export function projectorInItsOwnThread(
  data: ProjectorThreadData,
  readModels: ReadModels,
  store: EventStore,
): Projector {
  const failure = (cause: unknown): Error =>
    cause instanceof Error
      ? cause
      : new Error('the thread that keeps the read models has failed', { cause });
  const thread = new AnsweringThread<Position, InBoth | undefined>(body, data, failure);
  return {
    fold: async (_events, last) => {
      const found = await thread.ask(last);
      if (found !== undefined) {
        readModels.markDamaged(found);
        await healReadModels(readModels, store);
      }
      // What was folded by the thread counts as held by the file that is read here.
      readModels.noticeReplacement();
    },
    close: () => thread.end(),
  };
}
