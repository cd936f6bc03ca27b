import { randomUUID } from 'node:crypto';
import type { EventRecord } from '@penalty-ledger/ledger';
import { collect, followUntil, recordIn, sampleEvents } from '@penalty-ledger/event-store/contract';
import type { EventStoreDb } from '@penalty-ledger/event-store/eventstoredb';
import { FaultyLink, WireServer } from '../support/eventstoredb/index.js';
import { openOn } from './engine-under-test.js';

const stream = 'agency-a7';
/** A short deadline; an append it cuts short on a busy machine is resolved as usual. */
const timings = { deadlineMs: 1_000, patienceMs: 20_000 };

async function until(met: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await met())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** The URL of an engine, and the function that ends it. */
interface Engine {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Connection faults with any engine: those a test can cause without the engine's help. */
function describeLinkFaults(name: string, start: () => Promise<Engine>): void {
  describe(`${name} over a connection that fails`, () => {
    let engine: Engine;
    let link: FaultyLink;
    /** Over the link. */
    let store: EventStoreDb;
    /** Past the link: what is stored. */
    let direct: EventStoreDb;
    let ledger: string;

    beforeEach(async () => {
      engine = await start();
      const { hostname, port } = new URL(engine.url);
      link = await FaultyLink.start({ host: hostname, port: Number(port || 2113) });
      ledger = `t${randomUUID().replaceAll('-', '')}`;
      store = openLinked();
      direct = openOn(engine, { ledger });
      await store.append('agency-first', 'no_stream', sampleEvents('agency-first', 1));
    });

    afterEach(async () => {
      link.release();
      await store.close();
      await link.stop();
      await direct.close();
      await engine.stop();
    });

    /**
     * @param keepAlive options by which the transport detects a dead connection; after 20 seconds
     * by default
     */
    function openLinked(keepAlive: Readonly<Record<string, string>> = {}): EventStoreDb {
      const linked = new URL(engine.url);
      linked.port = String(link.port);
      for (const [name, value] of Object.entries(keepAlive)) linked.searchParams.set(name, value);
      return openOn({ url: linked.href }, { ledger, timings });
    }

    const stored = async (): Promise<EventRecord[]> =>
      (await collect(direct.readStream(stream))).map(recordIn);

    it.each([
      ['cut', 'cut'],
      ['ended', 'end'],
    ] as const)(
      'stores an append once whose request is lost when the connection is %s',
      async (_case, way) => {
        const events = sampleEvents(stream, 3);
        link.hold('requests');
        const appended = store.append(stream, 'no_stream', events);
        await until(() => link.holds('requests'));
        expect(await stored()).toEqual([]);
        link[way]();
        expect((await appended).revision).toBe(2);
        expect(await stored()).toEqual(events);
      },
    );

    it.each([
      ['cut', 'cut'],
      ['ended', 'end'],
    ] as const)(
      'stores an append once whose reply is lost when the connection is %s',
      async (_case, way) => {
        const events = sampleEvents(stream, 3);
        link.hold('replies');
        const appended = store.append(stream, 'no_stream', events);
        await until(async () => (await stored()).length === 3);
        await until(() => link.holds('replies'));
        link[way]();
        expect((await appended).revision).toBe(2);
        expect(await stored()).toEqual(events);
      },
    );

    it('stores an append once whose reply comes after its deadline', async () => {
      const events = sampleEvents(stream, 3);
      link.hold('replies');
      let isAnswered = false;
      const appended = store.append(stream, 'no_stream', events).finally(() => (isAnswered = true));
      await until(async () => (await stored()).length === 3);
      await new Promise((resolve) => setTimeout(resolve, timings.deadlineMs));
      expect(isAnswered).toBe(false);
      link.release();
      expect((await appended).revision).toBe(2);
      expect(await stored()).toEqual(events);
    });

    it('keeps the order of appends to several streams through a lost connection', async () => {
      const names = ['agency-c', 'agency-a', 'agency-b'];
      link.hold('requests');
      const appends = names.map((each) => store.append(each, 'no_stream', sampleEvents(each, 2)));
      await until(() => link.holds('requests'));
      link.cut();
      await Promise.all(appends);
      const streams = (await collect(direct.readAll())).map((event) => event.stream);
      expect(streams).toEqual(['agency-first', ...names.flatMap((each) => [each, each])]);
    });

    it.each([
      ['cut', () => link.cut()],
      ['ended', () => link.end()],
    ])(
      'gives a follower each event once and in order when the connection is %s between two events',
      (_case, disturb) => followThrough(disturb),
    );

    async function followThrough(disturb: () => void): Promise<void> {
      const events = sampleEvents(stream, 9);
      await direct.append(stream, 'no_stream', events.slice(0, 3));
      const following = followUntil(store, 10, { batchSize: 2 });
      await until(() => store.health().state === 'following');
      await direct.append(stream, 2, events.slice(3, 5));
      disturb();
      for (const event of events.slice(5)) await direct.append(stream, event.revision - 1, [event]);
      expect((await following).map(recordIn).slice(1)).toEqual(events);
      expect(store.health().reconnects).toBeGreaterThan(0);
    }

    it('gives a follower each event once, in order, when the connection falls silent', async () => {
      await store.close();
      const warned = jest.spyOn(console, 'warn').mockImplementation();
      store = openLinked({ keepAliveInterval: '500', keepAliveTimeout: '500' });
      // The client finds less than ten seconds too often.
      warned.mockRestore();
      await followThrough(() => link.hold('replies'));
    });

    it('serves 120 followers, and all of them again after the connection was cut', async () => {
      const events = sampleEvents(stream, 20);
      await direct.append(stream, 'no_stream', events.slice(0, 10));
      const followers = Array.from({ length: 120 }, () => followUntil(store, 21));
      await until(() => store.health().state === 'following');
      link.cut();
      for (const event of events.slice(10))
        await direct.append(stream, event.revision - 1, [event]);
      for (const seen of await Promise.all(followers))
        expect(seen.map(recordIn).slice(1)).toEqual(events);
    });
  });
}

describeLinkFaults('the wire server', async () => {
  const server = await WireServer.start();
  return { url: server.url, stop: () => server.stop() };
});

const url = process.env['LEDGER_TEST_ESDB'];
if (url === undefined || /\+discover:|,/.test(url)) {
  const why =
    url === undefined
      ? 'holds no URL of an engine'
      : 'names several nodes, whose client goes past the link';
  describe('a real engine over a connection that fails', () => {
    it.todo(`meets the same faults: skipped, for LEDGER_TEST_ESDB ${why}`);
  });
} else {
  describeLinkFaults('a real engine', async () => ({ url, stop: async () => undefined }));
}
