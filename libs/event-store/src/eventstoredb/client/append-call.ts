import { randomUUID } from 'node:crypto';
import * as unpackError from '@eventstore/db-client/dist/streams/appendToStream/unpackError.js';
import { EngineFailure } from '../failures.js';
import { commandErrorOf } from './command-error.js';
import { type Append, appendMessage, type AppendReply, appendReplyOf, uuidOf } from './messages.js';
import type { services, streams } from './protocol.js';

/** The call itself: requests go in, replies come out, in any order. */
export type BatchCall = ReturnType<services.StreamsClient['batchAppend']>;

interface Waiting {
  readonly name: string;
  readonly resolve: (reply: AppendReply) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The one call that carries all appends of a connection, in the order of sending; each is answered
 * under its own id. When the call ends, only the appends that wait on it fail. A reply that came
 * too late is dropped.
 */
export class AppendCall {
  readonly #call: BatchCall;
  readonly #waiting = new Map<string, Waiting>();
  #isOpen = true;

  constructor(call: BatchCall) {
    this.#call = call;
    call.on('data', (reply: streams.BatchAppendResp) => this.#take(reply));
    call.on('error', (error) => this.#end(commandErrorOf(error)));
    for (const end of ['end', 'close']) {
      call.on(end, () =>
        this.#end(
          new EngineFailure('unknown', {
            en: 'the engine ended the call that appends go over',
            zh: '存储引擎结束了用于追加的调用',
          }),
        ),
      );
    }
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Sends an append, once. Fails with the client's errors by `type`, or with an EngineFailure. */
  send(append: Append): Promise<AppendReply> {
    return new Promise((resolve, reject) => {
      if (!this.#isOpen)
        throw new EngineFailure('unknown', {
          en: 'the call that appends go over has ended',
          zh: '用于追加的调用已结束',
        });
      const id = randomUUID();
      const message = appendMessage(append, id);
      this.#waiting.set(id, { name: append.name, resolve, reject });
      // Never waits for the transport's buffer: the lane limits what is under way.
      this.#call.write(message);
    });
  }

  /** Gives it up, with all that waits on it. */
  cancel(): void {
    this.#end(
      new EngineFailure('unknown', {
        en: 'the call that appends go over was given up',
        zh: '用于追加的调用已被放弃',
      }),
    );
    this.#call.cancel();
  }

  #take(reply: streams.BatchAppendResp): void {
    const id = uuidOf(reply.getCorrelationId());
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    try {
      waiting.resolve(replyOf(reply, waiting.name));
    } catch (error) {
      waiting.reject(error);
    }
  }

  #end(error: unknown): void {
    this.#isOpen = false;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

function replyOf(reply: streams.BatchAppendResp, name: string): AppendReply {
  const success = reply.getSuccess();
  if (success !== undefined) return appendReplyOf(success);
  const refusal = reply.getError();
  if (refusal?.hasDetails() === true) throw unpackError.unpackToCommandError(refusal, name);
  const answer = refusal?.getMessage() ?? '';
  throw new EngineFailure('unknown', {
    en: `the engine answered neither yes nor no: ${answer || 'nothing'}`,
    zh: `存储引擎既未接受也未拒绝：${answer || '无应答'}`,
  });
}
