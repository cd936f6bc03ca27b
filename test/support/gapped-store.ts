import {
  MemoryEventStore,
  MemoryLog,
  type Appended,
  type EventStore,
  type ExpectedRevision,
  type OnDamage,
  type Position,
  type ReadAllOptions,
  type ReadOptions,
  type StoredEvent,
} from '@penalty-ledger/event-store';
import type { EventRecord } from '@penalty-ledger/ledger';

/**
 * A memory store whose positions are `commit/prepare` with gaps, as in an engine that counts bytes
 * of its log. Two events in a row share a commit position, each event has its own prepare position,
 * and one position never follows from another.
 */
export class GappedEventStore implements EventStore {
  readonly #inner: MemoryEventStore;

  constructor(log: MemoryLog = new MemoryLog()) {
    this.#inner = new MemoryEventStore(log);
  }

  async append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly EventRecord[],
  ): Promise<Appended> {
    const { revision, position } = await this.#inner.append(stream, expected, events);
    return { revision, position: gapped(position) };
  }

  async *readStream(
    stream: string,
    options?: ReadOptions & { readonly from?: number },
  ): AsyncGenerator<readonly StoredEvent[], void, undefined> {
    yield* withGaps(this.#inner.readStream(stream, options));
  }

  async *readAll(
    options?: ReadAllOptions & { readonly after?: Position },
  ): AsyncGenerator<readonly StoredEvent[], void, undefined> {
    yield* withGaps(this.#inner.readAll(countedIn(options)));
  }

  async *follow(
    options: ReadAllOptions & { readonly after?: Position; readonly signal: AbortSignal },
  ): AsyncGenerator<readonly StoredEvent[], void, undefined> {
    yield* withGaps(this.#inner.follow({ ...options, ...countedIn(options) }));
  }

  async head(): Promise<Position | undefined> {
    const head = await this.#inner.head();
    return head === undefined ? undefined : gapped(head);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

const bytesOfAnEvent = 97;

function gapped(position: Position): Position {
  const count = Number(position);
  return `${Math.ceil(count / 2) * 2 * bytesOfAnEvent + 5}/${count * bytesOfAnEvent}`;
}

function countedIn<Options extends ReadAllOptions & { readonly after?: Position }>(
  options: Options | undefined,
): Options | undefined {
  if (options === undefined) return undefined;
  const { after, onDamage } = options;
  return {
    ...options,
    ...(after !== undefined && { after: countedOf(after) }),
    ...(onDamage !== undefined && { onDamage: reportingGaps(onDamage) }),
  };
}

function countedOf(position: Position): Position {
  const prepare = /^\d+\/(\d+)$/.exec(position)?.[1];
  if (prepare === undefined) throw new RangeError(`"${position}" is not a position of this store`);
  return String(Number(prepare) / bytesOfAnEvent);
}

function reportingGaps(onDamage: OnDamage): OnDamage {
  return ({ position, ...damage }) => {
    onDamage({ ...damage, ...(position !== undefined && { position: gapped(position) }) });
  };
}

async function* withGaps(
  batches: AsyncIterable<readonly StoredEvent[]>,
): AsyncGenerator<readonly StoredEvent[], void, undefined> {
  for await (const batch of batches)
    yield batch.map((event) => ({ ...event, position: gapped(event.position) }));
}
