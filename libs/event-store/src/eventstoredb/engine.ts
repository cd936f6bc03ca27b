import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { AllStreamResolvedEvent, RecordedEvent, ResolvedEvent } from '@eventstore/db-client';
import { StoreClosedError } from '../errors.js';
import type { ExpectedRevision, Position } from '../event-store.js';
import { EngineFailure, engineFailureOf, unavailable } from './failures.js';
import { GuardedClient } from './guarded-client.js';
import { type Redact, redactionOf } from './redaction.js';
import type { EngineSettings } from './store-url.js';
import { backoffMs, type EngineTimings } from './timings.js';
import type { WireEvent, WireRecord } from './wire-event.js';

/** The engine's answer to an append. */
export interface AppendReply {
  /** The revision of the stream's last event. */
  readonly revision: number;
  /** Absent for some repetitions. */
  readonly position: Position | undefined;
}

/** Where a read of the log begins: at a position, that one included, or at an end. */
export type LogPlace = { readonly position: Position } | 'start' | 'end';

export type Direction = 'forwards' | 'backwards';

export interface SubscriptionEvents {
  /** An exception it throws ends the subscription and is handed to `ended`. */
  readonly event: (record: WireRecord) => void;
  readonly confirmed: () => void;
  /** Called once: with what broke it, or nothing when the server ended it. */
  readonly ended: (error: unknown) => void;
}

/** How many calls the guarded client contained, for health. */
export interface Contained {
  readonly count: number;
  readonly last: string | undefined;
}

/**
 * The few calls an engine is used for, each with a deadline of our own and with failures by kind. BigInt and the client's shapes
 * end here, so that an adapter on the newer client replaces this file and its client.
 */
export class Engine {
  readonly shown: string;
  readonly redact: Redact;
  readonly timings: EngineTimings;
  readonly #client: GuardedClient;
  readonly #closing = new AbortController();
  #mayAppend: () => boolean = () => true;
  #contained: Contained = { count: 0, last: undefined };

