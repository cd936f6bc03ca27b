import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { epochMsOf, type Instant } from '@penalty-ledger/ledger';
import {
  exportJWK,
  exportSPKI,
  generateKeyPair,
  SignJWT,
  UnsecuredJWT,
  type JWTHeaderParameters,
  type JWTPayload,
} from 'jose';
import { OidcTokens } from './oidc.js';

const now = '2026-01-01T00:00:00.000Z' as Instant;
const epochSeconds = epochMsOf(now) / 1_000;
const issuer = 'https://login.example.com/';
const audience = 'penalty-ledger';

type Claims = Readonly<Record<string, unknown>>;
type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

let ours: KeyPair;
let somebodys: KeyPair;
let server: Server;
let jwksUrl: string;
let fetched: number;
let tokens: OidcTokens;

beforeAll(async () => {
  ours = await generateKeyPair('ES256');
  somebodys = await generateKeyPair('ES256');
});

beforeEach(async () => {
  fetched = 0;
  const keys = [{ ...(await exportJWK(ours.publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' }];
  server = createServer((_request, response) => {
    fetched += 1;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
  tokens = new OidcTokens({
    issuer,
    audience,
    jwksUrl,
    rolesClaim: 'roles',
    agencyClaim: 'agency_id',
  });
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

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
  expect(first).toEqual({
    principal: {
      id: expect.stringMatching(/^oidc:[0-9a-f]{32}$/) as string,
      roles: ['officer', 'auditor'],
    },
  });
  const later = await tokens.verify(await token({ iat: epochSeconds }), now);
  expect(later).toEqual(first);
  const another = await tokens.verify(await token({ sub: 'li.si@example.com' }), now);
  expect(another.principal?.id).not.toBe(first.principal?.id);
});

it('the role agency is bound to the agency its claim names', async () => {
  const { principal } = await tokens.verify(
    await token({ roles: ['agency'], agency_id: 'mcn-007' }),
    now,
  );
  expect(principal).toMatchObject({ roles: ['agency'], agencyId: 'mcn-007' });
});

it.each<[string, Claims, string]>([
  ['of another issuer', { iss: 'https://login.example.org/' }, 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
  ['for another audience', { aud: 'somebody-else' }, 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
  ['for no audience', { aud: undefined }, 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
  ['that has expired', { exp: epochSeconds - 31 }, 'ERR_JWT_EXPIRED'],
  ['that never expires', { exp: undefined }, 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
  ['that does not hold yet', { nbf: epochSeconds + 31 }, 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
  ['without a subject', { sub: undefined }, 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
  ['without roles', { roles: undefined }, 'no_roles'],
  ['with a role as text', { roles: 'administrator' }, 'no_roles'],
  ['with a role we do not have', { roles: ['owner'] }, 'wrong_roles'],
  ['of the role agency for no agency', { roles: ['agency'] }, 'wrong_roles'],
  [
    'of an agency with a second role',
    { roles: ['agency', 'auditor'], agency_id: 'mcn-007' },
    'wrong_roles',
  ],
])('a token %s opens nothing', async (_, claims, problem) => {
  expect(await tokens.verify(await token(claims), now)).toEqual({ problem });
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
  expect(fetched).toBe(1);
});

it('while the issuer cannot be reached a token opens nothing, for that reason', async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(await tokens.verify(await token(), now)).toEqual({ problem: 'jwks_unreachable' });
  server.listen(0);
});

it('without an issuer no token opens anything', async () => {
  expect(await new OidcTokens(undefined).verify(await token(), now)).toEqual({
    problem: 'no_issuer',
  });
});
