import { KeyStore } from '@penalty-ledger/application/key-store';
import {
  confirmFence,
  followLedger,
  promoteLedger,
  promotionOutlook,
  SourceConnection,
  type FenceOrder,
} from '@penalty-ledger/application/following';
import { verifyLedger } from '@penalty-ledger/application/verification';
import { signerKey } from '@penalty-ledger/merkle-log';
import { generateKeyPairSync } from 'node:crypto';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { TestService } from '../api/service.js';
import { temporaryFolder } from '../support/folder.js';
import { AlteringSource } from './altering-source.js';
import { admit, bodiesIn, following, followOnce, until } from './copies.js';

jest.setTimeout(120_000);

const folder = temporaryFolder();
let count = 0;

interface Pair {
  readonly source: TestService;
  readonly place: string;
  readonly copyPlace: string;
  readonly file: string;
  readonly url: string;
  readonly keys: string;
  readonly token: string;
}

/** A source with some agencies, and a copy that holds them. */
async function pair(more: Record<string, string> = {}): Promise<Pair> {
  count += 1;
  const place = join(folder, `source-${count}`);
  const copyPlace = join(folder, `copy-${count}`);
  const file = join(copyPlace, 'ledger.db');
  const source = await TestService.start(place, undefined, more);
  const url = `sqlite:${file}`;
  const token = source.tokens['administrator']!;
  return { source, place, copyPlace, file, url, keys: join(place, 'ledger.keys.db'), token };
}

const stopped = { formerWriterIsStopped: false, acceptsLostTexts: false };

async function promote(
  { url, keys, token }: Pair,
  sourceUrl: string | undefined,
  more: Partial<Parameters<typeof promoteLedger>[0]> = {},
) {
  const source =
    sourceUrl === undefined ? undefined : new SourceConnection({ url: sourceUrl, token });
  try {
    return await promoteLedger({ url, source, keys, ...stopped, ...more });
  } finally {
    source?.close();
  }
}

const command = (service: TestService, agencyId: string, as: string) =>
  service.command('AdmitAgency', { agencyId, name: '机构' }, { as });

