import { setTimeout as pause } from 'node:timers/promises';
import { parseInstant } from '@penalty-ledger/ledger';
import { Webhook } from 'standardwebhooks';
import { temporaryFolder } from '../support/folder.js';
import { TestService } from './service.js';
import { until, WebhookReceiver, type Received } from './webhook-receiver.js';

let receiver: WebhookReceiver;
let service: TestService;
let administrator: string;
const folders = temporaryFolder();
let started = 0;

const start = (at?: string): Promise<TestService> =>
  TestService.start(`${folders}/${started}`, at, {
    LEDGER_WEBHOOK_TARGETS: new URL(receiver.url).host,
  });

beforeEach(async () => {
  receiver = await WebhookReceiver.start();
  started += 1;
  service = await start();
  administrator = service.tokens['administrator']!;
});

afterEach(async () => {
  await service.serving.close();
  await receiver.close();
});

/** A type that no event here has, so that only months are sent. */
const quiet = { types: ['AgencyExited'] };

async function add(body: object): Promise<{ id: string; secret: string }> {
  const answer = await service.ask('POST', '/webhooks', {
    body: { url: receiver.url, ...quiet, outlook: { withinHours: 72 }, ...body },
    as: administrator,
  });
  expect(answer.status).toBe(201);
  const { webhook, secret } = answer.body as { webhook: { id: string }; secret: string };
  return { id: webhook.id, secret };
}

/** Sets the time, and has the service look: resuming does what the next five seconds would. */
async function at(text: string, id: string): Promise<void> {
  service.clock.at = parseInstant(text)!;
  await service.ask('POST', `/webhooks/${id}/resume`, { as: administrator });
}

interface Month {
  readonly uid: string;
  readonly asOf: string;
}

const months = (): Month[] =>
  (receiver.data as { months: Month[] }[]).flatMap((data) => data.months);
const notified = (): string[] =>
  months().map(({ uid, asOf }) => `${uid.replace(/@.*$/, '')} ${asOf}`);

/** An agency past its first 90 days with creators that do not stream. */
async function given(agencyId: string, creators: number): Promise<void> {
  await service.given([
    'AdmitAgency',
    { agencyId, name: '甲', effectiveAt: '2018-01-01T00:00:00+08:00' },
  ]);
  for (let n = 1; n <= creators; n += 1)
    await service.given([
      'BindCreator',
      { agencyId, creatorId: `${agencyId}-c${n}`, effectiveAt: '2026-01-02T00:00:00+08:00' },
    ]);
}

it('an agency is notified once that its month may not pass, and once that it cannot', async () => {
  await given('own', 5);
  await given('other', 5);
  const { id, secret } = await add({ agencyId: 'own' });
  // Of its ten sessions of 30 minutes the last may begin a moment before 24:00.
  await at('2026-02-25T19:20:00+08:00', id);
  await pause(200);
  expect(receiver.received).toEqual([]);
  await at('2026-02-25T19:30:00+08:00', id);
  await until(() => receiver.received.length === 1);
  for (const later of ['2026-02-25T19:45:00+08:00', '2026-02-28T19:29:00+08:00'])
    await at(later, id);
  await pause(200);
  expect(notified()).toEqual(['may_not_pass/own/2026-02 2026-02-25T19:30:00.000+08:00']);
  await at('2026-02-28T19:40:00+08:00', id);
  await until(() => receiver.received.length === 2);
  for (const later of ['2026-02-28T23:50:00+08:00', '2026-03-01T00:00:00+08:00'])
    await at(later, id);
  await pause(200);
  expect(notified().slice(1)).toEqual(['cannot_pass/own/2026-02 2026-02-28T19:40:00.000+08:00']);
  // The next month is another one.
  await at('2026-03-30T00:00:00+08:00', id);
  await until(() => receiver.received.length === 3);
  expect(notified().slice(2)).toEqual(['may_not_pass/own/2026-03 2026-03-30T00:00:00.000+08:00']);

  const [{ headers, body }] = receiver.received as unknown as [Received];
  jest.spyOn(Date, 'now').mockReturnValue(Number(headers['webhook-timestamp']) * 1_000);
  const read = new Webhook(secret).verify(body, headers as Record<string, string>);
  jest.restoreAllMocks();
  expect(body).not.toMatch(/甲|own-c/);
  expect(read).toMatchObject({
    type: 'ledger.outlook',
    timestamp: '2026-02-25T11:30:00.000Z',
    data: {
      simulation: false,
      months: [
        {
          kind: 'may_not_pass',
          agencyId: 'own',
          month: '2026-02',
          actBefore: '2026-02-28T19:30:00.000+08:00',
          prospect: 'within_reach',
          rule: 'rules §6',
          active: 0,
          base: 5,
          activeTimes100: 0,
          rateTimesBase: 350,
          missingActive: 4,
          parameters: [{ name: 'activityRate', value: 70 }, {}, {}, {}, {}],
          assumptions: expect.arrayContaining(['sessions=oneAfterAnother']) as string[],
          rulebook: { id: 'ali-mcn' },
        },
      ],
    },
  });
});

it('a restart repeats nothing, and notifies of what came to be so meanwhile', async () => {
  await given('a1', 5);
  await given('a2', 0);
  await add({ outlook: { withinHours: 720 } });
  await until(() => months().length === 2);
  expect(notified().toSorted()).toEqual([
    'may_not_pass/a1/2026-02 2026-02-10T10:00:00.000+08:00',
    'may_not_pass/a2/2026-02 2026-02-10T10:00:00.000+08:00',
  ]);
  for (const [restart, kinds] of [
    ['2026-02-12T10:00:00+08:00', []],
    ['2026-02-28T20:00:00+08:00', ['cannot_pass/a1/2026-02', 'cannot_pass/a2/2026-02']],
    ['2026-02-28T21:00:00+08:00', []],
  ] as const) {
    await service.serving.close();
    receiver.received.length = 0;
    service = await start(restart);
    await until(() => months().length >= kinds.length);
    await pause(200);
    expect(
      months()
        .map(({ uid }) => uid.replace(/@.*$/, ''))
        .toSorted(),
    ).toEqual(kinds);
  }
});

it('a month without assessment is not notified; only administrators may ask for any', async () => {
  await service.given(
    ['AdmitAgency', { agencyId: 'newcomer', name: '乙', effectiveAt: '2026-02-01T00:00:00+08:00' }],
    ['AdmitAgency', { agencyId: 'exited', name: '丙', effectiveAt: '2018-01-01T00:00:00+08:00' }],
    ['RecordExit', { agencyId: 'exited', reason: 'x' }],
  );
  const { id } = await add({ types: ['ExpulsionRevoked'], outlook: { withinHours: 720 } });
  for (const later of ['2026-02-20T10:00:00+08:00', '2026-02-28T23:00:00+08:00'])
    await at(later, id);
  await pause(200);
  expect(receiver.received).toEqual([]);
  const body = { url: receiver.url, outlook: { withinHours: 72 } };
  for (const as of [
    ...['officer', 'reviewer', 'auditor', 'ingest'].map((role) => service.tokens[role]!),
    await service.issue(['agency'], 'exited'),
  ])
    expect((await service.ask('POST', '/webhooks', { body, as })).status).toBe(403);
});
