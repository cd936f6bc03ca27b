import { instantOf } from '@penalty-ledger/ledger';
import { ConflictError } from '@penalty-ledger/event-store';
import { collect, sampleEvents } from '@penalty-ledger/event-store/contract';
import {
  type EventStoreDb,
  type Lease,
  openEventStoreDb,
} from '@penalty-ledger/event-store/eventstoredb';
import { WireServer } from '../support/eventstoredb/index.js';
import { quick } from './engine-under-test.js';

let server: WireServer;
let store: EventStoreDb;
/** The nodes' common clock, in milliseconds. */
let clock: number;

beforeEach(async () => {
  clock = Date.parse('2025-03-01T09:00:00.000Z');
  server = await WireServer.start();
  store = openEventStoreDb(`${server.url}&ledger=main`, {
    access: 'write',
    insecure: true,
    now: () => instantOf(clock),
    timings: quick,
  });
});

afterEach(async () => {
  await store.close();
  await server.stop();
});

const node = (holder: string): Lease =>
  store.lease('sequencer', { holder, termMs: 10_000, skewMs: 1_000 });

describe('a lease', () => {
  it('is held by one, and the other learns by whom and until when', async () => {
    const [one, two] = [node('one'), node('two')];
    expect(await one.acquire()).toMatchObject({
      holder: 'one',
      epoch: 1,
      until: '2025-03-01T09:00:10.000Z',
    });
    expect(await two.acquire()).toMatchObject({ holder: 'one', epoch: 1 });
    expect([one.isHeld(), two.isHeld()]).toEqual([true, false]);
  });

  it('is won by exactly one of many that ask at the same time', async () => {
    const nodes = Array.from({ length: 10 }, (_, index) => node(`node-${index}`));
    const terms = await Promise.all(nodes.map((one) => one.acquire()));
    expect(nodes.filter((one) => one.isHeld())).toHaveLength(1);
    expect(new Set(terms.map(({ holder }) => holder)).size).toBe(1);
  });

  it('is prolonged by its holder in the same epoch', async () => {
    const one = node('one');
    await one.acquire();
    clock += 8_000;
    expect(await one.renew()).toMatchObject({
      holder: 'one',
      epoch: 1,
      until: '2025-03-01T09:00:18.000Z',
    });
    clock += 8_000;
    expect(one.isHeld()).toBe(true);
  });

  it('ends for its holder before another may begin, whose epoch is the next', async () => {
    const [one, two] = [node('one'), node('two')];
    await one.acquire();
    clock += 9_000;
    expect(one.isHeld()).toBe(false);
    expect(await two.acquire()).toMatchObject({ holder: 'one' });
    clock += 2_000;
    expect(await two.acquire()).toMatchObject({ holder: 'two', epoch: 2 });
    expect(await one.renew()).toMatchObject({ holder: 'two', epoch: 2 });
    expect(one.isHeld()).toBe(false);
  });

  it('runs out for a holder that cannot reach the engine', async () => {
    const one = node('one');
    await one.acquire();
    server.goDeaf();
    clock += 9_000;
    expect(one.isHeld()).toBe(false);
    server.hear();
  });

  it('is free at once when it is given back', async () => {
    const [one, two] = [node('one'), node('two')];
    await one.acquire();
    await one.release();
    expect(one.isHeld()).toBe(false);
    expect(await two.acquire()).toMatchObject({ holder: 'two', epoch: 2 });
  });

  it('is held by who wrote it, also when the answer was lost', async () => {
    const one = node('one');
    server.faults.next('append', { kind: 'lose-reply' });
    expect(await one.acquire()).toMatchObject({ holder: 'one', epoch: 1 });
    expect(one.isHeld()).toBe(true);
    expect(await store.side('sequencer').from(0)).toHaveLength(1);
  });

  it('is not an event of the ledger', async () => {
    await node('one').acquire();
    expect(await store.head()).toBeUndefined();
    const events = sampleEvents('sequencer', 1);
    await store.append('sequencer', 'no_stream', events);
    expect(await collect(store.readAll())).toHaveLength(1);
  });

  it('needs a term longer than clocks can differ', () => {
    expect(() => store.lease('sequencer', { holder: 'one', termMs: 2_000, skewMs: 1_000 })).toThrow(
      RangeError,
    );
  });
});

describe('a side stream', () => {
  it('keeps what nodes tell each other, in order, and refuses the second of two', async () => {
    const side = store.side('notes');
    expect(await side.last()).toBeUndefined();
    expect(await side.append('no_stream', { type: 'NoteLeft', data: { n: 1 } })).toBe(0);
    expect(await side.append(0, { type: 'NoteLeft', data: { n: 2 } })).toBe(1);
    await expect(side.append(0, { type: 'NoteLeft', data: { n: 3 } })).rejects.toBeInstanceOf(
      ConflictError,
    );
    expect((await side.from(0)).map(({ revision, data }) => [revision, data])).toEqual([
      [0, { n: 1 }],
      [1, { n: 2 }],
    ]);
    expect((await side.last())?.revision).toBe(1);
  });
});
