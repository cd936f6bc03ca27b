import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { EventFeed, KeyStore, type Deadline, type DeadlineKind } from '@penalty-ledger/application';
import { AccessFile } from '@penalty-ledger/application/access-file';
import { MemoryEventStore, MemoryLog } from '@penalty-ledger/event-store';
import {
  epochMsOf,
  instantOf,
  LedgerZone,
  parseInstant,
  type Instant,
} from '@penalty-ledger/ledger';
import { Webhook as Receiver } from 'standardwebhooks';
import type { AgencySource } from './agency-watch.js';
import { deadlineWatch } from './deadline-watch.js';
import { outlookWatch } from './outlook-watch.js';
import { deliveryDefaults, WebhookDelivery, type DeliverySettings } from './webhook-delivery.js';
import {
  allowedTargets,
  Webhooks,
  WebhookSecrets,
  type NewWebhook,
  type Webhook,
  type WithSecret,
} from '@penalty-ledger/application/webhooks';

interface NotifiedDeadline {
  readonly uid: string;
  readonly agencyId: string;
  readonly at: string;
}

interface Body {
  readonly type: string;
  readonly timestamp: string;
  readonly data: { readonly deadlines: readonly NotifiedDeadline[] };
}

let received: { readonly headers: IncomingHttpHeaders; readonly body: string }[];
let statuses: number[];
let server: Server;
let url: string;
let file: AccessFile;
let webhooks: Webhooks;
let store: MemoryEventStore;
let nowMs: number;
let errors: unknown[];
let rulebookEvents: number;
/** The deadlines of each agency; `folds` names an agency each time it is folded for them. */
let ledger: Map<string, { events: number; deadlines: Deadline[] }>;
let folds: string[];
let damaged: Set<string>;
const deliveries: WebhookDelivery[] = [];

const now = (): Instant => instantOf(nowMs);
const instant = (text: string): Instant => parseInstant(text)!;

const keys = KeyStore.open(':memory:');
const secrets = new WebhookSecrets(() => keys);

