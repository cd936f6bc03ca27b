import { checkOf, parseInstant, readCommandLine, type CommandLine } from '@penalty-ledger/ledger';
import { TrialSchema } from '@penalty-ledger/application';
import fc from 'fast-check';
import { randomHistory } from '../oracle/random-history.js';
import { randomOperations } from '../oracle/random-operations.js';
import { TestLedger } from '../support/test-ledger.js';

const checkTrial = checkOf(TrialSchema, 'trial');

function lineOf(value: unknown): CommandLine {
  const read = readCommandLine(value);
  if (read.problems !== undefined) throw new Error(read.problems.map(({ en }) => en).join('; '));
  return read.line;
}

const admitted = {
  at: '2019-01-01T10:00:00+08:00',
  command: 'AdmitAgency',
  data: { agencyId: 'a1', name: '杭州云帆' },
};
const deducted = {
  at: '2019-04-01T10:00:00+08:00',
  command: 'RecordDeduction',
  data: {
    deductionId: 'd1',
    agencyId: 'a1',
    points: 120,
    clause: 'improper-operation',
    occurredAt: '2018-12-31T10:00:00+08:00',
  },
};

describe('the trial of commands', () => {
  it('shows the first 50 agencies by id and counts the rest, each seen by naming it', async () => {
    const ledger = await TestLedger.open('observer');
    const ids = Array.from({ length: 52 }, (_, n) => `a${String(n).padStart(2, '0')}`);
    for (const agencyId of ids.toReversed())
      await ledger.apply({ ...admitted, data: { ...admitted.data, agencyId } });
    await ledger.finish();
    const compute = (data: object) =>
      lineOf({
        at: admitted.at,
        command: 'ComputeAssessment',
        data: { month: '2018-12', ...data },
      });
    const all = await ledger.reader.tryCommands([{ line: compute({}) }]);
    expect(all.agencies.map(({ agencyId }) => agencyId)).toEqual(ids.slice(0, 50));
    expect(all.otherAgencies).toBe(2);
    const one = await ledger.reader.tryCommands([{ line: compute({ agencyId: 'a51' }) }]);
    expect(one.agencies.map(({ agencyId }) => agencyId)).toEqual(['a51']);
    expect(one.otherAgencies).toBe(0);
    await ledger.close();
  });

  it('shows balance, standing, findings and deadlines, and changes nothing', async () => {
    const ledger = await TestLedger.open('observer');
    await ledger.apply(admitted);
    await ledger.finish();
    const before = await ledger.events();
    const trial = await ledger.reader.tryCommands([{ line: lineOf(deducted) }]);
    expect(checkTrial(trial)).toEqual([]);
    expect(trial).toMatchObject({
      at: '2019-01-01T10:00:00.000+08:00',
      outcomes: [{ status: 'accepted', events: ['DeductionImposed', 'PendingExpulsionOpened'] }],
      otherAgencies: 0,
    });
    const [change] = trial.agencies;
    expect(change).toMatchObject({
      agencyId: 'a1',
      before: { standing: 'active', balance: 0 },
      after: { standing: 'pending_expulsion', balance: 120 },
      deadlinesEnded: [],
    });
    expect(change?.deadlinesBegun.map(({ kind }) => kind)).toContain('appeal_deduction');
    expect(await ledger.events()).toEqual(before);
    expect(ledger.keys.stateOf('creator:c1')).toBe('never');
    await ledger.check();
    await ledger.close();
  });

  it('decides each upon those before it, and refuses in the same words', async () => {
    const ledger = await TestLedger.open('observer');
    await ledger.apply(admitted);
    const appeal = {
      command: 'InitiateAppeal',
      data: { appealId: 'ap1', agencyId: 'a1', deductionIds: ['d1'], grounds: '事实有误' },
    };
    const first = await ledger.reader.tryCommands([{ line: lineOf(appeal) }]);
    expect(first.outcomes).toEqual([
      expect.objectContaining({ status: 'rejected', code: 'unknown_deduction' }),
    ]);
    expect(first.agencies).toEqual([]);
    const upon = await ledger.reader.tryCommands([
      { line: lineOf(deducted) },
      { line: lineOf(appeal) },
    ]);
    expect(upon.outcomes.map(({ status }) => status)).toEqual(['accepted', 'accepted']);
    expect(upon.agencies[0]).toMatchObject({ after: { contested: 120, ifUpheld: 0 } });
    await ledger.close();
  });

  it('shows the year that the act touches, and what a scheduled deduction changes', async () => {
    const ledger = await TestLedger.open('observer');
    await ledger.apply({ ...admitted, at: '2018-01-01T10:00:00+08:00' });
    const at = '2018-06-01T10:00:00+08:00';
    const data = { ...deducted.data, points: 40, occurredAt: at };
    await ledger.apply({ ...deducted, at, data });
    await ledger.apply({ ...deducted, at, data: { ...data, deductionId: 'd2', points: 30 } });
    const now = '2019-02-01T10:00:00+08:00';
    await ledger.ledger.rememberClock(parseInstant(now)!);
    await ledger.ledger.settle();
    const sumsOf = async (command: string, more: object) => {
      const trial = await ledger.reader.tryCommands([{ line: lineOf({ command, data: more }) }]);
      expect(checkTrial(trial)).toEqual([]);
      expect(trial.outcomes).toMatchObject([{ status: 'accepted' }]);
      return trial.agencies.flatMap(({ otherSums }) => otherSums);
    };
    const threshold = 120;
    const sum = { account: 'points', threshold };
    expect(await sumsOf('RecordRevocation', { deductionId: 'd1', reason: '误扣' })).toEqual([
      {
        ...{ ...sum, period: '2018', before: 70, after: 30 },
        effectiveAt: '2018-12-31T23:59:59.999+08:00',
      },
    ]);
    const soon = { ...data, deductionId: 'd3', effectiveAt: '2019-03-01T10:00:00+08:00' };
    expect(await sumsOf('RecordDeduction', soon)).toEqual([
      {
        ...{ ...sum, period: '2019', before: 0, after: 40 },
        effectiveAt: '2019-03-01T10:00:00.000+08:00',
      },
    ]);
    const moved = { deductionId: 'd2', period: '2019', reason: '录入有误' };
    expect(await sumsOf('CorrectDeduction', moved)).toMatchObject([
      { period: '2018', before: 70, after: 40 },
    ]);
    const present = { ...data, deductionId: 'd4', effectiveAt: now };
    expect(await sumsOf('RecordDeduction', present)).toEqual([]);
    await ledger.close();
  });

  it('shows an agency that the command admits, and makes no key for it', async () => {
    const ledger = await TestLedger.open('observer');
    const trial = await ledger.reader.tryCommands([{ line: lineOf(admitted) }]);
    expect(trial.agencies).toMatchObject([
      { agencyId: 'a1', before: null, after: { standing: 'active' } },
    ]);
    expect(ledger.keys.stateOf('agency:a1')).toBe('never');
    await ledger.close();
  });

  it('says what is then recorded', async () => {
    const histories = fc.oneof(
      randomHistory('observer', { steps: 25, queries: 0 }),
      randomHistory('operator', { steps: 25, queries: 0 }),
      randomOperations('observer', { steps: 10, queries: 0 }),
    );
    await fc.assert(
      fc.asyncProperty(histories, async ({ mode, lines }) => {
        const ledger = await TestLedger.open(mode);
        for (const line of lines) {
          const read = readCommandLine(line);
          const at = read.problems === undefined ? read.line.at : undefined;
          if (read.problems !== undefined || at === undefined) {
            await ledger.apply(line);
            continue;
          }
          // The clock of a simulation is that of its last event.
          if (at > ledger.ledger.clock) await ledger.ledger.rememberClock(at);
          await ledger.ledger.settle();
          const trial = await ledger.reader.tryCommands([{ line: read.line }]);
          const { status, code, events, findings } = await ledger.apply(line);
          // The order of the lines' times is the simulation's own rule.
          if (code === 'invalid' && at < ledger.ledger.clock) continue;
          expect(trial.outcomes).toEqual([
            expect.objectContaining({ status, code, events, findings }),
          ]);
          await ledger.ledger.settle();
          for (const { agencyId, after } of trial.agencies)
            expect(
              await ledger.query({ query: 'balance', agencyId, effectiveAt: at }),
            ).toMatchObject({ ...after });
        }
        await ledger.close();
      }),
      { numRuns: 8, seed: 20 },
    );
  }, 120_000);
});
