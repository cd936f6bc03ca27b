import fc from 'fast-check';
import { sampleEvents } from '@penalty-ledger/event-store/contract';
import type { EventStore, Position, StoredEvent } from '@penalty-ledger/event-store';
import { openEventStoreDb, type EventStoreDb } from '@penalty-ledger/event-store/eventstoredb';
import { instantOf } from '@penalty-ledger/ledger';
import { rounds } from '../support/rounds.js';
import { WireServer } from '../support/eventstoredb/index.js';
import { type Scheme, schemes } from './engine-under-test.js';

const stream = 'agency-a1';

let server: WireServer;
let stores: EventStoreDb[];

beforeEach(async () => {
  server = await WireServer.start();
  stores = [];
});

afterEach(async () => {
  for (const store of stores) await store.close();
  await server.stop();
});

function open(access: 'read' | 'write' = 'write', scheme: Scheme = 'esdb'): EventStoreDb {
  const store = openEventStoreDb(server.url.replace('esdb', scheme), {
    access,
    insecure: true,
    now: () => instantOf(Date.now()),
    timings: { firstBackoffMs: 5, maxBackoffMs: 20, patienceMs: 5_000 },
  });
  stores.push(store);
  return store;
}

async function all(reading: AsyncIterable<readonly StoredEvent[]>): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const batch of reading) events.push(...batch);
  return events;
}

const idsIn = async (store: EventStore, after?: Position): Promise<string[]> =>
  (await all(store.readAll(after === undefined ? {} : { after }))).map(({ id }) => id);

/** Follows until so many events came. */
async function followed(store: EventStore, count: number): Promise<readonly StoredEvent[]> {
  const stop = new AbortController();
  const events: StoredEvent[] = [];
  for await (const batch of store.follow({ signal: stop.signal })) {
    events.push(...batch);
    if (events.length >= count) stop.abort();
  }
  return events;
}

/** Two writers: the first one's append arrives after the second one's term has begun. */
async function lateAppend(): Promise<{ old: EventStoreDb; next: EventStoreDb; late: string }> {
  const [old, next] = [open(), open()];
  await old.beginTerm(1, 'old');
  const [event] = sampleEvents(stream, 1);
  const held = server.faults.next('append', { kind: 'late-request', clock: 'wrong' });
  const appending = old.append(stream, 'no_stream', [event!]);
  await held.hit;
  await next.beginTerm(2, 'next');
  held.release();
  await appending;
  return { old, next, late: event!.id };
}

describe('an append of a term that has ended', () => {
  it('is not in the ledger, whichever way it is read', async () => {
    const { next, late } = await lateAppend();
    expect(server.log.events(`ledger/${stream}`)).toHaveLength(1);
    const reader = open('read');
    for (const store of [next, reader]) {
      expect(await store.head()).toBeUndefined();
      expect(await idsIn(store)).toEqual([]);
      expect(await all(store.readStream(stream))).toEqual([]);
    }
    expect(reader.lateAppends).toMatchObject([{ stream, id: late, term: 1, during: 2 }]);
    expect(reader.health().lateAppends).toBe(1);
  });

  it('takes nothing away from the stream, which goes on with its own revisions', async () => {
    const { next, late } = await lateAppend();
    const events = sampleEvents(stream, 3);
    const [first, ...others] = events.map((event) => ({ ...event }));
    expect(first!.id).toBe(late);
    await next.append(stream, 'no_stream', [first!]);
    await next.append(stream, 0, others);
    const reader = open('read');
    for (const store of [next, reader]) {
      const read = await all(store.readStream(stream));
      expect(read.map(({ revision, id }) => [revision, id])).toEqual(
        events.map(({ revision, id }) => [revision, id]),
      );
      expect((await all(store.readStream(stream, { from: 1 }))).map(({ id }) => id)).toEqual(
        others.map(({ id }) => id),
      );
      expect(await idsIn(store)).toEqual(events.map(({ id }) => id));
    }
    expect((await followed(reader, 3)).map(({ revision }) => revision)).toEqual([0, 1, 2]);
  });

  it('is not taken for the answer to a repetition', async () => {
    const [old, next] = [open(), open()];
    await old.beginTerm(1, 'old');
    const events = sampleEvents(stream, 2);
    const held = server.faults.next('append', { kind: 'late-request', clock: 'wrong' });
    const appending = old.append(stream, 'no_stream', [events[0]!]);
    await held.hit;
    await next.beginTerm(2, 'next');
    held.release();
    await appending;
    expect(await next.append(stream, 'no_stream', [events[0]!])).toMatchObject({ revision: 0 });
    expect(server.log.events(`ledger/${stream}`)).toHaveLength(2);
    expect(await idsIn(open('read'))).toEqual([events[0]!.id]);
  });

  it('does not stand for the same event of the next term, which comes after it', async () => {
    const [old, next] = [open(), open()];
    await old.beginTerm(1, 'old');
    const events = sampleEvents(stream, 2);
    const held = server.faults.next('append', { kind: 'late-request', clock: 'wrong' });
    const appending = old.append(stream, 'no_stream', [events[0]!]);
    await held.hit;
    await next.beginTerm(2, 'next');
    // The engine's answer to a repetition has the position of the late append, which is a new one.
    await next.append('agency-before', 'no_stream', sampleEvents('agency-before', 1));
    held.release();
    await appending;
    await next.append(stream, 'no_stream', [events[0]!]);
    await next.append(stream, 0, [events[1]!]);
    for (const store of [next, open('read')])
      expect((await all(store.readStream(stream))).map(({ id }) => id)).toEqual(
        events.map(({ id }) => id),
      );
  });

  it.each(schemes)('by %s:// is not stored where the engine’s clock is right', async (scheme) => {
    const [old, next] = [open('write', scheme), open()];
    await old.beginTerm(1, 'old');
    let remainingMs = 50;
    old.fence({ mayAppend: () => true, remainingMs: () => remainingMs });
    const held = server.faults.next('append', { kind: 'late-request' });
    const appending = old.append(stream, 'no_stream', sampleEvents(stream, 1));
    appending.catch(() => undefined);
    await held.hit;
    await next.beginTerm(2, 'next');
    await new Promise((resolve) => setTimeout(resolve, 60));
    remainingMs = 0;
    old.fence({ mayAppend: () => false, remainingMs: () => remainingMs });
    held.release();
    await expect(appending).rejects.toThrow(/nothing was appended.*its lease is over/);
    expect(server.log.events(`ledger/${stream}`)).toEqual([]);
  });
});

