import { once } from 'node:events';
import { parentPort, Worker } from 'node:worker_threads';

type ToThread<Question> = { readonly question: Question } | 'end';

interface Waiting<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A thread that answers questions in the order of asking; its body calls {@link answerQuestions}.
 */
export class AnsweringThread<Question, Answer> {
  readonly #worker: Worker;
  readonly #waiting: Waiting<Answer>[] = [];
  #ended: Error | undefined;
  #isEnding = false;

  /**
   * @param body the compiled file, also where tests run the sources: a thread loads no TypeScript
   * @param data what the body finds as its `workerData`
   * @param failure what is thrown when the thread ends before it has answered
   */
  constructor(
    body: URL,
    data: unknown,
    readonly failure: (cause: unknown) => Error,
  ) {
    this.#worker = new Worker(body, { workerData: data });
    // What waits, for an answer or the end, keeps the process running; the thread alone does not.
    this.#worker.unref();
    this.#worker.on('message', (answer: Answer) => {
      this.#waiting.shift()?.resolve(answer);
      if (this.#waiting.length === 0 && !this.#isEnding) this.#worker.unref();
    });
    this.#worker.on('error', (cause) => {
      this.#fail(cause);
    });
    this.#worker.on('exit', () => {
      this.#fail(new Error('the thread has ended'));
    });
  }

  ask(question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.#post({ question });
    });
  }

  /** Ends the thread when it has answered everything. */
  async end(): Promise<void> {
    if (this.#ended !== undefined) return;
    const ended = once(this.#worker, 'exit');
    this.#isEnding = true;
    this.#post('end');
    await ended;
  }

  #post(message: ToThread<Question>): void {
    this.#worker.ref();
    this.#worker.postMessage(message);
  }

  #fail(cause: unknown): void {
    this.#ended ??= this.failure(cause);
    for (const { reject } of this.#waiting.splice(0)) reject(this.#ended);
  }
}

/**
 * The body of an {@link AnsweringThread}. It takes questions as they come, several at a time. An
 * error of `answer` ends the thread.
 *
 * @param end called after the last question, before the thread ends
 */
export function answerQuestions(
  answer: (question: never) => Promise<unknown>,
  end: () => Promise<void>,
): void {
  if (parentPort === null) throw new Error('this is the body of a thread and is not run by itself');
  const port = parentPort;
  let answered: Promise<unknown> = Promise.resolve();
  port.on('message', (message: ToThread<never>) => {
    // The end is prepared at once, because the last answers may wait for it.
    answered =
      message === 'end'
        ? Promise.all([end(), answered]).then(() => {
            port.close();
          })
        : Promise.all([answer(message.question), answered]).then(([one]) => {
            port.postMessage(one);
          });
    answered.catch((error: unknown) => {
      setImmediate(() => {
        throw error;
      });
    });
  });
}
