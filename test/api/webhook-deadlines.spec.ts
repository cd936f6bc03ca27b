import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { aliMcn20190307, epochMsOf, parseInstant } from '@penalty-ledger/ledger';
import { Webhook } from 'standardwebhooks';
import { temporaryFolder } from '../support/folder.js';
import { TestService } from './service.js';

let receiver: Server;
let url: string;
let received: { readonly headers: IncomingHttpHeaders; readonly body: string }[];
let service: TestService;
let administrator: string;
const folders = temporaryFolder();
let started = 0;

beforeEach(async () => {
  received = [];
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(204).end();
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

/** A type that no event here has, so that only deadlines are sent. */
const quiet = { types: ['AgencyExited'] };

async function add(body: object): Promise<{ id: string; secret: string }> {
  const answer = await service.ask('POST', '/webhooks', {
    body: { url, ...quiet, ...body },
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
  received.flatMap(({ body }) =>
    (JSON.parse(body) as { data: { deadlines: { uid: string; at: string }[] } }).data.deadlines.map(
      (deadline) => `${deadline.uid.replace(/@.*$/, '')} ${deadline.at}`,
    ),
  );

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
  expect(received).toEqual([]);
  await at('2026-02-11T10:00:00+08:00', id);
  await until(() => received.length === 1);
  await at('2026-02-11T10:05:00+08:00', id);
  await pause(200);
  expect(notified()).toEqual(['submit_evidence/own/p-own 2026-02-13T10:00:00.000+08:00']);
  const [{ headers, body }] = received as [(typeof received)[0]];
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
  expect(received).toEqual([]);
  await service.given(['WithdrawAppeal', { appealId: 'p-a1', reason: 'x' }]);
  await at('2026-02-12T11:00:00+08:00', id);
  await until(() => received.length > 0);
  expect(notified()).toEqual(['submit_evidence/a2/p-a2 2026-02-13T10:00:00.000+08:00']);
});

it('a restart repeats nothing, and sends what came within the hours meanwhile', async () => {
  await given('a1');
  await add({ deadlines: { withinHours: 144 } });
  await until(() => notified().length === 1);
  await given('a2');
  await appealed('a2');
  await service.serving.close();
  received = [];
  service = await TestService.start(`${folders}/${started}`, '2026-02-12T10:00:00+08:00', {
    LEDGER_WEBHOOK_TARGETS: new URL(url).host,
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

it('deadlines are listed with their webhook; wrong ones get 400 in both languages', async () => {
  const { id } = await add({ deadlines: { withinHours: 720 } });
  const listed = await service.get('/webhooks', { as: administrator });
  expect(listed.body).toMatchObject([{ id, deadlines: { withinHours: 720 } }]);
  const wrong: readonly [deadlines: unknown, path: string][] = [
    [{}, 'deadlines.withinHours'],
    [{ withinHours: 0 }, 'deadlines.withinHours'],
    [{ withinHours: 721 }, 'deadlines.withinHours'],
    [{ withinHours: 1.5 }, 'deadlines.withinHours'],
    [{ withinHours: '48' }, 'deadlines.withinHours'],
    [{ withinHours: 48, kinds: [] }, 'deadlines.kinds'],
    [[{ withinHours: 48 }], 'deadlines'],
    [48, 'deadlines'],
    [null, 'deadlines'],
  ];
  for (const [deadlines, path] of wrong) {
    for (const language of ['en', 'zh']) {
      const answer = await service.ask('POST', '/webhooks', {
        body: { url, deadlines },
        as: administrator,
        headers: { 'accept-language': language },
      });
      expect({ deadlines, status: answer.status }).toEqual({ deadlines, status: 400 });
      const [error] = answer.body['errors'] as { path: string; message: string }[];
      expect(error!.path).toBe(path);
      expect(/\p{Script=Han}/u.test(error!.message)).toBe(language === 'zh');
    }
  }
  expect((await service.get('/webhooks', { as: administrator })).body).toHaveLength(1);
});
