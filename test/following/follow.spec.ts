import { openLedger, openReader } from '@penalty-ledger/application';
import { SourceAwayError, SourceForbidsError } from '@penalty-ledger/application/following';
import { openLog } from '@penalty-ledger/application/open-log';
import { verifyLedger } from '@penalty-ledger/application/verification';
import { readSettings, serve } from '@penalty-ledger/api';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testService, TestService } from '../api/service.js';
import { testAuthority, testTls } from '../support/eventstoredb/test-certificate.js';
import { temporaryFolder } from '../support/folder.js';
import { admit, bodiesIn, countIn, following, followOnce, statusOf, until } from './copies.js';

jest.setTimeout(60_000);

const folder = temporaryFolder();
const held = testService();
let count = 0;

/** A copy of its own for each test. */
function newCopy(): { readonly file: string; readonly url: string } {
  count += 1;
  const file = join(folder, `copy-${count}.db`);
  return { file, url: `sqlite:${file}` };
}

const sourceFile = (): string => held.current.store.replace('sqlite:', '');
const auditor = (): string => held.current.tokens['auditor']!;
const sign = () => held.current.ask('POST', '/checkpoints', { as: auditor() });

describe('a copy that follows a service', () => {
  it('holds the same bytes, proves the checkpoints and goes on where it ended', async () => {
    const { serving } = held.current;
    const { file, url } = newCopy();
    await admit(held.current, 'a1', 'a2');
    await sign();
    const token = auditor();
    const first = await followOnce(serving.url, url, { token });
    const events = (await bodiesIn(sourceFile())).length;
    expect(first).toMatchObject({ events, behindEvents: 0, verifiedUpTo: events });
    await admit(held.current, 'a3');
    const second = await followOnce(serving.url, url, { token });
    expect(second).toMatchObject({ events: events + 1, verifiedUpTo: events });
    await sign();
    expect(await followOnce(serving.url, url, { token })).toMatchObject({
      verifiedUpTo: events + 1,
    });
    expect(await bodiesIn(file)).toEqual(await bodiesIn(sourceFile()));
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('follows live, through a restart of its source', async () => {
    const place = temporarySource();
    const source = await TestService.start(place);
    const { port } = new URL(source.serving.url);
    const { file, url } = newCopy();
    const copy = following(source.serving.url, url, { token: source.tokens['auditor']! });
    await admit(source, 'b1');
    await until(async () => existsSync(file) && (await countIn(file)) === 4);
    await source.serving.close();
    await until(() => copy.states.at(-1) === 'source_away');
    const again = await TestService.start(place, undefined, { LEDGER_PORT: port });
    again.tokens['staff'] = source.tokens['staff']!;
    await admit(again, 'b2');
    // The checkpoint comes after the event that is durable, and stopping does not wait for it.
    await until(() => statusOf(file)?.verifiedUpTo === 4);
    const end = await copy.stop();
    await again.serving.close();
    expect(end).toMatchObject({ state: 'stopped', events: 5, verifiedUpTo: 4 });
    expect(copy.states).toEqual(expect.arrayContaining(['following', 'source_away']));
    const noted = JSON.parse(
      readFileSync(file.replace('.db', '.following.json'), 'utf8'),
    ) as object;
    expect(noted).toMatchObject({ state: 'stopped', events: 5 });
  });

  it('answers and is verified, and takes no commands', async () => {
    const { file, url } = newCopy();
    await admit(held.current, 'c1');
    await sign();
    const { events } = await followOnce(held.current.serving.url, url, { token: auditor() });
    const reader = await openReader(url);
    const answer = await reader.reader.answer({ query: 'agencies' });
    await reader.close();
    expect(answer).toContainEqual(expect.objectContaining({ agencyId: 'c1' }));
    const verified = await verifyLedger({ url });
    expect(verified).toMatchObject({ holds: true, events });
    const opening = openLedger({
      url,
      simulation: false,
      openedAt: '2026-02-10T10:00:00.000Z' as never,
    });
    await expect(opening).rejects.toMatchObject({ code: 'follower' });
    const log = await openLog(url);
    // The source's checkpoint is the copy's, and the copy signs none of its own.
    expect(await log.checkpoint()).toContain(`\n${events}\n`);
    expect(() => log.verifierKey).toThrow(/copy without keys/);
    await log.close();
    expect(existsSync(file)).toBe(true);
  });

  it('does not lose a plain ledger: a file that takes commands never becomes a copy', async () => {
    const own = await TestService.start(temporarySource());
    await own.serving.close();
    const attempt = followOnce(held.current.serving.url, own.store, { token: auditor() });
    await expect(attempt).rejects.toMatchObject({ code: 'not_a_follower' });
  });

  it('needs a token that reads everything', async () => {
    const { serving, tokens } = held.current;
    const { url } = newCopy();
    await expect(followOnce(serving.url, url, { token: 'plk_wrong' })).rejects.toThrow(
      SourceForbidsError,
    );
    await expect(followOnce(serving.url, url, {})).rejects.toThrow(/wrong, expired or revoked/);
    await expect(followOnce(serving.url, url, { token: tokens['ingest']! })).rejects.toThrow(
      /roles do not allow this/,
    );
  });

  it('follows over TLS under the authority that is given, and no other', async () => {
    const place = temporarySource();
    mkdirSync(place);
    const [cert, key] = [join(place, 'cert.pem'), join(place, 'key.pem')];
    writeFileSync(cert, testTls.certificate);
    writeFileSync(key, testTls.key);
    const settings = readSettings({
      LEDGER_STORE: `sqlite:${join(place, 'ledger.db')}`,
      LEDGER_PORT: '0',
      LEDGER_LOG_LEVEL: 'silent',
      LEDGER_TLS_CERT: cert,
      LEDGER_TLS_KEY: key,
    });
    const serving = await serve(settings);
    const { url } = newCopy();
    const token = serving.firstToken!;
    await expect(followOnce(serving.url, url, { token })).rejects.toThrow(/certificate/);
    const { events } = await followOnce(serving.url, url, { token, ca: testAuthority });
    expect(events).toBe(3);
    await serving.close();
  });

  it('stops when its key is revoked, and keeps what it has', async () => {
    const { serving, tokens } = held.current;
    const { file, url } = newCopy();
    const issued = await held.current.ask('POST', '/keys', {
      body: { label: 'follower', holder: 'h', roles: ['auditor'] },
      as: tokens['administrator']!,
    });
    const { key, token } = issued.body as { key: { id: string }; token: string };
    const copy = following(serving.url, url, { token });
    await until(() => copy.states.includes('following'));
    const kept = await countIn(file);
    await held.current.ask('POST', `/keys/${key.id}/revoke`, { as: tokens['administrator']! });
    await admit(held.current, 'revoked');
    await until(() => copy.states.at(-1) === 'stopped');
    await expect(copy.stop()).rejects.toThrow(SourceForbidsError);
    expect(await countIn(file)).toBe(kept);
  });

  it('says when a source cannot be reached, and waits for it unless it is to end', async () => {
    const { url } = newCopy();
    const attempt = followOnce('http://127.0.0.1:1', url, { token: 'x' });
    await expect(attempt).rejects.toThrow(SourceAwayError);
  });

  it('is counted at its source, with the events that it lacks', async () => {
    await admit(held.current, 'm1');
    const events = (await bodiesIn(sourceFile())).length;
    await held.current.get('/events/records?after=0&follower=far', { as: auditor() });
    await held.current.get(`/events/records?after=${events}&follower=near`, { as: auditor() });
    const { text } = await held.current.get('/metrics', {
      as: held.current.tokens['administrator']!,
    });
    expect(text).toContain(`penalty_ledger_follower_lag_events{copy="furthest"} ${events}\n`);
    expect(text).toContain('penalty_ledger_follower_lag_events{copy="nearest"} 0\n');
    expect(text).toMatch(/^penalty_ledger_followers [1-9]/m);
  });

  it('accepts a lease or a name of its form alone', async () => {
    for (const query of ['after=-1', 'after=1e3', 'follower=a b', 'lease=!', 'waitSeconds=21'])
      expect((await held.current.get(`/events/records?${query}`)).status).toBe(400);
    const { status, text } = await held.current.get('/events/records?after=999999');
    expect({ status, lines: text.split('\n').length }).toEqual({ status: 200, lines: 2 });
  });
});

const places: string[] = [];
function temporarySource(): string {
  places.push(join(folder, `source-${places.length}`));
  return places.at(-1)!;
}
