import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { inEach, type InBoth } from '@penalty-ledger/ledger';
import { StoreClosedError } from '../errors.js';
import type { ExpectedRevision, Position } from '../event-store.js';
import { EngineFailure, engineFailureOf, unavailable } from './failures.js';
import { connectionCause } from './connection-cause.js';
import { commandErrorOf } from './client/command-error.js';
import { EngineConnection, type ReadCall } from './client/engine-connection.js';
import {
  type AppendReply,
  type Direction,
  logPageMessage,
  nextOfMessage,
  type LogPlace,
  streamPageMessage,
  subscriptionMessage,
} from './client/messages.js';
import type { streams } from './client/protocol.js';
import type { ReadReply } from './client/read-reply.js';
import { type Redact, redactionOf } from './hide-secrets.js';
import type { EngineSettings } from './engine-url.js';
import { backoffMs, type EngineTimings } from './timings.js';
import type { WireEvent, WireRecord } from './wire-event.js';

interface ReadEvents {
  /** An exception it throws ends the read and is handed to `ended`. */
  readonly reply: (reply: ReadReply) => void;
  /** With what broke it, or nothing when the server ended it. */
  readonly ended: (error?: unknown) => void;
}

export interface SubscriptionEvents {
  /** An exception it throws ends the subscription and is handed to `ended`. */
  readonly event: (record: WireRecord) => void;
  readonly confirmed: () => void;
  /** Called once: with what broke it, or nothing when the server ended it. */
  readonly ended: (error: unknown) => void;
}

/** The right of this process to append, which can end. */
export interface Fence {
  mayAppend(): boolean;
  /** The time left until it ends without renewal, in milliseconds. */
  remainingMs(): number;
}

/** Exceptions of the client that went no further: how many, and the last. For health. */
export interface Contained {
  readonly count: number;
  readonly last: string | undefined;
}

/**
 * The few calls made to an engine, each with a deadline of our own and with failures by kind. The
 * client's shapes end behind it.
 */
export class Engine {
  readonly shown: string;
  readonly redact: Redact;
  readonly timings: EngineTimings;
  readonly #connection: EngineConnection;
  readonly #settings: EngineSettings;
  readonly #closing = new AbortController();
  #fence: Fence = { mayAppend: () => true, remainingMs: () => Infinity };
  #contained: Contained = { count: 0, last: undefined };

