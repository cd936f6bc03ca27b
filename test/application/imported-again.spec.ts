import { join } from 'node:path';
import { openLedger, openReader } from '@penalty-ledger/application';
import { verifyLedger } from '@penalty-ledger/application/verification';
import { openSqliteEventStore } from '@penalty-ledger/event-store';
import { readEvent, type LedgerEvent } from '@penalty-ledger/ledger';
import { temporaryFolder } from '../support/folder.js';
import { fixedClock, importInto } from '../support/import-into.js';

const folder = temporaryFolder();
let ledgers = 0;
let path: string;
let url: string;
beforeEach(() => {
  ledgers += 1;
  path = join(folder, `${String(ledgers)}.db`);
  url = `sqlite:${path}`;
});
afterEach(async () => {
  const { checks } = await verifyLedger({ url });
  expect(checks.flatMap(({ damages }) => damages)).toEqual([]);
});

/** Imports lines, and gives their statuses; of a refusal its code. */
async function imported(lines: readonly object[], day = '2019-07-01'): Promise<readonly string[]> {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const outcomes = await importInto(url, text, `${day}T00:00:00Z`);
  return outcomes.map(({ outcome: { status, code } }) => code ?? status);
}

async function events(): Promise<readonly LedgerEvent[]> {
  const store = openSqliteEventStore(path, { access: 'read' });
  const found: LedgerEvent[] = [];
  for await (const batch of store.readAll())
    found.push(...batch.map((record) => readEvent(record)));
  await store.close();
  return found;
}

async function balance(): Promise<unknown> {
  const opened = await openReader(url, fixedClock('2019-12-01T00:00:00Z'));
  const answer = await opened.reader.answer({ query: 'balance', agencyId: 'a1', period: '2019' });
  await opened.close();
  return 'balance' in answer ? answer.balance : answer;
}

const admitted = {
  command: 'AdmitAgency',
  data: { agencyId: 'a1', name: '甲', effectiveAt: '2019-01-02T00:00:00+08:00' },
};
const deducted = {
  command: 'RecordDeduction',
  data: {
    deductionId: 'd1',
    agencyId: 'a1',
    points: 40,
    clause: 'improper-operation',
    occurredAt: '2019-02-20T09:00:00+08:00',
    effectiveAt: '2019-02-21T09:00:00+08:00',
  },
};
const bound = (creatorId: string) => ({
  command: 'BindCreator',
  data: { agencyId: 'a1', creatorId, effectiveAt: '2019-01-03T00:00:00+08:00' },
});
const revoked = {
  command: 'RecordRevocation',
  data: { deductionId: 'd1', reason: 'first decision' },
};
const reinstated = {
  command: 'RecordReinstatement',
  data: { deductionId: 'd1', reason: 'decision reversed' },
};
const observed = {
  command: 'ObservePlatformBalance',
  data: { agencyId: 'a1', balance: 40, observedAt: '2019-03-01T10:00:00+08:00' },
};

const again = (count: number) => Array<string>(count).fill('duplicate');

it('a file with one line put right records that line alone', async () => {
  const file = (creatorId: string) => [
    admitted,
    deducted,
    bound(creatorId),
    revoked,
    reinstated,
    observed,
  ];
  expect(await imported(file('cr 2'))).toEqual([
    'accepted',
    'accepted',
    'invalid',
    ...Array<string>(3).fill('accepted'),
  ]);
  const appeal = [
    {
      command: 'InitiateAppeal',
      data: { appealId: 'ap1', agencyId: 'a1', deductionIds: ['d1'], grounds: 'x' },
    },
    {
      command: 'DecideAppeal',
      by: 'reviewer-1',
      data: { appealId: 'ap1', outcome: 'upheld', reason: 'agency is right' },
    },
  ];
  expect(await imported(appeal, '2019-03-02')).toEqual(['accepted', 'accepted']);
  expect(await balance()).toBe(0);
  expect(await imported(file('cr-2'), '2019-03-03')).toEqual([
    ...again(2),
    'accepted',
    ...again(3),
  ]);
  expect(await balance()).toBe(0);
});

