import {
  type ChannelCredentialOptions,
  EventStoreDBClient,
  type SingleNodeOptions,
} from '@eventstore/db-client';
import { AppendCall, type BatchCall } from './append-call.js';
import { type Append, type AppendReply, numberOf, positionOf } from './messages.js';
import { services, type streams } from './protocol.js';
import { type ReadReply, readReplyOf } from './read-reply.js';
import type { EngineSettings } from '../engine-url.js';

/** A read under way: the engine's replies as they come. */
export interface ReadCall {
  on(event: 'data', listener: (reply: ReadReply) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end' | 'close', listener: () => void): unknown;
  cancel(): void;
}

/**
 * The client, used for its connection: discovery, TLS, credentials, another node when one is gone.
 * Appends, reads and subscriptions are calls of our own on it, with the client's messages. The
 * client's functions for them have traps that cannot be closed from outside (6.2.1;
 * docs/decisions/eventstoredb.md lists them), and cost as much again as the calls.
 *
 * It cannot guard against what the transport (@grpc/grpc-js, node:http2) throws outside of its
 * handlers.
 */
export class EngineConnection extends EventStoreDBClient {
  readonly #openCall: () => Promise<BatchCall>;
  readonly #appendCalls = new WeakMap<BatchCall, AppendCall>();
  #appends: AppendCall | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param contained learns of what was thrown and went no further */
  constructor(settings: EngineSettings, contained: (error: unknown) => void) {
    super(connectionOf(settings), channelOf(settings), settings.credentials);
    const handleError = this.handleError;
    this.handleError = (client, error) => handleError(client, error).catch(contained);
    this.#openCall = this.GRPCStreamCreator(
      services.StreamsClient,
      'batchAppend',
      (client) => {
        const call = client.batchAppend(
          ...this.callArguments({ requiresLeader: true }, { deadline: Infinity }),
        );
        this.#appendCalls.set(call, new AppendCall(call));
        return call;
      },
      new WeakMap(),
    );
  }

  /** Milliseconds since 1970, on the clock that the client's deadlines are of. */
  get now(): number {
    return this.createDeadline(0).getTime();
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
    const open = this.GRPCStreamCreator(services.StreamsClient, 'read', (client) => {
      const { path, requestSerialize } = services.StreamsService.read;
      const sent = this.callArguments({}, { deadline: Infinity });
      return client.makeServerStreamRequest(path, requestSerialize, readReplyOf, request, ...sent);
    });
    return open();
  }

  async #appendCall(): Promise<AppendCall | undefined> {
    if (!(await this.supports(services.StreamsService.batchAppend))) return undefined;
    this.#appends = this.#appendCalls.get(await this.#openCall());
    return this.#appends;
  }

  /** The older protocol: a call for each append, and no order among them. */
  async #appendAlone({ name, expected, events, deadline }: Append): Promise<AppendReply> {
    const sent = events.map(({ id, type, data, metadata }) => ({
      id,
      type,
      data: JSON.parse(data) as unknown,
      metadata: new TextEncoder().encode(metadata),
      contentType: 'application/json' as const,
    }));
    const { nextExpectedRevision, position } = await this.appendToStream(name, sent as never, {
      expectedRevision: expected === 'no_stream' ? expected : BigInt(expected),
      requiresLeader: true,
      deadline: Math.max(1, deadline.getTime() - this.now),
    });
    return {
      revision: numberOf(nextExpectedRevision),
      position: position && positionOf(position.commit, position.prepare),
    };
  }
}

/**
 * One of the client's three forms. Its constructor takes any of them; its overloads take one at a
 * time.
 */
function connectionOf({ hosts, discover, passedOn }: EngineSettings): SingleNodeOptions {
  const [first] = hosts;
  const where = discover
    ? { discover: first }
    : hosts.length > 1
      ? { endpoints: [...hosts] }
      : { endpoint: first };
  return { ...passedOn, ...where, throwOnAppendFailure: true } as unknown as SingleNodeOptions;
}

function channelOf({ secure, authority, certificate }: EngineSettings): ChannelCredentialOptions {
  return {
    insecure: !secure,
    ...(authority === undefined ? {} : { rootCertificate: authority }),
    ...(certificate === undefined
      ? {}
      : { userCertFile: certificate.certificate, userKeyFile: certificate.key }),
  };
}