  constructor(settings: EngineSettings, timings: EngineTimings) {
    this.shown = settings.shown;
    this.#settings = settings;
    this.redact = redactionOf(settings);
    // Every page that is under way listens to it.
    setMaxListeners(0, this.#closing.signal);
    this.timings = timings;
    this.#connection = new EngineConnection(settings, (error) => {
      this.#contained = { count: this.#contained.count + 1, last: this.redact(String(error)) };
    });
  }

  /** True when appends in flight together arrive in the order of sending. */
  get keepsOrder(): boolean {
    return this.#connection.keepsOrder;
  }

  get contained(): Contained {
    return this.#contained;
  }

  /**
   * Sends one append of events, once.
   *
   * @throws EngineFailure; of kind `fenced`, with nothing sent, when {@link fence} is down
   */
  async append(
    name: string,
    expected: ExpectedRevision,
    events: readonly WireEvent[],
  ): Promise<AppendReply> {
    // Both before the right is looked at: a process that stands still in between sends what is
    // over.
    const { now } = this.#connection;
    const deadline = now + Math.min(this.timings.deadlineMs, this.#fence.remainingMs());
    if (!this.#fence.mayAppend())
      throw new EngineFailure('fenced', {
        en: 'this node may not append any more: its lease is over',
        zh: '本节点不得再追加：其租约已结束',
      });
    return this.#append(name, expected, events, new Date(deadline));
  }

  /**
   * Asks before each append of events that is sent, or sent again, and tells the engine until when
   * it may store it. Side streams are not affected.
   */
  fence(fence: Fence): void {
    this.#fence = fence;
  }

  /**
   * Sends one append to a side stream, once.
   *
   * @throws EngineFailure
   */
  async appendBeside(
    name: string,
    expected: ExpectedRevision,
    events: readonly WireEvent[],
  ): Promise<AppendReply> {
    return this.#append(
      name,
      expected,
      events,
      new Date(this.#connection.now + this.timings.deadlineMs),
    );
  }

  async #append(
    name: string,
    expected: ExpectedRevision,
    events: readonly WireEvent[],
    deadline: Date,
  ): Promise<AppendReply> {
    const sent = this.#connection.append({ name, expected, events, deadline });
    // The engine knows the deadline and can be silent all the same: the append would be pending
    // until the connection dies.
    return this.#timed(sent, () => this.#connection.resetAppends());
  }

  /**
   * Up to `count` records of a stream, from a revision on.
   *
   * @throws EngineFailure of kind `not_found` and `deleted`, too
   */
  readStream(
    name: string,
    from: number | 'end',
    count: number,
    direction: Direction,
  ): Promise<readonly WireRecord[]> {
    return this.#page(streamPageMessage(name, from, count, direction));
  }

  /**
   * Up to `count` records of the whole log, forwards from a place on or backwards from before it.
   *
   * @throws EngineFailure
   */
  readAll(from: LogPlace, count: number, direction: Direction): Promise<readonly WireRecord[]> {
    return this.#page(logPageMessage(from, count, direction));
  }

  /**
   * The next record of the log in streams whose names begin with a prefix: at a place or after it,
   * or before it. The engine searches, and sends nothing meanwhile.
   *
   * @returns nothing where there is none
   * @throws EngineFailure; of kind `unknown` when the search takes longer than an answer may
   */
  async nextOf(
    prefixes: readonly string[],
    from: LogPlace,
    direction: Direction,
  ): Promise<WireRecord | undefined> {
    const [next] = await this.#page(nextOfMessage(prefixes, from, direction));
    return next;
  }

  /**
   * Delivers every record of streams with one of the prefixes after a position, as it comes.
   * @returns a function that ends it quietly
   */
  subscribe(
    prefixes: readonly string[],
    after: Position | undefined,
    events: SubscriptionEvents,
  ): () => void {
    return this.#read(subscriptionMessage(prefixes, after), {
      reply: (reply) => {
        if (typeof reply === 'object') events.event(reply);
        else if (reply === 'confirmed') events.confirmed();
      },
      ended: events.ended,
    });
  }

  /**
   * Tries a read again while its failure may pass, with growing waits, as long as patience lasts.
   * Where no connection can be made for a reason that does not pass, it says so at once.
   *
   * @throws EngineFailure of every kind but `unknown`, for the caller to interpret;
   * StoreUnavailableError when patience ends
   */
  async persistently<Result>(what: InBoth, read: () => Promise<Result>): Promise<Result> {
    const until = performance.now() + this.timings.patienceMs;
    for (let attempt = 0; ; attempt += 1) {
      this.assertOpen();
      try {
        return await read();
      } catch (error) {
        this.assertOpen();
        const failure = engineFailureOf(error, this.redact);
        if (failure.kind === 'denied' || failure.kind === 'refused')
          throw unavailable(what, failure);
        if (failure.kind !== 'unknown') throw failure;
        const cause = attempt === 0 ? await connectionCause(this.#settings) : undefined;
        this.assertOpen();
        if (cause !== undefined)
          throw unavailable(what, new EngineFailure('unknown', inEach(cause, this.redact)));
        const wait = backoffMs(attempt, this.timings);
        if (performance.now() + wait > until)
          throw unavailable(
            {
              en: `${what.en}: ${this.shown} gives no answer`,
              zh: `${what.zh}：${this.shown} 没有应答`,
            },
            failure,
          );
        await this.pause(wait);
      }
    }
  }

  /** Waits, at most until the engine is closed or `signal` aborts. */
  async pause(ms: number, signal?: AbortSignal): Promise<void> {
    const closing = this.#closing.signal;
    const either = signal === undefined ? closing : AbortSignal.any([closing, signal]);
    await pause(ms, undefined, { signal: either }).catch(() => undefined);
  }

  assertOpen(): void {
    if (this.#closing.signal.aborted) throw new StoreClosedError();
  }

  /** Ends every call that is under way and the connection. */
  async dispose(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await this.#connection.dispose();
  }

  #page(request: streams.ReadReq): Promise<readonly WireRecord[]> {
    const { deadlineMs } = this.timings;
    const closing = this.#closing.signal;
    const records: WireRecord[] = [];
    let isMissing = false;
    return new Promise((resolve, reject) => {
      const settle = (error?: unknown): void => {
        clearTimeout(timer);
        closing.removeEventListener('abort', close);
        if (error === undefined) resolve(records);
        else reject(engineFailureOf(error, this.redact));
      };
      const cancel = this.#read(request, {
        reply: (reply) => {
          timer.refresh();
          if (typeof reply === 'object') records.push(reply);
          else if (reply === 'not found') isMissing = true;
        },
        ended: (error) => settle(error ?? (isMissing ? missing() : undefined)),
      });
      const giveUp = (why: InBoth): void => {
        cancel();
        settle(new EngineFailure('unknown', why));
      };
      const close = (): void => giveUp({ en: 'the store was closed', zh: '存储已关闭' });
      const timer = setTimeout(() => giveUp(noAnswer(deadlineMs)), deadlineMs);
      closing.addEventListener('abort', close);
    });
  }

  /**
   * Reads until it ends, fails or is given up; `ended` is called once, unless it is given up.
   * @returns a function that gives it up
   */
  #read(request: streams.ReadReq, { reply: take, ended }: ReadEvents): () => void {
    let call: ReadCall | undefined;
    let isOver = false;
    const giveUp = (): void => {
      isOver = true;
      // Not within a handler of the call, which would go on (grpc-node 1464, 1652). Never a call
      // that ends by itself: an engine counts resets, and closes a connection that sends many.
      setImmediate(() => call?.cancel());
    };
    const end = (error?: unknown): void => {
      if (isOver) return;
      isOver = true;
      ended(error);
    };
    this.#connection.read(request).then((opened) => {
      call = opened;
      // The listeners stay for good: an error after the end, without one, would end the process.
      call.on('data', (reply) => {
        if (isOver) return;
        try {
          assertPlaced(reply);
          take(reply);
        } catch (error) {
          end(error);
          giveUp();
        }
      });
      call.on('error', (error) => end(commandErrorOf(error)));
      call.on('end', () => end());
      call.on('close', () => end());
      if (isOver) call.cancel();
    }, end);
    return giveUp;
  }

  #timed<Result>(call: Promise<Result>, expired: () => void): Promise<Result> {
    const { deadlineMs } = this.timings;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        expired();
        reject(new EngineFailure('unknown', noAnswer(deadlineMs)));
      }, deadlineMs);
      call.then(
        (result) => {
          clearTimeout(timer);
          resolve(result);
        },
        (error: unknown) => {
          clearTimeout(timer);
          reject(engineFailureOf(error, this.redact));
        },
      );
    });
  }
}

/**
 * The position in a stream read on servers that do not know it (before 22.6): −1 as an unsigned
 * number.
 */
const unplaced = `${2n ** 64n - 1n}/`;

function missing(): EngineFailure {
  return new EngineFailure('not_found', {
    en: 'there is no such stream',
    zh: '没有该事件流',
  });
}

function noAnswer(deadlineMs: number): InBoth {
  return {
    en: `no answer within ${deadlineMs} ms`,
    zh: `${deadlineMs} 毫秒内没有应答`,
  };
}

function assertPlaced(reply: ReadReply): void {
  if (typeof reply !== 'object' || !reply.position.startsWith(unplaced)) return;
  throw new EngineFailure('refused', {
    en: 'a stream read does not say where in the log an event stands: use release 22.6 or later',
    zh: '读取事件流时没有给出事件在日志中的位置：请使用 22.6 或更新的版本',
  });
}
