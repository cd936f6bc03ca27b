import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { temporaryFolder } from '../support/folder.js';
import { TestService } from './service.js';

const at = '2026-02-10T10:00:00+08:00';

let issuer: string;
let away = false;
let jwks: Server;
let service: TestService;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;

// Hooks run in the order they are declared, and a service is closed before its folder goes.
afterAll(async () => {
  await service.serving.close();
  jwks.closeAllConnections();
  await new Promise((resolve) => jwks.close(resolve));
});

const folder = temporaryFolder();

beforeAll(async () => {
  keys = await generateKeyPair('ES256');
  const published = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'k1' }] };
  jwks = createServer(({ url }, response) => {
    const document = url === '/jwks' ? published : { issuer, jwks_uri: `${issuer}/jwks` };
    response.writeHead(away ? 503 : 200).end(JSON.stringify(document));
  });
  await new Promise<void>((resolve) => jwks.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(jwks.address() as AddressInfo).port}`;
  service = await TestService.start(folder, at, {
    LEDGER_OIDC_ISSUER: issuer,
    LEDGER_OIDC_AUDIENCE: 'penalty-ledger',
  });
});

function token(claims: Readonly<Record<string, unknown>>, kid = 'k1'): Promise<string> {
  const epochSeconds = Date.parse(at) / 1_000;
  return new SignJWT({
    iss: issuer,
    aud: 'penalty-ledger',
    iat: epochSeconds,
    exp: epochSeconds + 60,
    ...claims,
  })
    .setProtectedHeader({ alg: 'ES256', kid })
    .sign(keys.privateKey);
}

it('a token of the issuer opens what its roles cover, and is recorded without a name', async () => {
  const officer = await token({ sub: 'zhang.san@example.com', roles: ['officer'] });
  const admitted = { agencyId: 'own', name: 'x', effectiveAt: '2026-01-01T00:00:00Z' };
  expect((await service.command('AdmitAgency', admitted, { as: officer })).status).toBe(201);
  expect((await service.get('/keys', { as: officer })).status).toBe(403);
  const { text, body } = await service.get('/agencies/own/timeline', { as: officer });
  expect(body['acts']).toMatchObject([
    { actor: expect.stringMatching(/^oidc:[0-9a-f]{32}$/) as string },
  ]);
  expect(text).not.toContain('zhang.san');
});

it('an administrator by token issues keys of every role, but none to the own subject', async () => {
  const as = await token({ sub: 'li.si@example.com', roles: ['administrator'] });
  const issue = (holder: string) =>
    service.ask('POST', '/keys', { as, body: { label: 'x', holder, roles: ['officer'] } });
  expect((await issue('wang')).status).toBe(201);
  const { body } = await service.get('/access-log?limit=1000', { as });
  const entries = body['entries'] as { readonly principal: string | null }[];
  const own = entries.findLast(
    ({ principal }) => principal?.startsWith('oidc:') === true,
  )?.principal;
  expect(await issue(own ?? '')).toMatchObject({ status: 403, body: { code: 'own_key' } });
});

it('with four eyes the subject of a token is its holder', async () => {
  const tokenOf = () => token({ sub: 'li.si@example.com', roles: ['administrator'] });
  const asked = async (path: string, body: object) => {
    const answer = await service.ask('POST', path, { as: await tokenOf(), body });
    return answer.body as unknown as { readonly id: string; readonly sha256: string };
  };
  const confirm = async ({ id, sha256 }: { id: string; sha256: string }, as: string) =>
    (await service.ask('POST', `/pending-acts/${id}/confirm`, { as, body: { sha256 } })).status;
  const first = service.tokens['administrator']!;
  await asked('/four-eyes', { isOn: true });
  const issuing = await asked('/keys', { label: 'x', holder: 'wang', roles: ['officer'] });
  expect(await confirm(issuing, await tokenOf())).toBe(403);
  expect(await confirm(issuing, first)).toBe(200);
  expect(await asked(`/pending-acts/${issuing.id}/token`, {})).toHaveProperty('token');
  const ending = await asked('/four-eyes', { isOn: false });
  expect(await confirm(ending, await tokenOf())).toBe(403);
  expect(await confirm(ending, first)).toBe(200);
});

it('the token of an agency sees only its own agency', async () => {
  await service.given([
    'AdmitAgency',
    { agencyId: 'other', name: 'x', effectiveAt: '2026-01-01T00:00:00Z' },
  ]);
  const agency = await token({ sub: 'a', roles: ['agency'], agency_id: 'own' });
  expect((await service.get('/agencies/own', { as: agency })).status).toBe(200);
  expect((await service.get('/agencies/other', { as: agency })).status).toBe(403);
});

it('the people of an agency read, file or submit by the roles of their token', async () => {
  const asked = async (...roles: string[]) => {
    const as = await token({ sub: 'b', roles, agency_id: 'own' });
    const filing = { appealId: 'p', agencyId: 'own', deductionIds: ['none'], grounds: 'x' };
    return [
      (await service.get('/agencies/own', { as })).status,
      (await service.command('InitiateAppeal', filing, { as })).status,
      (await service.command('WithdrawAppeal', { appealId: 'none', reason: 'x' }, { as })).status,
    ];
  };
  expect(await asked('agency-reader')).toEqual([200, 403, 403]);
  expect(await asked('agency-filer')).toEqual([403, 404, 403]);
  expect(await asked('agency-submitter')).toEqual([403, 403, 404]);
  expect(await asked('agency-reader', 'agency-submitter')).toEqual([200, 403, 404]);
  expect(await asked('agency')).toEqual([200, 404, 404]);
});

it('a token that opens nothing is answered with 401, without the reason', async () => {
  const expired = await token({ sub: 'a', roles: ['officer'], exp: Date.parse(at) / 1_000 - 60 });
  const answer = await service.get('/agencies', { as: expired });
  expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
  expect(answer.text).not.toMatch(/expired|exp"/);
});

it('while the issuer is away a token that cannot be checked is answered with 503', async () => {
  away = true;
  const elsewhere = await TestService.start(`${folder}/away`, at, {
    LEDGER_OIDC_ISSUER: issuer,
    LEDGER_OIDC_AUDIENCE: 'penalty-ledger',
  });
  try {
    const answer = await elsewhere.get('/agencies', {
      as: await token({ sub: 'a', roles: ['officer'] }),
    });
    expect(answer).toMatchObject({ status: 503, body: { code: 'issuer_unreachable' } });
    expect(answer.headers.get('retry-after')).toBe('30');
    expect(answer.headers.get('www-authenticate')).toBeNull();
    expect((await elsewhere.get('/agencies')).status).toBe(200);
  } finally {
    away = false;
    await elsewhere.serving.close();
  }
});
