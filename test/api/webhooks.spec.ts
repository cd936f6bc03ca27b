import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { temporaryFolder } from '../support/folder.js';
import { TestService } from './service.js';

let receiver: Server;
let url: string;
let status: number;
let bodies: string[];
let service: TestService;
let administrator: string;
const folders = temporaryFolder();
let started = 0;

beforeEach(async () => {
  bodies = [];
  status = 204;
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks).toString());
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  started += 1;
  service = await TestService.start(`${folders}/${started}`, undefined, {
    LEDGER_WEBHOOK_TARGETS: new URL(url).host,
  });
  administrator = service.tokens['administrator']!;
});

afterEach(async () => {
  await service.serving.close();
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
});

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; !(await isSo()); turn += 1) {
    if (turn > 2_000) throw new Error('it never came to that');
    await pause(5);
  }
}

/** The ids of the events that the receiver was sent, in the order of the messages. */
const notified = (): string[] =>
  bodies.flatMap((body) =>
    (JSON.parse(body) as { data: { events: { id: string }[] } }).data.events.map(({ id }) => id),
  );

const admitted = (agencyId: string) => ({
  agencyId,
  name: '甲',
  effectiveAt: '2026-01-01T00:00:00Z',
});

async function add(body: object): Promise<{ id: string; secret: string }> {
  const answer = await service.ask('POST', '/webhooks', { body, as: administrator });
  expect(answer.status).toBe(201);
  const { webhook, secret } = answer.body as { webhook: { id: string }; secret: string };
  return { id: webhook.id, secret };
}

const stateOf = async (id: string): Promise<unknown> =>
  (await service.get(`/webhooks/${id}`, { as: administrator })).body['state'];

async function feedOf(token: string): Promise<string[]> {
  const { body } = await service.get('/events?limit=1000', { as: token });
  return (body['items'] as { event: { id: string } }[]).map(({ event }) => event.id);
}

it('sends a URL the events that its agency sees in the feed, without personal data', async () => {
  await add({ url, agencyId: 'own' });
  await service.given(
    ['AdmitAgency', admitted('own')],
    ['AdmitAgency', admitted('other')],
    ['BindCreator', { agencyId: 'own', creatorId: 'c1', effectiveAt: '2026-01-02T00:00:00Z' }],
    [
      'RecordDeduction',
      {
        deductionId: 'd1',
        agencyId: 'own',
        points: 10,
        clause: 'improper-operation',
        occurredAt: '2026-01-05T00:00:00Z',
      },
    ],
  );
  const seen = await feedOf(await service.issue(['agency'], 'own'));
  expect(seen.length).toBeGreaterThan(1);
  await until(() => notified().length >= seen.length);
  expect(notified()).toEqual(seen);
  expect(bodies.join('')).not.toContain('甲');
});

it('sends events from the subscription on, of the types that were asked for', async () => {
  await service.given(['AdmitAgency', admitted('before')]);
  await add({ url, types: ['AgencyExited'] });
  await service.given(
    ['AdmitAgency', admitted('a1')],
    ['RecordExit', { agencyId: 'a1', reason: 'x' }],
  );
  await until(() => notified().length > 0);
  const types = bodies.flatMap((body) =>
    (JSON.parse(body) as { data: { events: { type: string }[] } }).data.events.map(
      ({ type }) => type,
    ),
  );
  expect(types).toEqual(['AgencyExited']);
});

it('sends all events from the start, or after a position, as it is asked to', async () => {
  await service.given(['AdmitAgency', admitted('a1')], ['AdmitAgency', admitted('a2')]);
  const { body } = await service.get('/events?limit=1000');
  const items = body['items'] as { position: string; event: { id: string; type: string } }[];
  const all = items.map(({ event }) => event.id);
  expect(items.slice(-2).map(({ event }) => event.type)).toEqual([
    'AgencyAdmitted',
    'AgencyAdmitted',
  ]);
  await add({ url, from: 'start' });
  await until(() => notified().length >= all.length);
  expect(notified()).toEqual(all);
  bodies = [];
  await add({ url, from: items.at(-2)!.position });
  await until(() => notified().length >= 1);
  await service.given(['AdmitAgency', admitted('a3')]);
  // The webhook for all events receives the last one too.
  await until(() => notified().length >= 3);
  const last = notified().at(-1)!;
  expect(notified().toSorted()).toEqual([all.at(-1)!, last, last].toSorted());
});

it('an interrupted webhook continues after the last acknowledged event', async () => {
  await service.given(['AdmitAgency', admitted('a1')], ['AdmitAgency', admitted('a2')]);
  const { id } = await add({ url, from: 'start', types: ['AgencyAdmitted'] });
  await until(() => notified().length === 2);
  await service.ask('POST', `/webhooks/${id}/pause`, { as: administrator });
  await service.given(['AdmitAgency', admitted('a3')]);
  await service.serving.close();
  bodies = [];
  const { tokens } = service;
  service = await TestService.start(`${folders}/${started}`, undefined, {
    LEDGER_WEBHOOK_TARGETS: new URL(url).host,
  });
  Object.assign(service.tokens, tokens);
  await service.ask('POST', `/webhooks/${id}/resume`, { as: administrator });
  await until(() => notified().length > 0);
  expect(notified()).toHaveLength(1);
});

