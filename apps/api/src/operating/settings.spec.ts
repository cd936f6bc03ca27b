import { readSettings, SettingsError } from './settings.js';

const tls = { LEDGER_TLS_CERT: 'cert.pem', LEDGER_TLS_KEY: 'key.pem' };
const discovered = {
  LEDGER_OIDC_ISSUER: 'https://login.example.com/',
  LEDGER_OIDC_AUDIENCE: 'penalty-ledger',
};
const oidc = { ...discovered, LEDGER_OIDC_JWKS: 'https://login.example.com/jwks' };

/** The message of refused settings; empty when they are accepted. */
function problemOf(environment: Readonly<Record<string, string>>): string {
  try {
    readSettings(environment);
    return '';
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.message;
  }
}

it('with nothing set it is the embedded store on loopback, and takes no token but API keys', () => {
  expect(readSettings({})).toMatchObject({
    store: 'sqlite:./data/ledger.db',
    host: '127.0.0.1',
    port: 8080,
  });
  expect(readSettings({}).oidc).toBeUndefined();
});

it('an empty variable counts as missing, and unknown variables have no effect', () => {
  expect(
    readSettings({ LEDGER_HOST: '', LEDGER_TLS_CERT: '', HOST: '0.0.0.0', PORT: 'x' }),
  ).toEqual(readSettings({}));
});

it.each(['0.0.0.0', '::', '10.0.0.5', 'ledger.example.com', '127.0.0.1.example.com', '127.1'])(
  'an address reachable from outside (%s) needs TLS or a stated proxy; the refusal names them',
  (host) => {
    const problem = problemOf({ LEDGER_HOST: host });
    expect(problem).toContain(`LEDGER_HOST: "${host}" can be reached from outside`);
    for (const remedy of ['LEDGER_TLS_CERT', 'LEDGER_TLS_KEY', 'LEDGER_TRUST_PROXY'])
      expect(problem).toContain(remedy);
    expect(problemOf({ LEDGER_HOST: host, ...tls })).toBe('');
    expect(problemOf({ LEDGER_HOST: host, LEDGER_TRUST_PROXY: '10.0.0.0/8,::1' })).toBe('');
  },
);

it.each(['127.0.0.1', '127.0.0.53', '::1', 'localhost'])(
  'on loopback (%s) neither TLS nor a proxy is needed',
  (host) => {
    expect(problemOf({ LEDGER_HOST: host })).toBe('');
  },
);

