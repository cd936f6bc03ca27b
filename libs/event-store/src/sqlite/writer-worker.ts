import { workerData } from 'node:worker_threads';
import { answerQuestions } from '../answering-thread.js';
import { connectionTo, keepLog } from './connection.js';
import type { CommittedGroup } from '../committed-group.js';
import {
  eventsOf,
  sentErrorOf,
  type SentAnswer,
  type SentAnswers,
  type SentToWriter,
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
  async (sent: SentToWriter): Promise<SentAnswers> => {
    if ('rowKey' in sent) {
      writer.useRowKey(sent.rowKey);
      return { answers: [], groups: [] };
    }
    const answers = await Promise.all(
      sent.map((one) =>
        writer
          .append(one.stream, one.expected, eventsOf(one))
          .catch((error: unknown): SentAnswer => ({ failed: sentErrorOf(error) })),
      ),
    );
    const committed = groups;
    groups = [];
    return { answers, groups: committed };
  },
  () => writer.close(),
);
