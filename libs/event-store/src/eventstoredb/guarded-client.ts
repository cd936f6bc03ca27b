import { type ChannelCredentialOptions, EventStoreDBClient, type SingleNodeOptions } from '@eventstore/db-client';
import type { EngineSettings } from './store-url.js';

/** What the client's batch stream is to us: an emitter that can be written to and given up. */
interface BatchStream {
  listeners(event: string): readonly ((...values: unknown[]) => void)[];
  on(event: string, listener: (...values: unknown[]) => void): unknown;
  off(event: string, listener: (...values: unknown[]) => void): unknown;
  write(message: unknown): boolean;
  cancel(): void;
  readonly destroyed: boolean;
}

/**
 * The client with its known traps closed (6.2.1; docs/decisions/eventstoredb.md lists them).
 *
 * - It keeps the pending appends of all clients of a process in one map. An error on one client's batch stream rejects the appends of all, and a
 *   reply that comes after that throws inside an event handler, which would end the process. Here the handlers are called
 *   guarded; who was rejected reads back what became of its append.
 * - A write that waits for `drain` when the connection breaks is rejected inside a promise's executor: an unhandled rejection, which would end
 *   the process. Here a write never waits; the lane that appends limits what is under way.
 * - The first append on a connection can be overtaken by the second while the batch stream is opened. Here streams are handed out in the
 *   order they were asked for.
 *
 * It cannot guard what the transport (@grpc/grpc-js, node:http2) throws outside of these handlers, nor a not-leader answer
 * without an endpoint on a read, whose handlers the client attaches where nobody can reach them.
 */
export class GuardedClient extends EventStoreDBClient {
  #batches: BatchStream | undefined;

  /** @param contained learns of what was thrown and went no further */
  constructor(settings: EngineSettings, contained: (error: unknown) => void) {
    super(connectionOf(settings), channelOf(settings), settings.credentials);
    const create = this.GRPCStreamCreator;
    let turn: Promise<unknown> = Promise.resolve();
    this.GRPCStreamCreator = (service, name, creator, cache) => {
      if (cache === undefined) return create(service, name, creator, cache);
      const open = create(
        service,
        name,
        (client) => {
          const stream = creator(client);
          this.#batches = guarded(stream as unknown as BatchStream, contained);
          return stream;
        },
        cache,
      );
      return () => {
        const opened = turn.then(open);
        turn = opened.catch(() => undefined);
        return opened;
      };
    };
    const handleError = this.handleError;
    this.handleError = (client, error) => handleError(client, error).catch(contained);
  }

  /** Whether appends go over a stream that keeps their order. */
  get keepsOrder(): boolean {
    return this.#batches !== undefined && !this.#batches.destroyed;
  }

  /** Gives up the stream appends go over, with all that waits on it; the next append opens another. */
  resetAppends(): void {
    this.#batches?.cancel();
    this.#batches = undefined;
  }
}

function guarded(stream: BatchStream, contained: (error: unknown) => void): BatchStream {
  for (const event of ['data', 'error']) {
    for (const listener of stream.listeners(event)) {
      stream.off(event, listener);
      stream.on(event, (...values) => {
        try {
          listener.apply(stream, values);
        } catch (error) {
          contained(error);
        }
      });
    }
  }
  const write = stream.write.bind(stream);
  stream.write = (message) => {
    write(message);
    return true;
  };
  return stream;
}

/** One of the client's three forms; its constructor takes any of them, its overloads one at a time. */
function connectionOf({ hosts, discover, passedOn }: EngineSettings): SingleNodeOptions {
  const [first] = hosts;
  const where = discover ? { discover: first } : hosts.length > 1 ? { endpoints: [...hosts] } : { endpoint: first };
  return { ...passedOn, ...where, throwOnAppendFailure: true } as unknown as SingleNodeOptions;
}

function channelOf({ secure, authority, certificate }: EngineSettings): ChannelCredentialOptions {
  return {
    insecure: !secure,
    ...(authority === undefined ? {} : { rootCertificate: authority }),
    ...(certificate === undefined ? {} : { userCertFile: certificate.certificate, userKeyFile: certificate.key }),
  };
}
