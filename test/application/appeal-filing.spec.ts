import { appealIdFor, filingLines } from '@penalty-ledger/application/appeal-filing';
import { instantOf, type CommandLine } from '@penalty-ledger/ledger';
import { TestLedger } from '../support/test-ledger.js';

const filedAt = instantOf(Date.UTC(2019, 3, 2));

const attachment = (title: string, digit: string) => ({
  title,
  mediaType: 'image/png',
  sha256: digit.repeat(64),
  bytes: 7,
});
const filing = {
  deductionId: 'd1',
  agencyId: 'a1',
  grounds: '事实有误',
  attachments: [attachment('../../a.png', '1'), attachment('b\u001b[2J.png', '2')],
};

function linesOf(given: Parameters<typeof filingLines>[0]): readonly CommandLine[] {
  const lines = filingLines(given);
  if ('problems' in lines) throw new Error(lines.problems.map(({ en }) => en).join('; '));
  return lines;
}

async function send({ ledger }: TestLedger, line: CommandLine): Promise<string> {
  const { code, status } = await ledger.handle(line, filedAt);
  return code ?? status;
}

async function preparedLedger(): Promise<TestLedger> {
  const ledger = await TestLedger.open('observer');
  const at = '2019-04-01T10:00:00+08:00';
  await ledger.apply({ at, command: 'AdmitAgency', data: { agencyId: 'a1', name: '星河文化' } });
  const data = {
    deductionId: 'd1',
    agencyId: 'a1',
    points: 40,
    clause: 'operating-metric-missed',
    occurredAt: '2019-03-31T10:00:00+08:00',
  };
  expect(await ledger.apply({ at, command: 'RecordDeduction', data })).toMatchObject({
    status: 'accepted',
  });
  return ledger;
}

it('registers each file, initiates the appeal, and submits the evidence', () => {
  expect(linesOf(filing).map(({ command, commandId }) => [command.command, commandId])).toEqual([
    ['RegisterEvidence', undefined],
    ['RegisterEvidence', undefined],
    ['InitiateAppeal', undefined],
    ['SubmitEvidence', 'submit-ap-d1'],
  ]);
  expect(linesOf({ ...filing, attachments: [] })).toHaveLength(1);
});

it('derives ids that are valid and differ, also for the longest deduction', () => {
  const [long, other] = ['d'.repeat(64), `${'d'.repeat(63)}e`];
  expect(appealIdFor(long)).toMatch(/^[A-Za-z0-9._:-]{1,64}$/);
  expect(appealIdFor(long)).not.toBe(appealIdFor(other));
  expect(linesOf({ ...filing, deductionId: long })).toHaveLength(4);
});

it('says what is wrong with the data', () => {
  expect(filingLines({ ...filing, grounds: '' })).toMatchObject({
    problems: [{ en: expect.stringContaining('data.grounds') as string }],
  });
});

it.each([0, 1, 2, 3, 4])('after a failure behind step %i, a repetition goes on', async (done) => {
  const ledger = await preparedLedger();
  for (const line of linesOf(filing).slice(0, done))
    expect(await send(ledger, line)).toBe('accepted');
  const outcomes: string[] = [];
  for (const line of linesOf(filing)) outcomes.push(await send(ledger, line));
  expect(outcomes).toEqual([
    ...Array<string>(done).fill('duplicate'),
    ...Array<string>(4 - done).fill('accepted'),
  ]);
  await ledger.check();
  await ledger.close();
});

it('a repetition with other grounds or another file is refused by its trial', async () => {
  const ledger = await preparedLedger();
  for (const line of linesOf(filing)) await send(ledger, line);
  await ledger.ledger.settle();
  const tried = async (given: typeof filing): Promise<readonly string[]> => {
    const lines = linesOf(given).map((line) => ({ line }));
    const { outcomes } = await ledger.reader.tryCommands(lines);
    return outcomes.map(({ status, code }) => code ?? status);
  };
  expect(await tried({ ...filing, grounds: '另有理由' })).toEqual([
    'duplicate',
    'duplicate',
    'conflict',
    'duplicate',
  ]);
  const another = [attachment('a.png', '3')];
  expect(await tried({ ...filing, attachments: another })).toEqual([
    'accepted',
    'duplicate',
    'conflict',
  ]);
  await ledger.close();
});
