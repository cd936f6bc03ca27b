import type { EventRecord } from '@penalty-ledger/ledger';
import type { EventStore, ReadOptions, StoredEvent } from '../event-store.js';

/** `changed`: other bytes stand under the event's hash. `missing`: it is gone. */
export type DamageKind = 'changed' | 'missing';

/** An empty store for one test, and the means to look at it from outside. */
export interface StoreUnderTest {
  readonly store: EventStore;
  /** A second, independent reader of the same stored bytes; closed by the test. */
  readonly openReader: () => Promise<EventStore>;
  /**
   * Damages an event as somebody would who means to; left out where nobody can, as on a real
   * engine.
   */
  readonly damage?: (stream: string, revision: number, kind: DamageKind) => Promise<void> | void;
  /** Closes the store if it is open, and removes what it left. */
  readonly release: () => Promise<void>;
}

/** The store of the running test, and reads of it through another reader; shared by the tests. */
export class Bench {
  #current: StoreUnderTest | undefined;

  constructor(readonly open: () => Promise<StoreUnderTest>) {
    beforeEach(async () => {
      this.#current = await open();
    });
    afterEach(async () => {
      await this.#current?.release();
      this.#current = undefined;
    });
  }

  get store(): EventStore {
    if (this.#current === undefined) throw new Error('no test is running');
    return this.#current.store;
  }

  async damage(stream: string, revision: number, kind: DamageKind): Promise<void> {
    if (this.#current?.damage === undefined) throw new Error('this store cannot be damaged');
    await this.#current.damage(stream, revision, kind);
  }

  openReader(): Promise<EventStore> {
    if (this.#current === undefined) throw new Error('no test is running');
    return this.#current.openReader();
  }

  /** Everything stored, as a second reader sees it. */
  async stored(): Promise<readonly EventRecord[]> {
    const reader = await this.openReader();
    try {
      return (await collect(reader.readAll())).map(recordIn);
    } finally {
      await reader.close();
    }
  }

  /** One stream as stored, as a second reader sees it. */
  async storedIn(stream: string): Promise<readonly EventRecord[]> {
    const reader = await this.openReader();
    try {
      return (await collect(reader.readStream(stream))).map(recordIn);
    } finally {
      await reader.close();
    }
  }
}

/** All events of an iteration, in one list. */
export async function collect(
  batches: AsyncIterable<readonly StoredEvent[]>,
): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const batch of batches) events.push(...batch);
  return events;
}

/** The first `count` events that a follower sees; it goes on waiting until it has them. */
export function followUntil(
  store: EventStore,
  count: number,
  options: ReadOptions & { readonly after?: string } = {},
): Promise<StoredEvent[]> {
  const followed = followedUntil(store, count, options);
  // A test that fails before it waits for this closes the store, and is to be told of its own
  // failure.
  followed.catch(() => undefined);
  return followed;
}

async function followedUntil(
  store: EventStore,
  count: number,
  options: ReadOptions & { readonly after?: string },
): Promise<StoredEvent[]> {
  const end = new AbortController();
  const events: StoredEvent[] = [];
  for await (const batch of store.follow({ ...options, signal: end.signal })) {
    events.push(...batch);
    if (events.length >= count) end.abort();
  }
  return events;
}

/** The record without its position. */
export function recordIn({ stream, revision, id, body, leafHash }: EventRecord): EventRecord {
  return { stream, revision, id, body, leafHash };
}
