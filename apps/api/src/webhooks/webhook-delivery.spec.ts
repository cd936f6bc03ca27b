import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { EventFeed, KeyStore } from '@penalty-ledger/application';
import { AccessFile } from '@penalty-ledger/application/access-file';
import { MemoryEventStore, MemoryLog } from '@penalty-ledger/event-store';
import {
  instantOf,
  LedgerZone,
  noPreviousEvent,
  recordOf,
  uuidOf,
  type EventRecord,
  type Instant,
} from '@penalty-ledger/ledger';
import { Webhook } from 'standardwebhooks';
import type { AgencySource } from './agency-watch.js';
import { deadlineWatch } from './deadline-watch.js';
import { outlookWatch } from './outlook-watch.js';
import { deliveryDefaults, WebhookDelivery, type DeliverySettings } from './webhook-delivery.js';
import {
  allowedTargets,
  Webhooks,
  WebhookSecrets,
  type DeliveryProblem,
  type NewWebhook,
  type WithSecret,
} from '@penalty-ledger/application/webhooks';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Body {
  readonly type: string;
  readonly data: {
    readonly events: readonly {
      readonly id: string;
      readonly type: string;
      readonly agencyId: string;
    }[];
  };
}

let received: Received[];
let answers: RequestListener[];
let server: Server;
let url: string;
let file: AccessFile;
let webhooks: Webhooks;
let store: MemoryEventStore;
let nowMs: number;
let errors: unknown[];
const deliveries: WebhookDelivery[] = [];

