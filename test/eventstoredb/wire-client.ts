import { EventStoreDBClient, jsonEvent, type JSONEventType } from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import { WireServer, type WireServerOptions } from '../support/eventstoredb/index.js';

type Entry = JSONEventType<string, { readonly n: number }>;

/** A numbered event with an id of its own. */
export const entry = (n: number, type = 'EntryRecorded') =>
  jsonEvent<Entry>({ id: randomUUID(), type, data: { n } });

/** `count` numbered events. */
export const entries = (count: number) => Array.from({ length: count }, (_, n) => entry(n));

/** Returns the first `count` items of an iteration. */
export async function collect<T>(
  items: AsyncIterable<T>,
  count = Number.POSITIVE_INFINITY,
): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) if (found.push(item) >= count) break;
  return found;
}

/** Returns the error with which an append or other call fails. */
export async function failureOf(work: Promise<unknown>): Promise<Record<string, unknown>> {
  return work.then(
    (value) => {
      throw new Error(`It should have failed, and gave ${String(value)}.`);
    },
    (error: unknown) => error as Record<string, unknown>,
  );
}

/** Servers and clients of one test, all closed at its end. */
export class Wire {
  readonly #clients: EventStoreDBClient[] = [];
  readonly #closers: (() => Promise<void>)[] = [];

  /** Starts a server that stops when the test is over. */
  async serve(options: WireServerOptions = {}): Promise<WireServer> {
    return this.closing(await WireServer.start(options));
  }

  /** Notes what must be stopped when the test is over. */
  closing<Stopped extends { stop(): Promise<void> }>(stopped: Stopped): Stopped {
    this.#closers.push(() => stopped.stop());
    return stopped;
  }

  /** The real client, connected to `url`. */
  connect(url: string): EventStoreDBClient {
    const client = EventStoreDBClient.connectionString(url);
    this.#clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.splice(0).map((client) => client.dispose()));
    await Promise.all(this.#closers.splice(0).map((close) => close()));
  }
}