describe('terms', () => {
  it('begin in order: an earlier one cannot begin after a later one', async () => {
    const [one, other] = [open(), open()];
    await one.beginTerm(4, 'one');
    await expect(other.beginTerm(3, 'other')).rejects.toThrow(/term 4 .* has begun/);
    await other.beginTerm(5, 'other');
  });

  it('let one of two begin at a time', async () => {
    const results = await Promise.allSettled(
      ['a', 'b', 'c'].map((holder, index) => open().beginTerm(index + 1, holder)),
    );
    const begun = results.filter(({ status }) => status === 'fulfilled');
    expect(begun.length).toBeGreaterThanOrEqual(1);
    const entries = server.log.events('ledger:terms').map(({ data }) => Buffer.from(data));
    const numbers = entries.map((data) => (JSON.parse(data.toString()) as { term: number }).term);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(numbers).toHaveLength(begun.length);
  });

  it('are damage when an entry is hidden', async () => {
    await open().beginTerm(1, 'one');
    await open().beginTerm(2, 'two');
    const writer = open();
    await writer.beginTerm(3, 'three');
    await writer.append(stream, 'no_stream', sampleEvents(stream, 1));
    server.log.append('$$ledger:terms', 'any', [
      {
        id: '6f1b0e9e-8a5c-4e0e-9d0e-111111111111',
        type: '$metadata',
        contentType: 'application/json',
        data: Buffer.from('{"$maxCount":1}'),
        metadata: Buffer.from(''),
      },
    ]);
    await expect(all(open('read').readStream(stream))).rejects.toThrow(/missing/);
  });
});

interface Step {
  readonly kind: 'append' | 'hold' | 'release' | 'take over';
  readonly stream: number;
}

const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom<Step['kind'][]>('append', 'append', 'hold', 'release', 'take over'),
    stream: fc.nat(1),
  }),
  { minLength: 4, maxLength: 14 },
);

it('agree for all who read, however late appends land between those of the ledger', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (schedule) => {
      await server.stop();
      server = await WireServer.start();
      for (const store of stores.splice(0)) await store.close();
      const samples = ['agency-b0', 'agency-b1'].map((name) => sampleEvents(name, 20));
      const recorded: string[] = [];
      const lengths = [0, 0];
      const held: { release: () => void; done: Promise<unknown> }[] = [];
      let term = 1;
      let writer = open();
      await writer.beginTerm(term, 'first');
      for (const { kind, stream: index } of schedule) {
        const at = lengths[index]!;
        const event = samples[index]![at]!;
        const expected = at === 0 ? 'no_stream' : at - 1;
        if (kind === 'append') {
          await writer.append(event.stream, expected, [event]);
          recorded.push(event.id);
          lengths[index] = at + 1;
        } else if (kind === 'hold') {
          // Its writer stands still, and another takes over at once.
          const fault = server.faults.next('append', { kind: 'late-request', clock: 'wrong' });
          const done = writer.append(event.stream, expected, [event]).catch(() => undefined);
          await fault.hit;
          held.push({ release: () => fault.release(), done });
        }
        if (kind === 'hold' || kind === 'take over') {
          term += 1;
          writer = open();
          await writer.beginTerm(term, `writer ${String(term)}`);
        }
        if (kind === 'release') {
          const late = held.shift();
          late?.release();
          await late?.done;
        }
      }
      for (const late of held) {
        late.release();
        await late.done;
      }
      const reader = open('read');
      expect(await idsIn(reader)).toEqual(recorded);
      expect(await idsIn(writer)).toEqual(recorded);
      for (const [index, sample] of samples.entries()) {
        const expected = sample.slice(0, lengths[index]).map(({ id }) => id);
        const read = await all(reader.readStream(sample[0]!.stream, { batchSize: 2 }));
        expect(read.map(({ id }) => id)).toEqual(expected);
      }
      if (recorded.length > 0)
        expect((await followed(reader, recorded.length)).map(({ id }) => id)).toEqual(recorded);
    }),
    { numRuns: 25 * rounds },
  );
}, 120_000);
