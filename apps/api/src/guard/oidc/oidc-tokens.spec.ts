import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { agencyRoles } from '@penalty-ledger/application/api-keys';
import { epochMsOf, type Instant } from '@penalty-ledger/ledger';
import {
  CompactSign,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  SignJWT,
  UnsecuredJWT,
  type JWTHeaderParameters,
  type JWTPayload,
} from 'jose';
import { coolDownMs } from './issuer-keys.js';
import type { OidcSettings } from './oidc-settings.js';
import { OidcTokens } from './oidc-tokens.js';

const now = '2026-01-01T00:00:00.000Z' as Instant;
const epochSeconds = epochMsOf(now) / 1_000;
const audience = 'penalty-ledger';

type Claims = Readonly<Record<string, unknown>>;
type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

let ours: KeyPair;
let somebodys: KeyPair;
let server: Server;
let issuer: string;
/** The documents the issuer serves, by path. */
let served: Record<string, unknown>;
let asked: string[];
let problems: string[];
let elapsedMs: number;
let tokens: OidcTokens;

/** Served, it is an answer that never comes. */
const hangs = Symbol('hangs');

const discovery = '/.well-known/openid-configuration';

beforeAll(async () => {
  ours = await generateKeyPair('ES256');
  somebodys = await generateKeyPair('ES256');
});

beforeEach(async () => {
  asked = [];
  problems = [];
  elapsedMs = 0;
  server = createServer(({ url = '' }, response) => {
    asked.push(url);
    const document = served[url];
    if (document === hangs) return;
    if (typeof document === 'number') response.writeHead(document, { location: '/jwks' }).end();
    else response.end(typeof document === 'string' ? document : JSON.stringify(document));
  });
  await listen(0);
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  served = {
    [discovery]: { issuer, jwks_uri: `${issuer}/jwks` },
    '/jwks': { keys: [await published(ours, 'k1')] },
  };
  tokens = tokensOf();
});

afterEach(goAway);

const published = async ({ publicKey }: KeyPair, kid: string, alg = 'ES256') => ({
  ...(await exportJWK(publicKey)),
  kid,
  alg,
  use: 'sig',
});

function tokensOf(more: Partial<OidcSettings> = {}): OidcTokens {
  const settings = { issuer, audience, rolesClaim: 'roles', agencyClaim: 'agency_id', ...more };
  const noted = problems;
  return new OidcTokens(settings, {
    onProblem: (problem) => noted.push(problem),
    monotonicMs: () => elapsedMs,
  });
}

function listen(port: number): Promise<void> {
  return new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
}

async function goAway(): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** A token that opens, but for what is given. A claim that is `undefined` is left out. */
function token(
  claims: Claims = {},
  header: Partial<JWTHeaderParameters> = {},
  key: Parameters<SignJWT['sign']>[0] = ours.privateKey,
): Promise<string> {
  return new SignJWT(payload(claims))
    .setProtectedHeader({ alg: 'ES256', kid: 'k1', ...header })
    .sign(key);
}

function payload(claims: Claims = {}): JWTPayload {
  return {
    iss: issuer,
    aud: audience,
    sub: 'zhang.san@example.com',
    iat: epochSeconds - 60,
    exp: epochSeconds + 600,
    roles: ['officer', 'auditor'],
    ...claims,
  };
}

it('a token of the issuer has its roles, and a stable name without personal data', async () => {
  const first = await tokens.verify(await token(), now);
  const name = expect.stringMatching(/^oidc:[0-9a-f]{32}$/) as string;
  expect(first).toEqual({
    principal: {
      id: name,
      holder: name,
      roles: ['officer', 'auditor'],
    },
  });
  const later = await tokens.verify(await token({ iat: epochSeconds }), now);
  expect(later).toEqual(first);
  const another = await tokens.verify(await token({ sub: 'li.si@example.com' }), now);
  expect(another.principal?.id).not.toBe(first.principal?.id);
});

it('the rights of an agency’s people combine for the agency of the claim', async () => {
  const { principal } = await tokens.verify(
    await token({ roles: ['agency-reader', 'agency-filer'], agency_id: 'mcn-007' }),
    now,
  );
  expect(principal).toMatchObject({
    roles: ['agency-reader', 'agency-filer'],
    agencyId: 'mcn-007',
  });
});

it('the role agency is bound to the agency its claim names', async () => {
  const { principal } = await tokens.verify(
    await token({ roles: ['agency'], agency_id: 'mcn-007' }),
    now,
  );
  expect(principal).toMatchObject({ roles: ['agency'], agencyId: 'mcn-007' });
});

