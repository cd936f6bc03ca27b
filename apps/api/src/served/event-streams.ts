import { Inject, Injectable } from '@nestjs/common';
import { Readable } from 'node:stream';
import { principalOf } from '../guard/principal.js';
import type { KnownRequest } from '../guard/rule.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import type { FastifyReply } from '../http/http-types.js';
import { ServedLedger } from './served-ledger.js';

/** Streams open at once; each holds a reading of the store, or waits for a change. */
const maxStreams = 100;

/** Streams that one key may have open, so that no key takes those of all others. */
const maxStreamsPerKey = 10;

const tooManyOfKey = {
  en: `${maxStreamsPerKey} streams are open with this key; close one first`,
  zh: `该密钥已打开 ${maxStreamsPerKey} 个事件流，请先关闭其中之一`,
};

const tooMany = { en: 'too many streams are open', zh: '打开的事件流过多' };

/** A comment so often keeps proxies from closing a stream on which nothing happens. */
const heartbeatMs = 15_000;

/** Sends server-sent events, few streams at a time, until either side ends. */
@Injectable()
export class EventStreams {
  #open = 0;
  readonly #openOf = new Map<string, number>();

  constructor(@Inject(ServedLedger) private readonly ledger: ServedLedger) {}

  /**
   * Answers with a stream.
   *
   * @param texts whole events in the form of the HTML standard; the signal ends them
   * @throws ApiProblem `unavailable` when too many are open, or the service is closing;
   *   `too_many_requests` when the sender's key has too many
   */
  send(
    texts: (signal: AbortSignal) => AsyncIterable<string>,
    request: KnownRequest,
    reply: FastifyReply,
  ): void {
    if (this.#open >= maxStreams || this.ledger.isClosing)
      throw new ApiProblem('unavailable', tooMany, { retryAfter: 10 });
    const { id } = principalOf(request);
    const ofKey = this.#openOf.get(id) ?? 0;
    if (ofKey >= maxStreamsPerKey)
      throw new ApiProblem('too_many_requests', tooManyOfKey, { retryAfter: 10 });
    this.#open += 1;
    this.#openOf.set(id, ofKey + 1);
    const ended = new AbortController();
    const end = (): void => ended.abort();
    this.ledger.onClosing(end);
    const sent = Readable.from(opened(whileOpen(texts(ended.signal), request)), {
      objectMode: false,
      highWaterMark: 65_536,
    });
    const heartbeat = setInterval(() => {
      // Nothing may come for hours, and a revoked key is to hold no connection.
      void stillOpens(request).then((opens) => opens || end());
      if (!reply.raw.writableNeedDrain) reply.raw.write(':\n\n');
    }, heartbeatMs);
    reply.raw.once('close', () => {
      this.#open -= 1;
      this.#closed(id);
      clearInterval(heartbeat);
      this.ledger.offClosing(end);
      end();
    });
    sent.on('error', (error) =>
      request.log.error({ cause: error.message }, 'a stream of events ended early'),
    );
    void reply
      .header('content-type', 'text/event-stream; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('x-accel-buffering', 'no')
      .send(sent);
  }

  #closed(id: string): void {
    const left = (this.#openOf.get(id) ?? 1) - 1;
    if (left === 0) this.#openOf.delete(id);
    else this.#openOf.set(id, left);
  }
}

/** The first text makes the headers leave at once. */
async function* opened(texts: AsyncIterable<string>): AsyncGenerator<string> {
  yield ': open\n\n';
  yield* texts;
}

/**
 * Ends before the first text that is made after the request's credentials ceased to open anything.
 */
async function* whileOpen(
  texts: AsyncIterable<string>,
  request: KnownRequest,
): AsyncGenerator<string> {
  for await (const text of texts) {
    if (!(await stillOpens(request))) return;
    yield text;
  }
}

/** Credentials that cannot be checked open nothing. */
async function stillOpens({ stillOpens: ask }: KnownRequest): Promise<boolean> {
  return (await ask?.().catch(() => false)) ?? false;
}
