import type { Duplex, Readable } from 'node:stream';
import type { services } from './protocol.js';

export type StreamsClient = services.StreamsClient;

/** The metadata and options of a call: connection name, credentials, deadline. */
export type CallArguments = Required<Parameters<StreamsClient['batchAppend']>>;

/** An append by the older protocol. */
export interface SingleAppend {
  readonly expected: 'no_stream' | bigint;
  /** The time the engine has to store it, in milliseconds. */
  readonly deadlineMs: number;
}

export interface SingleAppendReply {
  readonly nextExpectedRevision: bigint;
  readonly position?: { readonly commit: bigint; readonly prepare: bigint } | undefined;
}

/**
 * The part of a client that is used: its connection, with discovery, TLS, credentials, and another
 * node when one is gone. Appends, reads and subscriptions are calls of our own on it.
 */
export interface Driver {
  /**
   * Opens a call on the connection that stands; makes the connection when there is none.
   * @param cache holds the one call of each connection, which is then returned again
   */
  open<Call extends Readable | Duplex>(
    name: string,
    make: (client: StreamsClient) => Call,
    cache?: WeakMap<StreamsClient, Call | Promise<Call>>,
  ): Promise<Call>;
  /** Returns what each call is sent with. A call has no deadline unless its caller sets a timer. */
  callArgumentsFor(call: { readonly requiresLeader: boolean }): CallArguments;
  /** Returns the instant that lies `ms` ahead on the machine's clock. */
  deadlineIn(ms: number): Date;
  /** Says whether the engine has the protocol that appends in batches. */
  hasBatchAppend(): Promise<boolean>;
  /** Sends an append by the older protocol: a call for each, and no order among them. */
  appendAlone(
    name: string,
    events: readonly object[],
    append: SingleAppend,
  ): Promise<SingleAppendReply>;
  dispose(): Promise<void>;
}
