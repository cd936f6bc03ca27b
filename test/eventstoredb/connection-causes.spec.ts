import { createServer, type AddressInfo, type Server } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StoreUnavailableError } from '@penalty-ledger/event-store';
import { openEventStoreDb } from '@penalty-ledger/event-store/eventstoredb';
import { temporaryFolder } from '../support/folder.js';
import { expiredTls, testAuthority, testTls, WireServer } from '../support/eventstoredb/index.js';
import { now } from './engine-under-test.js';

const folder = temporaryFolder();
const caFile = join(folder, 'ca.crt');
const other = join(folder, 'other.crt');
let server: WireServer | undefined;

beforeAll(() => {
  writeFileSync(caFile, testAuthority);
  writeFileSync(other, expiredTls.authority);
});

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** The error of the first read, and the milliseconds it took, with the timings of operation. */
async function failureOf(url: string): Promise<{ error: StoreUnavailableError; ms: number }> {
  const store = openEventStoreDb(url, { access: 'read', now, insecure: true });
  const startedAt = performance.now();
  try {
    await store.head();
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    return { error, ms: performance.now() - startedAt };
  } finally {
    await store.close();
  }
  throw new Error('it could be read');
}

const at = (port: number, host = 'localhost', ca?: string): string =>
  `esdb://${host}:${String(port)}?ledger=main` +
  (ca === undefined ? '' : `&tlsCAFile=${encodeURIComponent(ca)}`);

describe('a connection that cannot be made fails within five seconds, with its cause', () => {
  it.each<readonly [string, () => Promise<string>, RegExp]>([
    [
      'a certificate of an authority that is not named',
      async () => {
        server = await WireServer.start({ tls: testTls });
        return at(server.endpoint.port);
      },
      /certificate of localhost:\d+ is not from an authority that is trusted here/,
    ],
    [
      'a certificate of another authority',
      async () => {
        server = await WireServer.start({ tls: testTls });
        return at(server.endpoint.port, 'localhost', other);
      },
      /certificate of localhost:\d+ is not from an authority that is trusted here/,
    ],
    [
      'a certificate for another name',
      async () => {
        server = await WireServer.start({ tls: testTls });
        // Another way to write the same address.
        return at(server.endpoint.port, '127.1', caFile);
      },
      /certificate of 127\.1:\d+ is for other names/,
    ],
    [
      'an expired certificate',
      async () => {
        server = await WireServer.start({ tls: expiredTls });
        return at(server.endpoint.port, 'localhost', other);
      },
      /certificate of localhost:\d+ has expired/,
    ],
    [
      'TLS to a server without it',
      async () => {
        server = await WireServer.start();
        return at(server.endpoint.port);
      },
      /localhost:\d+ does not speak TLS/,
    ],
    [
      'no TLS to a server with it',
      async () => {
        server = await WireServer.start({ tls: testTls });
        return `${at(server.endpoint.port)}&tls=false`;
      },
      /localhost:\d+ ends connections without TLS/,
    ],
    [
      'a name that does not exist',
      async () => Promise.resolve(`${at(2113, 'no-such-host.invalid')}&tls=false`),
      /the name of no-such-host\.invalid:2113 is unknown/,
    ],
  ])('%s', async (_, url, message) => {
    const { error, ms } = await failureOf(await url());
    expect(error.message).toMatch(message);
    expect(error.hint?.en).toMatch(/engine/);
    expect(ms).toBeLessThan(5_000);
  });
});

describe('a connection that may be made later is tried on', () => {
  const timings = { deadlineMs: 300, patienceMs: 1_500, firstBackoffMs: 50, maxBackoffMs: 200 };

  it('when nothing listens at the port yet', async () => {
    const taken = await listening(createServer());
    const { port } = taken.address() as AddressInfo;
    await new Promise((resolve) => taken.close(resolve));
    const store = openEventStoreDb(`${at(port)}&tls=false`, {
      access: 'read',
      now,
      insecure: true,
      timings: { ...timings, patienceMs: 10_000 },
    });
    const read = store.head();
    setTimeout(() => void WireServer.start({ port }).then((started) => (server = started)), 300);
    expect(await read).toBeUndefined();
    await store.close();
  });

  it('when the server takes the connection and is silent', async () => {
    const silent = await listening(createServer());
    const { port } = silent.address() as AddressInfo;
    const store = openEventStoreDb(`${at(port)}&tls=false`, {
      access: 'read',
      now,
      insecure: true,
      timings,
    });
    await expect(store.head()).rejects.toThrow(/gives no answer/);
    await store.close();
    silent.close();
  });
});

async function listening(tcp: Server): Promise<Server> {
  await new Promise<void>((resolve) => tcp.listen(0, 'localhost', resolve));
  return tcp;
}
