import { workerData } from 'node:worker_threads';
import { answerQuestions } from '@penalty-ledger/event-store';
import { readEvent } from '@penalty-ledger/ledger';
import type { FoldQuestion } from './fold-thread.js';
import { ReadModels } from './read-models.js';

// The body of the thread that `catchUpInItsOwnThread` starts.
const { path } = workerData as { readonly path: string };
const readModels = ReadModels.open(path);

answerQuestions(
  ({ bodies, after, last }: FoldQuestion) => {
    const events = bodies.map((body) => readEvent({ body }));
    return Promise.resolve(readModels.apply(events, after, last));
  },
  () => {
    readModels.close();
    return Promise.resolve();
  },
);
