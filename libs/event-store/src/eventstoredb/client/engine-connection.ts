import type { EngineSettings } from '../engine-url.js';
import { AppendCall, type BatchCall } from './append-call.js';
import type { Driver, StreamsClient } from './driver.js';
import { EventStoreDriver } from './eventstore-driver.js';
import { kurrentDriver } from './kurrent-driver.js';
import { type Append, type AppendReply, numberOf, positionOf } from './messages.js';
import { services, type streams } from './protocol.js';
import { type ReadReply, readReplyOf } from './read-reply.js';

/** A read under way: the engine's replies as they come. */
export interface ReadCall {
  on(event: 'data', listener: (reply: ReadReply) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end' | 'close', listener: () => void): unknown;
  cancel(): void;
}

/**
 * The connection of a client, with appends, reads and subscriptions as calls of our own on it, by
 * the client's messages. The clients' functions for them have traps that cannot be closed from
 * outside (docs/decisions/eventstoredb.md lists them), and cost as much again as the calls.
 *
 * It cannot guard against what the transport (@grpc/grpc-js, node:http2) throws outside of its
 * handlers.
 */
export class EngineConnection {
  readonly #driver: Driver;
  readonly #appendCalls = new WeakMap<BatchCall, AppendCall>();
  readonly #batchCalls = new WeakMap<StreamsClient, BatchCall | Promise<BatchCall>>();
  #appends: AppendCall | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * @param contained learns of what was thrown and went no further
   * @throws EngineUrlError when the client that the URL names cannot be loaded
   */
  constructor(settings: EngineSettings, contained: (error: unknown) => void) {
    this.#driver =
      settings.driver === 'kurrent'
        ? kurrentDriver(settings, contained)
        : new EventStoreDriver(settings, contained);
  }

  /** Milliseconds since 1970, on the clock that the client's deadlines are of. */
  get now(): number {
    return this.#driver.deadlineIn(0).getTime();
  }

  /** True when appends go over a call that keeps their order. */
  get keepsOrder(): boolean {
    return this.#appends?.isOpen === true;
  }

  /**
   * Gives up the call that carries appends, with all that wait on it; the next append opens
   * another.
   */
  resetAppends(): void {
    this.#appends?.cancel();
    this.#appends = undefined;
  }

  /**
   * Sends an append once, after those requested before it. Fails with the client's errors by
   * `type`.
   */
  append(append: Append): Promise<AppendReply> {
    // The first append opens the call; the others must not overtake it meanwhile.
    const opened = this.#turn.then(() => this.#appendCall());
    this.#turn = opened.catch(() => undefined);
    return opened.then((call) =>
      call === undefined ? this.#appendAlone(append) : call.send(append),
    );
  }

  /** Opens a read or a subscription; the caller listens to its `error` from the first moment on. */
  read(request: streams.ReadReq): Promise<ReadCall> {
    return this.#driver.open('read', (client) => {
      const { path, requestSerialize } = services.StreamsService.read;
      const sent = this.#driver.callArgumentsFor({ requiresLeader: false });
      return client.makeServerStreamRequest(path, requestSerialize, readReplyOf, request, ...sent);
    });
  }

  dispose(): Promise<void> {
    return this.#driver.dispose();
  }

  async #appendCall(): Promise<AppendCall | undefined> {
    if (!(await this.#driver.hasBatchAppend())) return undefined;
    const open = (client: StreamsClient): BatchCall => {
      const call = client.batchAppend(...this.#driver.callArgumentsFor({ requiresLeader: true }));
      this.#appendCalls.set(call, new AppendCall(call));
      return call;
    };
    const call = await this.#driver.open('batchAppend', open, this.#batchCalls);
    this.#appends = this.#appendCalls.get(call);
    return this.#appends;
  }

  /** The older protocol. */
  async #appendAlone({ name, expected, events, deadline }: Append): Promise<AppendReply> {
    const sent = events.map(({ id, type, data, metadata }) => ({
      id,
      type,
      data: JSON.parse(data) as unknown,
      metadata: new TextEncoder().encode(metadata),
      contentType: 'application/json' as const,
    }));
    const { nextExpectedRevision, position } = await this.#driver.appendAlone(name, sent, {
      expected: expected === 'no_stream' ? expected : BigInt(expected),
      deadlineMs: Math.max(1, deadline.getTime() - this.now),
    });
    return {
      revision: numberOf(nextExpectedRevision),
      position: position && positionOf(position.commit, position.prepare),
    };
  }
}
