import { setTimeout as pause } from 'node:timers/promises';
import { aliMcn20190307, epochMsOf, parseInstant } from '@penalty-ledger/ledger';
import { Webhook } from 'standardwebhooks';
import { temporaryFolder } from '../support/folder.js';
import { TestService } from './service.js';
import { until, WebhookReceiver, type Received } from './webhook-receiver.js';

let receiver: WebhookReceiver;
let service: TestService;
let administrator: string;
const folders = temporaryFolder();
let started = 0;

beforeEach(async () => {
  receiver = await WebhookReceiver.start();
  started += 1;
  service = await TestService.start(`${folders}/${started}`, undefined, {
    LEDGER_WEBHOOK_TARGETS: new URL(receiver.url).host,
  });
  administrator = service.tokens['administrator']!;
});

afterEach(async () => {
  await service.serving.close();
  await receiver.close();
});

/** A type that no event here has, so that only deadlines are sent. */
const quiet = { types: ['AgencyExited'] };

async function add(body: object): Promise<{ id: string; secret: string }> {
  const answer = await service.ask('POST', '/webhooks', {
    body: { url: receiver.url, ...quiet, ...body },
    as: administrator,
  });
  expect(answer.status).toBe(201);
  const { webhook, secret } = answer.body as { webhook: { id: string }; secret: string };
  return { id: webhook.id, secret };
}

/**
 * Sets the time, and has the service look for deadlines: resuming an active webhook does what the
 * next five seconds would.
 */
async function at(text: string, id: string): Promise<void> {
  service.clock.at = parseInstant(text)!;
  await service.ask('POST', `/webhooks/${id}/resume`, { as: administrator });
}

const notified = (): string[] =>
  (receiver.data as { deadlines: { uid: string; at: string }[] }[])
    .flatMap(({ deadlines }) => deadlines)
    .map(({ uid, at: instant }) => `${uid.replace(/@.*$/, '')} ${instant}`);

const given = (agencyId: string) =>
  service.given(
    ['AdmitAgency', { agencyId, name: '甲', effectiveAt: '2026-01-01T00:00:00Z' }],
    [
      'RecordDeduction',
      {
        deductionId: `d-${agencyId}`,
        agencyId,
        points: 10,
        clause: 'improper-operation',
        occurredAt: '2026-02-09T00:00:00Z',
      },
    ],
  );

const appealed = (agencyId: string) =>
  service.given([
    'InitiateAppeal',
    { appealId: `p-${agencyId}`, agencyId, deductionIds: [`d-${agencyId}`], grounds: '不服' },
  ]);

it('an agency is notified once before its 72 hours end, under the id of its calendar', async () => {
  const { id, secret } = await add({ agencyId: 'own', deadlines: { withinHours: 48 } });
  await given('own');
  await given('other');
  await appealed('own');
  await appealed('other');
  await at('2026-02-11T09:59:00+08:00', id);
  await pause(200);
  expect(receiver.received).toEqual([]);
  await at('2026-02-11T10:00:00+08:00', id);
  await until(() => receiver.received.length === 1);
  await at('2026-02-11T10:05:00+08:00', id);
  await pause(200);
  expect(notified()).toEqual(['submit_evidence/own/p-own 2026-02-13T10:00:00.000+08:00']);
  const [{ headers, body }] = receiver.received as [Received];
  expect(body).not.toMatch(/甲|不服/);
  jest.spyOn(Date, 'now').mockReturnValue(epochMsOf(service.clock.at));
  const read = new Webhook(secret).verify(body, headers as Record<string, string>);
  jest.restoreAllMocks();
  const { data } = read as { data: { deadlines: [{ uid: string }] } };
  const calendar = await service.get('/deadlines.ics?agencyId=own');
  expect(calendar.text.replaceAll('\r\n ', '')).toContain(`UID:${data.deadlines[0].uid}\r\n`);
});

