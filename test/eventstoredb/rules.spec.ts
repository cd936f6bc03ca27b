import { randomUUID } from 'node:crypto';
import { type EventRecord, leafHashOf } from '@penalty-ledger/ledger';
import { collect, followUntil, recordIn, sampleEvents } from '@penalty-ledger/event-store/contract';
import {
  appendByteLimit,
  comparePositions,
  ConflictError,
  IntegrityError,
  StoreClosedError,
  StoreUnavailableError,
} from '@penalty-ledger/event-store';
import {
  defaultTimings,
  engineSettingsOf,
  type EventStoreDb,
  EngineUrlError,
} from '@penalty-ledger/event-store/eventstoredb';
import {
  changeEvent,
  cutOff,
  jsonProposal,
  removeEvent,
  scavenge,
  WireLog,
  WireServer,
  type WireServerOptions,
} from '../support/eventstoredb/index.js';
import { openOn } from './engine-under-test.js';

const stream = 'agency-a7';
const name = `main/${stream}`;

let log: WireLog;
let server: WireServer;
let store: EventStoreDb;
const others: { close(): Promise<void> }[] = [];

beforeEach(() => start({}));
afterEach(stop);

async function restart(...given: Parameters<typeof start>): Promise<void> {
  await stop();
  await start(...given);
}

async function start(options: WireServerOptions, of: WireLog = new WireLog()): Promise<void> {
  log = of;
  server = await WireServer.start({ ...options, log });
  store = openOn(server);
}

async function stop(): Promise<void> {
  await store.close();
  for (const other of others.splice(0)) await other.close();
  await server.stop();
}

function another(): EventStoreDb {
  const other = openOn(server);
  others.push(other);
  return other;
}

async function filled(count = 4): Promise<readonly EventRecord[]> {
  const events = sampleEvents(stream, count);
  await store.append(stream, 'no_stream', events);
  return events;
}

