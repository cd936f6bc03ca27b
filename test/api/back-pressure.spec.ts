import { maxQueued, maxQueuedOfOne, ServedLedger } from '@penalty-ledger/api/served-ledger';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { temporaryFolder } from '../support/folder.js';
import { TestService, type Answered } from './service.js';

let service: TestService;
afterEach(() => service.serving.close());
const folder = temporaryFolder();
let started = 0;
beforeEach(async () => {
  started += 1;
  service = await TestService.start(join(folder, String(started)));
});

const admission = (agencyId: string) => ({
  agencyId,
  name: 'x',
  effectiveAt: '2026-01-01T00:00:00Z',
});
const line = (agencyId: string) =>
  `${JSON.stringify({ command: 'AdmitAgency', data: admission(agencyId) })}\n`;
const ndjson = { 'content-type': 'application/x-ndjson' };

const readiness = () => service.get('/health/ready', { as: '' });

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; !(await isSo()); turn += 1) {
    if (turn > 1_000) throw new Error('it never came to that');
    await pause(5);
  }
}

/** Lets no append reach the store until it is released: a disk that has stalled. */
function stall(): () => void {
  const { store } = service.serving.app.get(ServedLedger).writer().ledger.parts;
  const append = store.append.bind(store);
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  store.append = async (...args) => {
    await released;
    return append(...args);
  };
  return () => {
    store.append = append;
    release();
  };
}

/** Four senders: together they could fill the queue. */
async function senders(): Promise<readonly string[]> {
  const others = Array.from({ length: 3 }, () => service.issue(['officer', 'auditor']));
  return [service.tokens['staff']!, ...(await Promise.all(others))];
}

const queued = async (): Promise<number> => Number((await readiness()).body['queued']);

/** Fills the queue: half with lines of an import, and a quarter each with two senders' commands. */
async function fill(): Promise<readonly Promise<Answered>[]> {
  const half = maxQueued / 2;
  const body = Array.from({ length: half }, (_, i) => line(`line-${i}`)).join('');
  const held = [service.ask('POST', '/import', { body, headers: ndjson })];
  await until(async () => (await queued()) === half);
  const [, ...others] = await senders();
  for (let i = 0; i < half; i += 1) {
    const as = others[i < maxQueuedOfOne ? 0 : 1]!;
    held.push(service.command('AdmitAgency', admission(`held-${i}`), { as }));
  }
  await until(async () => (await queued()) === maxQueued);
  return held;
}

async function admitted(): Promise<readonly string[]> {
  const found: string[] = [];
  const { store } = service.serving.app.get(ServedLedger).writer().ledger.parts;
  for await (const batch of store.readAll())
    for (const { stream } of batch)
      if (stream.startsWith('agency-')) found.push(stream.slice('agency-'.length));
  return found;
}

it('while too many wait, commands get 503 and are not stored; taken ones are stored', async () => {
  const release = stall();
  const held = await fill();
  expect(await readiness()).toMatchObject({
    status: 503,
    body: { code: 'not_ready', checks: { queue: false } },
  });
  const refused = await Promise.all([
    ...Array.from({ length: 20 }, (_, n) =>
      service.command('AdmitAgency', admission(`refused-${n}`)),
    ),
    service.ask('POST', '/import', { body: line('refused-import'), headers: ndjson }),
    service.ask('POST', '/erasures', {
      body: { subject: 'agency:held-1' },
      as: service.tokens['administrator']!,
    }),
  ]);
  for (const answer of refused) {
    expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  release();
  const answers = await Promise.all(held);
  expect(answers[0]?.text.match(/"status":"accepted"/g)).toHaveLength(maxQueued / 2);
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(maxQueued / 2);
  expect((await readiness()).status).toBe(200);
  // A refused sender comes again, as Retry-After asks.
  expect((await service.command('AdmitAgency', admission('refused-0'))).status).toBe(201);
  const stored = await admitted();
  expect(stored).toHaveLength(maxQueued + 1);
  expect(stored.filter((agencyId) => agencyId.startsWith('refused'))).toEqual(['refused-0']);
}, 60_000);

it('an import that was begun waits while too many wait, and goes on', async () => {
  const sending = request(`${service.serving.url}/import`, {
    method: 'POST',
    headers: { ...ndjson, authorization: `Bearer ${service.tokens['staff']!}` },
  });
  sending.write(line('begun-1'));
  const [answer] = (await once(sending, 'response')) as [IncomingMessage];
  let outcomes = '';
  answer.setEncoding('utf8').on('data', (text: string) => (outcomes += text));
  await until(async () => outcomes.includes('accepted'));
  const release = stall();
  const held = await fill();
  sending.end(line('begun-2'));
  // A request sent after it that is answered shows that the line has come.
  expect((await service.command('AdmitAgency', admission('refused'))).status).toBe(503);
  expect(outcomes.match(/accepted/g)).toHaveLength(1);
  release();
  await once(answer, 'end');
  await Promise.all(held);
  expect(outcomes.match(/"status":"accepted"/g)).toHaveLength(2);
  expect(await admitted()).toContain('begun-2');
}, 60_000);

it('a sender with a quarter of the queue gets 503, and others are taken', async () => {
  const release = stall();
  const held = Array.from({ length: maxQueuedOfOne }, (_, n) =>
    service.command('AdmitAgency', admission(`held-${n}`)),
  );
  await until(async () => (await queued()) === maxQueuedOfOne);
  const refused = await service.command('AdmitAgency', admission('refused'));
  expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  expect(refused.body['detail']).toContain(`${maxQueuedOfOne} commands of yours wait already`);
  const other = service.command('AdmitAgency', admission('other'), {
    as: service.tokens['officer']!,
  });
  await until(async () => (await queued()) === maxQueuedOfOne + 1);
  release();
  const answers = await Promise.all([...held, other]);
  expect(answers.every(({ status }) => status === 201)).toBe(true);
});

it('imports leave half of the queue to single commands', async () => {
  const release = stall();
  const body = Array.from({ length: maxQueued }, (_, i) => line(`line-${i}`)).join('');
  const imports = (await senders()).map((as) =>
    service.ask('POST', '/import', { body, headers: ndjson, as }),
  );
  await until(async () => (await queued()) === maxQueued / 2);
  const single = service.command('AdmitAgency', admission('single'));
  await until(async () => (await queued()) === maxQueued / 2 + 1);
  release();
  expect((await single).status).toBe(201);
  const outcomes = (await Promise.all(imports)).flatMap(({ text }) => text.trimEnd().split('\n'));
  expect(outcomes).toHaveLength(4 * maxQueued);
  const known = /"status":"(?:accepted|duplicate)"/;
  expect(outcomes.filter((outcome) => !known.test(outcome))).toEqual([]);
  expect(await admitted()).toHaveLength(maxQueued + 1);
});
