import { workerData } from 'node:worker_threads';
import { answerQuestions } from '../answering-thread.js';
import { connectionTo, keepLog } from './connection.js';
import { eventsOf, sentErrorOf, type SentAnswer, type SentAppend, type WriterThreadData } from './writer-messages.js';
import { writerInThisThread } from './writer.js';

// The body of the thread that `writerInItsOwnThread` starts.
const { file, synchronous } = workerData as WriterThreadData;
const db = connectionTo(file, 'write');
keepLog(db, file, synchronous);
const writer = writerInThisThread(db, file, () => undefined);

answerQuestions(
  (appends: readonly SentAppend[]) =>
    Promise.all(
      appends.map((sent) =>
        writer
          .append(sent.stream, sent.expected, eventsOf(sent))
          .catch((error: unknown): SentAnswer => ({ failed: sentErrorOf(error) })),
      ),
    ),
  () => writer.close(),
);