async function until(met: () => boolean): Promise<void> {
  while (!met()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const read = async (of = store) => (await collect(of.readStream(stream))).map(recordIn);

describe('appending', () => {
  it('engine rule 1: every append states a revision; −1 never reaches the client', async () => {
    const events = await filled(1);
    await expect(store.append(stream, -1, events)).rejects.toBeInstanceOf(RangeError);
    await expect(
      another().append(stream, 'no_stream', sampleEvents(stream, 1, { writer: 'two' })),
    ).rejects.toMatchObject({ code: 'conflict', expected: 'no_stream', found: 0 });
  });

  it('engine rules 2, 3: an event keeps its id on the engine, also over a restart', async () => {
    const events = await filled(3);
    expect(log.events(name).map(({ id }) => id)).toEqual(events.map(({ id }) => id));
    await server.down();
    await server.up();
    expect((await another().append(stream, 'no_stream', events)).revision).toBe(2);
    expect(log.events(name)).toHaveLength(3);
  });

  it('engine rule 4: a repeated batch is the same batch; a partial overlap conflicts', async () => {
    const events = sampleEvents(stream, 5);
    server.faults.next('append', { kind: 'lose-reply' });
    await store.append(stream, 'no_stream', events.slice(0, 3));
    expect(log.events(name).map(({ id }) => id)).toEqual(events.slice(0, 3).map(({ id }) => id));
    await expect(another().append(stream, 'no_stream', events)).rejects.toBeInstanceOf(
      ConflictError,
    );
    expect(log.events(name)).toHaveLength(3);
  });

  it('engine rule 5: an id that stands twice in a batch reaches no engine', async () => {
    const [event] = sampleEvents(stream, 1) as [EventRecord];
    await expect(store.append(stream, 'no_stream', [event, event])).rejects.toBeInstanceOf(
      RangeError,
    );
    expect(server.calls).toEqual([]);
  });

  it('engine rule 6: an append is reported as failed only after reading back', async () => {
    await filled(1);
    server.faults.next('append', { kind: 'server-timeout', stored: true });
    const before = server.calls.length;
    const events = sampleEvents(stream, 2);
    expect((await store.append(stream, 0, events.slice(1))).revision).toBe(1);
    expect(server.calls.slice(before).map(({ method }) => method)).toContain('read');
    expect(log.events(name)).toHaveLength(2);
  });

  it('engine rule 7: the position of a repetition is read back from the engine', async () => {
    const events = sampleEvents(stream, 3);
    const first = await store.append(stream, 'no_stream', events);
    expect(await another().append(stream, 'no_stream', events)).toEqual(first);
  });

  it('engine rule 8: an append that reopens a deleted stream is an alarm', async () => {
    await filled(3);
    log.deleteStream(name, 'any');
    const append = another().append(
      stream,
      'no_stream',
      sampleEvents(stream, 1, { writer: 'two' }),
    );
    await expect(append).rejects.toBeInstanceOf(IntegrityError);
    await expect(append).rejects.toThrow('deleted');
  });

  it('engine rule 9: a conflict names the stream, its revision and the expected one', async () => {
    await filled(2);
    await expect(
      another().append(stream, 0, sampleEvents(stream, 3, { writer: 'two' }).slice(1)),
    ).rejects.toThrow('stream "agency-a7": expected revision 0, found 1');
  });

  it('engine rule 10: throwOnAppendFailure=false is refused', () => {
    expect(() => engineSettingsOf('esdb://node?throwOnAppendFailure=false')).toThrow(
      EngineUrlError,
    );
  });

  it('engine rule 11: an engine that takes smaller appends is named with its limit', async () => {
    await restart({ maxAppendBytes: 2_000 });
    const append = store.append(
      stream,
      'no_stream',
      sampleEvents(stream, 1, { text: 'x'.repeat(3_000) }),
    );
    await expect(append).rejects.toBeInstanceOf(StoreUnavailableError);
    await expect(append).rejects.toThrow('limit 2000 bytes. Raise MaxAppendSize');
    expect(log.events()).toEqual([]);
  });

  it('engine rule 11: the largest append of small events is below the engine’s limit', async () => {
    const size = Buffer.byteLength(sampleEvents(stream, 1, { text: '' })[0]?.body ?? '');
    const events = sampleEvents(stream, Math.floor(appendByteLimit / (size + 10)), { text: '' });
    expect((await store.append(stream, 'no_stream', events)).revision).toBe(events.length - 1);
    const counted = log
      .events(name)
      .reduce(
        (sum, { type, data, metadata }) => sum + 2 * type.length + data.length + metadata.length,
        0,
      );
    expect(counted).toBeLessThan(1_048_576);
    expect(counted).toBeGreaterThan(900_000);
  });

  it('engine rule 12: appends keep their order without the batch protocol too', async () => {
    await restart({ batchAppend: false });
    const events = sampleEvents(stream, 20);
    const appends = events.map((event) =>
      store.append(stream, event.revision === 0 ? 'no_stream' : event.revision - 1, [event]),
    );
    expect((await Promise.all(appends)).map(({ revision }) => revision)).toEqual(
      events.map(({ revision }) => revision),
    );
    expect(server.calls.map(({ method }) => method)).not.toContain('batch-append');
    expect(await read()).toEqual(events);
    await expect(
      another().append(stream, 3, sampleEvents(stream, 5, { writer: 'two' }).slice(4)),
    ).rejects.toMatchObject({
      found: 19,
    });
  });
});

describe('appending to several streams', () => {
  it('engine rule 13: an append has one stream, and is stored after those before it', async () => {
    const [one, other] = ['agency-b', 'agency-c'].map((each) => sampleEvents(each, 1)) as [
      EventRecord[],
      EventRecord[],
    ];
    await expect(store.append('agency-b', 'no_stream', [...one, ...other])).rejects.toBeInstanceOf(
      RangeError,
    );
    expect(server.calls).toEqual([]);
    server.faults.next('append', { kind: 'server-timeout', stored: false });
    await Promise.all([
      store.append('agency-b', 'no_stream', one),
      store.append('agency-c', 'no_stream', other),
    ]);
    expect(log.events().map(({ stream: of }) => of)).toEqual(['main/agency-b', 'main/agency-c']);
  });
});

describe('data', () => {
  it.each<[string, Parameters<typeof changeEvent>[3], string]>([
    [
      'a changed number',
      { data: Buffer.from(sampleEvents(stream, 3)[2]!.body.replace(':2,', ':9,')) },
      'was stored',
    ],
    ['a body that is not an event', { data: Buffer.from('{"points":2}') }, 'was stored'],
    ['JSON that is none', { data: Buffer.from('{"points":') }, 'its body is no JSON object'],
    [
      'a body that is not JSON',
      { contentType: 'application/octet-stream' },
      'its body is no JSON object',
    ],
    ['metadata without a hash', { metadata: Buffer.from('{}') }, 'its metadata holds no leaf hash'],
    [
      'metadata without a term',
      { metadata: Buffer.from(`{"leafHash":"${'0'.repeat(64)}"}`) },
      'its metadata holds no leaf hash and term',
    ],
    [
      'metadata that is no JSON',
      { metadata: Buffer.from('{"leaf') },
      'its metadata holds no leaf hash',
    ],
    ['another type', { type: 'EntryVoided' }, 'it was stored as EntryVoided'],
    ['another id', { id: randomUUID() }, 'and it was stored as'],
    ['a fraction', { data: Buffer.from('{"points":0.5}') }, 'canonical'],
  ])(
    'engine rule 14: %s is an alarm that names stream, revision and what is wrong',
    async (_case, changes, problem) => {
      const events = await filled();
      changeEvent(log, name, 2n, changes);
      for (const reading of [
        store.readStream(stream),
        store.readAll(),
        another().readStream(stream),
      ]) {
        const failure = collect(reading);
        await expect(failure).rejects.toBeInstanceOf(IntegrityError);
        await expect(failure).rejects.toMatchObject({ place: { stream, revision: 2 } });
        await expect(failure).rejects.toThrow(problem);
      }
      const { signal } = new AbortController();
      await expect(collect(store.follow({ signal }))).rejects.toBeInstanceOf(IntegrityError);
      expect(events).toHaveLength(4);
    },
  );

  it('engine rule 14: reordered JSON is the same event: the canonical form is hashed', async () => {
    const events = await filled(2);
    const body = JSON.parse(events[1]?.body ?? '') as Record<string, unknown>;
    const turned = Object.fromEntries(Object.entries(body).reverse());
    changeEvent(log, name, 1n, { data: Buffer.from(JSON.stringify(turned, undefined, 2)) });
    expect(await read()).toEqual(events);
  });

  it('engine rule 15: a body that JSON on the engine would not keep is refused', async () => {
    const [event] = sampleEvents(stream, 1) as [EventRecord];
    const body = event.body.replace('"points":0', '"points":9007199254740993');
    await expect(
      store.append(stream, 'no_stream', [{ ...event, body, leafHash: leafHashOf(body) }]),
    ).rejects.toThrow('not canonical JSON');
    expect(log.events()).toEqual([]);
  });

  it('engine rule 16: events keep their order when the engine’s clock runs backwards', async () => {
    let ms = Date.parse('2025-03-01T00:00:00.000Z');
    await restart({}, new WireLog({ now: () => (ms -= 1_000) }));
    const events = await filled(5);
    expect((await collect(store.readAll())).map(recordIn)).toEqual(events);
  });

  it('engine rules 17, 29: commit and prepare increase and tell events apart', async () => {
    await restart({}, new WireLog({ commits: 'shared' }));
    const events = await filled(4);
    const positions = (await collect(store.readAll())).map(({ position }) => position);
    expect(positions.every((position) => /^\d+\/\d+$/.test(position))).toBe(true);
    expect(new Set(positions.map((position) => position.split('/')[0])).size).toBe(1);
    expect(positions).toEqual([...positions].sort(comparePositions));
    expect((await followUntil(store, 2, { after: positions[1] ?? '' })).map(recordIn)).toEqual(
      events.slice(2),
    );
    expect(positions.at(-1)).toBe(await store.head());
  });
});

describe('reading', () => {
  it('engine rule 21: a user who may not read $all is notified of the right', async () => {
    await filled(1);
    server.faults.next('read', { kind: 'access-denied' });
    await expect(collect(another().readAll())).rejects.toThrow('that the user may read $all');
  });

  it('engine rule 18: a missing stream is empty, and a deleted one is an alarm', async () => {
    expect(await collect(store.readStream('agency-none'))).toEqual([]);
    await filled(2);
    log.deleteStream(name, 'any');
    await expect(read()).rejects.toThrow(IntegrityError);
    // A store that never saw the stream treats it as missing, and writes nothing either.
    const append = another().append(stream, 1, sampleEvents(stream, 3).slice(2));
    await expect(append).rejects.toMatchObject({ code: 'conflict', found: 'no_stream' });
  });

  it('engine rule 18: a tombstoned stream is an alarm, and the log is read past it', async () => {
    await filled(2);
    log.tombstone(name, 'any');
    for (const reader of [store, another()]) {
      await expect(read(reader)).rejects.toThrow(IntegrityError);
      expect(await collect(reader.readAll())).toHaveLength(2);
      await expect(reader.append(stream, 'no_stream', sampleEvents(stream, 1))).rejects.toThrow(
        IntegrityError,
      );
    }
  });

  it.each([
    ['$tb', { $tb: 2 }],
    ['$maxCount', { $maxCount: 2 }],
  ])(
    'engine rule 19: a stream whose beginning is hidden by %s is an alarm',
    async (_case, metadata) => {
      await filled();
      log.append(`$$${name}`, 'any', [jsonProposal(randomUUID(), '$metadata', metadata)]);
      await expect(read(another())).rejects.toMatchObject({
        code: 'integrity',
        place: { stream, revision: 0 },
      });
    },
  );

  it('engine rule 19: a jump in the revisions is an alarm wherever it is read', async () => {
    await filled();
    removeEvent(log, name, 2n);
    const { signal } = new AbortController();
    for (const reading of [store.readStream(stream), store.readAll(), store.follow({ signal })]) {
      const failure = collect(reading);
      await expect(failure).rejects.toBeInstanceOf(IntegrityError);
      await expect(failure).rejects.toThrow('missing: 3 is the next there is');
    }
  });

  it('engine rule 19: an older copy of the log is an alarm for readers of the newer', async () => {
    const events = await filled(2);
    const { position } = await store.append(stream, 1, sampleEvents(stream, 3).slice(2));
    const [last] = log.events(name).slice(-2);
    if (last === undefined) throw new Error('nothing is stored');
    cutOff(log, last.position);
    await expect(collect(store.readAll({ after: position }))).rejects.toBeInstanceOf(
      IntegrityError,
    );
    await expect(read()).rejects.toBeInstanceOf(IntegrityError);
    expect(await read(another())).toEqual(events);
  });

  it('engine rule 20: the log is read page by page, in batches of the requested size', async () => {
    const events = await filled(600);
    const before = server.calls.length;
    const batches = [];
    for await (const batch of store.readAll({ batchSize: 250 })) batches.push(batch);
    expect(batches.map((batch) => batch.length)).toEqual([250, 250, 100]);
    expect(batches.flat().map(recordIn)).toEqual(events);
    expect(server.calls.length - before).toBeGreaterThan(2);
  });

  it('engine rules 22, 23: system events, links and other ledgers are left out', async () => {
    log.append('$stats-1', 'any', [jsonProposal(randomUUID(), '$statsCollected', {})]);
    log.append('orders-1', 'any', [jsonProposal(randomUUID(), 'OrderPlaced', { n: 1 })]);
    const other = openOn(server, { ledger: 'main2' });
    others.push(other);
    await other.append(stream, 'no_stream', sampleEvents(stream, 1, { writer: 'other' }));
    const following = followUntil(store, 2);
    const events = await filled(2);
    log.append(`$ce-main/agency`, 'any', [
      { ...jsonProposal(randomUUID(), '$>', {}), data: Buffer.from(`0@${name}`) },
    ]);
    expect((await collect(store.readAll())).map(recordIn)).toEqual(events);
    expect((await following).map(recordIn)).toEqual(events);
    expect(await store.head()).toBe((await collect(store.readStream(stream))).at(-1)?.position);
    expect(await collect(other.readAll())).toHaveLength(1);
  });
});

describe('a ledger of many streams', () => {
  it('reads three thousand missing streams over one connection', async () => {
    // An engine closes a connection on which many calls are reset.
    let next = 0;
    const readOn = async (): Promise<void> => {
      while (next < 3_000)
        expect(await collect(store.readStream(`agency-${String((next += 1))}`))).toEqual([]);
    };
    await Promise.all(Array.from({ length: 50 }, readOn));
    expect(server.connectionsMade).toBe(1);
  });
});

describe('subscribing', () => {
  it('engine rule 24: reading or following after a position excludes that position', async () => {
    const events = await filled(3);
    const [first] = await collect(store.readAll());
    const after = first?.position ?? '';
    expect((await collect(store.readAll({ after }))).map(recordIn)).toEqual(events.slice(1));
    expect((await followUntil(store, 2, { after })).map(recordIn)).toEqual(events.slice(1));
  });

  it('engine rules 25, 26: only an abort ends a following, and without an error', async () => {
    await filled(1);
    const end = new AbortController();
    const following = collect(store.follow({ signal: end.signal }));
    await until(() => store.health().state === 'following');
    for (const subscription of [...server.subscriptions]) subscription.end();
    await until(() => store.health().reconnects === 1 && store.health().state === 'following');
    end.abort();
    expect(await following).toHaveLength(1);
    expect(store.health().state).toBe('idle');
    await until(() => server.subscriptions.size === 0);
  });

  it('engine rules 27, 28: a repeated or early caught-up moves no position', async () => {
    const events = await filled(2);
    const following = followUntil(store, 3);
    await until(() => store.health().state === 'following');
    const before = store.health().position;
    for (const subscription of server.subscriptions) {
      await subscription.announce('caught-up');
      await subscription.announce('fell-behind');
      await subscription.announce('caught-up');
    }
    log.append('orders-1', 'any', [jsonProposal(randomUUID(), 'OrderPlaced', {})]);
    expect(store.health().position).toBe(before);
    const { position } = await store.append(stream, 1, sampleEvents(stream, 3).slice(2));
    expect(await following).toHaveLength(events.length + 1);
    expect(store.health().position).toBe(position);
  });

  it('engine rule 31: a follower that is far behind reads pages, and misses nothing', async () => {
    const events = sampleEvents(stream, 50, { text: 'x'.repeat(200_000) });
    await store.append(stream, 'no_stream', events.slice(0, 1));
    const seen: EventRecord[] = [];
    const end = new AbortController();
    for await (const batch of store.follow({ batchSize: 10, signal: end.signal })) {
      seen.push(...batch.map(recordIn));
      if (seen.length === 1) {
        const quick = followUntil(store, 50);
        await until(() => store.health().state === 'following');
        for (const event of events.slice(1))
          await store.append(stream, event.revision - 1, [event]);
        await quick;
      }
      if (seen.length === 50) end.abort();
    }
    expect(seen.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
  });

  it('engine rule 32: an event delivered twice is given once', async () => {
    await filled(2);
    const following = followUntil(store, 3);
    await until(() => store.health().state === 'following');
    for (const subscription of server.subscriptions) await subscription.deliverAgain();
    await store.append(stream, 1, sampleEvents(stream, 3).slice(2));
    expect((await following).map(({ revision }) => revision)).toEqual([0, 1, 2]);
  });

  it('engine rules 25, 33: a silent subscription is detected and opened again', async () => {
    await restart({});
    await store.close();
    store = openOn(server, { timings: { deadlineMs: 200 } });
    await filled(1);
    server.faults.next('subscribe', { kind: 'hang' });
    const following = followUntil(store, 2);
    await until(() => store.health().state === 'following' || store.health().reconnects > 0);
    await store.append(stream, 0, sampleEvents(stream, 2).slice(1));
    expect(await following).toHaveLength(2);
  });
});

describe('connecting', () => {
  it('engine rules 30, 35: the deadline and the probe interval are ten seconds by default', () => {
    expect(defaultTimings).toMatchObject({ deadlineMs: 10_000, probeMs: 10_000 });
  });

  it('engine rules 36, 37: appends require the leader, and go to the one named', async () => {
    const leader = await WireServer.start({ log });
    others.push({ close: () => leader.stop() });
    server.leader = leader;
    const events = await filled(2);
    expect(log.events(name)).toHaveLength(events.length);
    const appends = [...server.calls, ...leader.calls].filter(
      ({ method }) => method === 'batch-append',
    );
    expect(appends.length).toBeGreaterThan(0);
    expect(appends.every(({ requiresLeader }) => requiresLeader)).toBe(true);
    expect(leader.calls.some(({ method }) => method === 'batch-append')).toBe(true);
  });

  it('engine rule 43: closing ends the subscription and leaves nothing open', async () => {
    await filled(1);
    const following = collect(store.follow({ signal: new AbortController().signal }));
    const outcome = expect(following).rejects.toBeInstanceOf(StoreClosedError);
    await until(() => server.subscriptions.size === 1);
    await store.close();
    await outcome;
    await until(() => server.subscriptions.size === 0);
    await expect(store.head()).rejects.toBeInstanceOf(StoreClosedError);
  });
});

describe('tripwires', () => {
  it('engine rule 22: an engine as installed lets every user delete, and says so', async () => {
    await filled(1);
    const alarms = await store.tripwires([stream]);
    expect(alarms.map(({ code }) => code)).toEqual([
      'users_may_delete',
      'users_may_write_metadata',
    ]);
    expect(alarms[0]?.what.en).toContain('every user');
  });

  it('are quiet on an engine that is set up for a ledger', async () => {
    await filled(1);
    settings({
      $userStreamAcl: { $r: '$all', $w: 'ledger', $d: '$admins', $mr: '$all', $mw: ['$admins'] },
    });
    expect(await store.tripwires([stream])).toEqual([]);
  });

  it('name streams whose events expire, are hidden, deleted, or may be deleted', async () => {
    settings({ $userStreamAcl: { $d: '$admins', $mw: '$admins' } });
    const streams = ['age-1', 'tb-1', 'gone-1', 'dead-1', 'acl-1'];
    for (const one of streams) await store.append(one, 'no_stream', sampleEvents(one, 3));
    metadata('age-1', { $maxAge: 60_000_000 });
    metadata('tb-1', { $tb: 2 });
    log.deleteStream('main/gone-1', 'any');
    log.tombstone('main/dead-1', 'any');
    metadata('acl-1', { $acl: { $d: ['$admins', 'clerk'] } });
    const alarms = await store.tripwires(streams);
    expect(alarms.map(({ code, stream: of }) => [code, of])).toEqual([
      ['events_expire', 'age-1'],
      ['events_expire', 'tb-1'],
      ['stream_truncated', 'tb-1'],
      ['events_expire', 'gone-1'],
      ['stream_deleted', 'gone-1'],
      ['stream_deleted', 'dead-1'],
      ['users_may_delete', 'acl-1'],
    ]);
    expect(alarms.at(-1)?.what.en).toContain('clerk');
  });

  it('notice that the engine was scavenged', async () => {
    await filled(1);
    settings({ $userStreamAcl: { $d: '$admins', $mw: '$admins' } });
    scavenge(log);
    expect((await store.tripwires([stream])).map(({ code }) => code)).toEqual([
      'engine_was_scavenged',
    ]);
  });

  function settings(data: object): void {
    log.append('$settings', 'any', [jsonProposal(randomUUID(), '$settings', data)]);
  }

  function metadata(of: string, data: object): void {
    log.append(`$$main/${of}`, 'any', [jsonProposal(randomUUID(), '$metadata', data)]);
  }
});
