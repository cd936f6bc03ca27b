import { hash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readZip, verifyPack } from '@penalty-ledger/evidence';
import { instantOf, epochMsOf } from '@penalty-ledger/ledger';
import { parseVerifierKey } from '@penalty-ledger/merkle-log';
import { temporaryFolder } from '../support/folder.js';
import { installedStatementPrinter } from '../support/statement-printer.js';
import { TestService, type Answered, type Asked } from './service.js';

let service: TestService;
const tokens: Record<string, string> = {};

afterAll(() => service.serving.close());
const folder = temporaryFolder();
const packFolder = join(folder, 'ledger.packs');

const deduction = (deductionId: string, agencyId: string, points = 10) => ({
  deductionId,
  agencyId,
  points,
  clause: 'improper-operation',
  occurredAt: '2026-01-05T00:00:00+08:00',
  notice: { text: `notice of ${deductionId}`, caseNo: 'CN-1' },
});

beforeAll(async () => {
  // As a service that was killed leaves it.
  mkdirSync(packFolder);
  for (const name of [`${'0'.repeat(8)}-aaaa-4aaa-8aaa-${'0'.repeat(12)}.part`, 'kept.txt'])
    writeFileSync(join(packFolder, name), 'half');
  service = await TestService.start(folder);
  for (const agencyId of ['own', 'other']) {
    await service.given(
      [
        'AdmitAgency',
        { agencyId, name: `name of ${agencyId}`, effectiveAt: '2026-01-01T00:00:00+08:00' },
      ],
      ['RecordDeduction', deduction(`d-${agencyId}`, agencyId)],
      [
        'InitiateAppeal',
        { appealId: `p-${agencyId}`, agencyId, deductionIds: [`d-${agencyId}`], grounds: 'x' },
      ],
      [
        'RegisterEvidence',
        {
          evidenceId: `e-${agencyId}`,
          subject: { kind: 'deduction', id: `d-${agencyId}` },
          title: `title of ${agencyId}`,
          mediaType: 'image/png',
          sha256: '1'.repeat(64),
        },
      ],
    );
    tokens[agencyId] = await service.issue(['agency'], agencyId);
  }
  tokens['second'] = await service.issue(['agency'], 'own');
});

const ask = (body: object, asked: Asked = {}): Promise<Answered> =>
  service.ask('POST', '/evidence-packs', { ...asked, body });

/** Waits for the end of a pack, by its server-sent events, and returns each state. */
async function statesOf(
  address: string,
  as = service.tokens['staff']!,
): Promise<Record<string, unknown>[]> {
  const { status, text, headers } = await service.get(`${address}/events`, { as });
  expect({ status, type: headers.get('content-type') }).toEqual({
    status: 200,
    type: 'text/event-stream; charset=utf-8',
  });
  return [...text.matchAll(/^data: (.*)$/gm)].map(
    ([, data]) => JSON.parse(data!) as Record<string, unknown>,
  );
}

/** Asks for a pack and waits for its end. */
async function made(body: object, as = service.tokens['staff']!): Promise<Record<string, unknown>> {
  const { status, headers, text } = await ask(body, { as });
  if (status !== 202) throw new Error(`${status} ${text}`);
  return (await statesOf(headers.get('location')!, as)).at(-1)!;
}

async function fetched(
  address: string,
  as = service.tokens['staff']!,
  headers = {},
): Promise<[Response, Buffer]> {
  const response = await fetch(`${service.serving.url}${address}`, {
    headers: { authorization: `Bearer ${as}`, ...headers },
  });
  return [response, Buffer.from(await response.arrayBuffer())];
}

const verified = (zip: Uint8Array) =>
  verifyPack(zip, {
    keys: [parseVerifierKey(service.serving.verifierKey!)],
    printer: installedStatementPrinter(),
  });