it.each<[string, Claims, object]>([
  ['of another issuer', { iss: 'https://login.example.org/' }, claimProblem('iss')],
  ['for another audience', { aud: 'somebody-else' }, claimProblem('aud')],
  ['for no audience', { aud: undefined }, claimProblem('aud')],
  ['that has expired', { exp: epochSeconds - 31 }, { problem: 'ERR_JWT_EXPIRED', claim: 'exp' }],
  ['that never expires', { exp: undefined }, claimProblem('exp')],
  [
    'that lives longer than a day',
    { iat: epochSeconds, exp: epochSeconds + 86_401 },
    { problem: 'lives_too_long' },
  ],
  [
    'that ends soon after living longer than a day',
    { iat: epochSeconds - 86_400, exp: epochSeconds + 1 },
    { problem: 'lives_too_long' },
  ],
  ['that does not hold yet', { nbf: epochSeconds + 31 }, claimProblem('nbf')],
  ['of a time to come', { iat: epochSeconds + 31 }, claimProblem('iat')],
  ['of no time', { iat: undefined }, claimProblem('iat')],
  ['without a subject', { sub: undefined }, claimProblem('sub')],
  ['with an empty subject', { sub: '' }, { problem: 'wrong_subject' }],
  ['with an object as subject', { sub: { id: 'x' } }, { problem: 'wrong_subject' }],
  ['with a number as subject', { sub: 5 }, { problem: 'wrong_subject' }],
  ['with half a character as subject', { sub: '\ud800' }, { problem: 'wrong_subject' }],
  ['with a subject of 256 characters', { sub: 'x'.repeat(256) }, { problem: 'wrong_subject' }],
  ['that logs somebody out', { events: {} }, { problem: 'not_an_access_token' }],
  ['that counts with a proof only', { cnf: { jkt: 'x' } }, { problem: 'sender_constrained' }],
  ['without roles', { roles: undefined }, { problem: 'no_roles' }],
  ['with a role as text', { roles: 'administrator' }, { problem: 'no_roles' }],
  ['with roles in an object', { roles: { 0: 'administrator' } }, { problem: 'no_roles' }],
  ['with a role we do not have', { roles: ['owner'] }, { problem: 'no_roles' }],
  ...agencyRoles.flatMap((role): [string, Claims, object][] => [
    [`of the role ${role} for no agency`, { roles: [role] }, { problem: 'wrong_roles' }],
    [
      `of the role ${role} with one of the platform`,
      { roles: [role, 'auditor'], agency_id: 'mcn-007' },
      { problem: 'wrong_roles' },
    ],
  ]),
  [
    'of the role agency for a null',
    { roles: ['agency'], agency_id: null },
    { problem: 'wrong_roles' },
  ],
  ...['', '../own', 'a/b', 'x'.repeat(65), 'own\n', ['own'], { id: 'own' }, 7].map(
    (agency_id): [string, Claims, object] => [
      `of the agency ${JSON.stringify(agency_id)}`,
      { roles: ['agency'], agency_id },
      { problem: 'wrong_agency' },
    ],
  ),
])('a token %s opens nothing', async (_, claims, problem) => {
  expect(await tokens.verify(await token(claims), now)).toEqual(problem);
});

function claimProblem(claim: string): object {
  return { problem: 'ERR_JWT_CLAIM_VALIDATION_FAILED', claim };
}

it('a token that ends at no finite time opens nothing', async () => {
  const endless = JSON.stringify(payload({ exp: 0 })).replace('"exp":0', '"exp":1e400');
  const sent = await new CompactSign(new TextEncoder().encode(endless))
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .sign(ours.privateKey);
  expect(await tokens.verify(sent, now)).toEqual({ problem: 'lives_too_long' });
});

it('a role of another service beside ours changes nothing', async () => {
  const roles = ['offline_access', 'auditor', 5, null, 'auditor', '__proto__'];
  const { principal } = await tokens.verify(await token({ roles }), now);
  expect(principal?.roles).toEqual(['auditor']);
});

it.each<[string, Claims]>([
  ['realm_access.roles', { realm_access: { roles: ['auditor'] } }],
  [
    'resource_access.penalty-ledger.roles',
    { resource_access: { 'penalty-ledger': { roles: ['auditor'] } } },
  ],
  ['https://example.com/roles', { 'https://example.com/roles': ['auditor'] }],
])('roles are found at the path %s, and nowhere else', async (rolesClaim, claims) => {
  tokens = tokensOf({ rolesClaim });
  const { principal } = await tokens.verify(await token({ ...claims, roles: ['officer'] }), now);
  expect(principal?.roles).toEqual(['auditor']);
  const elsewhere = await token({ roles: ['auditor'], realm_access: 'x' });
  expect(await tokens.verify(elsewhere, now)).toEqual({ problem: 'no_roles' });
});

