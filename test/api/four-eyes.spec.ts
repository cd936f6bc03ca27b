import { AccessFile } from '@penalty-ledger/application/access-file';
import { ApiKeys } from '@penalty-ledger/application/api-keys';
import { FourEyes, maxPendingActs } from '@penalty-ledger/application/four-eyes';
import { verifyLedger } from '@penalty-ledger/application/verification';
import { instantOf } from '@penalty-ledger/ledger';
import { join } from 'node:path';
import { temporaryFolder } from '../support/folder.js';
import { TestService, type Answered } from './service.js';

const folder = temporaryFolder();
const at = '2026-02-10T10:00:00+08:00';

let service: TestService;
/** Tokens of administrators by holder; Li has two. */
let tokens: Record<'li' | 'li2' | 'wang' | 'zhao', string>;
let turn = 0;

const all = ['officer', 'auditor', 'administrator'];

beforeEach(async () => {
  turn += 1;
  service = await TestService.start(join(folder, String(turn)), at);
  const administrator = (holder: string, mayGrant: readonly string[]) =>
    service.issue(['administrator'], undefined, { holder, mayGrant });
  tokens = {
    li: await administrator('li', all),
    li2: await administrator('li', all),
    wang: await administrator('wang', all),
    zhao: await administrator('zhao', ['auditor']),
  };
  expect(await post('/four-eyes', { isOn: true }, tokens.li)).toMatchObject({
    status: 200,
    body: { isOn: true },
  });
});

afterEach(() => service.serving.close());

const post = (path: string, body: object | undefined, as: string): Promise<Answered> =>
  service.ask('POST', path, { as, ...(body !== undefined && { body }) });

const officer = { label: 'desk', holder: 'sun', roles: ['officer'] };

interface Pending {
  readonly id: string;
  readonly sha256: string;
  readonly act: object;
  readonly askedBy: string;
}

/** Asks for an act, which must be held. */
async function held(path: string, body: object, as: string): Promise<Pending> {
  const answer = await post(path, body, as);
  expect(answer.status).toBe(202);
  return answer.body as unknown as Pending;
}

const confirm = ({ id, sha256 }: Pending, as: string) =>
  post(`/pending-acts/${id}/confirm`, { sha256 }, as);

const waiting = async (): Promise<readonly string[]> =>
  (
    (await service.get('/pending-acts', { as: tokens.li })).body as unknown as readonly Pending[]
  ).map(({ id }) => id);

const keys = async (): Promise<readonly { readonly id: string; readonly holder: string }[]> =>
  (await service.get('/keys', { as: tokens.li })).body['items'] as never;

const keyCount = async (): Promise<number> => (await keys()).length;

const keyOf = async (of: string): Promise<string> =>
  (await keys()).find(({ holder }) => holder === of)!.id;

it('a key is issued when another holder confirms it, and its asker gets the token', async () => {
  const before = await keyCount();
  const pending = await held('/keys', officer, tokens.li);
  expect(pending.act).toEqual({
    kind: 'issue-key',
    ...officer,
    expiresAt: '2027-02-11T02:00:00.000Z',
  });
  expect(await keyCount()).toBe(before);
  for (const own of [tokens.li, tokens.li2])
    expect(await confirm(pending, own)).toMatchObject({ status: 403, body: { code: 'own_act' } });
  expect(await post(`/pending-acts/${pending.id}/token`, undefined, tokens.li)).toMatchObject({
    status: 409,
    body: { code: 'not_confirmed' },
  });
  const done = await confirm(pending, tokens.wang);
  expect(done).toMatchObject({ status: 200, body: { key: { holder: 'sun', roles: ['officer'] } } });
  expect(done.text).not.toContain('plk_');
  expect((await confirm(pending, tokens.wang)).body['code']).toBe('unknown_act');
  const fetched = (as: string) => post(`/pending-acts/${pending.id}/token`, undefined, as);
  expect(await fetched(tokens.wang)).toMatchObject({ status: 404, body: { code: 'unknown_act' } });
  const { status, body } = await fetched(tokens.li2);
  expect(status).toBe(201);
  expect((await service.get('/agencies', { as: body['token'] as string })).status).toBe(200);
  expect((await fetched(tokens.li)).status).toBe(404);
  expect(await keyCount()).toBe(before + 1);
});

