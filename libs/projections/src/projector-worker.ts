import { workerData } from 'node:worker_threads';
import {
  answerQuestions,
  comparePositions,
  openSqliteEventStore,
  type Position,
} from '@penalty-ledger/event-store';
import type { InBoth } from '@penalty-ledger/ledger';
import { ReadModelsDamagedError } from './file/damage.js';
import type { ProjectorThreadData } from './projector-thread.js';
import { ReadModels } from './read-models.js';

// The body of the thread that `projectorInItsOwnThread` starts.
const { events, path } = workerData as ProjectorThreadData;
const store = openSqliteEventStore(events, { access: 'read' });
const readModels = ReadModels.open(path);
let folded: Promise<unknown> = Promise.resolve();

/** Answers with the damage that was found, if any: the thread that asks has the rest rebuilt. */
async function foldUpTo(last: Position): Promise<InBoth | undefined> {
  try {
    readModels.noticeReplacement();
    if (comparePositions(readModels.progress.cursor, last) < 0)
      await readModels.catchUp(store, { upTo: last });
    return undefined;
  } catch (error) {
    if (error instanceof ReadModelsDamagedError) return error.found;
    throw error;
  }
}

answerQuestions(
  (last: Position) => {
    const done = folded.then(() => foldUpTo(last));
    folded = done;
    return done;
  },
  async () => {
    await folded;
    readModels.close();
    await store.close();
  },
);