it('the nth line that says something is the nth of any other file', async () => {
  await imported([admitted, deducted, observed, observed]);
  const turned = {
    data: Object.fromEntries(Object.entries(observed.data).reverse()),
    command: observed.command,
  };
  expect(await imported([{ ...observed, by: 'import' }, turned, observed], '2019-07-02')).toEqual([
    ...again(2),
    'accepted',
  ]);
  // Another command, sender or datum is another act.
  expect(
    await imported([
      { ...observed, by: 'officer-1' },
      { ...observed, data: { ...observed.data, balance: 41 } },
      observed,
    ]),
  ).toEqual(['accepted', 'accepted', 'duplicate']);
  expect(await imported([{ ...observed, by: 'officer-1' }])).toEqual(['duplicate']);
});

it('an act that is meant again has a commandId, and is not counted with the others', async () => {
  await imported([admitted, deducted, observed]);
  const meant = { ...observed, commandId: 'second-look' };
  expect(await imported([meant, observed, meant])).toEqual(['accepted', 'duplicate', 'duplicate']);
});

it('a duplicate says since when it is known, however often it came', async () => {
  const file = [admitted, deducted, observed].map((line) => JSON.stringify(line)).join('\n');
  const since = async (day: string) =>
    (await importInto(url, file, `${day}T00:00:00Z`)).map(({ outcome }) => outcome.since);
  expect(await since('2019-07-01')).toEqual([undefined, undefined, undefined]);
  const first = (await events()).slice(-3).map(({ recordedAt }) => recordedAt);
  for (const day of ['2019-07-02', '2019-07-03']) expect(await since(day)).toEqual(first);
});

it('a refused line is decided again, and none that says the same is taken for it', async () => {
  // The second is accepted, because the deduction counts by then.
  const file = [admitted, reinstated, deducted, revoked, reinstated];
  expect(await imported(file)).toEqual([
    'accepted',
    'unknown_deduction',
    'accepted',
    'accepted',
    'accepted',
  ]);
  expect(await imported(file)).toEqual([
    'duplicate',
    'not_higher',
    'duplicate',
    'duplicate',
    'duplicate',
  ]);
});

it('a line about erased personal data is refused, because it cannot be recognised', async () => {
  const file = [admitted, deducted, revoked];
  await imported(file);
  const clock = fixedClock('2019-07-02T00:00:00Z');
  const opened = await openLedger({ url, simulation: false, openedAt: clock.now(), clock });
  await opened.ledger.erase({ subject: 'agency:a1' }, 'officer-1', clock.now());
  await opened.close();
  expect(await imported([...file, observed], '2019-07-03')).toEqual(
    Array<string>(4).fill('conflict'),
  );
  const meant = { ...observed, commandId: 'observed-1' };
  expect(await imported([meant, meant], '2019-07-04')).toEqual(['accepted', 'duplicate']);
});

it('an assessment of all agencies is known without an id, too', async () => {
  const file = [admitted, deducted, { command: 'ComputeAssessment', data: { month: '2019-03' } }];
  expect(await imported(file)).toEqual(['accepted', 'accepted', 'accepted']);
  const before = (await events()).length;
  expect(await imported(file, '2019-07-02')).toEqual(again(3));
  expect((await events()).length).toBe(before);
});

it('two senders use one commandId, each for its own act', async () => {
  await imported([
    admitted,
    deducted,
    { ...deducted, data: { ...deducted.data, deductionId: 'd2' } },
  ]);
  const act = (by: string, deductionId: string) => ({
    command: 'RecordRevocation',
    by,
    commandId: 'case-1',
    data: { deductionId, reason: 'x' },
  });
  const both = [act('officer-1', 'd1'), act('officer-2', 'd2')];
  expect(await imported(both)).toEqual(['accepted', 'accepted']);
  expect(await imported([...both].reverse(), '2019-07-02')).toEqual(again(2));
  expect(await imported([act('officer-1', 'd2'), act('officer-2', 'd1')])).toEqual([
    'conflict',
    'conflict',
  ]);
  const found = (await events()).filter(({ type }) => type === 'DeductionRevoked');
  expect(found.map(({ actor, causation }) => [actor, causation.commandId])).toEqual([
    ['officer-1', 'case-1'],
    ['officer-2', 'case-1@officer-2'],
  ]);
});
