import {
  END,
  eventTypeFilter,
  excludeSystemEvents,
  streamNameFilter,
  type AllStreamResolvedEvent,
  type EventStoreDBClient,
  type Position,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import { jsonProposal, type WireServer } from '../support/eventstoredb/index.js';
import { failureOf, Wire } from './wire-client.js';

const wire = new Wire();
afterEach(() => wire.close());

let server: WireServer;
let client: EventStoreDBClient;

beforeEach(async () => {
  server = await wire.serve();
  client = wire.connect(server.url);
});

/** Stores numbered events without the wire, each an append of its own. */
function store(count: number, { stream = 'agency-1', type = 'Counted', from = 0 } = {}): void {
  for (let n = from; n < from + count; n += 1)
    server.log.append(stream, 'any', [jsonProposal(randomUUID(), type, { n })]);
}

/** The events of a subscription, taken one by one. */
class Follower {
  readonly #events: AsyncIterator<ResolvedEvent>;

  constructor(subscription: AsyncIterable<ResolvedEvent>) {
    this.#events = subscription[Symbol.asyncIterator]();
  }

  /** The next events' numbers. Rejects with the subscription's error; an end is the word `end`. */
  async take(count: number): Promise<unknown[]> {
    const taken: unknown[] = [];
    for (let n = 0; n < count; n += 1) {
      const next = await this.#events.next();
      taken.push(next.done === true ? 'end' : (next.value.event?.data as { n: number }).n);
    }
    return taken;
  }
}

const once = (
  subscription: ReturnType<EventStoreDBClient['subscribeToAll']>,
  event: 'caughtUp' | 'fellBehind',
) => new Promise<void>((resolve) => subscription.once(event, () => resolve()));

describe('a subscription', () => {
  it('begins after its position and goes on with what is stored later', async () => {
    store(3);
    const [, second] = server.log.slots;
    const subscription = client.subscribeToAll({ fromPosition: second!.position });
    const follower = new Follower(subscription);
    expect(await follower.take(1)).toEqual([2]);
    store(1, { from: 3 });
    expect(await follower.take(1)).toEqual([3]);
    await subscription.unsubscribe();
  });

  it('begins after a revision of its stream', async () => {
    store(3);
    store(1, { stream: 'agency-2', from: 90 });
    const subscription = client.subscribeToStream('agency-1', { fromRevision: 1n });
    const follower = new Follower(subscription);
    expect(await follower.take(1)).toEqual([2]);
    store(1, { from: 3 });
    expect(await follower.take(1)).toEqual([3]);
    await subscription.unsubscribe();
  });

  it('from the end shows only what comes', async () => {
    store(3);
    const subscription = client.subscribeToAll({ fromPosition: END });
    await once(subscription, 'caughtUp');
    store(1, { from: 3 });
    expect(await new Follower(subscription).take(1)).toEqual([3]);
    await subscription.unsubscribe();
  });

  it.each([
    ['prefixes of the type', eventTypeFilter({ prefixes: ['Oth', 'Entr'] }), [1, 2]],
    ['a regex of the type', eventTypeFilter({ regex: '^E.*y$' }), [2]],
    ['prefixes of the stream', streamNameFilter({ prefixes: ['other'] }), [3]],
    ['a regex of the stream', streamNameFilter({ regex: '^o.+1$' }), [3]],
    ['no system events', excludeSystemEvents(), [0, 1, 2, 3]],
  ])('filters by %s', async (_name, filter, numbers) => {
    for (const [n, type] of ['Counted', 'Other', 'Entry'].entries()) store(1, { type, from: n });
    server.log.append('$$agency-1', 'any', [jsonProposal(randomUUID(), '$metadata', { n: 99 })]);
    store(1, { stream: 'other-1', from: 3 });
    const subscription = client.subscribeToAll({ filter });
    const caughtUp = once(subscription, 'caughtUp');
    expect(await new Follower(subscription).take(numbers.length)).toEqual(numbers);
    await caughtUp;
    await subscription.unsubscribe();
  });

  it('sends a checkpoint every 32 events times the interval, passed or not', async () => {
    store(200, { type: 'Other' });
    const reached: Position[] = [];
    const filter = eventTypeFilter({
      prefixes: ['Entry'],
      checkpointInterval: 2,
      checkpointReached: async (_subscription, position) => void reached.push(position),
    });
    const subscription = client.subscribeToAll({ filter });
    await once(subscription, 'caughtUp');
    expect(reached).toEqual([63, 127, 191].map((index) => server.log.slots[index]!.position));
    await subscription.unsubscribe();
  });

  it('reports a checkpoint before its consumer has the events it covers', async () => {
    store(64);
    const reached: Position[] = [];
    const filter = eventTypeFilter({
      prefixes: ['Counted'],
      checkpointReached: async (_subscription, position) => void reached.push(position),
    });
    const subscription = client.subscribeToAll({ filter });
    const events = subscription[Symbol.asyncIterator]() as AsyncIterator<AllStreamResolvedEvent>;
    const ahead: boolean[] = [];
    for (let n = 0; n < 64; n += 1) {
      const { value } = (await events.next()) as IteratorResult<AllStreamResolvedEvent, undefined>;
      ahead.push(reached.some(({ commit }) => commit > value!.event!.position.commit));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(ahead).toContain(true);
    await subscription.unsubscribe();
  });

  it('hears once that it caught up, and again after it fell behind', async () => {
    const subscription = client.subscribeToAll();
    await once(subscription, 'caughtUp');
    const [seen] = server.subscriptions;
    const fellBehind = once(subscription, 'fellBehind');
    await seen!.announce('fell-behind');
    await fellBehind;
    const again = once(subscription, 'caughtUp');
    await seen!.announce('caught-up');
    await again;
    await subscription.unsubscribe();
  });

  it('never hears it from an older server', async () => {
    server = await wire.serve({ sendsCaughtUp: false });
    const subscription = wire.connect(server.url).subscribeToAll();
    let heard = 0;
    subscription.on('caughtUp', () => (heard += 1));
    const follower = new Follower(subscription);
    store(1);
    await follower.take(1);
    store(1, { from: 1 });
    expect(await follower.take(1)).toEqual([1]);
    expect(heard).toBe(0);
    await subscription.unsubscribe();
  });
});

describe('on demand, a subscription', () => {
  it('is dropped between two events', async () => {
    store(5);
    server.faults.next('subscribe', { kind: 'unavailable', afterEvents: 2 });
    const follower = new Follower(client.subscribeToAll());
    const failure = await failureOf(follower.take(3).then(async () => follower.take(3)));
    expect(failure['type']).toBe('unavailable');
    expect(server.faults.waiting).toBe(0);
  });

  it('loses its connection between two events', async () => {
    store(5);
    server.faults.next('subscribe', { kind: 'break', afterEvents: 2 });
    expect(await failureOf(new Follower(client.subscribeToAll()).take(3))).toMatchObject({
      type: expect.stringMatching(/unavailable|cancelled/u) as string,
    });
  });

  it('ends cleanly', async () => {
    store(5);
    server.faults.next('subscribe', { kind: 'end', afterEvents: 2 });
    expect(await new Follower(client.subscribeToAll()).take(3)).toEqual([0, 1, 'end']);
  });

  it('ends cleanly while it is live, or is dropped', async () => {
    const [ended, dropped] = [client.subscribeToAll(), client.subscribeToAll()];
    await Promise.all([once(ended, 'caughtUp'), once(dropped, 'caughtUp')]);
    const [first, second] = [...server.subscriptions];
    first!.end();
    expect(await new Follower(ended).take(1)).toEqual(['end']);
    second!.drop();
    expect(await failureOf(new Follower(dropped).take(1))).toMatchObject({ type: 'unavailable' });
  });

  it('delivers an event twice', async () => {
    store(3);
    server.faults.next('subscribe', { kind: 'duplicate', afterEvents: 2 });
    const subscription = client.subscribeToAll();
    const follower = new Follower(subscription);
    expect(await follower.take(4)).toEqual([0, 1, 1, 2]);
    const [seen] = server.subscriptions;
    await seen!.deliverAgain();
    expect(await follower.take(1)).toEqual([2]);
    await subscription.unsubscribe();
  });

  it('falls silent without a word', async () => {
    store(3);
    server.faults.next('subscribe', { kind: 'hang', afterEvents: 1 });
    const follower = new Follower(client.subscribeToAll());
    expect(await follower.take(1)).toEqual([0]);
    const more = follower.take(1);
    store(1, { from: 3 });
    // A second subscription on the same connection gets it all, so silence is not slowness.
    const other = client.subscribeToAll();
    expect(await new Follower(other).take(4)).toEqual([0, 1, 2, 3]);
    expect(await Promise.race([more, Promise.resolve('silence')])).toBe('silence');
    server.breakConnections();
    await failureOf(more);
  });

  it('gets nothing above the connection’s limit of calls until another ends', async () => {
    store(1);
    const subscriptions = Array.from({ length: 100 }, () => client.subscribeToAll());
    await Promise.all(subscriptions.map((subscription) => once(subscription, 'caughtUp')));
    const late = client.subscribeToAll();
    let heard = false;
    const caughtUp = once(late, 'caughtUp').then(() => (heard = true));
    // Clients of one process share the connection to a node, so a second client does not help.
    const second = once(wire.connect(server.url).subscribeToAll(), 'caughtUp').then(
      () => (heard = true),
    );
    await once(wire.connect((await wire.serve()).url).subscribeToAll(), 'caughtUp');
    expect(heard).toBe(false);
    expect(server.calls.filter(({ method }) => method === 'subscribe')).toHaveLength(100);
    await subscriptions[0]!.unsubscribe();
    await subscriptions[1]!.unsubscribe();
    await Promise.all([caughtUp, second]);
  });
});
