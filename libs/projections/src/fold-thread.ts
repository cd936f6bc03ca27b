import { AnsweringThread, type EventStore, type Position } from '@penalty-ledger/event-store';
import type { FoldBatch, OnProgress } from './catch-up.js';
import type { ReadModels } from './read-models.js';

/** A request to the thread: a batch to fold in, as {@link ReadModels.apply} takes it. */
export interface FoldQuestion {
  readonly bodies: readonly string[];
  readonly after: Position | undefined;
  readonly last: Position;
}

/** Events that are folded in before a thread is worth its start, some 60 ms. */
const worthAThread = 4_000;

const body = new URL('../dist/fold-worker.js', import.meta.url);

/**
 * Like {@link ReadModels.catchUp}. When there is much to fold in, a separate thread folds while
 * this one reads and checks the next events. It is for a ledger that starts far behind, or whose
 * read models are rebuilt.
 */
export async function catchUpInItsOwnThread(
  readModels: ReadModels,
  store: EventStore,
  onProgress?: OnProgress,
): Promise<void> {
  const { path } = readModels;
  let thread: AnsweringThread<FoldQuestion, boolean> | undefined;
  let folded = 0;
  const fold: FoldBatch = (events, after, last) => {
    folded += events.length;
    if (folded <= worthAThread || path === ':memory:') return readModels.fold(events, after, last);
    thread ??= new AnsweringThread(
      body,
      { path },
      () => new Error('the thread that folds has ended'),
    );
    // An error of the thread arrives as a copy without its class. Folding the same batch here
    // throws the original error.
    return thread
      .ask({ bodies: events.map((event) => event.body), after, last })
      .catch(() => readModels.fold(events, after, last));
  };
  try {
    await readModels.catchUp(store, { ...(onProgress && { onProgress }), fold });
  } finally {
    await thread?.end();
  }
}
