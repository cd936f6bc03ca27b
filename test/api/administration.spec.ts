import { execFile } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runLines } from '../cli/command-loop.js';
import { ledgerProgram } from '../cli/transcript.js';
import { temporaryFolder } from '../support/folder.js';
import { TestService } from './service.js';

interface Entry {
  readonly principal: string;
  readonly method: string;
  readonly route: string;
  readonly subject: Readonly<Record<string, string>>;
  readonly status: number;
  readonly role: string | null;
}

const folders = temporaryFolder();
let started = 0;
let folder: string;
let service: TestService;
beforeEach(async () => {
  started += 1;
  folder = join(folders, String(started));
  service = await TestService.start(folder);
  isClosed = false;
});
afterEach(close);

let isClosed = false;
async function close(): Promise<void> {
  if (!isClosed) await service.serving.close();
  isClosed = true;
}

/** The command, in a process of its own beside the running service. */
async function ledger(
  ...given: readonly string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const run = promisify(execFile)(process.execPath, [
    ledgerProgram,
    ...given,
    '--store',
    `sqlite:${join(folder, 'ledger.db')}`,
  ]);
  return run.then(
    (done) => ({ code: 0, ...done }),
    (failed: unknown) => failed as { code: number; stdout: string; stderr: string },
  );
}

async function entries(): Promise<readonly Entry[]> {
  const { body } = await service.get('/access-log?limit=1000', {
    as: service.tokens['administrator']!,
  });
  return body['entries'] as Entry[];
}

it('acts of administrators are in the access log: who, what and which id, no secret', async () => {
  const as = service.tokens['administrator']!;
  const administer = async (method: string, path: string, body?: object) =>
    (await service.ask(method, path, { as, ...(body !== undefined && { body }) })).body;
  const issued = await administer('POST', '/keys', {
    label: 'Wang Xiaoming',
    holder: 'h',
    roles: ['auditor'],
  });
  const { id } = issued['key'] as { id: string };
  const rotated = await administer('POST', `/keys/${id}/rotate`, {});
  await administer('POST', `/keys/${id}/revoke`);
  const added = await administer('POST', '/webhooks', { url: 'https://hooks.example.com/wang' });
  const { id: webhookId } = added['webhook'] as { id: string };
  const changed = await administer('POST', `/webhooks/${webhookId}/rotate`);
  await administer('DELETE', `/webhooks/${webhookId}`);
  await service.given([
    'AdmitAgency',
    { agencyId: 'a1', name: '云帆', effectiveAt: '2026-01-01T00:00:00Z' },
  ]);
  await administer('POST', '/erasures', { subject: 'agency:a1' });
  const rulebooks = await administer('POST', '/commands/PublishRulebook', {});
  expect(rulebooks['code']).toBe('invalid');
  await service.ask('POST', `/keys/${id}/revoke`, { as: service.tokens['officer']! });

  const acts = (await entries()).filter(({ method }) => method !== 'GET');
  const principal = (await entries()).at(-1)!.principal;
  const [first] = acts;
  expect(first).toMatchObject({
    principal: 'service',
    method: 'LOCAL',
    route: 'first start',
    role: null,
  });
  expect(principal).toBe(`key:${first!.subject['id']!}`);
  const byAdministrator = { principal, role: 'administrator' };
  expect(acts.slice(-9)).toMatchObject([
    {
      ...byAdministrator,
      route: '/keys',
      subject: { id, holder: 'h', roles: 'auditor' },
      status: 201,
    },
    {
      ...byAdministrator,
      route: '/keys/:id/rotate',
      subject: { id, roles: 'auditor', rotatingUntil: '2026-02-17T02:00:00.000Z' },
      status: 201,
    },
    { ...byAdministrator, route: '/keys/:id/revoke', subject: { id }, status: 200 },
    {
      ...byAdministrator,
      route: '/webhooks',
      subject: { id: webhookId, host: 'hooks.example.com:443' },
      status: 201,
    },
    { ...byAdministrator, route: '/webhooks/:id/rotate', subject: { id: webhookId }, status: 201 },
    {
      ...byAdministrator,
      route: '/webhooks/:id',
      method: 'DELETE',
      subject: { id: webhookId },
      status: 204,
    },
    { ...byAdministrator, route: '/erasures', subject: { subject: 'agency:a1' }, status: 200 },
    { ...byAdministrator, route: '/commands/PublishRulebook', status: 400 },
    { role: null, route: '/keys/:id/revoke', subject: { id }, status: 403 },
  ]);
  const text = JSON.stringify(await entries());
  for (const secret of [issued, rotated].map((each) => each['token'] as string)) {
    expect(text).not.toContain(secret.slice(17));
  }
  for (const secret of [added, changed].map((each) => each['secret'] as string))
    expect(text).not.toContain(secret);
  expect(text).not.toMatch(/Wang|云帆|\/wang/);
});

