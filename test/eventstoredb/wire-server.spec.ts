import { EventStoreDBClient, eventTypeFilter, jsonEvent, type AllStreamResolvedEvent } from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import { WireServer } from '../support/eventstoredb/index.js';

const entry = (n: number, type = 'EntryRecorded') => jsonEvent({ id: randomUUID(), type, data: { n } });

async function collect<T>(items: AsyncIterable<T>, count = Number.POSITIVE_INFINITY): Promise<T[]> {
  const found: T[] = [];
  if (count > 0)
    for await (const item of items) {
      found.push(item);
      if (found.length >= count) break;
    }
  return found;
}

describe.each([['batch append'], ['append']])('by %s', (protocol) => {
  let server: WireServer;
  let client: EventStoreDBClient;

  beforeEach(async () => {
    server = await WireServer.start({ batchAppend: protocol === 'batch append' });
    client = EventStoreDBClient.connectionString(server.url);
  });

  afterEach(async () => {
    await client.dispose();
    await server.stop();
  });

  it('stores events and reads them back from their stream and from $all', async () => {
    const events = [entry(1), entry(2)];
    const appended = await client.appendToStream('agency-1', events, { expectedRevision: 'no_stream' });
    expect(appended).toMatchObject({ success: true, nextExpectedRevision: 1n });
    const read = await collect(client.readStream('agency-1'));
    expect(read.map(({ event }) => [event?.id, event?.revision, event?.data])).toEqual([
      [events[0]!.id, 0n, { n: 1 }],
      [events[1]!.id, 1n, { n: 2 }],
    ]);
    const all = await collect(client.readAll({ maxCount: 10 }));
    expect(all.map(({ event }) => event?.id)).toEqual(events.map(({ id }) => id));
    expect(all[1]?.event?.position).toEqual(appended.position);
    expect(server.calls.map(({ method }) => method)).toEqual(['features', protocol.replace(' ', '-'), 'read', 'read']);
  });

  it('subscribes to $all by event type, from the beginning and on', async () => {
    await client.appendToStream('agency-1', [entry(1), entry(2, 'Other')], { expectedRevision: 'no_stream' });
    const subscription = client.subscribeToAll({ filter: eventTypeFilter({ prefixes: ['Entry'] }) });
    const caughtUp = new Promise((resolve) => subscription.once('caughtUp', resolve));
    const events: AsyncIterator<AllStreamResolvedEvent> = subscription[Symbol.asyncIterator]();
    expect((await events.next()).value?.event?.data).toEqual({ n: 1 });
    await caughtUp;
    await client.appendToStream('agency-1', entry(3), { expectedRevision: 1n });
    expect((await events.next()).value?.event?.data).toEqual({ n: 3 });
    await subscription.unsubscribe();
  });
});
