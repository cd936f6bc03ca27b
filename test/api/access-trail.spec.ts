import { execFile } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ledgerProgram } from '../cli/transcript.js';
import { temporaryFolder } from '../support/folder.js';
import { TestService } from './service.js';

interface Entry {
  readonly principal: string | null;
  readonly method: string;
  readonly route: string;
  readonly subject: Readonly<Record<string, string>>;
  readonly status: number;
  readonly requestId: string;
}

type Parameter = Readonly<Record<'name' | 'in', string>>;

const folders = temporaryFolder();
let started = 0;
let folder: string;
let service: TestService;
beforeEach(async () => {
  started += 1;
  folder = join(folders, String(started));
  service = await TestService.start(folder);
});
afterEach(() => service.serving.close());

/** The entries of the log from `after` on. */
async function entries(after = 0): Promise<readonly Entry[]> {
  const all: Entry[] = [];
  for (let from: number | undefined = after; from !== undefined;) {
    const { body } = await service.get(`/access-log?limit=1000&after=${from}`, {
      as: service.tokens['auditor']!,
    });
    all.push(...(body['entries'] as Entry[]));
    from = body['next'] as number | undefined;
  }
  return all;
}

const entryFor = async (answered: { readonly headers: Headers }): Promise<Entry | undefined> =>
  (await entries()).find(({ requestId }) => requestId === answered.headers.get('request-id'));

it('every parameter of every reading stands in its entry, also if it was refused', async () => {
  const { body } = await service.get('/openapi.json', { as: '' });
  const paths = body['paths'] as Record<string, { get?: { parameters?: Parameter[] } }>;
  // An event to wait for says nothing of whose data is read.
  const asked = Object.entries(paths).flatMap(([path, { get }]) => {
    const names = (get?.parameters ?? []).flatMap(({ in: place, name }) =>
      place === 'query' && name !== 'atLeast' ? [name] : [],
    );
    return names.map((name) => ({ path: path.replaceAll(/\{\w+\}/g, 'x'), name }));
  });
  expect(asked.length).toBeGreaterThan(50);
  const sent = new Map<string, (typeof asked)[number]>();
  for (const one of asked) {
    const address = `${service.serving.url}${one.path}?${one.name}=2019`;
    // Not read to its end: a stream of events has none.
    const { headers, body: answer } = await fetch(address, {
      headers: { authorization: `Bearer ${service.tokens['staff']!}` },
    });
    await answer?.cancel();
    sent.set(headers.get('request-id')!, one);
  }
  for (const { requestId, subject } of await entries()) {
    const name = sent.get(requestId)?.name;
    if (name !== undefined && subject[name] === '2019') sent.delete(requestId);
  }
  expect([...sent.values()]).toEqual([]);
});

it('instants stand there in UTC, and other texts as a hash', async () => {
  const as = service.tokens['staff']!;
  const known = encodeURIComponent('2026-01-05T10:00:00+08:00');
  const answered = await service.get(`/agencies?knownAt=${known}&name=%E5%BC%A0`, { as });
  expect((await entryFor(answered))?.subject).toEqual({
    knownAt: '2026-01-05T02:00:00.000Z',
    name: expect.stringMatching(/^sha256:[0-9a-f]{32}$/) as string,
  });
});

describe('a sign-in that fails', () => {
  it('is noted with the key that it names and the reason, and without its secret', async () => {
    const token = service.tokens['staff']!;
    const keyId = token.slice(4, 16);
    const wrong = await service.get('/agencies?agencyId=a1', { as: token.replace(/.$/, 'x') });
    expect(wrong.status).toBe(401);
    const { body } = await service.ask('POST', `/keys/${keyId}/revoke`, {
      as: service.tokens['administrator']!,
    });
    expect(body['id']).toBe(keyId);
    const revoked = await service.get('/agencies/a1/balance', { as: token });
    expect(await entryFor(wrong)).toMatchObject({
      principal: null,
      route: '/agencies',
      status: 401,
      subject: { agencyId: 'a1', problem: 'malformed' },
    });
    expect(await entryFor(revoked)).toMatchObject({
      principal: null,
      subject: { agencyId: 'a1', keyId, problem: 'revoked' },
    });
    expect(JSON.stringify(await entries())).not.toContain(token.slice(17, 40));
  });

  it('is counted where too many come in a minute, so that the disk does not fill', async () => {
    for (let n = 0; n < 70; n += 1) await service.get('/agencies', { as: `plk_${n}` });
    const failed = (await entries()).filter(({ status }) => status === 401);
    expect(failed).toHaveLength(61);
    expect(failed.at(-1)).toMatchObject({
      principal: null,
      method: 'LOCAL',
      route: 'failed sign-ins',
      subject: { count: '10' },
    });
  });

  it('is not a request without credentials', async () => {
    expect(await entryFor(await service.get('/agencies', { as: '' }))).toBeUndefined();
  });
});

describe('at the machine itself', () => {
  const who = `cli:${process.getuid!()}`;
  const ledger = (...given: readonly string[]) =>
    promisify(execFile)(process.execPath, [ledgerProgram, ...given], { cwd: folder });

  it.each([
    ['export', ['export', '--store', 'sqlite:ledger.db'], {}],
    [
      'evidence',
      [
        'evidence',
        '--agency',
        'a1',
        '--period',
        '2026',
        '-o',
        'a1.zip',
        '--store',
        'sqlite:ledger.db',
      ],
      { agencyId: 'a1' },
    ],
    ['backup', ['backup', 'saved', '--store', 'sqlite:ledger.db'], { keys: 'none' }],
    [
      'copy',
      ['copy', '--from', 'sqlite:ledger.db', '--to', 'sqlite:other/l.db'],
      { keys: 'included' },
    ],
  ])('%s is noted', async (act, given, subject) => {
    await service.given([
      'AdmitAgency',
      { agencyId: 'a1', name: '云帆', effectiveAt: '2026-01-01T00:00:00Z' },
    ]);
    await service.serving.close();
    await ledger(...given);
    const { tokens } = service;
    service = await TestService.start(folder);
    Object.assign(service.tokens, tokens);
    const noted = (await entries()).filter(({ principal }) => principal === who);
    expect(noted).toMatchObject([{ method: 'LOCAL', route: act, subject }]);
  });

  it('a ledger that no service was started on has no access log, and gets none', async () => {
    await service.serving.close();
    const access = join(folder, 'ledger.access.db');
    for (const ending of ['', '-wal', '-shm']) rmSync(`${access}${ending}`, { force: true });
    await ledger('export', '--store', 'sqlite:ledger.db');
    expect(existsSync(access)).toBe(false);
    service = await TestService.start(join(folder, 'next'));
  });
});
