import {
  binaryEvent,
  END,
  type EventStoreDBClient,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import {
  jsonProposal,
  tombstoneRevision,
  WireLog,
  type WireServer,
} from '../support/eventstoredb/index.js';
import { collect, entries, entry, failureOf, Wire } from './wire-client.js';

const wire = new Wire();
afterEach(() => wire.close());

const revisions = (read: readonly ResolvedEvent[]) =>
  read.map(({ event }) => Number(event?.revision));

describe.each([['batch-append'], ['append']])('by the protocol of %s', (protocol) => {
  let server: WireServer;
  let client: EventStoreDBClient;
  let now = 1_700_000_000_000;

  beforeEach(async () => {
    now = 1_700_000_000_000;
    server = await wire.serve({
      batchAppend: protocol === 'batch-append',
      log: new WireLog({ now: () => now }),
    });
    client = wire.connect(server.url);
  });

  it('stores events and reads them back from their stream and from $all', async () => {
    const events = [entry(1), entry(2)];
    const appended = await client.appendToStream('agency-1', events, {
      expectedRevision: 'no_stream',
    });
    expect(appended).toMatchObject({ success: true, nextExpectedRevision: 1n });
    const read = await collect(client.readStream('agency-1'));
    expect(read.map(({ event }) => [event?.id, event?.revision, event?.data])).toEqual([
      [events[0]!.id, 0n, { n: 1 }],
      [events[1]!.id, 1n, { n: 2 }],
    ]);
    expect(read[0]?.event?.created).toEqual(new Date(now));
    const all = await collect(client.readAll({ maxCount: 10 }));
    expect(all.map(({ event }) => event?.id)).toEqual(events.map(({ id }) => id));
    expect(all[1]?.event?.position).toEqual(appended.position);
    expect(server.calls.map(({ method }) => method)).toEqual([
      'features',
      protocol,
      'read',
      'read',
    ]);
  });

  it('keeps bytes and metadata as they came', async () => {
    const data = Uint8Array.from([0, 255, 128, 10]);
    await client.appendToStream(
      'raw',
      binaryEvent({ type: 'Raw', data, metadata: { of: 'old' } }),
      {
        expectedRevision: 'no_stream',
      },
    );
    const [read] = await collect(client.readStream('raw'));
    expect(read?.event).toMatchObject({ isJson: false, data, metadata: { of: 'old' } });
  });

  it('takes one append in several messages', async () => {
    const appended = await client.appendToStream('agency-1', entries(50), {
      expectedRevision: 'no_stream',
      batchAppendSize: 500,
    });
    expect(appended.nextExpectedRevision).toBe(49n);
    expect(revisions(await collect(client.readStream('agency-1')))).toEqual(
      Array.from({ length: 50 }, (_, n) => n),
    );
  });

  it.each([
    ['no_stream' as const, 'no_stream', 1n],
    [0n, 0n, 1n],
    [7n, 7n, 1n],
  ])(
    'refuses %s with the revision the stream has',
    async (expectedRevision, expectedVersion, actualVersion) => {
      await client.appendToStream('agency-1', entries(2), { expectedRevision: 'no_stream' });
      const error = await failureOf(
        client.appendToStream('agency-1', entry(3), { expectedRevision }),
      );
      expect(error).toMatchObject({
        type: 'wrong-expected-version',
        streamName: 'agency-1',
        expectedVersion,
        actualVersion,
      });
      expect(server.log.events()).toHaveLength(2);
    },
  );

  it('says of a stream that is not there that it expected one', async () => {
    for (const expectedRevision of ['stream_exists' as const, 0n]) {
      const error = await failureOf(
        client.appendToStream('agency-1', entry(1), { expectedRevision }),
      );
      expect(error).toMatchObject({ type: 'wrong-expected-version', actualVersion: 'no_stream' });
    }
  });

  it('recognises the same append at the stated revision, and gives its old position', async () => {
    const events = entries(3);
    const { position } = await client.appendToStream('agency-1', events, {
      expectedRevision: 'no_stream',
    });
    await client.appendToStream('agency-1', entry(4), { expectedRevision: 2n });
    server.log.forgetRecentIds();
    const repeated = await client.appendToStream('agency-1', events, {
      expectedRevision: 'no_stream',
    });
    expect(repeated).toEqual({ success: true, nextExpectedRevision: 2n, position });
    expect(server.log.events()).toHaveLength(4);
  });

  it('refuses a repeat that matches in part', async () => {
    const [first, second] = [entry(1), entry(2)];
    await client.appendToStream('agency-1', [first, second], { expectedRevision: 'no_stream' });
    for (const expectedRevision of ['no_stream' as const, 'any' as const]) {
      const error = await failureOf(
        client.appendToStream('agency-1', [first, entry(3)], { expectedRevision }),
      );
      expect(error['type']).toBe('wrong-expected-version');
    }
    expect(server.log.events()).toHaveLength(2);
  });

  it('recognises a repeat without a revision only while it remembers the id', async () => {
    const event = entry(1);
    await client.appendToStream('agency-1', event, { expectedRevision: 'any' });
    await client.appendToStream('agency-1', event, { expectedRevision: 'any' });
    expect(server.log.events()).toHaveLength(1);
    server.log.forgetRecentIds();
    await client.appendToStream('agency-1', event, { expectedRevision: 'any' });
    expect(server.log.events()).toHaveLength(2);
  });

  it('stores both of two events with one id', async () => {
    const event = entry(1);
    await client.appendToStream('agency-1', [event, event], { expectedRevision: 'no_stream' });
    expect(server.log.events()).toHaveLength(2);
  });

  it('may answer a repetition without a position', async () => {
    const log = new WireLog({ repeatedPosition: 'none' });
    const silent = wire.connect(
      (await wire.serve({ log, batchAppend: protocol === 'batch-append' })).url,
    );
    const events = entries(2);
    await silent.appendToStream('agency-1', events, { expectedRevision: 'no_stream' });
    expect(
      await silent.appendToStream('agency-1', events, { expectedRevision: 'no_stream' }),
    ).toMatchObject({ nextExpectedRevision: 1n, position: undefined });
  });

  it('may store an event without a stated revision again, whose id is known', async () => {
    const log = new WireLog({ forgetsIds: true });
    const forgetful = wire.connect(
      (await wire.serve({ log, batchAppend: protocol === 'batch-append' })).url,
    );
    const event = entry(1);
    for (const _ of [1, 2])
      await forgetful.appendToStream('agency-1', event, { expectedRevision: 'any' });
    expect(log.events()).toHaveLength(2);
  });

  it('takes an append without events for a success', async () => {
    await client.appendToStream('agency-1', [], { expectedRevision: 'no_stream' });
    expect(server.log.events()).toEqual([]);
  });

  it('counts a stream that has metadata alone as one that exists', async () => {
    await client.setStreamMetadata('agency-1', { maxCount: 3 });
    await client.appendToStream('agency-1', entry(1), { expectedRevision: 'stream_exists' });
    await client.setStreamMetadata('agency-2', { maxCount: 3 });
    await client.tombstoneStream('agency-2');
    for (const closed of [
      () => client.setStreamMetadata('agency-2', { maxCount: 4 }),
      () => client.getStreamMetadata('agency-2'),
    ])
      expect(await failureOf(closed() as Promise<unknown>)).toMatchObject({
        type: 'stream-deleted',
      });
  });

  it('cannot delete a stream that is not there', async () => {
    for (const refused of [
      client.deleteStream('agency-1'),
      client.tombstoneStream('agency-1', { expectedRevision: 'no_stream' }),
    ])
      expect(await failureOf(refused)).toMatchObject({ type: 'wrong-expected-version' });
  });

  it('counts data alone towards the limit of an append', async () => {
    const narrow = wire.connect(
      (await wire.serve({ batchAppend: protocol === 'batch-append', maxAppendBytes: 900 })).url,
    );
    const event = { ...entry(1), metadata: { text: 'x'.repeat(2_000) } };
    await narrow.appendToStream('agency-1', event, { expectedRevision: 'no_stream' });
  });

  it('lets no_stream begin a soft-deleted stream again, and numbers on', async () => {
    await client.appendToStream('agency-1', entries(3), { expectedRevision: 'no_stream' });
    await client.deleteStream('agency-1', { expectedRevision: 2n });
    expect(await failureOf(collect(client.readStream('agency-1')))).toMatchObject({
      type: 'stream-not-found',
      streamName: 'agency-1',
    });
    expect(await collect(client.readAll({ maxCount: 3 }))).toHaveLength(3);
    const begun = await client.appendToStream('agency-1', entry(9), {
      expectedRevision: 'no_stream',
    });
    expect(begun.nextExpectedRevision).toBe(3n);
    expect(revisions(await collect(client.readStream('agency-1')))).toEqual([3]);
    expect((await client.getStreamMetadata('agency-1')).metadata).toMatchObject({
      truncateBefore: 3,
    });
  });

  it('shows the last metadata of a stream alone', async () => {
    for (const maxCount of [1, 2, 3]) await client.setStreamMetadata('agency-1', { maxCount });
    const read = await collect(client.readStream('$$agency-1'));
    expect(read.map(({ event }) => [event?.revision, event?.data])).toEqual([
      [2n, { $maxCount: 3 }],
    ]);
  });

  it('closes a tombstoned stream for ever', async () => {
    await client.appendToStream('agency-1', entry(1), { expectedRevision: 'no_stream' });
    await client.tombstoneStream('agency-1', { expectedRevision: 0n });
    const failed = { type: 'stream-deleted', streamName: 'agency-1' };
    expect(await failureOf(collect(client.readStream('agency-1')))).toMatchObject(failed);
    expect(
      await failureOf(
        client.appendToStream('agency-1', entry(2), { expectedRevision: 'no_stream' }),
      ),
    ).toMatchObject(failed);
    const all = await collect(client.readAll({ maxCount: 10 }));
    expect(all.map(({ event }) => [event?.type, event?.revision])).toEqual([
      ['EntryRecorded', 0n],
      ['$streamDeleted', tombstoneRevision],
    ]);
  });

  it('refuses to delete a stream that has another revision', async () => {
    await client.appendToStream('agency-1', entries(3), { expectedRevision: 'no_stream' });
    for (const refused of [
      client.deleteStream('agency-1', { expectedRevision: 0n }),
      client.tombstoneStream('agency-1', { expectedRevision: 0n }),
    ])
      expect(await failureOf(refused)).toMatchObject({
        type: 'wrong-expected-version',
        actualVersion: -1n,
      });
  });

  it('refuses an append above its limit and says the limit', async () => {
    const small = wire.connect(
      (await wire.serve({ batchAppend: protocol === 'batch-append', maxAppendBytes: 100 })).url,
    );
    const error = await failureOf(
      small.appendToStream('agency-1', entries(20), { expectedRevision: 'no_stream' }),
    );
    expect(error).toMatchObject({ type: 'maximum-append-size-exceeded', maxAppendSize: 100 });
  });

  it.each([
    ['$maxCount', { maxCount: 2 }, [3, 4]],
    ['$tb', { truncateBefore: 4 }, [4]],
    ['$maxAge', { maxAge: 60 }, [2, 3, 4]],
  ])('hides what %s hides from a stream, and not from $all', async (_name, metadata, shown) => {
    await client.appendToStream('agency-1', entries(2), { expectedRevision: 'no_stream' });
    now += 61_000;
    await client.appendToStream('agency-1', entries(3), { expectedRevision: 1n });
    await client.setStreamMetadata('agency-1', metadata);
    expect(revisions(await collect(client.readStream('agency-1')))).toEqual(shown);
    const all = await collect(client.readAll({ maxCount: 20 }));
    expect(all.filter(({ event }) => event?.streamId === 'agency-1')).toHaveLength(5);
    expect((await client.getStreamMetadata('agency-1')).metadata).toEqual(metadata);
  });
});

describe('reading', () => {
  async function serve(options?: ConstructorParameters<typeof WireLog>[0]) {
    const server = await wire.serve({ log: new WireLog(options) });
    for (const stream of ['a', 'b'])
      server.log.append(
        stream,
        'no_stream',
        [0, 1, 2].map((n) => jsonProposal(randomUUID(), 'Counted', { n })),
      );
    return { server, client: wire.connect(server.url) };
  }
  const names = (read: readonly ResolvedEvent[]) =>
    read.map(({ event }) => `${event?.streamId ?? ''}${Number(event?.revision)}`).join(' ');

  it('goes either way through a stream, from any revision inclusively', async () => {
    const { client } = await serve();
    const read = async (options: Parameters<EventStoreDBClient['readStream']>[1]) =>
      names(await collect(client.readStream('a', options)));
    expect(await read({ fromRevision: 1n })).toBe('a1 a2');
    expect(await read({ maxCount: 2 })).toBe('a0 a1');
    expect(await read({ direction: 'backwards', fromRevision: END })).toBe('a2 a1 a0');
    expect(await read({ direction: 'backwards', fromRevision: 1n, maxCount: 1 })).toBe('a1');
    expect(await read({ fromRevision: 9n })).toBe('');
  });

  it('goes either way through $all: from a position on, or back from before it', async () => {
    const { client } = await serve();
    const read = async (options: Parameters<EventStoreDBClient['readAll']>[0]) =>
      names(await collect(client.readAll(options)));
    const [, second] = await collect(client.readAll({ maxCount: 2 }));
    expect(await read({ fromPosition: second!.event!.position, maxCount: 3 })).toBe('a1 a2 b0');
    expect(await read({ direction: 'backwards', fromPosition: second!.event!.position })).toBe(
      'a0',
    );
    expect(await read({ direction: 'backwards', fromPosition: END, maxCount: 2 })).toBe('b2 b1');
  });

  it.each([
    ['own' as const, 6],
    ['shared' as const, 2],
  ])('gives positions that grow with gaps, commits being %s', async (commits, distinct) => {
    const { client } = await serve({ commits });
    const positions = (await collect(client.readAll())).map(({ event }) => event!.position);
    expect(new Set(positions.map(({ commit }) => commit)).size).toBe(distinct);
    for (const [index, { prepare }] of positions.entries())
      if (index > 0) expect(prepare - positions[index - 1]!.prepare).toBeGreaterThan(1n);
    const middle = await collect(client.readAll({ fromPosition: positions[4]! }));
    expect(names(middle)).toBe('b1 b2');
  });

  it('says that a stream is not there while it is iterated', async () => {
    const { client } = await serve();
    expect(await failureOf(collect(client.readStream('c')))).toMatchObject({
      type: 'stream-not-found',
      streamName: 'c',
    });
  });

  it('sends more than the buffers of a socket hold', async () => {
    const { server, client } = await serve();
    const text = 'x'.repeat(2_000);
    for (let n = 0; n < 40; n += 1)
      server.log.append(
        'long',
        'any',
        Array.from({ length: 50 }, () => jsonProposal(randomUUID(), 'Long', { text })),
      );
    let count = 0;
    for await (const { event } of client.readStream('long'))
      count += event?.type === 'Long' ? 1 : 0;
    expect(count).toBe(2_000);
  });
});
