import { execFile } from 'node:child_process';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient } from '@eventstore/db-client';
import { collect, followUntil, sampleEvents } from '@penalty-ledger/event-store/contract';
import { StoreUnavailableError } from '@penalty-ledger/event-store';
import { openEventStoreDb, EngineUrlError } from '@penalty-ledger/event-store/eventstoredb';
import { ledgerProgram } from '../cli/transcript.js';
import { testAuthority, testTls, WireServer } from '../support/eventstoredb/index.js';
import { now, openOn, quick } from './engine-under-test.js';

const stream = 'agency-a7';
const password = 'p:a@s/s?wörd%7';
const encoded = encodeURIComponent(password);

let folder: string;
let caFile: string;
const closing: (() => Promise<void>)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'esdb-rules-'));
  caFile = join(folder, 'ca.crt');
  writeFileSync(caFile, testAuthority);
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  rmSync(folder, { recursive: true });
});

async function secured(): Promise<WireServer> {
  const server = await WireServer.start({
    tls: testTls,
    credentials: { username: 'ledger', password },
  });
  closing.push(() => server.stop());
  return server;
}

function openSecured(
  { endpoint: { host, port } }: WireServer,
  options: { trusting?: boolean } = {},
) {
  const ca = options.trusting === false ? '' : `&tlsCAFile=${encodeURIComponent(caFile)}`;
  const store = openEventStoreDb(`esdb://ledger:${encoded}@${host}:${port}?ledger=main${ca}`, {
    access: 'write',
    now,
    timings: options.trusting === false ? { ...quick, deadlineMs: 400, patienceMs: 600 } : quick,
  });
  closing.push(() => store.close());
  return store;
}

async function plainServer(): Promise<WireServer> {
  const server = await WireServer.start();
  closing.push(() => server.stop());
  return server;
}

it('engine rule 12: appends with credentials keep to the batch protocol', async () => {
  const server = await secured();
  await openSecured(server).append(stream, 'no_stream', sampleEvents(stream, 2));
  const appends = server.calls.filter(
    ({ method }) => method === 'append' || method === 'batch-append',
  );
  expect(appends).toEqual([{ method: 'batch-append', user: 'ledger', requiresLeader: true }]);
});