describe('a promotion while the writer can be reached', () => {
  it('fences it, fetches the rest, and loses nothing', async () => {
    const two = await pair();
    const { source, url, file, place, token } = two;
    await admit(source, 'a1');
    await followOnce(source.serving.url, url, { token });
    await admit(source, 'a2');
    const outlook = await promotionOutlook(url);
    expect(outlook).toMatchObject({ term: 2, source: source.serving.url });
    const promoted = await promote(two, source.serving.url, { writer: 'https://b.example' });
    expect(promoted).toMatchObject({ term: 2, formerWriter: 'fenced', fetched: 1 });

    const refused = await command(source, 'a3', source.tokens['staff']!);
    expect(refused).toMatchObject({
      status: 503,
      body: { code: 'fenced', writer: 'https://b.example', term: 2 },
    });
    expect((await source.get('/health/writer')).status).toBe(503);
    expect((await source.get('/agencies/a2/balance')).status).toBe(200);
    expect((await source.ask('POST', '/checkpoints', { as: token })).status).toBe(503);
    await source.serving.close();
    await expect(TestService.start(place)).rejects.toMatchObject({ code: 'fenced' });

    const before = await bodiesIn(join(place, 'ledger.db'));
    const after = await bodiesIn(file);
    expect(after.slice(0, -1)).toEqual(before);
    expect(JSON.parse(after.at(-1)!)).toMatchObject({
      type: 'WriterPromoted',
      data: { formerWriter: 'fenced', term: 2 },
    });
    const promotedService = await TestService.start(two.copyPlace);
    expect((await promotedService.get('/promotion')).body).toMatchObject({ event: after.at(-1) });
    await admit(promotedService, 'a3');
    await promotedService.serving.close();
    expect(await verifyLedger({ url })).toMatchObject({ holds: true });
  });

  it('needs an administrator, and changes nothing without one', async () => {
    const two = await pair();
    const { source, url, token } = two;
    await admit(source, 'b1');
    await followOnce(source.serving.url, url, { token });
    const auditor = { ...two, token: source.tokens['auditor']! };
    await expect(promote(auditor, source.serving.url)).rejects.toMatchObject({
      code: 'source_forbids',
    });
    await admit(source, 'b2');
    await followOnce(source.serving.url, url, { token });
    await source.serving.close();
  });

  it('is refused in a term that is over, and for a copy without the ledger’s keys', async () => {
    const two = await pair();
    const { source, url, token, place } = two;
    await admit(source, 'c1');
    await followOnce(source.serving.url, url, { token });
    await expect(
      promoteLedger({ url, source: undefined, ...stopped, formerWriterIsStopped: true }),
    ).rejects.toMatchObject({ code: 'signing_key_lost' });
    const [opening] = await bodiesIn(join(place, 'ledger.db'));
    const { data } = JSON.parse(opening!) as { data: { ledgerId: string } };
    const { ledgerId } = data;
    const fence = (order: object): Promise<unknown> =>
      source.ask('POST', '/fence', { body: { ledgerId, copy: 'c1', ...order }, as: token });
    expect(await fence({ term: 1 })).toMatchObject({ status: 400 });
    expect(await fence({ term: 3, ledgerId: 'another' })).toMatchObject({
      status: 409,
      body: { code: 'other_ledger' },
    });
    expect(await fence({ term: 3 })).toMatchObject({ status: 200 });
    expect(await fence({ term: 3 })).toMatchObject({ status: 200 });
    // Another copy may not take over from the same writer, in no term.
    for (const order of [{ term: 2 }, { term: 3, copy: 'c2' }, { term: 4, copy: 'c2' }])
      expect(await fence(order)).toMatchObject({ status: 409, body: { code: 'stale_term' } });
    await source.serving.close();
    expect(place).not.toBe('');
  });

  it('fences no other ledger that answers at the address of the source', async () => {
    const two = await pair();
    await admit(two.source, 'o1');
    await followOnce(two.source.serving.url, two.url, { token: two.token });
    const other = await pair();
    await expect(
      promote({ ...two, token: other.token }, other.source.serving.url),
    ).rejects.toMatchObject({ code: 'source_refused' });
    expect((await other.source.get('/health/writer')).status).toBe(200);
    expect((await two.source.get('/health/writer')).status).toBe(200);
    await promote(two, two.source.serving.url);
    await other.source.serving.close();
    await two.source.serving.close();
  });

  it('goes to one of two copies, and the other one is told', async () => {
    const one = await pair();
    const { source, token, copyPlace } = one;
    await admit(source, 't1');
    const url = `sqlite:${join(copyPlace, 'second', 'ledger.db')}`;
    for (const to of [one.url, url]) await followOnce(source.serving.url, to, { token });
    await promote(one, source.serving.url);
    await expect(promote({ ...one, url }, source.serving.url)).rejects.toMatchObject({
      message: expect.stringMatching(/term|took over/) as string,
    });
    await source.serving.close();
  });

  it('is refused while texts would be lost, unless that is accepted', async () => {
    const two = await pair();
    const { source, url, token, place } = two;
    await admit(source, 'd1');
    cpSync(join(place, 'ledger.keys.db'), join(place, 'early.db'));
    cpSync(join(place, 'ledger.keys.db-wal'), join(place, 'early.db-wal'));
    await admit(source, 'd2');
    await followOnce(source.serving.url, url, { token });
    await source.serving.close();
    const early = { keys: join(place, 'early.db'), formerWriterIsStopped: true };
    await expect(promote(two, undefined, early)).rejects.toThrow(
      /keys of 1 subject are missing: agency:d2/,
    );
    const promoted = await promote(two, undefined, { ...early, acceptsLostTexts: true });
    expect(promoted).toMatchObject({ formerWriter: 'declared_stopped' });
  });
});

