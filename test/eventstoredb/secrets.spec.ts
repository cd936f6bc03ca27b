import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { sampleEvents } from '@penalty-ledger/event-store/contract';
import { StoreUnavailableError } from '@penalty-ledger/event-store';
import {
  engineSettingsOf,
  openEventStoreDb,
  redactionOf,
  EngineUrlError,
  type UrlContext,
} from '@penalty-ledger/event-store/eventstoredb';
import { testAuthority, testTls, WireServer } from '../support/eventstoredb/index.js';
import { now, quick } from './engine-under-test.js';

const password = 'p:a@s/s?wörd%7';
const encoded = encodeURIComponent(password);
const wire = Buffer.from(`ledger:${password}`).toString('base64');
const tails = [password, encoded, wire];

/** Everything a logger could make of an error, its causes and hidden members included. */
const endOfTime = (error: unknown) =>
  inspect(error, { depth: 20, showHidden: true }) + String(error);

function expectNoSecret(text: string): void {
  for (const secret of tails) expect(text).not.toContain(secret);
}

describe('a store URL', () => {
  const read = (url: string, context?: UrlContext) => engineSettingsOf(url, context);

  it('names host, ledger, and credentials as they were meant (engine rule 40)', () => {
    expect(
      read(`esdb://ledger:${encoded}@node-1:2114,node-2?ledger=main&keepAliveInterval=20000`),
    ).toMatchObject({
      ledger: 'main',
      hosts: [
        { address: 'node-1', port: 2114 },
        { address: 'node-2', port: 2113 },
      ],
      secure: true,
      credentials: { username: 'ledger', password },
      passedOn: { keepAliveInterval: 20_000 },
      shown: 'esdb://node-1:2114,node-2',
    });
  });

  it.each<[string, string, string]>([
    [
      'a password with a colon (engine rule 40)',
      'esdb://ledger:one:two@node',
      'percent-encode ":" as %3A',
    ],
    ['a password with an at sign (engine rule 40)', 'esdb://ledger:one@two@node', 'percent-encode'],
    ['a user without a password', 'esdb://ledger@node', 'user:password'],
    [
      'tls=false without leave (engine rule 38)',
      'esdb://node?tls=false',
      'LEDGER_ALLOW_INSECURE=1',
    ],
    ['tlsVerifyCert=false (engine rule 39)', 'esdb://node?tlsVerifyCert=false', 'has no effect'],
    ['several names to discover by (engine rule 42)', 'esdb+discover://a,b', 'takes one name'],
    ['an IPv6 address', 'esdb://[::1]:2113', 'host'],
    ['an unknown option', 'esdb://node?tsl=true', '"tsl" is not an option'],
    ['an option twice', 'esdb://node?ledger=a&ledger=b', 'stands twice'],
    ['a ledger with a slash', 'esdb://node?ledger=a%2Fb', 'ledger=a/b'],
    [
      'a file that is not there',
      'esdb://node?tlsCAFile=%2Fnowhere%2Fca.crt',
      '"/nowhere/ca.crt" cannot be read',
    ],
    ['another engine’s scheme', 'postgres://node', 'not of the form esdb://'],
    ['a certificate without its key', 'esdb://node?userCertFile=x', 'go together'],
  ])('is refused with %s', (_case, url, message) => {
    expect(() => read(url)).toThrow(EngineUrlError);
    expect(() => read(url)).toThrow(message);
  });

  it('is refused with credentials that tls=false would leave out (engine rule 38)', () => {
    expect(() => read('esdb://ledger:secret@node?tls=false', { insecure: true })).toThrow(
      'take them out',
    );
    expect(read('esdb://node?tls=false', { insecure: true }).secure).toBe(false);
  });

  it('takes from the environment what it does not say', () => {
    const environment = { LEDGER_ESDB_USER: 'ledger', LEDGER_ESDB_PASSWORD: password };
    expect(read('esdb://node', { environment }).credentials).toEqual({
      username: 'ledger',
      password,
    });
    expect(read('esdb://other:own@node', { environment }).credentials).toEqual({
      username: 'other',
      password: 'own',
    });
    expect(() => read('esdb://node', { environment: { LEDGER_ESDB_USER: 'ledger' } })).toThrow(
      'together or not at all',
    );
  });

  it.each([
    `esdb://ledger:${encoded}:x@node`,
    `esdb://ledger:${password}@node`,
    `esdb://ledger:${encoded}@node?tls=maybe`,
    `esdb://ledger:${encoded}@node:99999`,
    `esdb://ledger:${encoded}@node?ledger=`,
    `esdb://ledger:${encoded}@node?tls=false`,
  ])('that is wrong is refused without its password: case %#', (url) => {
    let refused: unknown;
    try {
      read(url);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(EngineUrlError);
    expectNoSecret(endOfTime(refused));
    expect(endOfTime(refused)).not.toContain('wörd');
  });
});

describe('redaction', () => {
  it('hides a password, plain, encoded or as sent, and any other URL’s credentials', () => {
    const redact = redactionOf({ credentials: { username: 'ledger', password } });
    const text = redact(
      `${password} ${encoded} Basic ${wire} ${wire} esdb://x:y@host Bearer abcdef`,
    );
    expectNoSecret(text);
    expect(text).toBe('*** *** Basic *** *** esdb://***@host Bearer ***');
    expect(redactionOf({})('plain words stay')).toBe('plain words stay');
  });
});

describe('a secured engine', () => {
  let folder: string;
  let server: WireServer;
  let url: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'esdb-'));
    const ca = join(folder, 'ca.crt');
    writeFileSync(ca, testAuthority);
    server = await WireServer.start({
      tls: testTls,
      credentials: { username: 'ledger', password },
    });
    const { host, port } = server.endpoint;
    url = `esdb://USER@${host}:${port}?ledger=main&tlsCAFile=${encodeURIComponent(ca)}`;
  });

  afterEach(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  const open = (credentials: string, timings = quick) =>
    openEventStoreDb(url.replace('USER', credentials), { access: 'write', now, timings });

  it('gets the password as it was meant, over TLS', async () => {
    const store = open(`ledger:${encoded}`);
    expect(
      (await store.append('agency-a7', 'no_stream', sampleEvents('agency-a7', 2))).revision,
    ).toBe(1);
    expect(
      server.calls
        .filter(({ method }) => method !== 'features')
        .every(({ user }) => user === 'ledger'),
    ).toBe(true);
    await store.close();
  });

  it('takes user, password and authority from the environment', async () => {
    const store = openEventStoreDb(url.replace('USER@', '').replace(/&tlsCAFile=.*/, ''), {
      access: 'write',
      now,
      timings: quick,
      environment: {
        LEDGER_ESDB_USER: 'ledger',
        LEDGER_ESDB_PASSWORD: password,
        LEDGER_ESDB_CA_FILE: join(folder, 'ca.crt'),
      },
    });
    expect(await store.head()).toBeUndefined();
    await store.close();
  });

  it('that refuses the user is named at once with the next step, without a secret', async () => {
    const store = open(`other:${encoded}`);
    for (const attempt of [
      store.append('agency-a7', 'no_stream', sampleEvents('agency-a7', 1)),
      store.head(),
      store
        .tripwires(['agency-a7'])
        .then(() =>
          Promise.reject(new StoreUnavailableError({ en: 'only alarms', zh: '仅有警报' })),
        ),
    ]) {
      const error: unknown = await attempt.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(StoreUnavailableError);
      expectNoSecret(endOfTime(error));
    }
    await expect(store.head()).rejects.toThrow('Check user and password');
    await store.close();
  });

  it('that is lost leaves no secret in errors, health or output (engine rule 41)', async () => {
    const printed: string[] = [];
    const spies = [process.stdout, process.stderr].map((stream) =>
      jest.spyOn(stream, 'write').mockImplementation((chunk) => printed.push(String(chunk)) > 0),
    );
    const store = open(`ledger:${encoded}`, { ...quick, deadlineMs: 100, patienceMs: 150 });
    try {
      const following = new AbortController();
      const iterator = store.follow({ signal: following.signal });
      await store.append('agency-a7', 'no_stream', sampleEvents('agency-a7', 1));
      await iterator.next();
      const waiting = iterator.next();
      await server.down();
      const error: unknown = await store
        .append('agency-a7', 0, sampleEvents('agency-a7', 2).slice(1))
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(StoreUnavailableError);
      expectNoSecret(endOfTime(error) + endOfTime(store.health()));
      following.abort();
      await waiting;
    } finally {
      for (const spy of spies) spy.mockRestore();
      await store.close();
    }
    expectNoSecret(printed.join(''));
  });
});