beforeEach(async () => {
  [received, statuses, errors, folds] = [[], [], [], []];
  rulebookEvents = 1;
  damaged = new Set();
  ledger = new Map();
  nowMs = epochMsOf(instant('2026-02-10T10:00:00+08:00'));
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(statuses.shift() ?? 204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  file = AccessFile.open(':memory:');
  webhooks = new Webhooks(file, { secrets, allowed: allowedTargets(new URL(url).host) });
  store = new MemoryEventStore(new MemoryLog());
});

afterEach(async () => {
  await Promise.all(deliveries.splice(0).map((each) => each.stop()));
  await store.close();
  file.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function started(
  settings: Partial<DeliverySettings> & { readonly isWriter?: boolean } = {},
): Promise<WebhookDelivery> {
  const { isWriter = true } = settings;
  const onError = (error: unknown): void => void errors.push(error);
  const markOf = (agencyId: string) => ({
    agencyId,
    events: ledger.get(agencyId)!.events,
    lastRecordedAt: now(),
  });
  const source = {
    refresh: () => Promise.resolve(),
    rulebookEvents: () => Promise.resolve(rulebookEvents),
    agencies: (after: string, limit: number) =>
      [...ledger.keys()]
        .sort()
        .filter((agencyId) => agencyId > after)
        .slice(0, limit)
        .map(markOf),
    agency: (agencyId: string) => (ledger.has(agencyId) ? markOf(agencyId) : undefined),
    itemsOf: (agencyId: string) => {
      folds.push(agencyId);
      return damaged.has(agencyId)
        ? Promise.reject(new Error('damaged'))
        : Promise.resolve([...ledger.get(agencyId)!.deadlines]);
    },
  };
  const watching = { notified: webhooks.notified, clock: { now }, onError };
  const delivery = new WebhookDelivery(
    {
      events: new EventFeed(store),
      webhooks,
      deadlines: deadlineWatch({ source, ...watching }),
      outlook: outlookWatch({ source: {} as AgencySource<never>, ...watching }),
      origin: {
        ledgerId: 'test',
        simulation: false,
        zone: new LedgerZone('Asia/Shanghai', 'test'),
      },
      clock: { now },
      isDelivering: () => isWriter,
      onError,
    },
    { firstMs: 2, maxMs: 10, ...settings },
  );
  deliveries.push(delivery);
  await delivery.refresh();
  return delivery;
}

const subscribe = (withinHours: number, wanted: Partial<NewWebhook> = {}): WithSecret =>
  webhooks.add({ url, deadlines: { withinHours }, ...wanted }, undefined, now());

/** Something is recorded of an agency, after which these are its deadlines. */
function recorded(
  agencyId: string,
  ...deadlines: readonly (readonly [subjectId: string, at: string])[]
): void {
  const kind: DeadlineKind = 'appeal_deduction';
  ledger.set(agencyId, {
    events: (ledger.get(agencyId)?.events ?? 0) + 1,
    deadlines: deadlines.map(([subjectId, at]) => ({
      uid: `${kind}/${agencyId}/${subjectId}`,
      kind,
      agencyId,
      subjectId,
      at: instant(at),
      knownSince: instant('2026-02-01T00:00:00Z'),
      revision: 0,
    })),
  });
}

/** Time passes; each minute is a look. */
async function later(hours: number): Promise<void> {
  nowMs += hours * 3_600_000;
  await Promise.all(deliveries.map((each) => each.refresh()));
}

async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; !isSo(); turn += 1) {
    if (turn > 200_000) throw new Error('it never came to that');
    await nextTurn();
  }
}

/** Long enough for what is under way to arrive; a message takes a hundredth of it. */
async function aWhile(): Promise<void> {
  for (let turn = 0; turn < 3_000; turn += 1) await nextTurn();
}

const bodies = (): Body[] => received.map(({ body }) => JSON.parse(body) as Body);
const notified = (): string[] =>
  bodies().flatMap(({ data }) =>
    data.deadlines.map(({ uid, at }) => `${uid.split('/').slice(1).join('/')} ${at}`),
  );
const notedOf = ({ webhook }: WithSecret): number => webhooks.notified.notifiedTo(webhook.id).size;
const stateOf = ({ webhook }: WithSecret): Webhook => webhooks.get(webhook.id);

it('a deadline is notified within the hours asked for: not before, and once', async () => {
  recorded('a7', ['d1', '2026-02-13T00:00:00+08:00']);
  const hook = subscribe(48);
  await started();
  await later(13.9);
  await aWhile();
  expect(received).toEqual([]);
  await later(0.1);
  await until(() => notedOf(hook) === 1);
  for (let minute = 0; minute < 3; minute += 1) await later(1);
  await aWhile();
  expect(notified()).toEqual(['a7/d1@test 2026-02-13T00:00:00.000+08:00']);
  expect(stateOf(hook)).toMatchObject({ failures: 0, deadlines: { withinHours: 48 } });
});

it('the message is signed as every message is, and has ids and instants alone', async () => {
  recorded('a7', ['d1', '2026-02-13T00:00:00+08:00']);
  const hook = subscribe(72);
  await started();
  await until(() => notedOf(hook) === 1);
  const [{ headers, body }] = received as [(typeof received)[0]];
  expect(headers['webhook-id']).toMatch(/^msg_[0-9a-f]{32}$/);
  expect(headers['webhook-timestamp']).toBe(String(nowMs / 1_000));
  jest.spyOn(Date, 'now').mockReturnValue(nowMs);
  const read = new Receiver(hook.secret).verify(body, headers as Record<string, string>);
  jest.restoreAllMocks();
  expect(read).toEqual({
    type: 'ledger.deadlines',
    timestamp: '2026-02-09T16:00:00.000Z',
    data: {
      ledgerId: 'test',
      simulation: false,
      deadlines: [
        {
          uid: 'appeal_deduction/a7/d1@test',
          kind: 'appeal_deduction',
          agencyId: 'a7',
          subjectId: 'd1',
          at: '2026-02-13T00:00:00.000+08:00',
        },
      ],
    },
  });
});

it('a message that was not acknowledged is sent again, under the same id', async () => {
  recorded('a7', ['d1', '2026-02-11T00:00:00+08:00']);
  statuses = [500, 503];
  const hook = subscribe(48);
  await started();
  await until(() => notedOf(hook) === 1);
  expect(received).toHaveLength(3);
  expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(stateOf(hook).failures).toBe(0);
});

it('after a restart only what failed before is sent again', async () => {
  recorded('a7', ['d1', '2026-02-11T00:00:00+08:00'], ['d2', '2026-02-12T00:00:00+08:00']);
  const hook = subscribe(48);
  statuses = [204, 500];
  const first = await started({ batchSize: 1, firstMs: 60_000, maxMs: 60_000 });
  await until(() => stateOf(hook).failures === 1);
  await first.stop();
  received = [];
  await started();
  await until(() => notedOf(hook) === 2);
  await aWhile();
  expect(notified()).toEqual(['a7/d2@test 2026-02-12T00:00:00.000+08:00']);
});

it('a deadline that came near during downtime is sent, unless it has passed', async () => {
  recorded('a7', ['d1', '2026-02-12T00:00:00+08:00'], ['d2', '2026-02-14T00:00:00+08:00']);
  const hook = subscribe(24);
  nowMs = epochMsOf(instant('2026-02-13T12:00:00+08:00'));
  await started();
  await until(() => notedOf(hook) === 1);
  await aWhile();
  expect(notified()).toEqual(['a7/d2@test 2026-02-14T00:00:00.000+08:00']);
});

it('a deadline that moved is notified anew, also when it moves back', async () => {
  recorded('a7', ['d1', '2026-02-12T00:00:00+08:00']);
  subscribe(96);
  await started();
  await until(() => notified().length === 1);
  recorded('a7', ['d1', '2026-02-13T00:00:00+08:00']);
  await later(1);
  await until(() => notified().length === 2);
  recorded('a7', ['d1', '2026-02-12T00:00:00+08:00']);
  await later(1);
  await until(() => notified().length === 3);
  await later(1);
  await aWhile();
  expect(notified().map((each) => each.slice(-29, -19))).toEqual([
    '2026-02-12',
    '2026-02-13',
    '2026-02-12',
  ]);
});

it('a deadline that went away is not notified, even when its message was failing', async () => {
  recorded('a7', ['d1', '2026-02-12T00:00:00+08:00']);
  recorded('a8', ['d1', '2026-02-12T00:00:00+08:00']);
  statuses = Array<number>(1_000).fill(500);
  const hook = subscribe(96);
  await started();
  await until(() => received.length > 1);
  recorded('a7');
  const sent = received.length;
  await until(() => received.length > sent + 2);
  expect(
    bodies()
      .at(-1)!
      .data.deadlines.map(({ agencyId }) => agencyId),
  ).toEqual(['a8']);
  recorded('a8');
  await until(() => stateOf(hook).failingSince === undefined);
  expect(notedOf(hook)).toBe(0);
  const last = received.length;
  statuses = [];
  await later(1);
  await aWhile();
  expect(received).toHaveLength(last);
});

it('the webhook of an agency gets its own deadlines, and folds no other agency', async () => {
  recorded('a7', ['d1', '2026-02-11T00:00:00+08:00']);
  recorded('a8', ['d1', '2026-02-11T00:00:00+08:00']);
  const hook = subscribe(48, { agencyId: 'a8' });
  subscribe(48, { agencyId: 'nobody' });
  await started();
  await until(() => notedOf(hook) === 1);
  await aWhile();
  expect(notified()).toEqual(['a8/d1@test 2026-02-11T00:00:00.000+08:00']);
  expect(folds).toEqual(['a8']);
});

it('a look folds only agencies with new events, and all of them after a rulebook', async () => {
  for (const agencyId of ['a1', 'a2', 'a3']) recorded(agencyId);
  subscribe(48);
  await started();
  await until(() => folds.length === 3);
  for (let look = 0; look < 5; look += 1) await later(1);
  await aWhile();
  expect(folds).toHaveLength(3);
  recorded('a2');
  await later(1);
  await until(() => folds.length === 4);
  expect(folds.at(-1)).toBe('a2');
  // A look that is under way is not begun again.
  await aWhile();
  rulebookEvents += 1;
  await later(1);
  await until(() => folds.length === 7);
});

it('nothing is folded without a webhook for deadlines, nor on a reading node', async () => {
  recorded('a7', ['d1', '2026-02-11T00:00:00+08:00']);
  webhooks.add({ url }, undefined, now());
  await started();
  await aWhile();
  subscribe(48);
  await started({ isWriter: false });
  await aWhile();
  expect({ folds, received }).toEqual({ folds: [], received: [] });
});

it('more deadlines than fit are sent in several messages, the earliest first', async () => {
  recorded('a7', ['d1', '2026-02-12T00:00:00+08:00'], ['d2', '2026-02-11T00:00:00+08:00']);
  recorded('a8', ['d3', '2026-02-11T12:00:00+08:00']);
  const hook = subscribe(96);
  await started({ batchSize: 2 });
  await until(() => notedOf(hook) === 3);
  // The first look may not be over when the first message goes.
  expect(notified().toSorted()).toEqual([
    'a7/d1@test 2026-02-12T00:00:00.000+08:00',
    'a7/d2@test 2026-02-11T00:00:00.000+08:00',
    'a8/d3@test 2026-02-11T12:00:00.000+08:00',
  ]);
  for (const { data } of bodies()) {
    expect(data.deadlines.length).toBeLessThanOrEqual(2);
    expect(data.deadlines.map(({ at }) => at)).toEqual(data.deadlines.map(({ at }) => at).sort());
  }
});

it('a notification is forgotten once its deadline has passed, and with its webhook', async () => {
  recorded('a7', ['d1', '2026-02-11T00:00:00+08:00'], ['d2', '2026-02-12T00:00:00+08:00']);
  const hook = subscribe(96);
  await started();
  await until(() => notedOf(hook) === 2);
  await later(24);
  await until(() => notedOf(hook) === 1);
  webhooks.remove(hook.webhook.id);
  expect(notedOf(hook)).toBe(0);
});

it('a pause sends nothing, a gone receiver is disabled, and resuming catches up', async () => {
  recorded('a7', ['d1', '2026-02-13T00:00:00+08:00']);
  const hook = subscribe(24);
  const delivery = await started();
  webhooks.pause(hook.webhook.id);
  await later(40);
  await aWhile();
  expect(received).toEqual([]);
  statuses = [410];
  webhooks.resume(hook.webhook.id);
  await delivery.refresh();
  await until(() => stateOf(hook).state === 'disabled');
  await until(() => delivery.running === 0);
  expect(notedOf(hook)).toBe(0);
  webhooks.resume(hook.webhook.id);
  await delivery.refresh();
  await until(() => notedOf(hook) === 1);
  expect(received).toHaveLength(2);
});

it('a receiver that failed with a deadline that went away is not failing any more', async () => {
  recorded('a7', ['d1', '2026-02-11T00:00:00+08:00']);
  statuses = Array<number>(1_000).fill(500);
  const hook = subscribe(24);
  await started();
  await until(() => stateOf(hook).failures > 1);
  recorded('a7');
  await until(() => stateOf(hook).failingSince === undefined);
  nowMs += deliveryDefaults.disableAfterMs;
  statuses = [500];
  recorded('a7', ['d2', '2026-02-14T00:00:00+08:00']);
  await later(0);
  await until(() => notedOf(hook) === 1);
  expect(stateOf(hook).state).toBe('active');
});

it('an unreadable agency is reported, and the deadlines of others are still sent', async () => {
  recorded('a1', ['d1', '2026-02-12T00:00:00+08:00']);
  recorded('a2', ['d1', '2026-02-12T00:00:00+08:00']);
  recorded('a3', ['d1', '2026-02-12T00:00:00+08:00']);
  damaged.add('a2');
  const hook = subscribe(36);
  await started();
  await until(() => errors.length === 1);
  // A deadline of an agency that can no longer be read may not stand any more.
  damaged.add('a1');
  recorded('a1', ['d1', '2026-02-12T00:00:00+08:00']);
  nowMs += 3 * 3_600_000;
  await later(0);
  await until(() => notedOf(hook) === 1);
  await aWhile();
  expect(notified()).toEqual(['a3/d1@test 2026-02-12T00:00:00.000+08:00']);
  expect(errors.length).toBeGreaterThan(2);
});