it('only the bytes that the confirmer read are confirmed, by one who may grant them', async () => {
  const pending = await held('/keys', officer, tokens.li);
  const other = await confirm({ ...pending, sha256: '0'.repeat(64) }, tokens.wang);
  expect(other).toMatchObject({ status: 409, body: { code: 'act_differs' } });
  const less = await confirm(pending, tokens.zhao);
  expect(less).toMatchObject({ status: 403, body: { code: 'beyond_own_rights' } });
  expect(await waiting()).toEqual([pending.id]);
  expect((await confirm(pending, tokens.wang)).status).toBe(200);
});

it('what its issuer may not ask for is refused before anything waits', async () => {
  for (const [body, code] of [
    [{ ...officer, holder: 'zhao' }, 'own_key'],
    [officer, 'beyond_own_rights'],
    [{ ...officer, roles: ['auditor'], expiresAt: '2020-01-01T00:00:00Z' }, 'invalid'],
  ] as const)
    expect((await post('/keys', body, tokens.zhao)).body['code']).toBe(code);
  expect(await waiting()).toEqual([]);
});

it('a rotation, also of one’s own key, waits, and then gives its asker the token', async () => {
  const id = await keyOf('wang');
  const pending = await held(`/keys/${id}/rotate`, { graceHours: 1 }, tokens.wang);
  expect(pending.act).toEqual({ kind: 'rotate-key', keyId: id, graceHours: 1 });
  expect(await confirm(pending, tokens.li)).toMatchObject({
    status: 200,
    body: { key: { id, rotatingUntil: '2026-02-10T03:00:00.000Z' } },
  });
  const fetched = await post(`/pending-acts/${pending.id}/token`, undefined, tokens.wang);
  service.clock.at = instantOf(Date.parse('2026-02-10T03:00:00Z'));
  expect((await service.get('/keys', { as: tokens.wang })).status).toBe(401);
  expect((await service.get('/keys', { as: fetched.body['token'] as string })).status).toBe(200);
});

it('an erasure is done by its confirmation, in the name of its asker', async () => {
  const admitted = { agencyId: 'a1', name: '云帆', effectiveAt: '2026-01-01T00:00:00Z' };
  await service.given(['AdmitAgency', admitted]);
  const pending = await held('/erasures', { subject: 'agency:a1' }, tokens.li);
  expect((await service.get('/agencies/a1')).text).toContain('云帆');
  expect(await confirm(pending, tokens.wang)).toMatchObject({
    status: 200,
    body: { act: { subject: 'agency:a1' }, erasure: { status: 'accepted' } },
  });
  expect((await service.get('/agencies/a1')).text).not.toContain('云帆');
  const { body } = await service.get('/events?limit=1000');
  const events = (body['items'] as { event: { type: string; actor: string } }[]).map(
    ({ event }) => event,
  );
  expect(events.find(({ type }) => type === 'SubjectErased')?.actor).toBe(pending.askedBy);
  expect((await confirm(pending, tokens.wang)).status).toBe(404);
});

it('the signing key is rotated by a confirmation, in the name of its asker', async () => {
  const key = async (): Promise<string> => (await service.get('/verifier-key')).text.trim();
  const previous = await key();
  const first = await held('/signing-key/rotate', {}, tokens.li);
  expect(first.act).toEqual({ kind: 'rotate-signing-key', previous });
  const second = await held('/signing-key/rotate', {}, tokens.li);
  expect(await confirm(first, tokens.li2)).toMatchObject({ body: { code: 'own_act' } });
  expect(await key()).toBe(previous);
  const done = await confirm(first, tokens.wang);
  const verifierKey = await key();
  expect(verifierKey).not.toBe(previous);
  expect(done).toMatchObject({
    status: 200,
    body: { signingKey: { previous, verifierKey, revision: 1 } },
  });
  // It was about the key that is gone now.
  expect(await confirm(second, tokens.wang)).toMatchObject({
    status: 409,
    body: { code: 'key_rotated' },
  });
  expect(await waiting()).toEqual([second.id]);
  const { body } = await service.get('/events?limit=1000');
  const events = (body['items'] as { event: { type: string; actor: string } }[]).map(
    ({ event }) => event,
  );
  const rotations = events.filter(({ type }) => type === 'SigningKeyRotated');
  expect(rotations.map(({ actor }) => actor)).toEqual([first.askedBy]);
});