it.each(['constructor.name', '__proto__', 'roles.length.x'])(
  'a path leads through what the token has itself, not through %s',
  async (rolesClaim) => {
    tokens = tokensOf({ rolesClaim });
    expect(await tokens.verify(await token(), now)).toEqual({ problem: 'no_roles' });
  },
);

it('the agency may be within another claim, too', async () => {
  tokens = tokensOf({ agencyClaim: 'org.id' });
  const sent = await token({ roles: ['agency'], org: { id: 'mcn-007' } });
  expect((await tokens.verify(sent, now)).principal?.agencyId).toBe('mcn-007');
});

it.each(['at+jwt', 'application/at+jwt', 'JWT'])('a token of the type %s opens', async (typ) => {
  expect((await tokens.verify(await token({}, { typ }), now)).problem).toBeUndefined();
});

it.each(['logout+jwt', 'dpop+jwt', 'secevent+jwt', 'at+jwt2', ''])(
  'a token of the type "%s" is for another purpose, and opens nothing',
  async (typ) => {
    expect(await tokens.verify(await token({}, { typ }), now)).toEqual({
      problem: 'not_an_access_token',
    });
  },
);

it.each(['EdDSA', 'Ed25519'])('takes Ed25519, under the name %s', async (alg) => {
  const pair = await generateKeyPair(alg, { extractable: true });
  served['/jwks'] = { keys: [await published(pair, 'e1', alg)] };
  const sent = await token({}, { alg, kid: 'e1' }, pair.privateKey);
  expect((await tokens.verify(sent, now)).problem).toBeUndefined();
});

it('the issuer’s clock may be half a minute away from ours', async () => {
  const ending = await token({ exp: epochSeconds - 29, nbf: epochSeconds + 29 });
  expect((await tokens.verify(ending, now)).problem).toBeUndefined();
});

it('a token without a signature opens nothing', async () => {
  const unsigned = new UnsecuredJWT(payload()).encode();
  expect((await tokens.verify(unsigned, now)).problem).toMatch(/^ERR_JO?W?S/);
  const signed = await token();
  const stripped = signed.slice(0, signed.lastIndexOf('.') + 1);
  expect((await tokens.verify(stripped, now)).problem).toMatch(/^ERR_JWS/);
});

it('a token signed with the public key as a shared secret opens nothing', async () => {
  const published = await exportSPKI(ours.publicKey);
  const forged = await token({}, { alg: 'HS256' }, new TextEncoder().encode(published));
  expect(await tokens.verify(forged, now)).toEqual({ problem: 'ERR_JOSE_ALG_NOT_ALLOWED' });
});

it('a key the issuer does not publish opens nothing, whatever name it goes by', async () => {
  const unknown = await token({}, { kid: 'k2' }, somebodys.privateKey);
  expect(await tokens.verify(unknown, now)).toEqual({ problem: 'ERR_JWKS_NO_MATCHING_KEY' });
  const passedOff = await token({}, {}, somebodys.privateKey);
  expect(await tokens.verify(passedOff, now)).toEqual({
    problem: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
  });
});

it('a key within the token itself, or an address of one, is not looked at', async () => {
  const jwk = await exportJWK(somebodys.publicKey);
  const forged = await token({}, { jwk, jku: 'https://keys.example.org/' }, somebodys.privateKey);
  expect(await tokens.verify(forged, now)).toEqual({
    problem: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
  });
});

it('a token with an altered payload opens nothing', async () => {
  const good = await token();
  const [header = '', , signature = ''] = good.split('.');
  const other = Buffer.from(JSON.stringify(payload({ roles: ['administrator'] }))).toString(
    'base64url',
  );
  expect(await tokens.verify(`${header}.${other}.${signature}`, now)).toEqual({
    problem: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
  });
});

it('the issuer’s keys are fetched once, and unknown keys cause no further fetch', async () => {
  const good = await token();
  const unknown = await token({}, { kid: 'k2' }, somebodys.privateKey);
  for (const each of [good, unknown, unknown, good, unknown]) await tokens.verify(each, now);
  expect(asked).toEqual([discovery, '/jwks']);
});

it('tokens that come together wait for one fetch', async () => {
  const good = await token();
  const verified = await Promise.all([1, 2, 3].map(() => tokens.verify(good, now)));
  expect(verified.every(({ principal }) => principal !== undefined)).toBe(true);
  expect(asked).toHaveLength(2);
});

