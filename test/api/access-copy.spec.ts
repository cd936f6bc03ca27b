import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { testAuthority, testTls } from '../support/eventstoredb/test-certificate.js';
import { temporaryFolder } from '../support/folder.js';
import { startService } from './service-process.js';
import { TestService } from './service.js';

const folders = temporaryFolder();
let started = 0;
let folder: string;
let service: TestService | undefined;
const servers: Server[] = [];

beforeEach(() => {
  started += 1;
  folder = join(folders, String(started));
});
afterEach(async () => {
  await service?.serving.close();
  service = undefined;
  for (const server of servers.splice(0)) server.close();
});

async function start(url: string, more: Record<string, string> = {}): Promise<TestService> {
  const before = service?.tokens;
  service = await TestService.start(folder, '2026-02-10T10:00:00+08:00', {
    LEDGER_ACCESS_LOG_COPY: url,
    ...more,
  });
  return Object.assign(service, { tokens: { ...before, ...service.tokens } });
}

async function stop(): Promise<void> {
  await service?.serving.close();
}

async function portOf(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** The log itself. */
const log = (): string => readFileSync(join(folder, 'ledger.access.ndjson'), 'utf8');

/** Resolves once it holds; the test's own time limit ends a wait in vain. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(50);
}

const lag = async (): Promise<string | undefined> => {
  const { text } = await service!.get('/metrics', { as: service!.tokens['auditor']! });
  return /^penalty_ledger_access_log_copy_lag_entries (\d+)$/m.exec(text)?.[1];
};

it('a file has the log, byte for byte, and goes on after a restart', async () => {
  const copy = join(folder, 'copy.ndjson');
  await start(`file:${copy}`);
  await service!.get('/agencies');
  await until(async () => (await lag()) === '0');
  await service!.get('/agencies');
  await stop();
  expect(readFileSync(copy, 'utf8')).toBe(log());
  await start(`file:${copy}`);
  await service!.get('/agencies');
  await stop();
  expect(readFileSync(copy, 'utf8')).toBe(log());
  service = undefined;
});

it('a collector gets it over HTTP with its token, again after each failure, in order', async () => {
  const taken: string[] = [];
  const tokens = new Set<string | undefined>();
  let refusals = 2;
  const collector = createHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      tokens.add(request.headers.authorization);
      refusals -= 1;
      if (refusals >= 0) {
        response.writeHead(refusals === 0 ? 302 : 500, { location: '/elsewhere' }).end();
        return;
      }
      taken.push(Buffer.concat(chunks).toString());
      response.writeHead(204).end();
    });
  });
  const url = `http://127.0.0.1:${await portOf(collector)}/audit`;
  await start(url, { LEDGER_ACCESS_LOG_COPY_TOKEN: 'collector-7' });
  await until(async () => (await lag()) === '0');
  await stop();
  expect(taken.join('')).toBe(log());
  expect([...tokens]).toEqual(['Bearer collector-7']);
  service = undefined;
}, 30_000);

describe('a syslog server gets framed messages of RFC 5424', () => {
  const received: Buffer[] = [];
  beforeEach(() => received.splice(0));

  const take = (socket: NodeJS.ReadableStream): void => {
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.on('error', () => undefined);
  };

  async function isTaken(): Promise<void> {
    const sent = log();
    const messages = (): string[] => messagesIn(Buffer.concat(received));
    await until(() => messages().length >= sent.split('\n').length - 1);
    expect(messages()[0]).toMatch(/^<110>1 2026-\S+Z \S+ penalty-ledger \d+ access - \{/);
    expect(messages().map((each) => `${each.slice(each.indexOf('{'))}\n`)).toEqual(
      sent.split(/(?<=\n)/),
    );
  }

  it('over TCP', async () => {
    await start(`syslog://127.0.0.1:${await portOf(createTcpServer(take))}`);
    await service!.get('/agencies');
    await stop();
    await isTaken();
    service = undefined;
  });

  it('over TLS, from a service that knows its authority', async () => {
    const { certificate: cert, key } = testTls;
    const port = await portOf(createTlsServer({ cert, key }, take));
    const authority = join(folder, 'authority.pem');
    mkdirSync(folder, { recursive: true });
    writeFileSync(authority, testAuthority);
    const { child } = await startService(folder, {
      LEDGER_ACCESS_LOG_COPY: `syslog+tls://localhost:${port}`,
      NODE_EXTRA_CA_CERTS: authority,
    });
    await isTaken();
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
});

function messagesIn(bytes: Buffer): string[] {
  const messages: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(' ', at);
    const length = Number(bytes.toString('latin1', at, space));
    if (space === -1 || space + 1 + length > bytes.length) break;
    messages.push(bytes.toString('utf8', space + 1, space + 1 + length));
    at = space + 1 + length;
  }
  return messages;
}

it('while it is away, answers go out, the lag grows, and nothing is lost', async () => {
  const away = join(folder, 'away');
  mkdirSync(away, { recursive: true });
  const copy = join(away, 'copy.ndjson');
  await start(`file:${copy}`);
  await until(async () => (await lag()) === '0');
  await stop();
  rmSync(away, { recursive: true });
  await start(`file:${copy}`);
  for (let n = 0; n < 5; n += 1) expect((await service!.get('/agencies')).status).toBe(200);
  await pause(1_500);
  expect(Number(await lag())).toBeGreaterThanOrEqual(5);
  const had = log().split('\n').length;
  mkdirSync(away);
  await until(async () => (await lag()) === '0');
  await stop();
  const lines = readFileSync(copy, 'utf8');
  expect(log().endsWith(lines)).toBe(true);
  expect(lines.split('\n').length).toBeGreaterThan(5);
  expect(had).toBeGreaterThan(5);
  service = undefined;
}, 30_000);

it.each(['ftp://x', 'http://collector.example/', 'syslog:host', 'file:', 'https://'])(
  'an address of another form is refused: %s',
  async (url) => {
    await expect(start(url)).rejects.toThrow(/^LEDGER_ACCESS_LOG_COPY: give file:PATH/);
  },
);
