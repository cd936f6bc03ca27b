import { douyinMcnCredit2022, readCommandLine } from '@penalty-ledger/ledger';
import { TestLedger } from '../support/test-ledger.js';

const at = (day: string) => `2023-${day}T10:00:00+08:00`;
const lines = [
  [at('01-02'), 'PublishRulebook', { rulebook: douyinMcnCredit2022 }],
  [at('01-03'), 'AdmitAgency', { agencyId: 'a1', name: '杭州云帆' }],
  [
    at('02-01'),
    'RecordAddition',
    { additionId: 'b1', agencyId: 'a1', points: 40, reason: '当月无违规' },
  ],
  [at('02-02'), 'RecordAddition', { additionId: 'b2', agencyId: 'a1', points: 5 }],
  [at('02-03'), 'RevokeAddition', { additionId: 'b1', reason: '误加' }],
] as const;

let ledger: TestLedger;
beforeEach(async () => {
  ledger = await TestLedger.open('observer');
  for (const [when, command, data] of lines)
    expect(await ledger.apply({ at: when, command, data })).toMatchObject({ status: 'accepted' });
});
afterEach(() => ledger.close());

it('additions are sealed, explained, and hold in verification', async () => {
  const asked = { query: 'explain', agencyId: 'a1' };
  expect(await ledger.query(asked)).toMatchObject({
    balance: 0,
    scale: { score: 125, start: 120, cap: 150 },
    additions: [
      {
        additionId: 'b1',
        counts: 0,
        notCounted: 'revoked',
        recordedBy: 'simulation',
        reason: '当月无违规',
        revocation: {
          recordedAt: '2023-02-03T10:00:00.000+08:00',
          by: 'simulation',
          reason: '误加',
        },
      },
      { additionId: 'b2', counts: 5, notCounted: null, reason: null, revocation: null },
    ],
  });
  expect(await ledger.query({ ...asked, knownAt: at('02-02') })).toMatchObject({
    scale: { score: 150 },
    additions: [
      { additionId: 'b1', counts: 30, revocation: null },
      { additionId: 'b2', counts: 0 },
    ],
  });
  const recorded = JSON.stringify(await ledger.events());
  for (const text of ['当月无违规', '误加']) expect(recorded).not.toContain(text);
  await ledger.check();
});

it('an addition sent again is a duplicate, and a conflict with other data', async () => {
  const [, , [, command, data]] = lines;
  const again = (changed: object) =>
    ledger.apply({ at: at('03-09'), command, data: { ...data, ...changed } });
  expect(await again({})).toMatchObject({ status: 'duplicate' });
  expect(await again({ points: 41 })).toMatchObject({ status: 'rejected', code: 'conflict' });
});

it('a trial shows the score before and after', async () => {
  const [, , , [, command]] = lines;
  const read = readCommandLine({
    command,
    data: { additionId: 'b3', agencyId: 'a1', points: 10 },
  });
  if (read.problems !== undefined) throw new Error(read.problems.map(({ en }) => en).join('; '));
  await ledger.finish();
  const { agencies } = await ledger.reader.tryCommands([{ line: read.line }]);
  expect(agencies).toMatchObject([
    { before: { scale: { score: 125 }, expels: false }, after: { scale: { score: 135 } } },
  ]);
});
