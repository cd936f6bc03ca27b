import type { EventRecord } from '@penalty-ledger/ledger';
import { IntegrityError, StoreClosedError } from '../errors.js';
import type { EventStore, StoredEvent } from '../event-store.js';
import { sampleEvents } from './sample-events.js';
import { type Bench, collect, recordIn } from './store-under-test.js';

/** The promises of every engine about reading. */
export function describeReading(bench: Bench): void {
  it('reads nothing from an unknown stream, and nothing from an empty store', async () => {
    expect(await collect(bench.store.readStream('agency/none'))).toEqual([]);
    expect(await collect(bench.store.readAll())).toEqual([]);
    expect(await bench.store.head()).toBeUndefined();
  });

  it('reads a stream from a revision on, and nothing beyond its end', async () => {
    const events = sampleEvents('agency/a1', 5);
    await bench.store.append('agency/a1', 'no_stream', events);
    const from = async (revision: number): Promise<readonly EventRecord[]> =>
      (await collect(bench.store.readStream('agency/a1', { from: revision }))).map(recordIn);
    expect(await from(0)).toEqual(events);
    expect(await from(3)).toEqual(events.slice(3));
    expect(await from(5)).toEqual([]);
    expect(await from(50)).toEqual([]);
  });

  // Every size and every start there can be, not a sample of them.
  it('reads the same events of a stream in batches of any size, from any revision', async () => {
    const events = (await interleave(bench.store)).filter((event) => event.stream === 'b');
    for (let batchSize = 1; batchSize <= events.length + 1; batchSize += 1) {
      for (let from = 0; from <= events.length; from += 1) {
        const batches = await batchesOf(bench.store.readStream('b', { batchSize, from }));
        expect(batches.map((batch) => batch.map(recordIn))).toEqual(
          cut(events.slice(from), batchSize),
        );
      }
    }
  });

  it('reads the same events of all streams in any batch size, after any position', async () => {
    const stored = await interleave(bench.store);
    const all = await collect(bench.store.readAll());
    expect(all.map(recordIn)).toEqual(stored);
    for (let batchSize = 1; batchSize <= all.length + 1; batchSize += 1) {
      for (let read = 0; read <= all.length; read += 1) {
        const after = all[read - 1]?.position;
        const batches = await batchesOf(
          bench.store.readAll(after === undefined ? { batchSize } : { batchSize, after }),
        );
        expect(batches).toEqual(cut(all.slice(read), batchSize));
      }
    }
  });

  it('gives an event the same position in its stream as in the store', async () => {
    await interleave(bench.store);
    const all = await collect(bench.store.readAll());
    for (const stream of ['a', 'b', 'c']) {
      expect(await collect(bench.store.readStream(stream))).toEqual(
        all.filter((event) => event.stream === stream),
      );
    }
    expect(await bench.store.head()).toBe(all.at(-1)?.position);
  });

  it('reads up to the head there was when the reading began', async () => {
    const events = sampleEvents('agency/a1', 6);
    await bench.store.append('agency/a1', 'no_stream', events.slice(0, 4));
    const seen = [];
    for await (const batch of bench.store.readAll({ batchSize: 2 })) {
      seen.push(...batch);
      if (seen.length === 2) await bench.store.append('agency/a1', 3, events.slice(4));
    }
    expect(seen.map(recordIn)).toEqual(events.slice(0, 4));
    expect(await bench.stored()).toEqual(events);
  });

  it('lets other work go on between two batches', async () => {
    await interleave(bench.store);
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 0);
    const until = performance.now() + 100;
    while (performance.now() < until) await collect(bench.store.readAll({ batchSize: 1 }));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(1);
  });

  it('notices that the store ends before a position that was read once', async () => {
    const fuller = await bench.open();
    try {
      const { position: after } = await fuller.store.append(
        'agency/a1',
        'no_stream',
        sampleEvents('agency/a1', 9),
      );
      await bench.store.append('agency/a1', 'no_stream', sampleEvents('agency/a1', 2));
      await expect(collect(bench.store.readAll({ after }))).rejects.toBeInstanceOf(IntegrityError);
      const { signal } = new AbortController();
      await expect(collect(bench.store.follow({ after, signal }))).rejects.toBeInstanceOf(
        IntegrityError,
      );
    } finally {
      await fuller.release();
    }
  });

  it('refuses a batch size or a start that is none', async () => {
    const { store } = bench;
    for (const batchSize of [0, -1, 1.5, Number.NaN]) {
      await expect(collect(store.readAll({ batchSize }))).rejects.toBeInstanceOf(RangeError);
      await expect(collect(store.readStream('a', { batchSize }))).rejects.toBeInstanceOf(
        RangeError,
      );
    }
    await expect(collect(store.readStream('a', { from: -1 }))).rejects.toBeInstanceOf(RangeError);
    await expect(collect(store.readAll({ after: 'nonsense' }))).rejects.toBeInstanceOf(RangeError);
  });

  it('finishes its appends when it is closed, and then refuses every call', async () => {
    const { store } = bench;
    const events = sampleEvents('agency/a1', 20);
    const appends = events.map((event, index) =>
      store.append('agency/a1', index === 0 ? 'no_stream' : index - 1, [event]),
    );
    const closed = store.close();
    await expect(Promise.all(appends)).resolves.toHaveLength(20);
    await closed;
    await store.close();
    await expect(
      store.append('agency/a1', 19, sampleEvents('agency/a1', 1)),
    ).rejects.toBeInstanceOf(StoreClosedError);
    await expect(collect(store.readAll())).rejects.toBeInstanceOf(StoreClosedError);
    await expect(collect(store.readStream('agency/a1'))).rejects.toBeInstanceOf(StoreClosedError);
    await expect(store.head()).rejects.toBeInstanceOf(StoreClosedError);
    expect(await bench.stored()).toEqual(events);
  });
}

/** Three streams, appended to in turn in batches of one, two and three. */
async function interleave(store: EventStore): Promise<readonly EventRecord[]> {
  const stored: EventRecord[] = [];
  for (let round = 0; round < 2; round += 1) {
    for (const [index, stream] of ['a', 'b', 'c'].entries()) {
      const last = stored.filter((event) => event.stream === stream).at(-1);
      const events = sampleEvents(stream, index + 1, { after: last });
      await store.append(stream, last?.revision ?? 'no_stream', events);
      stored.push(...events);
    }
  }
  return stored;
}

async function batchesOf(
  reading: AsyncIterable<readonly StoredEvent[]>,
): Promise<readonly (readonly StoredEvent[])[]> {
  const batches = [];
  for await (const batch of reading) batches.push(batch);
  return batches;
}

function cut<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