it('a webhook for all agencies gets deadlines of open appeals, not of withdrawn ones', async () => {
  const { id } = await add({ deadlines: { withinHours: 24 } });
  await given('a1');
  await given('a2');
  await appealed('a1');
  await appealed('a2');
  await at('2026-02-12T09:00:00+08:00', id);
  await pause(200);
  expect(receiver.received).toEqual([]);
  await service.given(['WithdrawAppeal', { appealId: 'p-a1', reason: 'x' }]);
  await at('2026-02-12T11:00:00+08:00', id);
  await until(() => receiver.received.length > 0);
  expect(notified()).toEqual(['submit_evidence/a2/p-a2 2026-02-13T10:00:00.000+08:00']);
});

it('a restart repeats nothing, and sends what came within the hours meanwhile', async () => {
  await given('a1');
  await add({ deadlines: { withinHours: 144 } });
  await until(() => notified().length === 1);
  await given('a2');
  await appealed('a2');
  await service.serving.close();
  receiver.received.length = 0;
  service = await TestService.start(`${folders}/${started}`, '2026-02-12T10:00:00+08:00', {
    LEDGER_WEBHOOK_TARGETS: new URL(receiver.url).host,
  });
  await until(() => notified().length > 0);
  await pause(200);
  expect(notified()).toEqual(['submit_evidence/a2/p-a2 2026-02-13T10:00:00.000+08:00']);
});

it('a deadline that a new rulebook moves is notified anew', async () => {
  await given('a1');
  const { id } = await add({ deadlines: { withinHours: 240 } });
  await until(() => notified().length === 1);
  const { appealInitiateDays, ...parameters } = aliMcn20190307.parameters;
  const rulebook = {
    ...aliMcn20190307,
    rulebookVersion: '2026-02-08',
    effectiveFrom: '2026-02-08T00:00:00+08:00',
    parameters: { ...parameters, appealInitiateDays: { ...appealInitiateDays, value: 7 } },
  };
  await service.given(['PublishRulebook', { rulebook }]);
  await at('2026-02-10T10:01:00+08:00', id);
  await until(() => notified().length === 2);
  expect(notified()).toEqual([
    'appeal_deduction/a1/d-a1 2026-02-16T00:00:00.000+08:00',
    'appeal_deduction/a1/d-a1 2026-02-18T00:00:00.000+08:00',
  ]);
});

it.each(['deadlines', 'outlook'])(
  '%s are listed with their webhook; wrong ones get 400 in both languages',
  async (wish) => {
    const { id } = await add({ [wish]: { withinHours: 720 } });
    const listed = await service.get('/webhooks', { as: administrator });
    expect(listed.body).toMatchObject([{ id, [wish]: { withinHours: 720 } }]);
    const wrong: readonly [given: unknown, path: string][] = [
      [{}, `${wish}.withinHours`],
      [{ withinHours: 0 }, `${wish}.withinHours`],
      [{ withinHours: 721 }, `${wish}.withinHours`],
      [{ withinHours: 1.5 }, `${wish}.withinHours`],
      [{ withinHours: '48' }, `${wish}.withinHours`],
      [{ withinHours: 48, kinds: [] }, `${wish}.kinds`],
      [[{ withinHours: 48 }], wish],
      [48, wish],
      [null, wish],
    ];
    for (const [given, path] of wrong) {
      for (const language of ['en', 'zh']) {
        const answer = await service.ask('POST', '/webhooks', {
          body: { url: receiver.url, [wish]: given },
          as: administrator,
          headers: { 'accept-language': language },
        });
        expect({ given, status: answer.status }).toEqual({ given, status: 400 });
        const [error] = answer.body['errors'] as { path: string; message: string }[];
        expect(error!.path).toBe(path);
        expect(/\p{Script=Han}/u.test(error!.message)).toBe(language === 'zh');
      }
    }
    expect((await service.get('/webhooks', { as: administrator })).body).toHaveLength(1);
  },
);
