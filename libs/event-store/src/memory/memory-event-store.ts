import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventRecord } from '@penalty-ledger/ledger';
import { type AppendRequest, appendRequestOf, placeOf } from '../append-request.js';
import { ConflictError, IntegrityError, StoreClosedError } from '../errors.js';
import type {
  Appended,
  EventStore,
  ExpectedRevision,
  Position,
  ReadOptions,
  StoredEvent,
} from '../event-store.js';
import { Arrivals, follow } from '../following.js';
import { batchSizeOf, fromOf, numberOf } from '../read-options.js';

/** The events several {@link MemoryEventStore}s may share, as several connections share a file. */
export class MemoryLog {
  readonly events: StoredEvent[] = [];
  readonly streams = new Map<string, StoredEvent[]>();
  readonly arrivals = new Arrivals();
}

/** The event store for tests and for trying things out: everything but durable. */
export class MemoryEventStore implements EventStore {
  readonly #log: MemoryLog;
  #closed = false;

  constructor(log: MemoryLog = new MemoryLog()) {
    this.#log = log;
  }

  async append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly EventRecord[],
  ): Promise<Appended> {
    this.#assertOpen();
    return this.#place(appendRequestOf(stream, expected, events));
  }

  async *readStream(
    stream: string,
    options?: ReadOptions & { readonly from?: number },
  ): AsyncGenerator<readonly StoredEvent[], void, undefined> {
    const batchSize = batchSizeOf(options);
    for (let from = fromOf(options); ; from += batchSize) {
      this.#assertOpen();
      const batch = this.#log.streams.get(stream)?.slice(from, from + batchSize) ?? [];
      if (batch.length === 0) return;
      yield batch;
      await nextTurn();
    }
  }

  async *readAll(
    options?: ReadOptions & { readonly after?: Position },
  ): AsyncGenerator<readonly StoredEvent[], void, undefined> {
    const batchSize = batchSizeOf(options);
    const head = this.#log.events.length;
    let after = options?.after;
    for (;;) {
      const batch = this.#after(after, Math.min(batchSize, head - numberOf(after)));
      if (batch.length === 0) return;
      after = batch.at(-1)?.position;
      yield batch;
      await nextTurn();
    }
  }

  follow(
    options: ReadOptions & { readonly after?: Position; readonly signal: AbortSignal },
  ): AsyncGenerator<readonly StoredEvent[], void, undefined> {
    const batchSize = batchSizeOf(options);
    const { arrivals } = this.#log;
    return follow(
      { readAfter: (after) => this.#after(after, batchSize), arrivals },
      options.after,
      options.signal,
    );
  }

  async head(): Promise<Position | undefined> {
    this.#assertOpen();
    return this.#log.events.at(-1)?.position;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#log.arrivals.announce();
  }

  #place(request: AppendRequest): Appended {
    const { events, streams, arrivals } = this.#log;
    const stored = streams.get(request.stream) ?? [];
    const place = placeOf(request, stored.at(-1), (first, count) =>
      stored.slice(first, first + count),
    );
    if (place instanceof ConflictError) throw place;
    if (place !== 'added') return place;
    for (const { stream, revision, id, body, leafHash } of request.events) {
      const event = { stream, revision, id, body, leafHash, position: String(events.length + 1) };
      events.push(event);
      stored.push(event);
    }
    streams.set(request.stream, stored);
    arrivals.announce();
    return { revision: stored.length - 1, position: String(events.length) };
  }

  #after(after: Position | undefined, count: number): readonly StoredEvent[] {
    this.#assertOpen();
    const { events } = this.#log;
    const start = numberOf(after);
    if (start > events.length)
      throw new IntegrityError(`the store ends at position ${events.length}`, {
        position: String(start),
      });
    return events.slice(start, start + count);
  }

  #assertOpen(): void {
    if (this.#closed) throw new StoreClosedError();
  }
}