it('a lost administrator’s key is replaced locally during service, and logged', async () => {
  const { code, stdout, stderr } = await ledger(
    'api-keys',
    'issue',
    '--role',
    'administrator',
    '--holder',
    'zhang',
    '--may-grant',
    'all',
    '--label',
    'new one',
  );
  expect({ code, stderr }).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/shown only now/) as string,
  });
  const token = stdout.trim();
  expect((await service.get('/keys', { as: token })).status).toBe(200);

  const listed = await ledger('api-keys', 'list', '--json');
  const keys = JSON.parse(listed.stdout) as { id: string; label: string }[];
  const { id: oldId } = keys.find(({ label }) => label === 'first administrator')!;
  const { id: newId } = keys.find(({ label }) => label === 'new one')!;
  expect(listed.stdout).not.toContain(token.slice(17, 60));

  const old = service.tokens['administrator']!;
  expect((await service.get('/keys', { as: old })).status).toBe(200);
  expect((await ledger('api-keys', 'revoke', oldId)).code).toBe(0);
  expect((await service.get('/keys', { as: old })).status).toBe(401);
  service.tokens['administrator'] = token;

  const who = `cli:${process.getuid!()}`;
  expect((await entries()).filter(({ principal }) => principal === who)).toMatchObject([
    {
      method: 'LOCAL',
      route: 'api-keys issue',
      role: null,
      subject: {
        id: newId,
        holder: 'zhang',
        roles: 'administrator',
        mayGrant: 'ingest:officer:reviewer:auditor:administrator',
        mayGrantInAgencies: 'agency:agency-reader:agency-filer:agency-submitter',
      },
    },
    { method: 'LOCAL', route: 'api-keys revoke', role: null, subject: { id: oldId } },
  ]);
  expect(await ledger('verify', '--access-log')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('The access log holds.') as string,
  });
});

it('on this machine alone four eyes are switched on and off, and it is logged', async () => {
  const issue = () =>
    service.ask('POST', '/keys', {
      as: service.tokens['administrator']!,
      body: { label: 'l', holder: 'h', roles: ['auditor'] },
    });
  expect(await ledger('api-keys', 'four-eyes', 'on')).toMatchObject({ code: 0 });
  expect((await issue()).status).toBe(202);
  expect(await ledger('api-keys', 'four-eyes', 'off', '--json')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/"isOn": ?false/) as string,
  });
  expect((await issue()).status).toBe(201);
  const switched = (await entries()).filter(({ route }) => route === 'api-keys four-eyes');
  expect(switched).toMatchObject([{ subject: { isOn: 'true' } }, { subject: { isOn: 'false' } }]);
});

it('what cannot be done with keys is refused with what to give, and changes nothing', async () => {
  const refusals: readonly [given: readonly string[], message: RegExp][] = [
    [['api-keys', 'issue', '--holder', 'z', '--role', 'king'], /"king" is none of ingest/],
    [['api-keys', 'issue'], /--holder is missing/],
    [['api-keys', 'issue', '--holder', 'z'], /roles: give at least one/],
    [['api-keys', 'issue', '--holder', 'z y', '--role', 'officer'], /holder: give 1 to 64/],
    [
      ['api-keys', 'issue', '--holder', 'z', '--role', 'officer', '--may-grant', 'all'],
      /mayGrant: only an administrator grants roles/,
    ],
    [['api-keys', 'issue', '--holder', 'z', '--role', 'agency'], /agencyId: the role agency needs/],
    [
      ['api-keys', 'issue', '--holder', 'z', '--role', 'officer', '--expires-at', 'soon'],
      /--expires-at: "soon" is not an RFC 3339 instant/,
    ],
    [['api-keys', 'four-eyes'], /four-eyes: on or off is missing/],
    [['api-keys', 'four-eyes', 'maybe'], /four-eyes: "maybe" is wrong/],
    [['api-keys', 'revoke'], /revoke: the id of the key is missing/],
    [['api-keys', 'revoke', '000000000000'], /there is no key "000000000000"/],
    [['verify', '--access-log', '--head', '12'], /--head: "12" is not SEQ:HASH/],
  ];
  const before = await entries();
  const store = ['--store', `sqlite:${join(folder, 'ledger.db')}`];
  const answers = runLines(
    folder,
    refusals.map(([given]) => [...given, ...store]),
  );
  for (const [index, [given, message]] of refusals.entries()) {
    expect({ given, ...answers[index]! }).toMatchObject({
      given,
      exitCode: 2,
      stderr: expect.stringMatching(message) as string,
    });
  }
  const after = await entries();
  expect(after.slice(before.length).map(({ route }) => route)).toEqual(['/access-log']);
});