const ok: RequestListener = (_request, response) => void response.writeHead(204).end();
const status =
  (code: number, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(code, headers).end('what the receiver says');

const keys = KeyStore.open(':memory:');
const secrets = new WebhookSecrets(() => keys);

beforeEach(async () => {
  received = [];
  answers = [];
  errors = [];
  nowMs = Date.UTC(2026, 0, 1);
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      (answers.shift() ?? ok)(request, response);
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

const now = (): Instant => instantOf(nowMs);

const fail = (error: unknown): void => void errors.push(error);

/** No webhook here asks for deadlines or months, so the source is never used. */
const noSource = {} as AgencySource<never>;

async function started(settings: Partial<DeliverySettings> = {}): Promise<WebhookDelivery> {
  const watching = {
    source: noSource,
    notified: webhooks.notified,
    clock: { now },
    onError: fail,
  };
  const delivery = new WebhookDelivery(
    {
      events: new EventFeed(store),
      webhooks,
      deadlines: deadlineWatch(watching),
      outlook: outlookWatch(watching),
      origin: {
        ledgerId: 'test',
        simulation: true,
        zone: new LedgerZone('Asia/Shanghai', 'test'),
      },
      clock: { now },
      isDelivering: () => true,
      onError: fail,
    },
    { firstMs: 2, maxMs: 10, ...settings },
  );
  deliveries.push(delivery);
  await delivery.refresh();
  return delivery;
}

const subscribe = (wanted: Partial<NewWebhook> = {}): WithSecret =>
  webhooks.add({ url, ...wanted }, undefined, now());

/** Appends events of these types to an agency, one by one. */
async function append(agencyId: string, types: readonly string[]): Promise<void> {
  const stream = `agency-${agencyId}`;
  for (const type of types) {
    const read: EventRecord[] = [];
    for await (const batch of store.readStream(stream)) read.push(...batch);
    const before = read.at(-1);
    const revision = (before?.revision ?? -1) + 1;
    const event = recordOf({
      actor: '李四',
      causation: { command: 'Test', commandId: 'c', fingerprint: 'f' },
      data: { agencyId, name: '杭州云帆' },
      format: 1,
      id: uuidOf(`${stream} ${revision}`),
      previous: before?.leafHash ?? noPreviousEvent,
      recordedAt: now(),
      revision,
      schemaVersion: 1,
      stream,
      type,
    });
    await store.append(stream, before === undefined ? 'no_stream' : before.revision, [event]);
  }
}

async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; !isSo(); turn += 1) {
    if (turn > 200_000) throw new Error('it never came to that');
    await nextTurn();
  }
}

/** Reads a message with the library of Standard Webhooks, by the test's clock. */
function readWith(secret: string, { headers, body }: Received): unknown {
  jest.spyOn(Date, 'now').mockReturnValue(nowMs);
  try {
    return new Webhook(secret).verify(body, headers as Record<string, string>);
  } finally {
    jest.restoreAllMocks();
  }
}

const bodies = (): Body[] => received.map(({ body }) => JSON.parse(body) as Body);
const typesReceived = (): string[] =>
  bodies().flatMap(({ data }) => data.events.map(({ type }) => type));

it('sends recorded events, signed, with positions and leaf hashes, without names', async () => {
  const { webhook, secret } = subscribe();
  await append('a7', ['AgencyAdmitted']);
  await started();
  await until(() => webhooks.get(webhook.id).cursor !== undefined);
  const [message] = received as [Received];
  const { headers, body } = message;
  const altered = { headers, body: body.replace('"a7"', '"a8"') };
  expect(() => readWith(secret, altered)).toThrow('No matching signature found');
  expect(headers['webhook-timestamp']).toBe(String(nowMs / 1_000));
  expect(headers['content-type']).toBe('application/json');
  expect(readWith(secret, message)).toEqual({
    type: 'ledger.events',
    timestamp: now(),
    data: {
      ledgerId: 'test',
      simulation: true,
      events: [
        {
          id: uuidOf('agency-a7 0'),
          type: 'AgencyAdmitted',
          agencyId: 'a7',
          recordedAt: now(),
          position: webhooks.get(webhook.id).cursor,
          leafHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        },
      ],
    },
  });
  expect(body).not.toMatch(/李四|杭州/);
});

it('sends only the types and the agency asked for, each event once and in order', async () => {
  const { webhook } = subscribe({
    types: ['DeductionImposed', 'DeductionRevoked'],
    agencyId: 'a7',
  });
  await started({ batchSize: 2 });
  await append('a7', ['AgencyAdmitted', 'DeductionImposed', 'AppealInitiated', 'DeductionRevoked']);
  await append('a8', ['AgencyAdmitted', 'DeductionImposed']);
  await append('a7', ['DeductionImposed']);
  await until(
    () => typesReceived().length === 3 && webhooks.get(webhook.id).lastDeliveredAt !== undefined,
  );
  expect(typesReceived()).toEqual(['DeductionImposed', 'DeductionRevoked', 'DeductionImposed']);
  expect(
    new Set(bodies().flatMap(({ data }) => data.events.map(({ agencyId }) => agencyId))),
  ).toEqual(new Set(['a7']));
});

it('a message that failed is sent again, under the same id, before anything later', async () => {
  const { webhook } = subscribe();
  answers = [
    status(500),
    status(429, { 'retry-after': '0' }),
    (request) => request.socket.destroy(),
    ok,
  ];
  await append('a7', ['AgencyAdmitted']);
  await started();
  await until(() => received.length > 0);
  await append('a7', ['DeductionImposed']);
  await until(() => received.length === 5 && webhooks.get(webhook.id).failures === 0);
  expect(new Set(received.slice(0, 4).map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(typesReceived()).toEqual([...Array<string>(4).fill('AgencyAdmitted'), 'DeductionImposed']);
});

it('after a restart it goes on where the receiver last said yes', async () => {
  subscribe();
  await append('a7', ['AgencyAdmitted', 'DeductionImposed']);
  answers = [ok, (_request, response) => void response.writeHead(500).end()];
  const first = await started({ batchSize: 1, firstMs: 60_000, maxMs: 60_000 });
  await until(() => webhooks.list()[0]!.failures === 1);
  await first.stop();
  await append('a7', ['DeductionRevoked']);
  await started({ batchSize: 1 });
  await until(() => received.length === 4);
  expect(typesReceived()).toEqual([
    'AgencyAdmitted',
    'DeductionImposed',
    'DeductionImposed',
    'DeductionRevoked',
  ]);
});

it('stopping does not wait for a receiver that does not answer', async () => {
  subscribe();
  await append('a7', ['AgencyAdmitted']);
  answers = [() => undefined];
  const delivery = await started();
  await until(() => received.length === 1);
  await delivery.stop();
  expect(webhooks.list()[0]).toMatchObject({ failures: 0 });
  expect(webhooks.list()[0]?.cursor).toBeUndefined();
});

it('a receiver that fails too long is disabled, and resuming loses nothing', async () => {
  const { webhook } = subscribe();
  await append('a7', ['AgencyAdmitted']);
  answers = [status(503), status(503)];
  await started();
  await until(() => webhooks.get(webhook.id).failures > 0);
  nowMs += deliveryDefaults.disableAfterMs;
  answers = [status(503), status(503), status(503)];
  await until(() => webhooks.get(webhook.id).state === 'disabled');
  expect(webhooks.get(webhook.id).lastProblem).toBe('server_error');
  const [delivery] = deliveries;
  await until(() => delivery!.running === 0);
  answers = [];
  received = [];
  webhooks.resume(webhook.id);
  await delivery!.refresh();
  await until(() => webhooks.get(webhook.id).cursor !== undefined);
  expect(typesReceived()).toEqual(['AgencyAdmitted']);
});

it('a receiver that is gone is disabled at once', async () => {
  const { webhook } = subscribe();
  await append('a7', ['AgencyAdmitted']);
  answers = [status(410)];
  await started();
  await until(() => webhooks.get(webhook.id).state === 'disabled');
  expect(received).toHaveLength(1);
});

it('a target that the service no longer allows is sent nothing', async () => {
  const { webhook } = subscribe();
  await append('a7', ['AgencyAdmitted']);
  webhooks = new Webhooks(file, { secrets });
  await started({ firstMs: 60_000, maxMs: 60_000 });
  await until(() => webhooks.get(webhook.id).failures === 1);
  expect(webhooks.get(webhook.id).lastProblem).toBe('target_refused');
  expect(received).toEqual([]);
});

it.each<[string, (port: string) => string, DeliveryProblem]>([
  ['speaks no TLS', (port) => `https://127.0.0.1:${port}/`, 'tls'],
  ['is not there', () => 'http://127.0.0.1:1/', 'unreachable'],
])('of a receiver that %s only the class is shown', async (_, urlAt, problem) => {
  url = urlAt(new URL(url).port);
  webhooks = new Webhooks(file, { secrets, allowed: allowedTargets(new URL(url).host) });
  const { webhook } = subscribe();
  await append('a7', ['AgencyAdmitted']);
  await started({ firstMs: 60_000, maxMs: 60_000 });
  await until(() => webhooks.get(webhook.id).failures === 1);
  expect(webhooks.get(webhook.id).lastProblem).toBe(problem);
});

it('a redirect is not followed', async () => {
  const { webhook } = subscribe();
  await append('a7', ['AgencyAdmitted']);
  answers = [status(307, { location: url })];
  await started({ firstMs: 60_000, maxMs: 60_000 });
  await until(() => webhooks.get(webhook.id).failures === 1);
  expect(webhooks.get(webhook.id).lastProblem).toBe('redirect');
  expect(received).toHaveLength(1);
});

it('an answer that never ends counts by its status, and a missing one is a timeout', async () => {
  const { webhook } = subscribe();
  await append('a7', ['AgencyAdmitted']);
  answers = [() => undefined];
  const delivery = await started({ timeoutMs: 500, firstMs: 60_000, maxMs: 60_000, batchSize: 1 });
  await until(() => webhooks.get(webhook.id).failures === 1);
  expect(webhooks.get(webhook.id)).toMatchObject({ lastProblem: 'timeout' });
  expect(webhooks.get(webhook.id).cursor).toBeUndefined();
  // A pause ends the wait of a minute.
  webhooks.pause(webhook.id);
  await delivery.refresh();
  webhooks.resume(webhook.id);
  await delivery.refresh();
  await until(() => webhooks.get(webhook.id).cursor !== undefined);
  answers = [(_request, response) => void response.writeHead(200).write('x'.repeat(100_000))];
  await append('a7', ['DeductionImposed']);
  await until(
    () => typesReceived().includes('DeductionImposed') && webhooks.get(webhook.id).failures === 0,
  );
});

it('what the receiver says is never kept', async () => {
  const { webhook } = subscribe();
  await append('a7', ['AgencyAdmitted']);
  answers = [status(500)];
  await started({ firstMs: 60_000, maxMs: 60_000 });
  await until(() => webhooks.get(webhook.id).failures === 1);
  expect(JSON.stringify(webhooks.get(webhook.id))).not.toContain('what the receiver says');
});

it('a pause stops deliveries, and a removal too', async () => {
  const { webhook } = subscribe();
  const delivery = await started();
  webhooks.pause(webhook.id);
  await delivery.refresh();
  expect(delivery.running).toBe(0);
  await append('a7', ['AgencyAdmitted']);
  webhooks.resume(webhook.id);
  await delivery.refresh();
  await until(() => received.length === 1);
  webhooks.remove(webhook.id);
  await delivery.refresh();
  expect(delivery.running).toBe(0);
  expect(errors).toEqual([]);
});

it('for a day after a change of secret, messages have signatures by both', async () => {
  const { webhook, secret: earlier } = subscribe();
  const { secret } = webhooks.rotateSecret(webhook.id, now());
  await append('a7', ['AgencyAdmitted']);
  await started();
  await until(() => received.length === 1);
  expect((received[0]!.headers['webhook-signature'] as string).split(' ')).toHaveLength(2);
  for (const each of [secret, earlier])
    expect(readWith(each, received[0]!)).toMatchObject({ type: 'ledger.events' });
  expect(webhooks.secretsOf(webhook.id, instantOf(nowMs + 24 * 3_600_000))).toHaveLength(1);
});

it('reports that the store fails', async () => {
  subscribe();
  const delivery = await started();
  await store.close();
  await until(() => delivery.running === 0);
  expect(errors).toHaveLength(1);
});
