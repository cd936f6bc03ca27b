import { setImmediate as nextTurn } from 'node:timers/promises';
import { type EventRecord, leafHashOf } from '@penalty-ledger/ledger';
import { type AppendRequest, appendRequestOf, placeOf } from '../append-request.js';
import { ConflictError, IntegrityError, StoreClosedError } from '../errors.js';
import { missing, otherHash } from '../damage-texts.js';
import { type EventDamage, type OnDamage, reportDamage } from '../event-damage.js';
import type {
  Appended,
  EventStore,
  ExpectedRevision,
  Position,
  ReadAllOptions,
  ReadOptions,
  StoredEvent,
} from '../event-store.js';
import { Arrivals, follow, type Part } from '../following.js';
import { batchSizeOf, fromOf, numberOf } from '../read-options.js';

/** An event, and its state in memory. */
interface Slot {
  event: StoredEvent;
  isLost: boolean;
}

/** The events several {@link MemoryEventStore}s may share, as several connections share a file. */
export class MemoryLog {
  readonly slots: Slot[] = [];
  readonly streams = new Map<string, Slot[]>();
  readonly arrivals = new Arrivals();

  /** Damages a stored event, for a test: takes it away, or gives it another body. */
  damage(stream: string, revision: number, body?: string): void {
    const slot = this.streams.get(stream)?.[revision];
    if (slot === undefined) throw new RangeError(`stream "${stream}" has no event ${revision}`);
    if (body === undefined) slot.isLost = true;
    else slot.event = { ...slot.event, body };
  }
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
      const slots = this.#log.streams.get(stream)?.slice(from, from + batchSize) ?? [];
      if (slots.length === 0) return;
      yield checked(slots);
      await nextTurn();
    }
  }

  async *readAll(
    options?: ReadAllOptions & { readonly after?: Position },
  ): AsyncGenerator<readonly StoredEvent[], void, undefined> {
    const batchSize = batchSizeOf(options);
    const head = this.#log.slots.length;
    let after = options?.after;
    for (;;) {
      const count = Math.min(batchSize, head - numberOf(after));
      const { events, last } = this.#after(after, count, options?.onDamage);
      if (last === undefined) return;
      after = last;
      if (events.length > 0) yield events;
      await nextTurn();
    }
  }

  follow(
    options: ReadAllOptions & { readonly after?: Position; readonly signal: AbortSignal },
  ): AsyncGenerator<readonly StoredEvent[], void, undefined> {
    const batchSize = batchSizeOf(options);
    const { arrivals } = this.#log;
    return follow(
      { readAfter: (after) => this.#after(after, batchSize, options.onDamage), arrivals },
      options.after,
      options.signal,
    );
  }

  async head(): Promise<Position | undefined> {
    this.#assertOpen();
    return this.#log.slots.at(-1)?.event.position;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#log.arrivals.announce();
  }

  #place(request: AppendRequest): Appended {
    const { slots, streams, arrivals } = this.#log;
    const stored = streams.get(request.stream) ?? [];
    const [head] = checked(stored.slice(-1));
    const place = placeOf(request, head, (first, count) =>
      checked(stored.slice(first, first + count)),
    );
    if (place instanceof ConflictError) throw place;
    if (place !== 'added') return place;
    for (const { stream, revision, id, body, leafHash } of request.events) {
      const position = String(slots.length + 1);
      const event = { stream, revision, id, body, leafHash, position };
      const slot = { event, isLost: false };
      slots.push(slot);
      stored.push(slot);
    }
    streams.set(request.stream, stored);
    arrivals.announce();
    return { revision: stored.length - 1, position: String(slots.length) };
  }

  #after(after: Position | undefined, count: number, onDamage: OnDamage | undefined): Part {
    this.#assertOpen();
    const { slots } = this.#log;
    const start = numberOf(after);
    if (start > slots.length)
      throw new IntegrityError(
        {
          en: `the store ends at position ${slots.length}`,
          zh: `存储止于全局位置 ${slots.length}`,
        },
        { position: String(start) },
      );
    const part = slots.slice(start, start + count);
    return { events: checked(part, onDamage), last: part.at(-1)?.event.position };
  }

  #assertOpen(): void {
    if (this.#closed) throw new StoreClosedError();
  }
}

/** The events that are whole. @throws IntegrityError at the first other one, without `onDamage` */
function checked(slots: readonly Slot[], onDamage?: OnDamage): StoredEvent[] {
  const events: StoredEvent[] = [];
  for (const slot of slots) {
    const damage = damageIn(slot);
    if (damage === undefined) events.push(slot.event);
    else reportDamage(damage, onDamage);
  }
  return events;
}

function damageIn({ event, isLost }: Slot): EventDamage | undefined {
  const { stream, revision, position, leafHash, body } = event;
  const place = { stream, revision, position, leafHash };
  if (isLost) return { problem: missing, lastRevision: revision, ...place };
  const actual = leafHashOf(body);
  return actual === leafHash ? undefined : { problem: otherHash(actual, leafHash), ...place };
}