it('an answer to the fence that the ledger did not give is refused', async () => {
  const two = await pair();
  const { source, url, token } = two;
  await admit(source, 'x1');
  await followOnce(source.serving.url, url, { token });
  const altering = await AlteringSource.before(source.serving.url);
  const keys = KeyStore.open(two.keys);
  const ownSigner = keys.signer(keys.contents().signing[0]!.name);
  const otherSigner = signerKey(ownSigner.name, generateKeyPairSync('ed25519').privateKey);
  const signed = (order: FenceOrder, position: string, signer = ownSigner) => ({
    position,
    confirmation: confirmFence(order, position, signer),
  });
  const cases: readonly (readonly [RegExp, (order: FenceOrder) => object])[] = [
    [/another form/, () => ({ position: '9' })],
    [/is not signed by/, (order) => signed(order, '9', otherSigner)],
    [/answers another order/, (order) => signed({ ...order, copy: 'another' }, '9')],
    [/answers another order/, (order) => signed({ ...order, term: 3 }, '9')],
    [/answers another order/, (order) => signed({ ...order, ledgerId: 'another' }, '9')],
    [/answers another order/, (order) => ({ ...signed(order, '9'), position: '4' })],
    [/event 1 as its last, and the copy holds 4/, (order) => signed(order, '1')],
    [/sends none after event 4/, (order) => signed(order, '9')],
  ];
  for (const [message, answer] of cases) {
    altering.answerInstead = (path, sent) => {
      if (path !== '/fence') return undefined;
      const order = JSON.parse(sent) as FenceOrder;
      return { term: order.term, ...answer(order) };
    };
    await expect(promote(two, altering.url)).rejects.toThrow(message);
    expect((await source.get('/health/writer')).status).toBe(200);
  }
  altering.close();
  keys.close();
  expect(await promote(two, source.serving.url)).toMatchObject({ formerWriter: 'fenced' });
  await source.serving.close();
});

describe('a promotion while the writer cannot be reached', () => {
  it('needs the word that it is stopped, and fences it when it returns', async () => {
    const two = await pair();
    const { source, url, token, place } = two;
    await admit(source, 'e1');
    await followOnce(source.serving.url, url, { token });
    const { port } = new URL(source.serving.url);
    await source.serving.close();
    await expect(promote(two, source.serving.url)).rejects.toMatchObject({
      code: 'promotion_refused',
    });
    const promoted = await promote(two, source.serving.url, { formerWriterIsStopped: true });
    expect(promoted).toMatchObject({ term: 2, formerWriter: 'declared_stopped' });
    const successor = await TestService.start(two.copyPlace);

    const returned = await TestService.start(place, undefined, { LEDGER_PORT: port });
    await until(() => returned.serving.app.getUrl().then(isFenced(returned)));
    expect(await command(returned, 'e2', token)).toMatchObject({ status: 403 });
    await returned.serving.close();
    await successor.serving.close();
    await expect(TestService.start(place)).rejects.toMatchObject({ code: 'fenced' });
  });

  it('a returning writer asks those it knows before it takes the first command', async () => {
    const two = await pair();
    const { source, url, token, place } = two;
    await admit(source, 'f1');
    await followOnce(source.serving.url, url, { token });
    await source.serving.close();
    await promote(two, undefined, { formerWriterIsStopped: true });
    const successor = await TestService.start(two.copyPlace);
    const returned = await TestService.start(place, undefined, {
      LEDGER_FOLLOWERS: successor.serving.url,
    });
    expect((await returned.get('/health/writer')).body).toMatchObject({
      code: 'fenced',
      writer: successor.serving.url,
    });
    await returned.serving.close();
    await successor.serving.close();
  });

  it('a proof of another ledger, or of something else, fences nobody', async () => {
    const two = await pair();
    const { source, url, token } = two;
    await admit(source, 'g1');
    await followOnce(source.serving.url, url, { token });
    const other = await pair();
    await followOnce(other.source.serving.url, other.url, { token: other.token });
    await promote(other, other.source.serving.url);
    await other.source.serving.close();
    const successor = await TestService.start(other.copyPlace);
    const { body: proof } = await successor.get('/promotion', { as: '' });
    await successor.serving.close();
    for (const body of [proof, { ...proof, receipt: 'x' }]) {
      const shown = await source.ask('POST', '/fence/promotion', { body, as: '' });
      expect(shown).toMatchObject({ status: 422, body: { code: 'no_promotion' } });
    }
    expect((await source.get('/health/writer')).status).toBe(200);
    await source.serving.close();
  });
});

