import { createRequire } from 'node:module';
import type { Duplex, Readable } from 'node:stream';
// Before the newer client: its messages have to be there already.
import '@eventstore/db-client';
import type * as Kurrent from '@kurrent/kurrentdb-client';
import { type EngineSettings, EngineUrlError } from '../engine-url.js';
import { channelOf, connectionOf } from './connection-options.js';
import type {
  CallArguments,
  Driver,
  SingleAppend,
  SingleAppendReply,
  StreamsClient,
} from './driver.js';
import { services } from './protocol.js';

/**
 * Returns the connection of `@kurrent/kurrentdb-client`, for `kurrentdb://`. The client is loaded
 * with the first one.
 *
 * @param contained learns of what was thrown and went no further
 * @throws EngineUrlError where the client's native part cannot be loaded
 */
export function kurrentDriver(
  settings: EngineSettings,
  contained: (error: unknown) => void,
): Driver {
  const { KurrentDBClient } = loadedClient();
  class KurrentDriver extends KurrentDBClient implements Driver {
    constructor() {
      super(noReader, connectionOf(settings), channelOf(settings), settings.credentials);
      const handleError = this.handleError;
      this.handleError = (client, error) => handleError(client, error).catch(contained);
    }

    open<Call extends Readable | Duplex>(
      name: string,
      make: (client: StreamsClient) => Call,
      cache?: WeakMap<StreamsClient, Call | Promise<Call>>,
    ): Promise<Call> {
      return this.GRPCStreamCreator(services.StreamsClient, name, make, cache)();
    }

    callArgumentsFor({ requiresLeader }: { readonly requiresLeader: boolean }): CallArguments {
      return this.callArguments({ requiresLeader }, { deadline: Infinity });
    }

    deadlineIn(ms: number): Date {
      return this.createDeadline(ms);
    }

    hasBatchAppend(): Promise<boolean> {
      return this.supports(services.StreamsService.batchAppend);
    }

    appendAlone(
      name: string,
      events: readonly object[],
      { expected, deadlineMs }: SingleAppend,
    ): Promise<SingleAppendReply> {
      return this.appendToStream(name, events as never, {
        streamState: expected,
        requiresLeader: true,
        deadline: deadlineMs,
      });
    }
  }
  return new KurrentDriver();
}

/** The client's native reader, which connects by itself and has deadlines of its own. Not used. */
const noReader: Kurrent.KurrentDBClient['rustClient'] = {
  readStream: () => {
    throw new Error('reads are calls of our own');
  },
  readAll: () => {
    throw new Error('reads are calls of our own');
  },
};

interface MessageNames {
  event_store?: unknown;
}

/**
 * Loads the client. The messages of both clients go by the same global names, and find each other
 * there whenever they are read or written: the later ones would take the place of those that our
 * calls are made of, which have other members (an append's deadline). So the earlier ones keep the
 * names. The messages that the client itself needs, of gossip and features, are the same in both.
 */
function loadedClient(): typeof Kurrent {
  const { proto } = globalThis as unknown as { proto: MessageNames };
  const kept = proto.event_store;
  proto.event_store = undefined;
  try {
    return createRequire(import.meta.url)('@kurrent/kurrentdb-client') as typeof Kurrent;
  } catch (error) {
    throw new EngineUrlError(
      'the client of kurrentdb:// cannot be loaded here: it has a native part for Linux, macOS ' +
        'and Windows on common processors; reinstall with optional dependencies, or use esdb://',
      { cause: error },
    );
  } finally {
    proto.event_store = kept;
  }
}
