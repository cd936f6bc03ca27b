import { createHash } from 'node:crypto';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from '../support/folder.js';
import { TestService } from './service.js';

let service: TestService;
// Before the folder goes.
afterAll(() => service.serving.close());
const folder = temporaryFolder();
const kept = join(folder, 'ledger.evidence');
const text = 'a screenshot';
const sha256 = createHash('sha256').update(text).digest('hex');

beforeAll(async () => {
  service = await TestService.start(folder, undefined, { LEDGER_EVIDENCE_BYTES: '1000' });
});

interface Sent {
  readonly as?: string;
  readonly type?: string;
  readonly query?: string;
}

async function send(
  body: string,
  { as = 'officer', type = 'application/octet-stream', query = '' }: Sent = {},
): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }> {
  const { status, ...answer } = await fetch(`${service.serving.url}/evidence-files${query}`, {
    method: 'POST',
    body,
    headers: { 'content-type': type, authorization: `Bearer ${service.tokens[as] ?? ''}` },
  }).then(async (response) => ({
    status: response.status,
    body: (await response.json()) as Readonly<Record<string, unknown>>,
  }));
  return { status, ...answer };
}

const files = (): readonly string[] => (existsSync(kept) ? readdirSync(kept) : []);

it('keeps a file, and gives it to those who read', async () => {
  expect(await send(text, { query: `?sha256=${sha256}` })).toEqual({
    status: 201,
    body: { sha256, bytes: 12 },
  });
  expect(await send(text)).toMatchObject({ status: 201 });
  const fetched = await service.get(`/evidence-files/${sha256}`, {
    as: service.tokens['auditor']!,
  });
  expect(fetched).toMatchObject({ status: 200, text });
  expect(fetched.headers.get('content-disposition')).toContain('attachment');
});

it('lets nobody else send or fetch', async () => {
  expect(await send(text, { as: 'auditor' })).toMatchObject({ status: 403 });
  expect(await send(text, { as: 'nobody' })).toMatchObject({ status: 401 });
  const agency = await service.issue(['agency'], 'a1');
  for (const as of [agency, service.tokens['ingest']!])
    expect(await service.get(`/evidence-files/${sha256}`, { as })).toMatchObject({ status: 403 });
});

it('refuses another hash, another type and a file that is too large, and keeps none', async () => {
  const before = files();
  expect(await send('other', { query: `?sha256=${sha256}` })).toMatchObject({
    status: 400,
    body: { code: 'invalid' },
  });
  expect(await send('other', { query: '?sha256=../x' })).toMatchObject({ status: 400 });
  expect(await send('{}', { type: 'application/json' })).toMatchObject({ status: 415 });
  expect(await send('other', { type: 'text/html' })).toMatchObject({ status: 415 });
  expect(await send('x'.repeat(1_001))).toMatchObject({ status: 413 });
  expect(files()).toEqual(before);
});

it('keeps nothing of a file that was cut off', async () => {
  const before = files();
  const { hostname, port } = new URL(service.serving.url);
  const socket = connect(Number(port), hostname);
  const head = [
    'POST /evidence-files HTTP/1.1',
    `host: ${hostname}`,
    `authorization: Bearer ${service.tokens['officer']!}`,
    'content-type: application/octet-stream',
    'content-length: 500',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\nhalf`);
  for (let left = 100; files().length === before.length && left > 0; left -= 1)
    await new Promise((resolve) => setTimeout(resolve, 20));
  socket.destroy();
  for (let left = 100; files().length > before.length && left > 0; left -= 1)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(files()).toEqual(before);
});

it('a pack takes a file that is kept and registered for its case, and no other', async () => {
  await service.given(
    ['AdmitAgency', { agencyId: 'a1', name: 'a1', effectiveAt: '2026-01-01T00:00:00+08:00' }],
    [
      'RecordDeduction',
      {
        deductionId: 'd1',
        agencyId: 'a1',
        points: 10,
        clause: 'improper-operation',
        occurredAt: '2026-02-05T00:00:00+08:00',
      },
    ],
    [
      'RegisterEvidence',
      {
        evidenceId: 'e1',
        subject: { kind: 'deduction', id: 'd1' },
        title: 'x',
        mediaType: 'image/png',
        sha256,
      },
    ],
  );
  const unregistered = await send('unregistered');
  const made = async (attach: readonly string[]): Promise<string> => {
    const body = { agencyId: 'a1', period: '2026', evidenceIds: ['e1'], attach };
    const asked = await service.ask('POST', '/evidence-packs', { body });
    const address = asked.headers.get('location')!;
    const { text: states } = await service.get(`${address}/events`);
    return states;
  };
  expect(await made([sha256])).toContain('"status":"ready"');
  for (const hash of [String(unregistered.body['sha256']), '0'.repeat(64)])
    expect(await made([hash])).toContain(`no file with the SHA-256 \\"${hash}\\" is kept`);
});

it('says that a file is not the one that was kept', async () => {
  writeFileSync(join(kept, sha256.slice(0, 2), sha256), 'a screenshoT');
  const as = service.tokens['auditor']!;
  expect(await service.get(`/evidence-files/${sha256}`, { as })).toMatchObject({
    status: 500,
    body: { code: 'integrity' },
  });
  for (const name of ['..%2f..%2fledger.db', 'x', '0'.repeat(64)])
    expect(await service.get(`/evidence-files/${name}`, { as })).toMatchObject({ status: 404 });
});