it('without it one administrator rotates the signing key, and the service goes on', async () => {
  const off = await held('/four-eyes', { isOn: false }, tokens.li);
  await confirm(off, tokens.wang);
  const admitted = { agencyId: 'a1', name: '云帆', effectiveAt: '2026-01-01T00:00:00Z' };
  await service.given(['AdmitAgency', admitted]);
  const previous = (await service.get('/verifier-key')).text.trim();
  const rotate = () => post('/signing-key/rotate', undefined, tokens.li);
  const { status, body } = await rotate();
  expect(status).toBe(200);
  const next = body['verifierKey'] as string;
  expect(await service.get(`/receipts/ledger/${String(body['revision'])}`)).toMatchObject({
    status: 200,
    text: expect.stringContaining(`— ${next.split('+')[0]!} `) as string,
  });
  expect((await post('/signing-key/rotate', undefined, service.tokens['staff']!)).status).toBe(403);
  // The service goes on with the new key: it signs, and starts again.
  expect((await post('/checkpoints', undefined, tokens.li)).status).toBe(200);
  await service.serving.close();
  service = await TestService.start(join(folder, String(turn)), at);
  expect((await service.get('/verifier-key', { as: tokens.li })).text.trim()).toBe(next);
  expect(next).not.toBe(previous);
  expect(await verifyLedger({ url: service.store })).toMatchObject({ holds: true });
});

it('what can no longer be done is refused with the reason, and waits on', async () => {
  const pending = await held('/erasures', { subject: 'agency:none' }, tokens.li);
  const refused = await confirm(pending, tokens.wang);
  expect(refused.status).toBeGreaterThanOrEqual(400);
  expect(refused.status).toBeLessThan(500);
  expect(await waiting()).toEqual([pending.id]);
  const issued = await held('/keys', { ...officer, expiresAt: '2026-02-10T03:00:00Z' }, tokens.li);
  service.clock.at = instantOf(Date.parse('2026-02-10T03:00:00Z'));
  expect(await confirm(issued, tokens.wang)).toMatchObject({
    status: 400,
    body: { code: 'invalid', detail: 'expiresAt: give an instant later than now' },
  });
});

it('it is switched off with a second administrator', async () => {
  const pending = await held('/four-eyes', { isOn: false }, tokens.li);
  expect((await service.get('/four-eyes', { as: tokens.li })).body).toEqual({ isOn: true });
  expect((await confirm(pending, tokens.zhao)).status).toBe(200);
  expect((await service.get('/four-eyes', { as: tokens.li })).body).toEqual({ isOn: false });
  expect((await post('/keys', officer, tokens.li)).status).toBe(201);
});

it('switched off, it ends what waits', async () => {
  const pending = await held('/keys', officer, tokens.li);
  const off = await held('/four-eyes', { isOn: false }, tokens.li);
  expect((await confirm(off, tokens.wang)).status).toBe(200);
  expect(await confirm(pending, tokens.wang)).toMatchObject({ status: 404 });
});

it('after a restore it answers nobody until an administrator confirms', async () => {
  const pending = await held('/keys', officer, tokens.li);
  await service.serving.close();
  const file = AccessFile.open(join(folder, String(turn), 'ledger.access.db'));
  new FourEyes(file, new ApiKeys(file)).holdRestore(3, 'cli:1000', service.clock.now());
  file.close();
  service = await TestService.start(join(folder, String(turn)), at);
  expect((await service.get('/health/live', { as: '' })).status).toBe(200);
  expect((await service.get('/keys', { as: '' })).status).toBe(401);
  for (const [method, path, as] of [
    ['GET', '/keys', tokens.li],
    ['POST', '/keys', tokens.li],
    ['GET', '/metrics', tokens.li],
    ['POST', `/pending-acts/${pending.id}/refuse`, tokens.li],
  ] as const)
    expect(await service.ask(method, path, { as })).toMatchObject({
      status: 503,
      body: { code: 'restore_unconfirmed' },
    });
  const { body } = await service.get('/pending-acts', { as: tokens.li });
  const acts = body as unknown as readonly Pending[];
  expect(acts).toMatchObject([{ act: { kind: 'accept-restore', events: 3 }, holder: 'cli:1000' }]);
  service.clock.at = instantOf(Date.parse('2026-03-10T03:00:00Z'));
  expect((await confirm(acts[0]!, tokens.zhao)).status).toBe(200);
  expect((await service.get('/keys', { as: tokens.li })).status).toBe(200);
  expect(await waiting()).toEqual([]);
});