  constructor(settings: EngineSettings, timings: EngineTimings) {
    this.shown = settings.shown;
    this.redact = redactionOf(settings);
    // Every page that is under way listens to it.
    setMaxListeners(0, this.#closing.signal);
    this.timings = timings;
    this.#client = new GuardedClient(settings, (error) => {
      this.#contained = { count: this.#contained.count + 1, last: this.redact(String(error)) };
    });
  }

  /** Whether appends that are under way together arrive in the order they were sent in. */
  get keepsOrder(): boolean {
    return this.#client.keepsOrder;
  }

  get contained(): Contained {
    return this.#contained;
  }

  /**
   * Sends one append of events, once.
   *
   * @throws EngineFailure; of kind `refused`, with nothing sent, when {@link fence} is down
   */
  async append(name: string, expected: ExpectedRevision, events: readonly WireEvent[]): Promise<AppendReply> {
    if (!this.#mayAppend()) throw new EngineFailure('refused', 'this node may not append any more: its lease is over');
    return this.appendBeside(name, expected, events);
  }

  /** Asks `mayAppend` before each append of events that is sent, or sent again; what nodes tell each other beside the events goes on. */
  fence(mayAppend: () => boolean): void {
    this.#mayAppend = mayAppend;
  }

  /**
   * Sends one append that is no event of the ledger, once.
   *
   * @throws EngineFailure
   */
  async appendBeside(name: string, expected: ExpectedRevision, events: readonly WireEvent[]): Promise<AppendReply> {
    const { deadlineMs } = this.timings;
    const sent = this.#client.appendToStream(
      name,
      events.map(({ id, type, data, metadata }) => ({
        id,
        type,
        data,
        metadata,
        contentType: 'application/json' as const,
      })) as never,
      {
        expectedRevision: expected === 'no_stream' ? expected : BigInt(expected),
        requiresLeader: true,
        deadline: deadlineMs,
      },
    );
    // The client gives the deadline to the server only: a silent one would leave the append pending until the connection dies.
    const reply = await this.#timed(sent, () => this.#client.resetAppends());
    return {
      revision: numberOf(reply.nextExpectedRevision),
      position: reply.position === undefined ? undefined : positionOf(reply.position.commit, reply.position.prepare),
    };
  }

  /**
   * Up to `count` records of a stream, from a revision on.
   *
   * @throws EngineFailure of kind `not_found` and `deleted`, too
   */
  readStream(name: string, from: number | 'end', count: number, direction: Direction): Promise<readonly WireRecord[]> {
    return this.#page(
      this.#client.readStream(name, {
        fromRevision: from === 'end' ? from : BigInt(from),
        maxCount: count,
        direction,
        resolveLinkTos: false,
      }) as unknown as ReadEvents,
    );
  }

  /**
   * Up to `count` records of the whole log, forwards from a place on or backwards from before it.
   *
   * @throws EngineFailure
   */
  readAll(from: LogPlace, count: number, direction: Direction): Promise<readonly WireRecord[]> {
    return this.#page(
      this.#client.readAll({
        fromPosition: typeof from === 'string' ? from : partsOf(from.position),
        maxCount: count,
        direction,
        resolveLinkTos: false,
      }) as unknown as ReadEvents,
    );
  }

  /** Every record of streams with one of the prefixes after a position, as it comes. @returns what ends it, quietly */
  subscribe(prefixes: string[], after: Position | undefined, events: SubscriptionEvents): () => void {
    const subscription = this.#client.subscribeToAll({
      fromPosition: after === undefined ? 'start' : partsOf(after),
      filter: { filterOn: 'streamName', prefixes, checkpointInterval: 100 },
      resolveLinkTos: false,
    });
    let over = false;
    const end = (error: unknown): void => {
      if (over) return;
      over = true;
      void subscription.unsubscribe().catch(() => undefined);
      events.ended(error);
    };
    subscription.on('data', (resolved: AllStreamResolvedEvent) => {
      if (over) return;
      try {
        if (resolved.event !== undefined) events.event(recordOf(resolved.event));
      } catch (error) {
        end(error);
      }
    });
    subscription.on('confirmation', () => {
      if (!over) events.confirmed();
    });
    // Stays for good: an error after the end, without a listener, would end the process.
    subscription.on('error', (error) => end(engineFailureOf(error, this.redact)));
    subscription.on('end', () => end(undefined));
    subscription.on('close', () => end(undefined));
    return () => {
      over = true;
      void subscription.unsubscribe().catch(() => undefined);
    };
  }

  /**
   * Tries a read again while its failure may pass, with growing waits, as long as patience lasts.
   *
   * @throws EngineFailure of every kind but `unknown`, for the caller to tell what it means; StoreUnavailableError when patience ends
   */
  async persistently<Result>(what: string, read: () => Promise<Result>): Promise<Result> {
    const until = performance.now() + this.timings.patienceMs;
    for (let attempt = 0; ; attempt += 1) {
      this.assertOpen();
      try {
        return await read();
      } catch (error) {
        this.assertOpen();
        const failure = engineFailureOf(error, this.redact);
        if (failure.kind === 'denied' || failure.kind === 'refused') throw unavailable(what, failure);
        if (failure.kind !== 'unknown') throw failure;
        const wait = backoffMs(attempt, this.timings);
        if (performance.now() + wait > until) throw unavailable(`${what}: ${this.shown} gives no answer`, failure);
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
    await this.#client.dispose();
  }

  #page(reading: ReadEvents): Promise<readonly WireRecord[]> {
    const records: WireRecord[] = [];
    return new Promise((resolve, reject) => {
      const closing = this.#closing.signal;
      let timer: NodeJS.Timeout;
      // The client ends what it cancels itself without an error.
      const close = (): void => fail(new EngineFailure('unknown', 'the store was closed'));
      const done = (): void => {
        clearTimeout(timer);
        closing.removeEventListener('abort', close);
      };
      const fail = (error: unknown): void => {
        done();
        reject(engineFailureOf(error, this.redact));
      };
      // Also when the channel is closed by another call's failure: that ends a read without an error and without an end.
      const expect = (): void => {
        timer = setTimeout(() => {
          void reading.cancel().catch(() => undefined);
          fail(new EngineFailure('unknown', `no answer within ${this.timings.deadlineMs} ms`));
        }, this.timings.deadlineMs);
      };
      expect();
      reading.on('data', ({ event }: ResolvedEvent) => {
        timer.refresh();
        if (event === undefined) return;
        try {
          records.push(recordOf(event));
        } catch (error) {
          fail(error);
        }
      });
      reading.on('error', fail);
      reading.on('end', () => {
        done();
        resolve(records);
      });
      closing.addEventListener('abort', close);
    });
  }

  #timed<Result>(call: Promise<Result>, expired: () => void): Promise<Result> {
    const { deadlineMs } = this.timings;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        expired();
        reject(new EngineFailure('unknown', `no answer within ${deadlineMs} ms`));
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

/** A read of the client, as far as it is used here. */
interface ReadEvents {
  on(event: string, listener: (value: never) => void): unknown;
  cancel(): Promise<void>;
}

/** What a stream read says of the position on servers that do not know it (before 22.6): −1 as an unsigned number. */
const noPosition = 2n ** 64n - 1n;

function recordOf(event: RecordedEvent): WireRecord {
  const { position } = event as { position?: { commit: bigint; prepare: bigint } };
  if (position === undefined || position.commit === noPosition) {
    throw new EngineFailure(
      'refused',
      'a stream read does not say where in the log an event stands: use release 22.6 or later',
    );
  }
  return {
    stream: event.streamId,
    revision: numberOf(event.revision),
    id: event.id,
    type: event.type,
    isJson: event.isJson,
    data: event.data,
    metadata: event.metadata,
    position: positionOf(position.commit, position.prepare),
  };
}

/** The one revision beyond what a number holds exactly is that of a tombstone. */
function numberOf(revision: bigint): number {
  return Number(revision > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : revision);
}

function positionOf(commit: bigint, prepare: bigint): Position {
  return `${commit}/${prepare}`;
}

function partsOf(position: Position): { commit: bigint; prepare: bigint } {
  const [commit = '', prepare = ''] = position.split('/');
  return { commit: BigInt(commit), prepare: BigInt(prepare) };
}
