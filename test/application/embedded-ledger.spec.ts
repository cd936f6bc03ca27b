import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openLedger, openReader, readQuery, type LineOutcome } from '@penalty-ledger/application';
import { parseInstant, type Instant } from '@penalty-ledger/ledger';
import { ReadModels, rebuildReadModels } from '@penalty-ledger/projections';
import { openSqliteEventStore } from '@penalty-ledger/event-store';
import { temporaryFolder } from '../support/folder.js';
import { fixedClock, importInto } from '../support/import-into.js';

const folder = temporaryFolder();
const secret = '举报人李四称主播虚假宣传';
const commands = [
  {
    command: 'AdmitAgency',
    data: { agencyId: 'a1', name: '杭州云帆文化传媒', effectiveAt: '2019-01-01T00:00:00+08:00' },
  },
  ...Array.from({ length: 5 }, (_, index) => ({
    command: 'RecordDeduction',
    data: {
      deductionId: `d${String(index)}`,
      agencyId: 'a1',
      points: 10,
      clause: 'improper-operation',
      occurredAt: `2019-06-0${String(index + 1)}T10:00:00+08:00`,
      effectiveAt: `2019-06-0${String(index + 2)}T10:00:00+08:00`,
      notice: { text: secret },
    },
  })),
  { command: 'RecordRevocation', data: { deductionId: 'd0', reason: '核查后撤销' } },
  { command: 'CorrectDeduction', data: { deductionId: 'd1', reason: '录入错误', points: 12 } },
  {
    command: 'ObservePlatformBalance',
    data: { agencyId: 'a1', balance: 40, observedAt: '2019-06-20T10:00:00+08:00' },
  },
];
const file = commands.map((line) => JSON.stringify(line)).join('\n');

async function answer(url: string, query: unknown, now = '2019-12-01T00:00:00Z'): Promise<unknown> {
  const opened = await openReader(url, fixedClock(now));
  const read = readQuery(query);
  if (read.problems !== undefined) throw new Error(read.problems.map(({ en }) => en).join('; '));
  const answered = await opened.reader.answer(read.query);
  await opened.close();
  return answered;
}

/** A list in which something like this stands. */
const containing = (item: unknown): unknown => expect.arrayContaining([item]);

const statuses = (outcomes: readonly LineOutcome[]) =>
  outcomes.map(({ outcome }) => outcome.status);

