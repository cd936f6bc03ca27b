import { workerData } from 'node:worker_threads';
import { answerQuestions } from '../answering-thread.js';
import { connectionTo, keepLog } from './connection.js';
import type { CommittedGroup } from '../committed-group.js';
import {
  eventsOf,
  sentErrorOf,
  type SentAnswer,
  type SentAnswers,
  type SentAppend,
  type WriterThreadData,
} from './writer-messages.js';
import { writerInThisThread } from './writer.js';

// The body of the thread that `writerInItsOwnThread` starts.
const { file, synchronous } = workerData as WriterThreadData;
const db = connectionTo(file, 'write');
keepLog(db, file, synchronous);
let groups: CommittedGroup[] = [];
const writer = writerInThisThread(db, file, (group) => groups.push(group));

answerQuestions(
  async (appends: readonly SentAppend[]): Promise<SentAnswers> => {
    const answers = await Promise.all(
      appends.map((sent) =>
        writer
          .append(sent.stream, sent.expected, eventsOf(sent))
          .catch((error: unknown): SentAnswer => ({ failed: sentErrorOf(error) })),
      ),
    );
    const committed = groups;
    groups = [];
    return { answers, groups: committed };
  },
  () => writer.close(),
);