it('engine rule 30: a checkpoint interval is a hundred units of 32 events', async () => {
  const server = await plainServer();
  const store = openOn(server);
  closing.push(() => store.close());
  const following = followUntil(store, 1);
  while (server.subscriptions.size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(Array.from(server.subscriptions, ({ checkpointEvery }) => checkpointEvery)).toEqual([
    3_200,
  ]);
  await store.append(stream, 'no_stream', sampleEvents(stream, 1));
  expect(await following).toHaveLength(1);
});

it('engine rule 34: nothing that reads or follows uses a persistent subscription', async () => {
  const client = EventStoreDBClient.prototype as unknown as Record<string, () => unknown>;
  const persistent = Object.keys(client).filter((method) => /persistent/i.test(method));
  expect(persistent).toContain('subscribeToPersistentSubscriptionToAll');
  const spies = persistent.map((method) => jest.spyOn(client, method));
  const store = openOn(await plainServer());
  closing.push(() => store.close());
  await store.append(stream, 'no_stream', sampleEvents(stream, 3));
  expect(await followUntil(store, 3)).toHaveLength(3);
  expect(await collect(store.readAll())).toHaveLength(3);
  for (const spy of spies) {
    expect(spy).not.toHaveBeenCalled();
    spy.mockRestore();
  }
});

it('engine rule 38: no TLS only when allowed, and then never with credentials', async () => {
  const server = await plainServer();
  const environment = { LEDGER_ESDB_USER: 'ledger', LEDGER_ESDB_PASSWORD: password };
  const options = { access: 'write', now, timings: quick, environment } as const;
  expect(() => openEventStoreDb(server.url, options)).toThrow(EngineUrlError);
  const store = openEventStoreDb(server.url, { ...options, insecure: true });
  closing.push(() => store.close());
  await store.append(stream, 'no_stream', sampleEvents(stream, 1));
  expect(server.calls.length).toBeGreaterThan(0);
  expect(server.calls.every(({ user }) => user === undefined)).toBe(true);
});

it('engine rule 39: an engine of an unknown authority gets no call and no password', async () => {
  const server = await secured();
  await expect(openSecured(server, { trusting: false }).head()).rejects.toBeInstanceOf(
    StoreUnavailableError,
  );
  expect(server.calls).toEqual([]);
  expect(await openSecured(server).head()).toBeUndefined();
});

it('engine rule 40: a password of colons, at signs and slashes arrives unchanged', async () => {
  const server = await secured();
  expect(await openSecured(server).head()).toBeUndefined();
  expect(server.calls.some(({ method, user }) => method === 'read' && user === 'ledger')).toBe(
    true,
  );
});

it.each([
  [
    'in the URL',
    'esdb',
    (at: string) => ({ LEDGER_STORE: `esdb://ledger:${encoded}@${at}?ledger=main` }),
  ],
  [
    'in the URL for the newer client',
    'kdb',
    (at: string) => ({ LEDGER_STORE: `kurrentdb://ledger:${encoded}@${at}?ledger=main` }),
  ],
  [
    'in the environment',
    'esdb',
    (at: string) => ({
      LEDGER_STORE: `esdb://${at}?ledger=main`,
      LEDGER_ESDB_USER: 'ledger',
      LEDGER_ESDB_PASSWORD: password,
    }),
  ],
])(
  'engine rule 41: with debug output on, a password %s is in nothing that doctor prints',
  async (_case, client, settings) => {
    const { endpoint } = await secured();
    const env = {
      ...process.env,
      ...settings(`${endpoint.host}:${endpoint.port}`),
      LEDGER_ESDB_CA_FILE: caFile,
      LEDGER_DATA: folder,
      DEBUG: '*',
    };
    const printed = await new Promise<string>((resolve) => {
      execFile(
        process.execPath,
        [ledgerProgram, 'doctor'],
        { cwd: folder, env },
        (_error, stdout, stderr) => resolve(stdout + stderr),
      );
    });
    expect(printed).toContain(`${client}:connection`);
    const wire = Buffer.from(`ledger:${password}`).toString('base64');
    for (const secret of [password, encoded, wire, 'wörd']) expect(printed).not.toContain(secret);
  },
  60_000,
);

/**
 * A proxy to a server that notes the client's keep-alive pings: HTTP/2 frames of type 6,
 * acknowledgements excluded.
 */
async function countingPings({
  endpoint,
}: WireServer): Promise<{ port: number; readonly at: readonly number[] }> {
  const [preface, header, ping, acknowledged] = [24, 9, 6, 1];
  const at: number[] = [];
  const sockets: Socket[] = [];
  const way = createServer((client) => {
    const engine = connect({ ...endpoint, noDelay: true });
    sockets.push(client, engine);
    let unread: Buffer = Buffer.alloc(0);
    let start = preface;
    client.on('data', (bytes: Buffer) => {
      engine.write(bytes);
      unread = Buffer.concat([unread, bytes]);
      for (; unread.length >= start + header; start = 0) {
        const length = unread.readUIntBE(start, 3);
        if (unread.length < start + header + length) break;
        const flags = unread.readUInt8(start + 4);
        if (unread.readUInt8(start + 3) === ping && (flags & acknowledged) === 0)
          at.push(performance.now());
        unread = unread.subarray(start + header + length);
      }
    });
    engine.on('data', (bytes: Buffer) => client.write(bytes));
    for (const [one, other] of [
      [client, engine],
      [engine, client],
    ] as const)
      one.on('error', () => undefined).on('close', () => other.destroy());
  });
  await new Promise<void>((resolve) => way.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => way.close(resolve));
  });
  return { port: (way.address() as AddressInfo).port, at };
}

it('engine rule 35: the URL sets the interval of keep-alive pings; without it, later', async () => {
  const warned = jest.spyOn(console, 'warn').mockImplementation();
  const asked = await countingPings(await plainServer());
  const left = await countingPings(await plainServer());
  for (const [{ port }, option] of [
    [asked, '&keepAliveInterval=500'],
    [left, ''],
  ] as const) {
    const store = openOn({ url: `esdb://127.0.0.1:${port}?tls=false${option}` });
    closing.push(() => store.close());
    await store.append(stream, 'no_stream', sampleEvents(stream, 1));
  }
  while (asked.at.length < 4) await new Promise((resolve) => setTimeout(resolve, 20));
  const pauses = asked.at.slice(1).map((ms, index) => ms - (asked.at[index] ?? 0));
  for (const pause of pauses) expect(pause).toBeGreaterThan(450);
  expect(left.at).toEqual([]);
  warned.mockRestore();
});

it('each of the 43 engine rules is named in a test', () => {
  const named = new Set<number>();
  for (const file of readdirSync(__dirname).filter((each) => each.endsWith('.spec.ts')))
    for (const [, numbers = ''] of readFileSync(join(__dirname, file), 'utf8').matchAll(
      /['(]engine rules? (\d+(?:(?:, | and )\d+)*)/g,
    ))
      for (const number of numbers.match(/\d+/g) ?? []) named.add(Number(number));
  expect(
    Array.from({ length: 43 }, (_, index) => index + 1).filter((rule) => !named.has(rule)),
  ).toEqual([]);
});