describe('an embedded ledger', () => {
  const url = `sqlite:${join(folder, 'ledger.db')}`;
  beforeAll(async () => {
    expect(new Set(statuses(await importInto(url, file, '2019-07-01T00:00:00Z')))).toEqual(
      new Set(['accepted']),
    );
  });

  it('records nothing twice when a file is imported again, or a longer version of it', async () => {
    expect(new Set(statuses(await importInto(url, file, '2019-07-02T00:00:00Z')))).toEqual(
      new Set(['duplicate']),
    );
    const reinstatement = {
      command: 'RecordReinstatement',
      data: { deductionId: 'd0', reason: '改判' },
    };
    const grown = `${file}\n${JSON.stringify(reinstatement)}\n`;
    const outcomes = statuses(await importInto(url, grown, '2019-07-03T00:00:00Z'));
    expect(outcomes.slice(0, -1)).toEqual(commands.map(() => 'duplicate'));
    expect(outcomes.at(-1)).toBe('accepted');
    expect(
      await answer(url, { query: 'balance', agencyId: 'a1', effectiveAt: '2019-08-01T00:00:00Z' }),
    ).toMatchObject({
      balance: 52,
    });
  });

  it('E-16: answers as it was and as it was known', async () => {
    const at = { query: 'balance', agencyId: 'a1', effectiveAt: '2019-08-01T00:00:00Z' };
    expect(await answer(url, { ...at, knownAt: '2019-07-02T12:00:00Z' })).toMatchObject({
      balance: 42,
    });
    expect(await answer(url, { ...at, knownAt: '2019-07-03T12:00:00Z' })).toMatchObject({
      balance: 52,
    });
    expect(await answer(url, { ...at, knownAt: '2019-06-30T12:00:00Z' })).toEqual({
      error: 'unknown_agency',
    });
  });

  it.each(['balance', 'explain'])('refuses %s of an unknown account', async (query) => {
    const refused = {
      error: 'invalid',
      problem: {
        en:
          'query.account: rulebook "ali-mcn" 2019-03-07 has no account "health"; ' +
          'its accounts: points',
        zh: 'query.account：规则 "ali-mcn" 2019-03-07 没有计分账户 "health"；其计分账户有：points',
      },
    };
    expect(await answer(url, { query, agencyId: 'a1', account: 'health' })).toMatchObject(refused);
    expect(await answer(url, { query, agencyId: 'a1', account: 'points' })).toMatchObject({
      account: 'points',
    });
    expect(await answer(url, { query, agencyId: 'a1' })).toMatchObject({ account: 'points' });
  });

  it('E-76: names candidate reasons when an observed balance is not the computed one', async () => {
    const explained = await answer(url, { query: 'explain', agencyId: 'a1' });
    expect(explained).toMatchObject({
      name: '杭州云帆文化传媒',
      observations: [
        {
          observed: 40,
          computed: 42,
          candidates: containing(
            expect.objectContaining({ en: expect.stringContaining('late entry') as unknown }),
          ),
        },
      ],
    });
    expect(explained).toMatchObject({
      explained: containing(expect.objectContaining({ deductionId: 'd0', noticeText: secret })),
    });
  });

  it('keeps names, notices and grounds out of the event store and the read models', () => {
    for (const name of ['ledger.db', 'ledger.views.db']) {
      const bytes = readFileSync(join(folder, name));
      for (const text of [secret, '杭州云帆', '核查后撤销'])
        expect(bytes.includes(Buffer.from(text))).toBe(false);
    }
  });

  it('E-70, E-73: a rebuild changes no event and gives the same digests, twice', async () => {
    const events = readFileSync(join(folder, 'ledger.db'));
    const store = openSqliteEventStore(join(folder, 'ledger.db'), { access: 'read' });
    const path = join(folder, 'ledger.views.db');
    const first = await rebuildReadModels(store, path, { switchOver: true });
    const second = await rebuildReadModels(store, path, { switchOver: false });
    await store.close();
    expect(first).toMatchObject({ equal: true, switched: true });
    expect(second).toMatchObject({ equal: true, switched: false, rebuilt: first.rebuilt });
    expect(readFileSync(join(folder, 'ledger.db')).equals(events)).toBe(true);
    expect(
      await answer(url, { query: 'balance', agencyId: 'a1', effectiveAt: '2019-08-01T00:00:00Z' }),
    ).toMatchObject({
      balance: 52,
    });
  });

  it('gives every balance and no text when its keys are gone', async () => {
    const [keys, away] = [join(folder, 'ledger.keys.db'), join(folder, 'keys-away.db')];
    renameSync(keys, away);
    expect(
      await answer(url, { query: 'explain', agencyId: 'a1', effectiveAt: '2019-08-01T00:00:00Z' }),
    ).toMatchObject({
      balance: 52,
      name: { withheld: 'sealed' },
      explained: containing(expect.objectContaining({ noticeText: { withheld: 'sealed' } })),
    });
    renameSync(away, keys);
  });

  it('builds its read models anew where they are missing', async () => {
    for (const suffix of ['', '-wal', '-shm'])
      rmSync(join(folder, `ledger.views.db${suffix}`), { force: true });
    expect(await answer(url, { query: 'agencies' }, '2019-08-01T00:00:00Z')).toEqual([
      { agencyId: 'a1', balance: 52, standing: 'active' },
    ]);
  });

  it('stops when the read models have seen events that the store has lost', async () => {
    const path = join(folder, 'cut.db');
    await importInto(`sqlite:${path}`, file, '2019-07-01T00:00:00Z');
    const views = ReadModels.open(join(folder, 'cut.views.db'));
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
    await importInto(
      `sqlite:${join(folder, 'other.db')}`,
      file.split('\n').slice(0, 3).join('\n'),
      '2019-07-01T00:00:00Z',
    );
    const short = openSqliteEventStore(join(folder, 'other.db'), { access: 'read' });
    await expect(views.catchUp(short)).rejects.toMatchObject({ code: 'integrity' });
    await short.close();
    views.close();
  });

  it('refuses to mix a simulation and a real ledger, or two modes', async () => {
    const at = parseInstant('2020-01-01T00:00:00Z') as Instant;
    await expect(openLedger({ url, simulation: true, openedAt: at })).rejects.toMatchObject({
      code: 'ledger_settings',
    });
    await expect(
      openLedger({ url, simulation: false, mode: 'operator', openedAt: at }),
    ).rejects.toMatchObject({
      code: 'ledger_settings',
    });
    await expect(openReader(`sqlite:${join(folder, 'missing.db')}`)).rejects.toMatchObject({
      code: expect.stringMatching(/store_unavailable|no_ledger/) as unknown,
    });
    await expect(openReader('mysql://user:secret@host/db')).rejects.toMatchObject({
      message: expect.not.stringContaining('secret') as unknown,
    });
  });
});