it('acts end: refused by anyone, after a day, and with a key of their asker', async () => {
  const refused = await held('/keys', officer, tokens.li);
  expect((await post(`/pending-acts/${refused.id}/refuse`, undefined, tokens.zhao)).status).toBe(
    204,
  );
  expect((await confirm(refused, tokens.wang)).body['code']).toBe('unknown_act');

  const late = await held('/keys', officer, tokens.li);
  service.clock.at = instantOf(Date.parse('2026-02-11T02:00:00Z'));
  expect((await confirm(late, tokens.wang)).body['code']).toBe('unknown_act');

  const ended = await held('/keys', officer, tokens.li);
  const confirmed = await held('/keys', officer, tokens.li);
  expect((await confirm(confirmed, tokens.wang)).status).toBe(200);
  await post(`/keys/${await keyOf('wang')}/revoke`, undefined, tokens.zhao);
  // Its confirmer's key is gone, and with it the confirmation.
  expect(await waiting()).toEqual([ended.id]);
  expect(
    (await post(`/pending-acts/${confirmed.id}/token`, undefined, tokens.li)).body['code'],
  ).toBe('unknown_act');
  await post(`/keys/${await keyOf('li')}/revoke`, undefined, tokens.zhao);
  const left = await service.get('/pending-acts', { as: tokens.zhao });
  expect(left.body).toEqual([]);
});

it('acts survive a restart, and are bounded', async () => {
  const pending = await held('/keys', officer, tokens.li);
  for (let count = 1; count < maxPendingActs; count += 1) await held('/keys', officer, tokens.li);
  expect(await post('/keys', officer, tokens.li)).toMatchObject({
    status: 409,
    body: { code: 'too_many_acts' },
  });
  await service.serving.close();
  service = await TestService.start(join(folder, String(turn)), at);
  expect((await waiting()).length).toBe(maxPendingActs);
  expect((await confirm(pending, tokens.wang)).status).toBe(200);
});

it('bytes that were altered in the file are not those that the confirmer read', async () => {
  const pending = await held('/keys', officer, tokens.li);
  const file = AccessFile.open(join(folder, String(turn), 'ledger.access.db'));
  file.statement(`UPDATE pendingActs SET act = replace(act, 'sun', 'qian')`).run();
  file.close();
  expect((await confirm(pending, tokens.wang)).body['code']).toBe('act_differs');
});

it('a key that was confirmed opens nothing before its token was fetched', async () => {
  const pending = await held('/keys', officer, tokens.li);
  const { body } = await confirm(pending, tokens.wang);
  const file = AccessFile.open(join(folder, String(turn), 'ledger.access.db'));
  const { id } = body['key'] as { id: string };
  expect(new ApiKeys(file).get(id, service.clock.now()).holder).toBe('sun');
  const secrets = file.statement('SELECT * FROM apiKeySecrets WHERE keyId = ?').all(id);
  file.close();
  expect(secrets).toEqual([]);
});

it('no single administrator is given the keys of subjects', async () => {
  await service.serving.close();
  service = await TestService.start(join(folder, String(turn)), at, { LEDGER_SHARE_KEYS: '1' });
  const answer = await post('/sealing-keys', { subjects: [] }, tokens.li);
  expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
});

it('the access log has who asked, what for, and who confirmed or refused', async () => {
  const pending = await held('/keys', officer, tokens.li);
  await confirm(pending, tokens.wang);
  await post(`/pending-acts/${pending.id}/token`, undefined, tokens.li);
  const refused = await held('/four-eyes', { isOn: false }, tokens.li);
  await post(`/pending-acts/${refused.id}/refuse`, undefined, tokens.zhao);
  const { body } = await service.get('/access-log?limit=1000', { as: tokens.li });
  const entries = body['entries'] as { route: string; principal: string; subject: object }[];
  const act = { act: pending.id, kind: 'issue-key', sha256: pending.sha256 };
  expect(entries.slice(-5)).toMatchObject([
    { route: '/keys', status: 202, subject: { ...act, holder: 'sun', roles: 'officer' } },
    { route: '/pending-acts/:id/confirm', status: 200, subject: { ...act, holder: 'sun' } },
    { route: '/pending-acts/:id/token', status: 201, subject: { act: pending.id } },
    { route: '/four-eyes', status: 202, subject: { act: refused.id, kind: 'end-four-eyes' } },
    { route: '/pending-acts/:id/refuse', status: 204, subject: { act: refused.id } },
  ]);
  expect(new Set(entries.slice(-5).map(({ principal }) => principal)).size).toBe(3);
});
