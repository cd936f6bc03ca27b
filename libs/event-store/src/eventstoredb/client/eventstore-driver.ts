import type { Duplex, Readable } from 'node:stream';
import { EventStoreDBClient } from '@eventstore/db-client';
import type { EngineSettings } from '../engine-url.js';
import { channelOf, connectionOf } from './connection-options.js';
import type {
  CallArguments,
  Driver,
  SingleAppend,
  SingleAppendReply,
  StreamsClient,
} from './driver.js';
import { services } from './protocol.js';

/** The makers' class of a client. The newer client has the same members, by the same names. */
export type ClientClass = typeof EventStoreDBClient;

/** Makes a driver: a connection that a client opens by settings. */
export type DriverClass = new (
  settings: EngineSettings,
  contained: (error: unknown) => void,
) => Driver;

/**
 * Makes drivers of a client's class.
 *
 * @param expectedOption the client's name for the state that an append expects of its stream
 */
export function driverOf(
  Client: ClientClass,
  expectedOption: 'expectedRevision' | 'streamState',
): DriverClass {
  return class extends Client implements Driver {
    /** @param contained learns of what was thrown and went no further */
    constructor(settings: EngineSettings, contained: (error: unknown) => void) {
      super(connectionOf(settings), channelOf(settings), settings.credentials);
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
      const options = { [expectedOption]: expected, requiresLeader: true, deadline: deadlineMs };
      return this.appendToStream(name, events as never, options);
    }
  };
}

/** The connection of `@eventstore/db-client`, for `esdb://`. */
export const EventStoreDriver = driverOf(EventStoreDBClient, 'expectedRevision');
