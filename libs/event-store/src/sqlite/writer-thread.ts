import { AnsweringThread } from '../answering-thread.js';
import type { OnCommitted } from '../committed-group.js';
import type { InBoth } from '@penalty-ledger/ledger';
import { StoreUnavailableError } from '../errors.js';
import type { Appended } from '../event-store.js';
import { appendsInFlight } from './failures.js';
import {
  errorOf,
  sentAppendOf,
  type SentAnswer,
  type SentAnswers,
  type SentAppend,
  type SentToWriter,
  type WriterThreadData,
} from './writer-messages.js';
import type { Writer } from './writer.js';

const body = new URL('../../dist/sqlite/writer-worker.js', import.meta.url);

interface Waiting {
  readonly sent: SentAppend;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Appends in a thread of its own: while that one waits for the disk, this one goes on deciding.
 * Appends called in one turn of the event loop go there in one message and, with those called while
 * a commit runs, into one commit.
 *
 * @param committed observes every commit that added events, after its appends were acknowledged
 */
export function writerInItsOwnThread(data: WriterThreadData, committed: OnCommitted): Writer {
  const failure = (cause: unknown): Error =>
    new StoreUnavailableError(
      {
        en: `writing to "${data.file}" ended, and ${appendsInFlight.en}`,
        zh: `写入 "${data.file}" 已中止，${appendsInFlight.zh}`,
      },
      { cause },
    );
  const thread = new AnsweringThread<SentToWriter, SentAnswers>(body, data, failure);
  let gathered: Waiting[] = [];

  const send = async (): Promise<void> => {
    const waiting = gathered;
    gathered = [];
    if (waiting.length === 0) return;
    try {
      const { answers, groups } = await thread.ask(waiting.map(({ sent }) => sent));
      waiting.forEach((one, index) => settle(one, answers[index]));
      groups.forEach(committed);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  };
  return {
    append: (stream, expected, events) =>
      new Promise((resolve, reject) => {
        const sent = sentAppendOf(stream, expected, events);
        if (gathered.length === 0) setImmediate(() => void send());
        gathered.push({ sent, resolve, reject });
      }),
    useRowKey: (rowKey) => {
      // A thread that has ended fails the appends behind this.
      thread.ask({ rowKey }).catch(() => undefined);
    },
    close: async () => {
      const last = send();
      await thread.end();
      await last;
    },
  };
}

/** Ends a wait for an answer that the thread left out. */
const unanswered: InBoth = { en: 'an append was not answered', zh: '一次追加没有得到应答' };

function settle({ resolve, reject }: Waiting, answer: SentAnswer | undefined): void {
  if (answer === undefined) reject(new StoreUnavailableError(unanswered));
  else if ('failed' in answer) reject(errorOf(answer.failed));
  else resolve(answer);
}
