import { workerData } from 'node:worker_threads';
import {
  answerQuestions,
  comparePositions,
  openSqliteEventStore,
  type Position,
} from '@penalty-ledger/event-store';
import type { ProjectorThreadData } from './projector-thread.js';
import { ReadModels } from './read-models.js';

// The body of the thread that `projectorInItsOwnThread` starts.
const { events, path } = workerData as ProjectorThreadData;
const store = openSqliteEventStore(events, { access: 'read' });
const readModels = ReadModels.open(path);
let folded: Promise<unknown> = Promise.resolve();

answerQuestions(
  (last: Position) => {
    const done = folded.then(async () => {
      if (comparePositions(readModels.progress.cursor, last) < 0) await readModels.catchUp(store);
    });
    folded = done;
    return done;
  },
  async () => {
    await folded;
    readModels.close();
    await store.close();
  },
);
