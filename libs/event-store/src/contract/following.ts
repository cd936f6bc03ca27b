import { setTimeout as pause } from 'node:timers/promises';
import type { EventRecord } from '@penalty-ledger/ledger';
import { StoreClosedError } from '../errors.js';
import type { EventStore, StoredEvent } from '../event-store.js';
import { sampleEvents } from './sample-events.js';
import { type Bench, collect, followUntil, recordIn } from './store-under-test.js';

/** The promises of every engine about following. */
export function describeFollowing(bench: Bench): void {
  it('catches up and goes on live: each event once, in order, while others append', async () => {
    const before = sampleEvents('a', 50);
    await bench.store.append('a', 'no_stream', before);
    const total = 50 + 4 * 60;
    const following = followUntil(bench.store, total, { batchSize: 7 });
    await Promise.all(
      ['b', 'c', 'd', 'e'].map((stream) => appendOneByOne(bench.store, stream, 60)),
    );
    const seen = await following;
    expect(seen).toHaveLength(total);
    expect(seen).toEqual(await collect(bench.store.readAll()));
    expect(seen.map(recordIn)).toEqual(await bench.stored());
  });

  it('follows from a position on', async () => {
    const events = sampleEvents('a', 6);
    const { position } = await bench.store.append('a', 'no_stream', events.slice(0, 2));
    await bench.store.append('a', 1, events.slice(2, 4));
    const following = followUntil(bench.store, 4, { after: position });
    await bench.store.append('a', 3, events.slice(4));
    expect((await following).map(recordIn)).toEqual(events.slice(2));
  });

  it('serves two followers at once, and one of another reader', async () => {
    const reader = await bench.openReader().catch(() => undefined);
    const followers = [bench.store, bench.store].map((store) =>
      followUntil(store, 40, { batchSize: 3 }),
    );
    await appendOneByOne(bench.store, 'a', 40);
    if (reader !== undefined) {
      followers.push(followUntil(reader, 60));
      await appendOneByOne(bench.store, 'b', 20);
    }
    const stored = await collect(bench.store.readAll());
    for (const seen of await Promise.all(followers))
      expect(seen).toEqual(stored.slice(0, seen.length));
    await reader?.close();
  });

  it('shows an event only when its append is, or is about to be, acknowledged', async () => {
    const events = sampleEvents('a', 30);
    const seen = followUntil(bench.store, 30);
    for (const [index, event] of events.entries()) {
      await bench.store.append('a', index === 0 ? 'no_stream' : index - 1, [event]);
      expect(await bench.storedIn('a')).toEqual(events.slice(0, index + 1));
    }
    expect((await seen).map(recordIn)).toEqual(events);
  });

  it('ends without an error when aborted before, while waiting, and between batches', async () => {
    expect(await collect(bench.store.follow({ signal: AbortSignal.abort() }))).toEqual([]);

    const waiting = new AbortController();
    const idle = collect(bench.store.follow({ signal: waiting.signal }));
    await pause(20);
    waiting.abort();
    expect(await idle).toEqual([]);

    await bench.store.append('a', 'no_stream', sampleEvents('a', 5));
    const between = new AbortController();
    const seen: StoredEvent[] = [];
    for await (const batch of bench.store.follow({ batchSize: 2, signal: between.signal })) {
      seen.push(...batch);
      between.abort();
    }
    expect(seen).toHaveLength(2);
  });

  it('can be left in the middle', async () => {
    await bench.store.append('a', 'no_stream', sampleEvents('a', 5));
    const { signal } = new AbortController();
    for await (const batch of bench.store.follow({ batchSize: 2, signal })) {
      expect(batch).toHaveLength(2);
      break;
    }
    expect(await followUntil(bench.store, 5)).toHaveLength(5);
  });

  it('ends with an error when its store is closed', async () => {
    const { signal } = new AbortController();
    const following = collect(bench.store.follow({ signal }));
    const outcome = expect(following).rejects.toBeInstanceOf(StoreClosedError);
    await pause(20);
    await bench.store.close();
    await outcome;
  });
}

async function appendOneByOne(
  store: EventStore,
  stream: string,
  count: number,
): Promise<readonly EventRecord[]> {
  const events = sampleEvents(stream, count);
  for (const event of events)
    await store.append(stream, event.revision === 0 ? 'no_stream' : event.revision - 1, [event]);
  return events;
}
