import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@penalty-ledger/application';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { Provider } from 'oidc-provider';
import { coolDownMs } from './issuer-keys.js';
import { OidcTokens } from './oidc-tokens.js';

const resource = 'https://ledger.example.com';
const client = { id: 'mcn-007', secret: 'a secret of the tests' };

let provider: Provider;
let server: Server;
let issuer: string;
let elapsedMs: number;
let tokens: OidcTokens;

beforeEach(async () => {
  jest.spyOn(console, 'info').mockReturnValue(undefined);
  jest.spyOn(console, 'warn').mockReturnValue(undefined);
  server = createServer((request, response) => {
    provider.callback()(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  provider = providerWith(await signingKey('k1'));
  elapsedMs = 0;
  tokens = new OidcTokens(
    { issuer, audience: resource, rolesClaim: 'realm_access.roles', agencyClaim: 'agency_id' },
    { monotonicMs: () => elapsedMs },
  );
});

afterEach(async () => {
  jest.restoreAllMocks();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function signingKey(kid: string, alg = 'ES256'): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg, use: 'sig' };
}

/** A provider that signs with the first key and publishes all. */
function providerWith(...keys: readonly [JWK, ...JWK[]]): Provider {
  return new Provider(issuer, {
    jwks: { keys },
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        id_token_signed_response_alg: keys[0].alg,
      },
    ],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: '',
          audience: resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 600,
          jwt: { sign: { alg: keys[0].alg } },
        }),
      },
    },
    extraTokenClaims: () => ({
      realm_access: { roles: ['offline_access', 'agency'] },
      agency_id: client.id,
    }),
  });
}

async function newToken(asked: Readonly<Record<string, string>> = { resource }): Promise<string> {
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa(`${client.id}:${encodeURIComponent(client.secret)}`)}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...asked }).toString(),
  });
  const { access_token: token } = (await answer.json()) as { readonly access_token?: string };
  if (token === undefined) throw new Error(`the provider answered ${answer.status}`);
  return token;
}

const verify = (token: string) => tokens.verify(token, systemClock.now());

const name = expect.stringMatching(/^oidc:[0-9a-f]{32}$/) as string;
const agency = {
  principal: {
    id: name,
    holder: name,
    roles: ['agency'],
    agencyId: client.id,
  },
};

it('a client of the provider signs in with a token for our resource', async () => {
  expect(await verify(await newToken())).toEqual(agency);
});

it('a token for no resource is opaque, and opens nothing', async () => {
  expect(await verify(await newToken({}))).toEqual({ problem: 'ERR_JWS_INVALID' });
});

it('the provider changes its key: both keys count, then the new one alone', async () => {
  const [earlier, later] = [await signingKey('k1'), await signingKey('k2')];
  provider = providerWith(earlier);
  const old = await newToken();
  expect(await verify(old)).toEqual(agency);
  provider = providerWith(later, earlier);
  elapsedMs += coolDownMs;
  expect(await verify(await newToken())).toEqual(agency);
  expect(await verify(old)).toEqual(agency);
  provider = providerWith(later);
  elapsedMs += 600_001;
  expect(await verify(await newToken())).toEqual(agency);
  expect(await verify(old)).toEqual({ problem: 'ERR_JWKS_NO_MATCHING_KEY' });
});

it.each(['EdDSA', 'Ed25519', 'RS256'])('the provider may sign with %s', async (alg) => {
  provider = providerWith(await signingKey('other', alg));
  expect(await verify(await newToken())).toEqual(agency);
});