it('a new key of the issuer is found once the cool-down is over', async () => {
  await tokens.verify(await token(), now);
  served['/jwks'] = { keys: [await published(ours, 'k1'), await published(somebodys, 'k2')] };
  const sent = await token({}, { kid: 'k2' }, somebodys.privateKey);
  elapsedMs += coolDownMs - 1;
  expect(await tokens.verify(sent, now)).toEqual({ problem: 'ERR_JWKS_NO_MATCHING_KEY' });
  elapsedMs += 1;
  expect((await tokens.verify(sent, now)).problem).toBeUndefined();
});

it('a key that the issuer withdrew opens nothing after ten minutes', async () => {
  await tokens.verify(await token(), now);
  served['/jwks'] = { keys: [await published(somebodys, 'k2')] };
  elapsedMs += 600_001;
  expect(await tokens.verify(await token(), now)).toEqual({ problem: 'ERR_JWKS_NO_MATCHING_KEY' });
});

it('an address of keys that is given is asked instead of the discovery document', async () => {
  tokens = tokensOf({ jwksUrl: `${issuer}/jwks`, issuer: 'https://login.example.com/' });
  const sent = await token({ iss: 'https://login.example.com/' });
  expect((await tokens.verify(sent, now)).problem).toBeUndefined();
  expect(asked).toEqual(['/jwks']);
});

it('while the issuer was never reached no token is judged; it is asked seldom', async () => {
  const { port } = server.address() as AddressInfo;
  await goAway();
  const good = await token();
  const unreachable = (retryAfter: number) => ({ problem: 'issuer_unreachable', retryAfter });
  expect(await tokens.verify(good, now)).toEqual(unreachable(30));
  expect(problems).toEqual([`${issuer}${discovery}: ECONNREFUSED`]);
  await listen(port);
  elapsedMs += coolDownMs - 1_000;
  expect(await tokens.verify(good, now)).toEqual(unreachable(1));
  expect(asked).toEqual([]);
  elapsedMs += 1_000;
  expect((await tokens.verify(good, now)).problem).toBeUndefined();
});

it('while the issuer is away the keys it gave serve, for a day; unknown keys wait', async () => {
  const good = await token();
  await tokens.verify(good, now);
  served['/jwks'] = 503;
  elapsedMs += 86_000_000;
  expect((await tokens.verify(good, now)).problem).toBeUndefined();
  expect(problems).toEqual([`${issuer}/jwks answers 503`]);
  const unknown = await token({}, { kid: 'k2' }, somebodys.privateKey);
  expect(await tokens.verify(unknown, now)).toEqual({
    problem: 'issuer_unreachable',
    retryAfter: 30,
  });
  elapsedMs += 400_001;
  expect((await tokens.verify(good, now)).problem).toBe('issuer_unreachable');
});

it('nobody waits for an issuer that is away while its keys still serve', async () => {
  const good = await token();
  await tokens.verify(good, now);
  served['/jwks'] = 503;
  elapsedMs += 600_001;
  await tokens.verify(good, now);
  elapsedMs += coolDownMs;
  served[discovery] = hangs;
  expect((await tokens.verify(good, now)).problem).toBeUndefined();
  expect(problems).toHaveLength(1);
});

it.each<[string, string, () => unknown]>([
  ['a discovery document of another issuer', discovery, () => ({ issuer: 'https://x.example/' })],
  ['one without jwks_uri', discovery, () => ({ issuer })],
  [
    'one whose keys come in clear',
    discovery,
    () => ({ issuer, jwks_uri: 'http://keys.example.com/' }),
  ],
  ['one that is not JSON', discovery, () => '<html>'],
  ['one that is a list', discovery, () => []],
  ['one that redirects', discovery, () => 302],
  ['one beyond 256 KiB', discovery, () => JSON.stringify({ issuer, x: 'x'.repeat(262_144) })],
  ['keys that are none', '/jwks', () => ({ keys: 'x' })],
  ['an empty set of keys', '/jwks', () => ({ keys: [] })],
])('%s counts as an issuer that gives no keys', async (_, path, document) => {
  served[path] = document();
  expect((await tokens.verify(await token(), now)).problem).toBe('issuer_unreachable');
  expect(problems).toEqual([expect.stringContaining(`${issuer}${path}`)]);
});

it('without an issuer no token opens anything', async () => {
  expect(await new OidcTokens(undefined).verify(await token(), now)).toEqual({
    problem: 'no_issuer',
  });
});