it('a pack is asked for, followed until it is ready, fetched, and verifies', async () => {
  const asked = await ask({ appealId: 'p-own' });
  expect(asked).toMatchObject({ status: 202, body: { agencyId: 'own', appealId: 'p-own' } });
  const address = asked.headers.get('location')!;
  expect(address).toBe(`/evidence-packs/${String(asked.body['id'])}`);
  const states = await statesOf(address);
  const ready = states.at(-1)!;
  expect(ready).toMatchObject({ status: 'ready', href: `${address}/pack.zip`, missingGlyphs: [] });
  expect(states.map(({ progress }) => (progress as { step: string } | undefined)?.step)).toContain(
    'printing',
  );
  expect((await service.get(address)).body).toEqual(ready);

  const [response, zip] = await fetched(String(ready['href']));
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'application/zip',
    'content-length': String(ready['bytes']),
    'content-disposition': 'attachment; filename="evidence-p-own.zip"',
    'cache-control': 'private, no-store',
    etag: `"${hash('sha256', zip, 'hex')}"`,
  });
  expect(ready['sha256']).toBe(hash('sha256', zip, 'hex'));
  const { holds, checks, computation } = verified(zip);
  expect({ holds, failed: checks.filter(({ result }) => result === 'fails') }).toEqual({
    holds: true,
    failed: [],
  });
  expect(checks.find(({ step }) => step === 'pdf')?.result).toBe('holds');
  expect(computation?.appeal?.appealId).toBe('p-own');

  expect(statSync(join(packFolder, `${String(ready['id'])}.zip`)).mode & 0o777).toBe(0o600);
  const again = await fetched(String(ready['href']), undefined, {
    'if-none-match': `"${String(ready['sha256'])}"`,
  });
  expect([again[0].status, again[1].length]).toEqual([304, 0]);
});

it('a pack that a killed service left half-written is gone, and nothing else in the folder', () => {
  expect(readdirSync(packFolder).filter((name) => !name.endsWith('.zip'))).toEqual(['kept.txt']);
});

it('asking for, following and fetching a pack is in the access log, with its subject', async () => {
  const { id, href } = await made({ appealId: 'p-other', disclose: true });
  await fetched(String(href));
  await ask({ appealId: 'nobody' });
  const { body } = await service.get('/access-log?limit=1000', {
    as: service.tokens['administrator']!,
  });
  const entries = (
    body['entries'] as { method: string; route: string; status: number; subject: object }[]
  ).slice(-4);
  const subject = { id, agencyId: 'other', appealId: 'p-other' };
  expect(
    entries.map(({ method, route, status, subject: about }) => ({ method, route, status, about })),
  ).toEqual([
    { method: 'POST', route: '/evidence-packs', status: 202, about: subject },
    { method: 'GET', route: '/evidence-packs/:id/events', status: 200, about: subject },
    { method: 'GET', route: '/evidence-packs/:id/pack.zip', status: 200, about: subject },
    { method: 'POST', route: '/evidence-packs', status: 404, about: { appealId: 'nobody' } },
  ]);
});

describe('the key of an agency', () => {
  it('has packs only of its own agency', async () => {
    const as = tokens['own']!;
    expect(await ask({ appealId: 'p-other' }, { as })).toMatchObject({
      status: 404,
      body: { code: 'unknown_appeal' },
    });
    for (const agencyId of ['other', 'nobody'])
      expect((await ask({ agencyId, period: '2026' }, { as })).status).toBe(403);
    const refused = await made({ agencyId: 'own', period: '2026', evidenceIds: ['e-other'] }, as);
    expect(refused).toMatchObject({
      status: 'failed',
      problem: { code: 'unknown_evidence', status: 404 },
    });
  });

  it('has them with its own texts, and always without what concerns a complainant', async () => {
    const [, zip] = await fetched(
      String(
        (await made({ appealId: 'p-own', disclose: true, evidenceIds: ['e-own'] }, tokens['own']))[
          'href'
        ],
      ),
      tokens['own'],
    );
    expect(verified(zip).holds).toBe(true);
    expect(zip.includes('disclosed.json')).toBe(true);
    const manifest = readZip(zip).find(({ name }) => name === 'manifest.json')!;
    expect(JSON.parse(Buffer.from(manifest.content).toString())).toMatchObject({
      redacted: ['complainant'],
    });
  });

  it('sees the packs of the agency’s other keys, as otherwise only administrators do', async () => {
    const { id, href } = await made({ appealId: 'p-own' }, tokens['own']);
    const seen = async (as: string) => (await fetched(String(href), as))[0].status;
    expect(await seen(tokens['second']!)).toBe(200);
    expect(await seen(service.tokens['administrator']!)).toBe(200);
    for (const as of [tokens['other']!, service.tokens['staff']!, service.tokens['officer']!])
      expect(await seen(as)).toBe(404);
    const as = service.tokens['officer']!;
    for (const path of ['', '/events', '/pack.zip'])
      expect((await service.get(`/evidence-packs/${String(id)}${path}`, { as })).body['code']).toBe(
        'unknown_pack',
      );
    expect((await service.ask('DELETE', `/evidence-packs/${String(id)}`, { as })).status).toBe(404);
  });
});

