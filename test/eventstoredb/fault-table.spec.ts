import { collect, followUntil, recordIn, sampleEvents } from '@penalty-ledger/event-store/contract';
import {
  ConflictError,
  StoreClosedError,
  StoreUnavailableError,
} from '@penalty-ledger/event-store';
import type { EventStoreDb } from '@penalty-ledger/event-store/eventstoredb';
import {
  type AppendFault,
  type ReadFault,
  WireCluster,
  WireLog,
  WireServer,
} from '../support/eventstoredb/index.js';
import { openOn, schemes } from './engine-under-test.js';

const stream = 'agency-a7';
/**
 * A deadline short enough for tests. An append it cuts short on a busy machine is resolved as
 * usual.
 */
const impatient = { deadlineMs: 800, patienceMs: 20_000 };
/** A deadline that nothing in a test meets by being slow. */
const calm = { deadlineMs: 25_000 };

describe.each(schemes)('by %s://', (scheme) => {
  let log: WireLog;
  let server: WireServer;
  let store: EventStoreDb;
  const others: { close(): Promise<void> }[] = [];

  beforeEach(async () => {
    log = new WireLog();
    server = await WireServer.start({ log });
    store = openOn(server, { scheme, timings: impatient });
  });

  afterEach(async () => {
    await store.close();
    for (const other of others.splice(0)) await other.close();
    await server.stop();
  });

  /** The stored ids, read from the log itself, without client or wire. */
  const storedIds = () => log.events(`main/${stream}`).map(({ id }) => id);

  async function until(met: () => boolean): Promise<void> {
    while (!met()) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  describe('an append that meets a fault is answered as if there had been none', () => {
    it.each<[string, AppendFault]>([
      ['the request is lost with the connection', { kind: 'lose-request' }],
      [
        'the request is lost and the connection stays silent',
        { kind: 'lose-request', connection: 'hang' },
      ],
      ['the reply is lost with the connection', { kind: 'lose-reply' }],
      [
        'the reply is lost and the connection stays silent',
        { kind: 'lose-reply', connection: 'hang' },
      ],
      ['the server gives up waiting, and has stored it', { kind: 'server-timeout', stored: true }],
      [
        'the server gives up waiting, and has not stored it',
        { kind: 'server-timeout', stored: false },
      ],
      ['the server is unavailable, and has stored it', { kind: 'unavailable', stored: true }],
      ['the server is unavailable, and has not stored it', { kind: 'unavailable', stored: false }],
      [
        'the server leads no longer, names no leader, and has stored it',
        { kind: 'not-leader', stored: true },
      ],
      [
        'the server leads no longer, names no leader, and has not stored it',
        { kind: 'not-leader', stored: false },
      ],
    ])('%s', async (_case, fault) => {
      const events = sampleEvents(stream, 6);
      await store.append(stream, 'no_stream', events.slice(0, 1));
      server.faults.next('append', fault, { skip: 1 });
      const appended = await Promise.all([
        store.append(stream, 0, events.slice(1, 2)),
        store.append(stream, 1, events.slice(2, 4)),
        store.append('agency-b2', 'no_stream', sampleEvents('agency-b2', 1)),
        store.append(stream, 3, events.slice(4)),
      ]);
      expect(server.faults.waiting).toBe(0);
      expect(storedIds()).toEqual(events.map(({ id }) => id));
      const read = await collect(store.readStream(stream));
      expect(read.map(recordIn)).toEqual(events);
      expect(appended.map(({ revision }) => revision)).toEqual([1, 3, 0, 5]);
      expect(appended[1].position).toBe(read[3]?.position);
      expect(appended[3].position).toBe(read[5]?.position);
    });

    it('its reply comes after the deadline', async () => {
      const events = sampleEvents(stream, 3);
      await store.append(stream, 'no_stream', events.slice(0, 1));
      const late = server.faults.next('append', { kind: 'late-reply' });
      const appended = await store.append(stream, 0, events.slice(1, 2));
      late.release();
      expect(appended.revision).toBe(1);
      await store.append(stream, 1, events.slice(2));
      expect(storedIds()).toEqual(events.map(({ id }) => id));
    });

    it('the leader changes in the middle of it', async () => {
      const cluster = await WireCluster.start(2);
      others.push({ close: () => cluster.stop() });
      const clustered = openOn({ url: cluster.url }, { scheme, timings: impatient });
      others.unshift(clustered);
      const events = sampleEvents(stream, 9);
      await clustered.append(stream, 'no_stream', events.slice(0, 1));
      const before = clustered.append(stream, 0, events.slice(1, 3));
      cluster.elect(1);
      const after = clustered.append(stream, 2, events.slice(3));
      expect([(await before).revision, (await after).revision]).toEqual([2, 8]);
      expect((await collect(clustered.readStream(stream))).map(recordIn)).toEqual(events);
    });

    it('a leader says that it no longer leads, after it stored', async () => {
      const other = await WireServer.start({ log });
      others.push({ close: () => other.stop() });
      const events = sampleEvents(stream, 3);
      await store.append(stream, 'no_stream', events.slice(0, 1));
      server.faults.next('append', { kind: 'not-leader', leader: other.endpoint, stored: true });
      expect((await store.append(stream, 0, events.slice(1))).revision).toBe(2);
      expect(storedIds()).toEqual(events.map(({ id }) => id));
    });

    it('the node dies and comes back', async () => {
      const events = sampleEvents(stream, 40);
      await store.append(stream, 'no_stream', events.slice(0, 1));
      const appends = events
        .slice(1)
        .map((event) => store.append(stream, event.revision - 1, [event]));
      await server.down();
      await server.up();
      expect((await Promise.all(appends)).map(({ revision }) => revision)).toEqual(
        events.slice(1).map(({ revision }) => revision),
      );
      expect(storedIds()).toEqual(events.map(({ id }) => id));
    });
  });

  describe('of appends that were decided together', () => {
    const streams = ['agency-a', 'agency-b', 'agency-c'];
    const events = streams.map((each) => sampleEvents(each, 1));
    const idsInOrder = () => log.events().map(({ id }) => id);

    /**
     * Calls every append before any is answered. All are of one group; `reads` is undefined when
     * each depends on all before it.
     */
    function appendAll(reads: readonly (readonly string[])[] | undefined) {
      const group = {};
      return streams.map((each, index) =>
        store.append(
          each,
          'no_stream',
          events[index] ?? [],
          reads && { group, reads: reads[index] ?? [] },
        ),
      );
    }
    const onNothing = [[], [], []];

    beforeEach(async () => {
      await store.close();
      store = openOn(server, { scheme, timings: calm });
      await store.append(stream, 'no_stream', sampleEvents(stream, 1));
    });

    it('all are under way at once, and no other is', async () => {
      const slow = server.faults.next('append', { kind: 'late-reply' });
      const appends = [
        ...appendAll(onNothing),
        store.append(stream, 0, sampleEvents(stream, 1, { after: sampleEvents(stream, 1)[0] })),
      ];
      await until(() => idsInOrder().length === 4);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(log.events(`main/${stream}`)).toHaveLength(1);
      slow.release();
      await Promise.all(appends);
      expect(log.events(`main/${stream}`)).toHaveLength(2);
    });

    it.each([
      ['one reads what another appends', [[], ['agency-a'], []]],
      ['one appends to what another read', [['agency-b'], [], []]],
      ['nothing is said of what they read', undefined],
    ])('the later waits for the earlier when %s', async (_case, reads) => {
      const slow = server.faults.next('append', { kind: 'late-reply' });
      const appends = appendAll(reads);
      await slow.hit;
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(log.events('main/agency-b')).toEqual([]);
      slow.release();
      await Promise.all(appends);
      expect(log.events().map((event) => event.stream)).toEqual([
        `main/${stream}`,
        ...streams.map((each) => `main/${each}`),
      ]);
    });

    it.each<[string, AppendFault]>([
      ['request is lost', { kind: 'lose-request' }],
      ['reply is lost', { kind: 'lose-reply' }],
      ['storing is given up by the server', { kind: 'server-timeout', stored: false }],
    ])(
      'each is stored once, and answered with its own place, when one whose %s',
      async (_case, fault) => {
        server.faults.next('append', fault);
        const answers = await Promise.all(appendAll(onNothing));
        const read = await collect(store.readAll());
        expect(read.map(({ id }) => id).sort()).toEqual([...idsInOrder()].sort());
        expect(read).toHaveLength(4);
        for (const [index, { position }] of answers.entries())
          expect(position).toBe(read.find(({ id }) => id === events[index]?.[0]?.id)?.position);
      },
    );

    it('a forbidden append fails alone among those in flight; waiting ones fail too', async () => {
      server.faults.next('append', { kind: 'access-denied' });
      const outcomes = await Promise.allSettled([
        ...appendAll(onNothing),
        store.append('agency-d', 'no_stream', sampleEvents('agency-d', 1)),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual([
        'rejected',
        'fulfilled',
        'fulfilled',
        'rejected',
      ]);
      expect(log.events('main/agency-d')).toEqual([]);
    });

    it('one beside an append that failed after a lost answer is not called missing', async () => {
      await store.close();
      store = openOn(server, { scheme, timings: impatient });
      await store.append('agency-a', 'no_stream', events[0] ?? []);
      server.faults.next('append', { kind: 'lose-request', connection: 'hang' });
      server.faults.next('append', { kind: 'lose-reply', connection: 'hang' });
      server.faults.next('append', { kind: 'access-denied' });
      const group = {};
      const [refused, stored] = await Promise.allSettled([
        store.append('agency-a', 0, sampleEvents('agency-a', 1, { after: events[0]?.[0] }), {
          group,
          reads: [],
        }),
        store.append('agency-b', 'no_stream', events[1] ?? [], { group, reads: [] }),
      ]);
      expect(String((refused as PromiseRejectedResult).reason)).toContain(
        'nothing was appended to stream "agency-a"',
      );
      expect(log.events('main/agency-b')).toHaveLength(1);
      const message = String((stored as PromiseRejectedResult).reason);
      expect(message).toContain('to stream "agency-b" may or may not be stored');
      expect(message).toContain('to stream "agency-a", could not be made');
    });
  });

  describe('when nothing answers', () => {
    it('the append may be stored, dependent ones fail, and all can be sent again', async () => {
      const short = openOn(server, { scheme, timings: { deadlineMs: 100, patienceMs: 200 } });
      others.push(short);
      const events = sampleEvents(stream, 3);
      await short.append(stream, 'no_stream', events.slice(0, 1));
      server.goDeaf();
      const outcomes = await Promise.allSettled([
        short.append(stream, 0, events.slice(1, 2)),
        short.append(stream, 1, events.slice(2)),
      ]);
      for (const outcome of outcomes) {
        expect(outcome.status).toBe('rejected');
        if (outcome.status !== 'rejected') continue;
        expect(outcome.reason).toBeInstanceOf(StoreUnavailableError);
        expect(String(outcome.reason)).toContain('may or may not be stored');
      }
      server.hear();
      expect((await store.append(stream, 0, events.slice(1, 2))).revision).toBe(1);
      expect((await store.append(stream, 1, events.slice(2))).revision).toBe(2);
      expect(storedIds()).toEqual(events.map(({ id }) => id));
    });

    it('a forbidden append stops all later ones, and both can be sent again', async () => {
      const events = sampleEvents(stream, 1);
      const after = sampleEvents('agency-c3', 1);
      await store.append('agency-b2', 'no_stream', sampleEvents('agency-b2', 1));
      server.faults.next('append', { kind: 'access-denied' });
      const [refused, behind] = await Promise.allSettled([
        store.append(stream, 'no_stream', events),
        store.append('agency-c3', 'no_stream', after),
      ]);
      expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'store_unavailable' } });
      expect(behind).toMatchObject({ status: 'rejected', reason: { code: 'store_unavailable' } });
      expect(String((behind as PromiseRejectedResult).reason)).toContain(
        `because an append called before it, to stream "${stream}", could not be made`,
      );
      expect(log.events('main/agency-c3')).toEqual([]);
      expect((await store.append(stream, 'no_stream', events)).revision).toBe(0);
      expect((await store.append('agency-c3', 'no_stream', after)).revision).toBe(0);
    });

    it('an append forbidden after its first answer was lost stops all later ones', async () => {
      await store.append('agency-b2', 'no_stream', sampleEvents('agency-b2', 1));
      server.faults.next('append', { kind: 'lose-request' });
      server.faults.next('append', { kind: 'access-denied' });
      const outcomes = await Promise.allSettled([
        store.append(stream, 'no_stream', sampleEvents(stream, 1)),
        store.append('agency-c3', 'no_stream', sampleEvents('agency-c3', 1)),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      expect(log.events('main/agency-c3')).toEqual([]);
    });

    it('a store that loses its connection does not disturb another in its process', async () => {
      await store.close();
      store = openOn(server, { scheme, timings: calm });
      const otherServer = await WireServer.start();
      const other = openOn(otherServer, { scheme, timings: calm });
      others.push(other, { close: () => otherServer.stop() });
      const events = sampleEvents(stream, 2);
      await store.append(stream, 'no_stream', events.slice(0, 1));
      await other.append(stream, 'no_stream', events.slice(0, 1));
      const late = server.faults.next('append', { kind: 'late-reply' });
      otherServer.faults.next('append', { kind: 'lose-request' });
      const mine = store.append(stream, 0, events.slice(1));
      await late.hit;
      await other.append(stream, 0, events.slice(1));
      const reads = server.calls.filter(({ method }) => method === 'read').length;
      late.release();
      expect((await mine).revision).toBe(1);
      expect(server.calls.filter(({ method }) => method === 'read')).toHaveLength(reads);
      expect(storedIds()).toEqual(events.map(({ id }) => id));
    });

    it('of two nodes that append after one event, one is refused and reads the other', async () => {
      const second = openOn(server, { scheme });
      others.push(second);
      const winner = sampleEvents(stream, 2, { writer: 'one' });
      const loser = sampleEvents(stream, 2, { writer: 'two' });
      await store.append(stream, 'no_stream', winner.slice(0, 1));
      await expect(second.append(stream, 'no_stream', loser.slice(0, 1))).rejects.toBeInstanceOf(
        ConflictError,
      );
      await second.append(stream, 0, winner.slice(1));
      await expect(
        store.append(stream, 0, sampleEvents(stream, 1, { after: winner[0], writer: 'two' })),
      ).rejects.toMatchObject({
        expected: 0,
        found: 1,
      });
    });
  });

  describe('a follower gets each event once and in order when its subscription', () => {
    it.each<[string, ReadFault]>([
      ['is dropped between two events', { kind: 'break', afterEvents: 3 }],
      ['is refused for a moment', { kind: 'unavailable' }],
      ['is ended by the server without an error', { kind: 'end', afterEvents: 2 }],
      ['falls silent', { kind: 'hang', afterEvents: 1 }],
      ['delivers an event twice', { kind: 'duplicate', afterEvents: 2 }],
    ])('%s', async (_case, fault) => {
      const events = sampleEvents(stream, 12);
      await store.append(stream, 'no_stream', events.slice(0, 2));
      server.faults.next('subscribe', fault);
      const following = followUntil(store, 12, { batchSize: 2 });
      await until(() => store.health().state !== 'idle');
      for (const event of events.slice(2)) await store.append(stream, event.revision - 1, [event]);
      expect((await following).map(recordIn)).toEqual(events);
      expect(server.faults.waiting).toBe(0);
    });

    it('says in its health that it was dropped, why, and where it goes on', async () => {
      await store.close();
      store = openOn(server, { scheme, timings: calm });
      const events = sampleEvents(stream, 4);
      await store.append(stream, 'no_stream', events.slice(0, 2));
      expect(store.health()).toMatchObject({ state: 'idle', reconnects: 0, lastError: undefined });
      server.faults.next('subscribe', { kind: 'unavailable', afterEvents: 1 });
      const following = followUntil(store, 4);
      await until(() => store.health().state === 'following');
      await store.append(stream, 1, events.slice(2, 3));
      await until(() => store.health().reconnects === 1 && store.health().state === 'following');
      expect(store.health().lastError).toContain('unavailable');
      const { position } = await store.append(stream, 2, events.slice(3));
      await until(() => store.health().position === position);
      await following;
    });

    it('is one of 120 in a process: the engine sees a single one', async () => {
      await store.close();
      store = openOn(server, { scheme, timings: calm });
      const events = sampleEvents(stream, 20);
      await store.append(stream, 'no_stream', events.slice(0, 10));
      const followers = Array.from({ length: 120 }, () => followUntil(store, 20));
      await until(() => store.health().state === 'following');
      for (const event of events.slice(10)) await store.append(stream, event.revision - 1, [event]);
      const ids = events.map(({ id }) => id);
      await until(() => server.subscriptions.size === 1);
      for (const seen of await Promise.all(followers))
        expect(seen.map(({ id }) => id)).toEqual(ids);
      expect(server.calls.filter(({ method }) => method === 'subscribe')).toHaveLength(1);
    });

    it('shares a connection that an append moves to a new leader', async () => {
      const leader = await WireServer.start({ log });
      others.push({ close: () => leader.stop() });
      const events = sampleEvents(stream, 5);
      await store.append(stream, 'no_stream', events.slice(0, 2));
      const following = followUntil(store, 5);
      await until(() => store.health().state === 'following');
      server.leader = leader;
      for (const event of events.slice(2)) await store.append(stream, event.revision - 1, [event]);
      expect((await following).map(recordIn)).toEqual(events);
    });

    it('outlives the engine', async () => {
      const events = sampleEvents(stream, 6);
      await store.append(stream, 'no_stream', events.slice(0, 3));
      const following = followUntil(store, 6);
      await until(() => store.health().state === 'following');
      await server.down();
      await until(() => store.health().reconnects > 1);
      await server.up();
      await store.append(stream, 2, events.slice(3));
      expect((await following).map(recordIn)).toEqual(events);
    });
  });

  describe('closing the store', () => {
    it('ends a read that the engine does not answer', async () => {
      const patient = openOn(server, { scheme, timings: { deadlineMs: 60_000 } });
      others.push(patient);
      await patient.append(stream, 'no_stream', sampleEvents(stream, 3));
      const stuck = server.faults.next('read', { kind: 'hang', afterEvents: 1 });
      const outcome = expect(collect(patient.readStream(stream))).rejects.toBeInstanceOf(
        StoreClosedError,
      );
      await stuck.hit;
      await patient.close();
      await outcome;
    });
  });

  describe('a read goes on when', () => {
    it.each<[string, ReadFault]>([
      ['it is broken off', { kind: 'break', afterEvents: 2 }],
      ['the engine falls silent', { kind: 'hang', afterEvents: 2 }],
      ['it is cut short without an error', { kind: 'end', afterEvents: 2 }],
      ['the engine is unavailable in the middle of it', { kind: 'unavailable', afterEvents: 2 }],
      ['the engine leads no longer, and names no leader', { kind: 'not-leader', afterEvents: 2 }],
    ])('%s', async (_case, fault) => {
      const events = sampleEvents(stream, 5);
      await store.append(stream, 'no_stream', events);
      server.faults.next('read', fault);
      expect((await collect(store.readStream(stream))).map(recordIn)).toEqual(events);
      server.faults.next('read', fault, { skip: 1 });
      expect((await collect(store.readAll())).map(recordIn)).toEqual(events);
    });

    it('a reply without the leader’s address, on which the client throws, is counted', async () => {
      await store.append(stream, 'no_stream', sampleEvents(stream, 1));
      expect(store.health().contained).toBe(0);
      server.faults.next('read', { kind: 'not-leader' });
      await collect(store.readStream(stream));
      await until(() => store.health().contained === 1);
      expect(store.health().lastContained).toMatch(/TypeError/);
    });
  });
});