it.each<[string, Record<string, string>]>([
  ['LEDGER_STORE', { LEDGER_STORE: 'postgres://x' }],
  ['LEDGER_PORT', { LEDGER_PORT: '65536' }],
  ['LEDGER_PORT', { LEDGER_PORT: '80a' }],
  ['LEDGER_TLS_CERT and LEDGER_TLS_KEY', { LEDGER_TLS_CERT: 'cert.pem' }],
  ['LEDGER_ACCESS_LOG_COPY', { LEDGER_ACCESS_LOG_COPY: 'ftp://example.com' }],
  ['LEDGER_ACCESS_LOG_COPY_TOKEN', { LEDGER_ACCESS_LOG_COPY_TOKEN: 'a b' }],
  ['LEDGER_ACCESS_LOG_MONTHS', { LEDGER_ACCESS_LOG_MONTHS: '0' }],
  ['LEDGER_ACCESS_LOG_MONTHS', { LEDGER_ACCESS_LOG_MONTHS: '1.5' }],
  ['LEDGER_SECURITY_CONTACT', { LEDGER_SECURITY_CONTACT: 'mailto:a@b\nExpires: never' }],
  ['LEDGER_SECURITY_CONTACT', { LEDGER_SECURITY_CONTACT: 'http://example.com' }],
  ['LEDGER_TRUST_PROXY', { LEDGER_TRUST_PROXY: 'everybody' }],
  ['LEDGER_MODE', { LEDGER_MODE: 'owner' }],
  ['LEDGER_RATE_LIMIT', { LEDGER_RATE_LIMIT: '0' }],
  ['LEDGER_AGENCY_RATE_LIMIT', { LEDGER_AGENCY_RATE_LIMIT: '0' }],
  ['LEDGER_SCRUB_HOURS', { LEDGER_SCRUB_HOURS: '0' }],
  ['LEDGER_SCRUB_HOURS', { LEDGER_SCRUB_HOURS: '169' }],
  ['LEDGER_SCRUB_HOURS', { LEDGER_SCRUB_HOURS: '.5' }],
  ['LEDGER_SCRUB_HOURS', { LEDGER_SCRUB_HOURS: '1e1' }],
  ['LEDGER_LEASE_SECONDS', { LEDGER_LEASE_SECONDS: '2.5' }],
  ['LEDGER_CHECKPOINT_SECONDS', { LEDGER_CHECKPOINT_SECONDS: '-1' }],
  ['LEDGER_LOG_LEVEL', { LEDGER_LOG_LEVEL: 'loud' }],
  ['LEDGER_WEBHOOK_TARGETS', { LEDGER_WEBHOOK_TARGETS: 'private' }],
  ['LEDGER_WEBHOOK_TARGETS', { LEDGER_WEBHOOK_TARGETS: 'hooks.lan:443,hooks.lan' }],
  ['LEDGER_OIDC_ISSUER', { ...oidc, LEDGER_OIDC_ISSUER: 'login' }],
  ['LEDGER_OIDC_JWKS', { ...oidc, LEDGER_OIDC_JWKS: 'http://login.example.com/jwks' }],
  ['LEDGER_OIDC_ISSUER', { ...discovered, LEDGER_OIDC_ISSUER: 'http://login.example.com/' }],
  ['LEDGER_OIDC_ISSUER', { ...discovered, LEDGER_OIDC_ISSUER: 'https://login.example.com/?a=b' }],
  ['LEDGER_OIDC_JWKS', { LEDGER_OIDC_JWKS: oidc.LEDGER_OIDC_JWKS }],
  ['LEDGER_OIDC_ISSUER and LEDGER_OIDC_AUDIENCE', { LEDGER_OIDC_ISSUER: oidc.LEDGER_OIDC_ISSUER }],
  [
    'LEDGER_OIDC_ISSUER and LEDGER_OIDC_AUDIENCE',
    { LEDGER_OIDC_AUDIENCE: oidc.LEDGER_OIDC_AUDIENCE },
  ],
])('a wrong %s is named, with what to give', (variable, environment) => {
  expect(problemOf(environment)).toMatch(new RegExp(`^${variable}: \\S+`));
});

it('the scrub takes a fraction of an hour', () => {
  expect(readSettings({ LEDGER_SCRUB_HOURS: '0.25' }).scrubHours).toBe(0.25);
});

it('all wrong settings are named at once', () => {
  const problem = problemOf({ LEDGER_PORT: 'x', LEDGER_MODE: 'x', LEDGER_HOST: '0.0.0.0' });
  for (const variable of ['LEDGER_PORT', 'LEDGER_MODE', 'LEDGER_HOST'])
    expect(problem).toContain(`${variable}: `);
});

it('an issuer’s keys are discovered when their address is not given', () => {
  expect(readSettings(discovered).oidc).toEqual({
    issuer: oidc.LEDGER_OIDC_ISSUER,
    audience: 'penalty-ledger',
    rolesClaim: 'roles',
    agencyClaim: 'agency_id',
  });
});

it('an issuer’s keys are fetched over https, and over http only from this machine', () => {
  expect(readSettings(oidc).oidc).toEqual({
    issuer: oidc.LEDGER_OIDC_ISSUER,
    audience: 'penalty-ledger',
    jwksUrl: oidc.LEDGER_OIDC_JWKS,
    rolesClaim: 'roles',
    agencyClaim: 'agency_id',
  });
  for (const host of ['127.0.0.1:9000', 'localhost', '[::1]:9000'])
    expect(problemOf({ ...oidc, LEDGER_OIDC_JWKS: `http://${host}/jwks` })).toBe('');
  for (const host of [
    '127.0.0.1.example.com',
    'localhost.example.com',
    '127.0.0.1@example.com',
    'localhost:80@example.com',
  ])
    expect(problemOf({ ...oidc, LEDGER_OIDC_JWKS: `http://${host}/jwks` })).toMatch(
      /^LEDGER_OIDC_JWKS: /,
    );
});