it('a pack that cannot be made says why, in the language asked for', async () => {
  expect(await ask({ agencyId: 'nobody', period: '2026' })).toMatchObject({
    status: 404,
    body: { code: 'unknown_agency' },
  });
  expect(await ask({ agencyId: 'own' })).toMatchObject({ status: 400, body: { code: 'invalid' } });
  expect(await ask({ agencyId: 'own', appealId: 'p-own', period: '2026' })).toMatchObject({
    status: 400,
  });
  expect(await ask({ appealId: 'p-own', attach: ['x'] })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '/attach' }] },
  });
  expect(await made({ appealId: 'p-own', evidenceIds: ['e-9'] })).toMatchObject({
    status: 'failed',
    problem: { code: 'unknown_evidence', detail: 'no evidence "e-9" was registered' },
  });
  const failed = await made({ appealId: 'p-own', knownAt: '2027-01-01T00:00:00Z' });
  expect(failed).toMatchObject({ status: 'failed', problem: { code: 'no_pack', status: 422 } });
  expect((failed['problem'] as { detail: string }).detail).toMatch(/^signed_before: /);
  const address = `/evidence-packs/${String(failed['id'])}`;
  expect(await service.get(address, { headers: { 'accept-language': 'zh' } })).toMatchObject({
    body: { problem: { title: '无法生成该证据包' } },
  });
  expect(await service.get(`${address}/pack.zip`)).toMatchObject({
    status: 409,
    body: { code: 'pack_not_ready' },
  });
});

it('a pack is gone with its file once deleted, after its hour, or after an erasure', async () => {
  const { id, href } = await made({ appealId: 'p-own' });
  const file = join(packFolder, `${String(id)}.zip`);
  expect(existsSync(file)).toBe(true);
  expect((await service.ask('DELETE', `/evidence-packs/${String(id)}`)).status).toBe(204);
  expect(existsSync(file)).toBe(false);
  expect((await fetched(String(href)))[0].status).toBe(404);

  const disclosed = await made({ appealId: 'p-own', disclose: true });
  const sealed = await made({ appealId: 'p-own' });
  const erasure = { body: { subject: 'creator:nobody' }, as: service.tokens['administrator']! };
  await service.ask('POST', '/erasures', erasure);
  expect((await fetched(String(disclosed['href'])))[0].status).toBe(200);
  await service.given([
    'BindCreator',
    { agencyId: 'own', creatorId: 'c-1', effectiveAt: '2026-01-02T00:00:00Z', name: 'x' },
  ]);
  expect(
    (await service.ask('POST', '/erasures', { ...erasure, body: { subject: 'creator:c-1' } }))
      .status,
  ).toBe(200);
  expect((await fetched(String(disclosed['href'])))[0].status).toBe(404);

  service.clock.at = instantOf(epochMsOf(service.clock.at) + 3_599_999);
  expect((await fetched(String(sealed['href'])))[0].status).toBe(200);
  service.clock.at = instantOf(epochMsOf(service.clock.at) + 1);
  expect((await fetched(String(sealed['href'])))[0].status).toBe(404);
  await service.ask('DELETE', (await ask({ appealId: 'p-own' })).headers.get('location')!);
  expect(existsSync(join(packFolder, `${String(sealed['id'])}.zip`))).toBe(false);
});

it('proofs are answered while packs are made, and a ninth waiting pack gets 503', async () => {
  const another = await service.issue(['officer']);
  const own = Array.from({ length: 7 }, () => ask({ appealId: 'p-own' }));
  const others = Array.from({ length: 5 }, () => ask({ appealId: 'p-own' }, { as: another }));
  const asked = await Promise.all([...own, ...others]);
  const taken = asked.filter(({ status }) => status === 202);
  const away = asked.filter(({ status }) => status === 503);
  expect([taken.length, away.length]).toEqual([9, 3]);
  for (const { headers, body } of away) {
    expect(body['code']).toBe('unavailable');
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect((await service.get('/receipts/agency-own/0')).status).toBe(200);
  const as = service.tokens['administrator']!;
  const last = taken.at(-1)!.headers.get('location')!;
  expect((await service.get(last, { as })).body['status']).toBe('waiting');
  for (const { headers } of taken) await service.ask('DELETE', headers.get('location')!, { as });
  expect((await service.get(last, { as })).status).toBe(404);
});