it('a receiver that says it is gone is disabled, and resuming it loses nothing', async () => {
  status = 410;
  const { id } = await add({ url, types: ['AgencyAdmitted'] });
  await service.given(['AdmitAgency', admitted('a1')]);
  await until(async () => (await stateOf(id)) === 'disabled');
  status = 204;
  bodies = [];
  await service.given(['AdmitAgency', admitted('a2')]);
  expect(bodies).toEqual([]);
  const resumed = await service.ask('POST', `/webhooks/${id}/resume`, { as: administrator });
  expect(resumed).toMatchObject({ status: 200, body: { state: 'active', failures: 0 } });
  await until(() => notified().length >= 2);
});

it('a service that starts again sends what the receiver had not acknowledged', async () => {
  status = 500;
  await add({ url, types: ['AgencyAdmitted'] });
  await service.given(['AdmitAgency', admitted('a1')]);
  await until(() => bodies.length > 0);
  const { tokens } = service;
  await service.serving.close();
  status = 204;
  bodies = [];
  service = await TestService.start(`${folders}/${started}`, undefined, {
    LEDGER_WEBHOOK_TARGETS: new URL(url).host,
  });
  await until(() => notified().length === 1);
  const listed = await service.get('/webhooks', { as: tokens['administrator']! });
  expect(listed.body).toMatchObject([{ state: 'active', types: ['AgencyAdmitted'] }]);
});

it('a paused webhook is sent nothing, and a removed one is unknown', async () => {
  const { id } = await add({ url });
  const paused = await service.ask('POST', `/webhooks/${id}/pause`, { as: administrator });
  expect(paused).toMatchObject({ status: 200, body: { state: 'paused' } });
  await service.given(['AdmitAgency', admitted('a1')]);
  expect((await service.ask('DELETE', `/webhooks/${id}`, { as: administrator })).status).toBe(204);
  expect(bodies).toEqual([]);
  expect(await service.get(`/webhooks/${id}`, { as: administrator })).toMatchObject({
    status: 404,
    body: { code: 'unknown_webhook' },
  });
});

it('a secret is shown when it is made and when it is changed, and at no other time', async () => {
  const { id, secret } = await add({ url });
  const rotated = await service.ask('POST', `/webhooks/${id}/rotate`, { as: administrator });
  const newer = rotated.body['secret'] as string;
  expect(newer).not.toBe(secret);
  for (const path of ['/webhooks', `/webhooks/${id}`]) {
    const { text } = await service.get(path, { as: administrator });
    expect(text).not.toMatch(/whsec_/);
  }
});

it('refuses what it cannot send, and says where and what to give', async () => {
  const refusals: readonly [body: object, detail: RegExp][] = [
    [{ url: 'http://hooks.example.com/' }, /url: give https/],
    [{ url: 'https://10.0.0.1/' }, /url: .*private network/],
    [{ url: 'http://127.0.0.1:1/' }, /url: .*allow 127\.0\.0\.1:1 in LEDGER_WEBHOOK_TARGETS/],
    [{ url: 'https://hooks.example.com/', types: ['DeductionRecorded'] }, /types: give one of/],
    [{ url: 'https://hooks.example.com/', secret: 'x' }, /secret: there is no such field/],
    [
      { url: 'https://hooks.example.com/', from: 'yesterday' },
      /from: give "start", "now", or the position/,
    ],
    [
      { url: 'https://hooks.example.com/', from: '999999' },
      /from: 999999 is not a position of this ledger, or is after/,
    ],
    [{ url: 'https://hooks.example.com/', from: '0' }, /from: 0 is not a position/],
    [{ url: 'https://hooks.example.com/', from: '1/1' }, /from: 1\/1 is not a position/],
  ];
  for (const [body, detail] of refusals) {
    const answer = await service.ask('POST', '/webhooks', { body, as: administrator });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid' } });
    expect(answer.body['detail']).toMatch(detail);
  }
  expect((await service.get('/webhooks', { as: administrator })).text).toBe('[]');
});

it('a key has ten webhooks at most, and hears so in its language', async () => {
  const as = await service.issue(['administrator']);
  const body = { url: 'https://hooks.example.com/' };
  for (let n = 0; n < 10; n += 1)
    expect((await service.ask('POST', '/webhooks', { body, as })).status).toBe(201);
  const headers = { 'accept-language': 'zh' };
  expect(await service.ask('POST', '/webhooks', { body, as, headers })).toMatchObject({
    status: 409,
    body: { code: 'too_many_webhooks', title: '订阅数量已达上限' },
  });
});