describe('a writer that needs its follower', () => {
  it('acknowledges nothing without it, and the promotion waits that long', async () => {
    const two = await pair({ LEDGER_FOLLOWED_BY: 'b', LEDGER_FOLLOWED_SECONDS: '3' });
    const { source, url, token } = two;
    expect(await command(source, 'h1', source.tokens['staff']!)).toMatchObject({
      status: 503,
      body: { code: 'not_followed' },
    });
    const copy = following(source.serving.url, url, { token, name: 'b' });
    await until(async () => (await source.get('/health/writer')).status === 200);
    await admit(source, 'h1', 'h2');
    await until(async () => (await bodiesIn(two.file)).length === 5);
    await copy.stop();
    const startedAt = Date.now();
    const promoted = await promote(two, 'http://127.0.0.1:1');
    expect(promoted).toMatchObject({ formerWriter: 'lease_ended' });
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(3_000);
    expect(await command(source, 'h3', source.tokens['staff']!)).toMatchObject({
      status: 503,
      body: { code: 'not_followed' },
    });
    await source.serving.close();
  });

  it('in step: what it acknowledges is in the copy', async () => {
    const two = await pair({
      LEDGER_FOLLOWED_BY: 'b',
      LEDGER_FOLLOWED_SECONDS: '5',
      LEDGER_FOLLOWED_IN_STEP: '1',
    });
    const { source, url, token, file } = two;
    const copy = following(source.serving.url, url, { token, name: 'b' });
    await until(async () => (await source.get('/health/writer')).status === 200);
    for (let n = 1; n <= 10; n += 1) {
      await admit(source, `i${n}`);
      expect((await bodiesIn(file)).length).toBe(3 + n);
    }
    await copy.stop();
    await source.serving.close();
  });

  it('is prolonged by its own stamps alone', async () => {
    const two = await pair({ LEDGER_FOLLOWED_BY: 'b', LEDGER_FOLLOWED_SECONDS: '3' });
    const { source, token } = two;
    for (const lease of ['', '&lease=00000000-99999999999', '&lease=x']) {
      await source.get(`/events/records?follower=b${lease}`, { as: token });
      expect((await source.get('/health/writer')).status).toBe(503);
    }
    const { text } = await source.get('/events/records?follower=c', { as: token });
    const { lease } = JSON.parse(text.split('\n')[0]!) as { lease: string };
    await source.get(`/events/records?follower=c&lease=${lease}`, { as: token });
    expect((await source.get('/health/writer')).status).toBe(503);
    await source.get(`/events/records?follower=b&lease=${lease}`, { as: token });
    expect((await source.get('/health/writer')).status).toBe(200);
    await source.serving.close();
  });
});

it('a promotion that was interrupted goes on in its term, and is followed by nobody', async () => {
  const two = await pair();
  const { source, url, token } = two;
  await admit(source, 'k1');
  await followOnce(source.serving.url, url, { token });
  // The writer is fenced, and the copy's process dies before it has the last events.
  await expect(
    promote(two, source.serving.url, {
      onStep: ({ step }) => {
        if (step === 'opening') throw new Error('killed');
      },
    }),
  ).rejects.toThrow('killed');
  const again = followLedger({
    source: new SourceConnection({ url: source.serving.url, token }),
    to: url,
    name: 'copy',
    once: true,
    signal: new AbortController().signal,
  });
  await expect(again).rejects.toThrow(/being promoted/);
  expect(await promote(two, source.serving.url)).toMatchObject({ term: 2 });
  await source.serving.close();
});

function isFenced(service: TestService) {
  return async (): Promise<boolean> =>
    (await service.get('/health/writer')).body['code'] === 'fenced';
}