it('without an access log administrators get 503, and commands go on', async () => {
  const as = service.tokens['administrator']!;
  const { body } = await service.get('/keys', { as });
  // Another process writes into the log: the service stops writing it.
  appendFileSync(join(folder, 'ledger.access.ndjson'), 'x\n');
  expect((await service.get('/keys', { as })).status).toBe(503);
  const issued = await service.ask('POST', '/keys', {
    as,
    body: { label: 'l', holder: 'h', roles: ['auditor'] },
  });
  expect(issued).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  const admission = { agencyId: 'a1', name: 'x', effectiveAt: '2026-01-01T00:00:00Z' };
  expect((await service.command('AdmitAgency', admission)).status).toBe(201);
  const listed = JSON.parse((await ledger('api-keys', 'list', '--json')).stdout) as unknown[];
  expect(listed).toHaveLength((body['items'] as unknown[]).length);
});

describe('verify --access-log', () => {
  const log = () => join(folder, 'ledger.access.ndjson');
  const head = async (): Promise<string> => {
    const { body } = await service.get('/access-log', { as: service.tokens['administrator']! });
    const { seq, hash } = body['head'] as { seq: number; hash: string };
    return `${seq}:${hash}`;
  };
  it('says which entry was altered, taken out or cut off', async () => {
    // The last anchor of a service that was closed is the log's end.
    await close();
    const complete = readFileSync(log(), 'utf8').trimEnd().split('\n');
    const damages: readonly [lines: readonly string[], found: RegExp][] = [
      [complete, /ok +access log +\d+ entries, held against 1 anchor/],
      [
        complete.with(2, complete[2]!.replace('"status":201', '"status":403')),
        /FAIL +access log +entry 2, at byte \d+, does not have the hash it states/,
      ],
      [
        complete.toSpliced(3, 1),
        /FAIL +access log +entry 3, at byte \d+, is entry 4: entries are missing/,
      ],
      [
        complete.slice(0, -2),
        new RegExp(`FAIL +access log +entry ${complete.length - 2}, at byte \\d+, is gone`),
      ],
    ];
    for (const [lines, found] of damages) {
      writeFileSync(log(), `${lines.join('\n')}\n`);
      expect(await ledger('verify', '--access-log')).toMatchObject({
        code: lines === complete ? 0 : 1,
        stdout: expect.stringMatching(found) as string,
      });
    }
    const { code, stdout } = await ledger('verify', '--access-log', '--json');
    expect({ code, ...(JSON.parse(stdout) as object) }).toMatchObject({
      code: 1,
      holds: false,
      damage: { kind: 'cut' },
    });
  });

  it('says what was cut off by its age, and whether the ledger signed it', async () => {
    const { tokens } = service;
    await close();
    service = await TestService.start(folder, '2026-12-10T10:00:00+08:00', {
      LEDGER_ACCESS_LOG_MONTHS: '1',
    });
    isClosed = false;
    const as = tokens['auditor']!;
    let cut: unknown;
    while (cut === undefined) cut = (await service.get('/access-log', { as })).body['cut'];
    const { seq } = cut as { seq: number };
    expect((await service.get(`/access-log?after=${seq}`, { as })).body).not.toHaveProperty('cut');
    // The ledger signed for it also when it has another key since.
    const administrator = { as: tokens['administrator']! };
    expect((await service.ask('POST', '/signing-key/rotate', administrator)).status).toBe(200);
    await close();
    service = await TestService.start(folder, '2026-12-10T10:00:00+08:00');
    isClosed = false;
    await close();
    expect(await ledger('verify', '--access-log')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        new RegExp(`cut +entries 0 to ${seq} were cut off, .*signed\\s+by\\s+the\\s+ledger`, 's'),
      ) as string,
    });
    const copy = join(folder, 'copy.ndjson');
    writeFileSync(copy, readFileSync(log()));
    expect(await ledger('verify', copy, '--access-log')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/give\s+--key/) as string,
    });
    const other = readFileSync(log(), 'utf8').replace('2026-02-10', '2026-02-09');
    writeFileSync(log(), other);
    expect(await ledger('verify', '--access-log')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(`entry ${seq}, at byte 0, is not signed`) as string,
    });
  });

  it('holds a copy of the log against a head that was kept elsewhere', async () => {
    await service.get('/agencies');
    const kept = await head();
    const [seq = ''] = kept.split(':');
    await close();
    const copy = join(folder, 'copy.ndjson');
    writeFileSync(copy, readFileSync(log()));
    expect((await ledger('verify', copy, '--access-log', '--head', kept)).code).toBe(0);
    const other = `${seq}:${'0'.repeat(64)}`;
    expect(await ledger('verify', copy, '--access-log', '--head', other)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(`entry ${seq}, at byte`) as string,
    });
    const lines = readFileSync(copy, 'utf8').trimEnd().split('\n').slice(0, Number(seq));
    writeFileSync(copy, `${lines.join('\n')}\n`);
    expect((await ledger('verify', copy, '--access-log')).code).toBe(0);
    expect(await ledger('verify', copy, '--access-log', '--head', kept)).toMatchObject({ code: 1 });
  });
});
