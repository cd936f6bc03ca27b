import type { EventStore, Position } from '@penalty-ledger/event-store';
import type { LedgerEvent } from '@penalty-ledger/ledger';
import { healing } from './healing.js';
import type { ReadModels } from './read-models.js';

/** Keeps the read models up to date with the store, in this thread or in a separate one. */
export interface Projector {
  /**
   * Folds in durable events that follow directly on all events folded before. Resolves when the
   * read models hold them.
   *
   * @param last the position of the last of them
   */
  fold(events: readonly LedgerEvent[], last: Position): Promise<void>;
  /** Ends what was begun. The read models stay open. */
  close(): Promise<void>;
}

/** Folds in this thread, from the events as they were decided. */
export function projectorInThisThread(readModels: ReadModels, store: EventStore): Projector {
  let appliedUpTo = readModels.progress.cursor;
  return {
    fold: async (events, last) => {
      await healing(readModels, store, async () => {
        // Another process was before. No further than to here, or the next events would be folded
        // in before they come, and each batch would be read from the store.
        if (!readModels.apply(events, appliedUpTo, last))
          await readModels.catchUp(store, { upTo: last });
      });
      appliedUpTo = last;
    },
    close: () => Promise.resolve(),
  };
}
