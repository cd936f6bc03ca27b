import { readSettings, serve, type Serving } from '@penalty-ledger/api';
import { parseInstant } from '@penalty-ledger/ledger';
import { join } from 'node:path';
import { temporaryFolder } from '../support/folder.js';

const folder = temporaryFolder();
let started = 0;
let service: Serving;

/** A service that takes five requests a minute from one sender. */
async function start(more: Record<string, string> = {}): Promise<void> {
  started += 1;
  const at = parseInstant('2026-02-10T10:00:00+08:00')!;
  service = await serve(
    readSettings({
      LEDGER_STORE: `sqlite:${join(folder, String(started), 'ledger.db')}`,
      LEDGER_PORT: '0',
      LEDGER_LOG_LEVEL: 'silent',
      LEDGER_RATE_LIMIT: '5',
      ...more,
    }),
    { now: () => at },
    {},
  );
}

afterEach(() => service.close());

async function ask(
  token: string | undefined,
  headers: Record<string, string> = {},
): Promise<Response> {
  const response = await fetch(`${service.url}/agencies`, {
    headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
  });
  await response.clone().arrayBuffer();
  return response;
}

async function statuses(count: number, ...sender: Parameters<typeof ask>): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < count; i += 1) found.push((await ask(...sender)).status);
  return found;
}

async function issue(label: string, agencyId?: string): Promise<string> {
  const response = await fetch(`${service.url}/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${service.firstToken!}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      label,
      holder: 'h',
      roles: [agencyId === undefined ? 'auditor' : 'agency'],
      ...(agencyId !== undefined && { agencyId }),
    }),
  });
  return ((await response.json()) as { token: string }).token;
}

const madeUp = (n: number): string => `plk_${String(n).padStart(12, '0')}_${'0'.repeat(72)}`;

it('a sender who asks too often gets 429 with Retry-After, and no other sender does', async () => {
  await start();
  const [busy, quiet] = [await issue('busy'), await issue('quiet')];
  // A key's first request counts for its address, because nothing was opened with it yet.
  expect(await statuses(6, busy)).toEqual([200, 200, 200, 200, 200, 200]);
  const refused = await ask(busy, { 'accept-language': 'zh' });
  expect(refused.status).toBe(429);
  expect(refused.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
  expect(await refused.json()).toMatchObject({
    type: 'urn:penalty-ledger:problem:too_many_requests',
    title: '请求过于频繁',
    code: 'too_many_requests',
  });
  expect(await statuses(3, quiet)).toEqual([200, 200, 200]);
});

it('who makes up another token for each request stays one sender', async () => {
  await start();
  const found: number[] = [];
  for (let n = 0; n < 7; n += 1) found.push((await ask(madeUp(n))).status);
  expect(found).toEqual([401, 401, 401, 401, 401, 429, 429]);
});

it('an address that a sender states for itself is not believed', async () => {
  await start();
  const found: number[] = [];
  for (let n = 0; n < 6; n += 1)
    found.push((await ask(undefined, { 'x-forwarded-for': `203.0.113.${n}` })).status);
  expect(found).toEqual([401, 401, 401, 401, 401, 429]);
});

it('an address that a stated proxy names is the one that is counted', async () => {
  await start({ LEDGER_TRUST_PROXY: '127.0.0.1' });
  const at = (address: string) => ({ 'x-forwarded-for': address });
  expect(await statuses(6, undefined, at('203.0.113.1'))).toEqual([401, 401, 401, 401, 401, 429]);
  expect(await statuses(1, undefined, at('203.0.113.2'))).toEqual([401]);
  // What stands before the address that the proxy wrote came from the sender.
  expect(await statuses(1, undefined, at('203.0.113.9, 203.0.113.1'))).toEqual([429]);
});

it.each([
  ['to unknown paths', 'GET', '/no-such-thing', 404],
  ['with a wrong method', 'DELETE', '/agencies', 405],
  ['to what everybody may see', 'GET', '/health/live', 200],
])('requests %s are counted too', async (_what, method, path, status) => {
  await start();
  const found: number[] = [];
  for (let n = 0; n < 6; n += 1)
    found.push((await fetch(`${service.url}${path}`, { method })).status);
  expect(found).toEqual([status, status, status, status, status, 429]);
});

it('each answer says what is left of which quota', async () => {
  await start({ LEDGER_RATE_LIMIT: '7', LEDGER_AGENCY_RATE_LIMIT: '9' });
  const token = await issue('one', 'a1');
  const unknown = await ask(token);
  expect(unknown.headers.get('ratelimit-policy')).toBe('"address";q=7;w=60');
  expect(unknown.headers.get('ratelimit')).toMatch(/^"address";r=5;t=\d+$/);
  const known = await ask(token);
  expect(known.headers.get('ratelimit-policy')).toBe('"key";q=7;w=60, "agency";q=9;w=60');
  expect(known.headers.get('ratelimit')).toMatch(/^"key";r=6;t=\d+, "agency";r=8;t=\d+$/);
});

it('the keys of one agency share a quota, which no other agency draws on', async () => {
  await start({ LEDGER_RATE_LIMIT: '1000', LEDGER_AGENCY_RATE_LIMIT: '5' });
  const [first, second, other] = [
    await issue('one', 'a1'),
    await issue('two', 'a1'),
    await issue('three', 'a2'),
  ];
  await statuses(4, first);
  await statuses(3, second);
  const refused = await ask(second);
  expect(refused.status).toBe(429);
  expect(await refused.json()).toMatchObject({
    detail: 'too many requests came with the keys of this agency',
  });
  expect((await ask(first)).status).toBe(429);
  expect(await statuses(2, other)).toEqual([403, 403]);
});
