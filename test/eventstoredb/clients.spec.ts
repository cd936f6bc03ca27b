import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collect, followUntil, recordIn, sampleEvents } from '@penalty-ledger/event-store/contract';
import {
  engineSettingsOf,
  EngineUrlError,
  type EventStoreDb,
} from '@penalty-ledger/event-store/eventstoredb';
import { testAuthority, testTls, WireCluster, WireServer } from '../support/eventstoredb/index.js';
import { openOn, type Scheme, schemes } from './engine-under-test.js';

const stream = 'agency-a7';
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function opened(server: { readonly url: string }, scheme: Scheme, open = openOn): EventStoreDb {
  const store = open(server, { scheme });
  closing.push(() => store.close());
  return store;
}

async function served(...options: Parameters<typeof WireServer.start>): Promise<WireServer> {
  const server = await WireServer.start(...options);
  closing.push(() => server.stop());
  return server;
}

it.each([
  ['esdb://node', 'eventstore'],
  ['esdb+discover://node', 'eventstore'],
  ['kurrentdb://node', 'kurrent'],
  ['kurrentdb+discover://node', 'kurrent'],
  ['kdb://node', 'kurrent'],
  ['kdb+discover://node', 'kurrent'],
])('%s is for the client %s', (url, driver) => {
  expect(engineSettingsOf(url)).toMatchObject({
    driver,
    shown: url,
    discover: url.includes('+discover'),
  });
});

it('both clients work in one process, on one ledger, by turns', async () => {
  const server = await served();
  const events = sampleEvents(stream, 6);
  const following = followUntil(opened(server, 'kurrentdb'), 6);
  for (const [index, event] of events.entries()) {
    const store = opened(server, index % 2 === 0 ? 'esdb' : 'kurrentdb');
    await store.append(stream, index === 0 ? 'no_stream' : index - 1, [event]);
  }
  for (const scheme of schemes)
    expect((await collect(opened(server, scheme).readStream(stream))).map(recordIn)).toEqual(
      events,
    );
  expect((await following).map(recordIn)).toEqual(events);
}, 60_000);

describe.each(schemes)('%s://', (scheme) => {
  it('finds the leader of a cluster by its nodes, and by one name', async () => {
    const cluster = await WireCluster.start(3);
    closing.push(() => cluster.stop());
    cluster.elect(2);
    const [first, second] = sampleEvents(stream, 2);
    await opened(cluster, scheme).append(stream, 'no_stream', [first!]);
    await opened({ url: cluster.discoverUrl }, scheme).append(stream, 0, [second!]);
    const appends = cluster.nodes.map(({ calls }) =>
      calls.filter(({ method }) => method === 'batch-append'),
    );
    expect(appends.map(({ length }) => length)).toEqual([0, 0, 2]);
  });

  it('sends credentials over TLS, for reads and for appends in batches', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clients-'));
    closing.push(async () => rmSync(folder, { recursive: true }));
    const authority = join(folder, 'ca.crt');
    writeFileSync(authority, testAuthority);
    const credentials = { username: 'ledger', password: 'p:a@s/s?wörd%7' };
    const server = await served({ tls: testTls, credentials });
    const { host, port } = server.endpoint;
    const user = `ledger:${encodeURIComponent(credentials.password)}`;
    const store = opened(
      { url: `esdb://${user}@${host}:${port}?tlsCAFile=${encodeURIComponent(authority)}` },
      scheme,
    );
    await store.append(stream, 'no_stream', sampleEvents(stream, 2));
    expect(await collect(store.readStream(stream))).toHaveLength(2);
    const calls = server.calls.filter(({ method }) => method !== 'features');
    expect(calls).toContainEqual({ method: 'batch-append', user: 'ledger', requiresLeader: true });
    expect(new Set(calls.map(({ user: sender }) => sender))).toEqual(new Set(['ledger']));
  });

  it('serves an engine without the batch protocol, one append at a time', async () => {
    const server = await served({ batchAppend: false });
    const store = opened(server, scheme);
    const events = sampleEvents(stream, 3);
    const [first, ...others] = events;
    await store.append(stream, 'no_stream', [first!]);
    await Promise.all(others.map((event) => store.append(stream, event.revision - 1, [event])));
    expect((await collect(store.readStream(stream))).map(recordIn)).toEqual(events);
    expect(new Set(server.calls.map(({ method }) => method))).toContain('append');
  });
});

it('the newer client is loaded for kurrentdb:// only, and says where it cannot be', async () => {
  jest.resetModules();
  jest.doMock('@kurrent/kurrentdb-client', () => {
    throw new Error('no precompiled module found for sunos-sparc');
  });
  const fresh = await import('./engine-under-test.js');
  const server = await served();
  await opened(server, 'esdb', fresh.openOn).append(stream, 'no_stream', sampleEvents(stream, 1));
  let refused: unknown;
  try {
    fresh.openOn(server, { scheme: 'kurrentdb' });
  } catch (error) {
    refused = error;
  }
  expect(refused).toMatchObject({
    name: EngineUrlError.name,
    code: 'store_url',
    message: expect.stringContaining('use esdb://') as unknown,
    cause: { message: 'no precompiled module found for sunos-sparc' },
  });
  jest.dontMock('@kurrent/kurrentdb-client');
}, 60_000);
