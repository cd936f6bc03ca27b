import fc from 'fast-check';
import { randomOperations } from '../oracle/random-operations.js';
import { randomHistory } from '../oracle/random-history.js';
import { TestLedger } from '../support/test-ledger.js';

const admit = {
  at: '2019-01-01T10:00:00+08:00',
  command: 'AdmitAgency',
  data: { agencyId: 'a1', name: '杭州云帆' },
};
const deduct = (deductionId: string, points: number, more: object = {}) => ({
  at: '2019-04-01T10:00:00+08:00',
  command: 'RecordDeduction',
  data: {
    deductionId,
    agencyId: 'a1',
    points,
    clause: 'improper-operation',
    occurredAt: '2019-03-31T10:00:00+08:00',
    ...more,
  },
});

describe('handling commands', () => {
  let ledger: TestLedger;
  beforeEach(async () => {
    ledger = await TestLedger.open('observer');
    await ledger.apply(admit);
  });
  afterEach(async () => {
    await ledger.check();
    await ledger.close();
  });

  it('V-17, E-57: a repeated command adds no event; another body is a conflict', async () => {
    expect((await ledger.apply(deduct('d1', 40))).status).toBe('accepted');
    const before = (await ledger.events()).length;
    expect(await ledger.apply(deduct('d1', 40))).toEqual({
      status: 'duplicate',
      code: null,
      events: [],
      findings: [],
    });
    expect((await ledger.events()).length).toBe(before);
    expect(await ledger.apply(deduct('d1', 41))).toMatchObject({
      status: 'rejected',
      code: 'conflict',
    });
    expect(await ledger.query({ query: 'balance', agencyId: 'a1' })).toMatchObject({ balance: 40 });
  });

  it('takes a repetition for what it is whatever the order of its keys', async () => {
    await ledger.apply(deduct('d1', 40));
    const line = deduct('d1', 40);
    const turned = { ...line, data: Object.fromEntries(Object.entries(line.data).reverse()) };
    expect((await ledger.apply(turned)).status).toBe('duplicate');
  });

  it('takes one commandId of two senders for two acts, also in one stream and batch', async () => {
    const revise = (by: string, reason: string) => ({
      at: '2019-04-02T10:00:00+08:00',
      command: 'CorrectDeduction',
      by,
      commandId: 'case-7',
      data: { deductionId: 'd1', reason },
    });
    const lines = [
      deduct('d1', 40),
      revise('officer-1', 'x'),
      revise('officer-2', 'y'),
      revise('officer-1', 'x'),
      revise('officer-2', 'y'),
      revise('officer-2', 'x'),
    ];
    expect((await ledger.applyTogether(lines)).map(({ status, code }) => code ?? status)).toEqual([
      ...Array<string>(3).fill('accepted'),
      'duplicate',
      'duplicate',
      'conflict',
    ]);
    const corrected = (await ledger.events()).filter(({ type }) => type === 'DeductionCorrected');
    expect(corrected.map(({ actor, causation }) => [actor, causation.commandId])).toEqual([
      ['officer-1', 'case-7'],
      ['officer-2', 'case-7@officer-2'],
    ]);
    // An id of what is created belongs to nobody: its repetition is one, whoever sends it.
    expect(
      await ledger.apply({ ...deduct('d1', 40), at: revise('', '').at, by: 'x' }),
    ).toMatchObject({ status: 'duplicate' });
  });

  it('knows a command that creates nothing by its commandId', async () => {
    await ledger.apply(deduct('d1', 40));
    const revoke = {
      at: '2019-04-02T10:00:00+08:00',
      command: 'RecordRevocation',
      commandId: 'case-7',
      data: { deductionId: 'd1', reason: '申诉成立' },
    };
    expect((await ledger.apply(revoke)).status).toBe('accepted');
    expect((await ledger.apply(revoke)).status).toBe('duplicate');
    expect(
      await ledger.apply({ ...revoke, data: { deductionId: 'd1', reason: '别的理由' } }),
    ).toMatchObject({
      code: 'conflict',
    });
    expect(
      await ledger.apply({ ...deduct('d2', 1), at: revoke.at, commandId: 'case-7' }),
    ).toMatchObject({
      code: 'conflict',
    });
  });

  it('leaves the id of a refused command free', async () => {
    expect(await ledger.apply(deduct('d1', 40, { agencyId: 'nobody' }))).toMatchObject({
      code: 'unknown_agency',
    });
    expect((await ledger.apply(deduct('d1', 40))).status).toBe('accepted');
  });

  it('records a refusal once and without its data, and no malformed command', async () => {
    const secret = '张三 13800000000';
    // What differs in texts alone is the same refusal: by its fingerprint nobody tests a guess.
    for (const text of [secret, secret, '李四']) {
      await ledger.apply(deduct('d1', 40, { clause: secret, notice: { text, caseNo: text } }));
      await ledger.apply(deduct('d1', -40));
    }
    const refusals = (await ledger.events()).filter(({ type }) => type === 'CommandRefused');
    expect(refusals.map(({ data }) => data)).toEqual([
      expect.objectContaining({ code: 'unknown_clause' }),
    ]);
    expect(JSON.stringify(refusals)).not.toContain('张三');
  });

  it('decides overlapping commands in the order of the calls', async () => {
    const outcomes = await Promise.all([
      ledger.apply(deduct('d1', 60)),
      ledger.apply(deduct('d2', 60)),
      ledger.apply({
        ...admit,
        at: '2019-04-01T10:00:00+08:00',
        command: 'RecordExpulsion',
        data: { agencyId: 'a1', reason: '累计120分' },
      }),
      ledger.apply(deduct('d3', 1)),
    ]);
    expect(outcomes.map(({ status, code, events }) => [status, code, ...events])).toEqual([
      ['accepted', null, 'DeductionImposed'],
      ['accepted', null, 'DeductionImposed', 'PendingExpulsionOpened'],
      ['accepted', null, 'ExpulsionExecuted'],
      ['rejected', 'not_admitted'],
    ]);
  });

  it('E-14: a scheduled deduction opens a pending expulsion at its own instant', async () => {
    await ledger.apply(deduct('d1', 120, { effectiveAt: '2019-05-01T00:00:00+08:00' }));
    await ledger.apply({
      ...admit,
      at: '2019-06-01T10:00:00+08:00',
      data: { agencyId: 'a2', name: '别家' },
    });
    const opened = (await ledger.events()).find(({ type }) => type === 'PendingExpulsionOpened');
    expect(opened).toMatchObject({
      recordedAt: '2019-04-30T16:00:00.000Z',
      effectiveAt: '2019-04-30T16:00:00.000Z',
    });
    const at = { query: 'balance', agencyId: 'a1', knownAt: '2019-06-01T10:00:00+08:00' };
    expect(
      await ledger.query({ ...at, effectiveAt: '2019-04-30T23:59:59.999+08:00' }),
    ).toMatchObject({
      standing: 'active',
    });
    expect(await ledger.query({ ...at, effectiveAt: '2019-05-01T00:00:00+08:00' })).toMatchObject({
      standing: 'pending_expulsion',
      pending: { closesAt: '2019-05-09T00:00:00.000+08:00' },
    });
  });

  it('E-8: never lets a client say when something was recorded', async () => {
    expect(
      await ledger.apply({ ...deduct('d1', 40), recordedAt: '2018-01-01T00:00:00Z' }),
    ).toMatchObject({
      code: 'invalid',
    });
    expect(
      await ledger.apply({ ...deduct('d1', 40), at: '2018-12-31T00:00:00+08:00' }),
    ).toMatchObject({
      code: 'invalid',
    });
  });

  it.each([
    ['a number that is not an integer', { points: 1.5 }],
    ['a number no double holds exactly', { notice: { caseNo: 'x' }, points: 1e300 }],
    ['half a surrogate pair', { notice: { text: '\ud83d' } }],
    ['an unknown field', { weight: 3 }],
    ['digits finer than a millisecond', { occurredAt: '2019-03-31T10:00:00.0001+08:00' }],
    ['an instant without an offset', { occurredAt: '2019-03-31T10:00:00' }],
    ['a day that is not in the calendar', { occurredAt: '2019-02-29T10:00:00+08:00' }],
  ])('refuses %s as invalid and goes on', async (_what, more) => {
    expect(await ledger.apply(deduct('d1', 40, more))).toMatchObject({
      status: 'rejected',
      code: 'invalid',
    });
    expect((await ledger.apply(deduct('d1', 40))).status).toBe('accepted');
  });

  it('refuses a breach in operator mode with the finding’s code, and stores nothing', async () => {
    const operator = await TestLedger.open('operator');
    await operator.apply(admit);
    const mispriced = deduct('d1', 30, { clause: 'operating-metric-missed' });
    expect(await operator.apply(mispriced)).toEqual({
      status: 'rejected',
      code: 'tariff_mismatch',
      events: [],
      findings: [],
    });
    expect(await operator.query({ query: 'balance', agencyId: 'a1' })).toMatchObject({
      balance: 0,
      notCounted: [],
    });
    expect(await ledger.apply(mispriced)).toMatchObject({
      status: 'accepted',
      findings: ['tariff_mismatch'],
    });
    await operator.close();
  });
});

describe('repeated commands', () => {
  const creates = new Set([
    'AdmitAgency',
    'RecordDeduction',
    'InitiateAppeal',
    'RegisterEvidence',
    'RecordSession',
    'FileComplaint',
    'RecordGrowthPost',
    'ProposeTheme',
  ]);

  it('append nothing, whatever happened since', async () => {
    const histories = fc.oneof(
      randomHistory('observer', { steps: 40, queries: 0 }),
      randomOperations('observer', { steps: 15, queries: 0 }),
    );
    await fc.assert(
      fc.asyncProperty(histories, async ({ mode, lines }) => {
        const ledger = await TestLedger.open(mode);
        const taken: (typeof lines)[number][] = [];
        for (const line of lines) {
          const { status } = await ledger.apply(line);
          const known = creates.has(String(line['command'])) || line['commandId'] !== undefined;
          if (status === 'accepted' && known) taken.push(line);
        }
        await ledger.finish();
        const before = await ledger.events();
        const at = ledger.ledger.clock;
        for (const line of taken)
          expect(await ledger.apply({ ...line, at })).toMatchObject({
            status: 'duplicate',
            events: [],
          });
        expect((await ledger.events()).length).toBe(before.length);
        await ledger.close();
      }),
      { numRuns: 20, seed: 17 },
    );
  }, 120_000);
});

describe('rulebooks as data', () => {
  it('applies a published rulebook with accounts, nodes and carry-over', async () => {
    const { abcPoints } = await import('@penalty-ledger/ledger');
    const ledger = await TestLedger.open('observer');
    const at = (date: string, command: string, data: object) =>
      ledger.apply({ at: `${date}T10:00:00+08:00`, command, data });
    expect(await at('2018-12-01', 'PublishRulebook', { rulebook: abcPoints })).toMatchObject({
      status: 'accepted',
      findings: [],
    });
    expect((await at('2018-12-02', 'PublishRulebook', { rulebook: abcPoints })).status).toBe(
      'duplicate',
    );
    expect(
      await at('2018-12-02', 'PublishRulebook', {
        rulebook: { ...abcPoints, announcedAt: '2018-12-30T00:00:00+08:00' },
      }),
    ).toMatchObject({ code: 'conflict' });
    await at('2019-01-02', 'AdmitAgency', { agencyId: 'a1', name: '杭州云帆' });
    const counterfeit = { agencyId: 'a1', points: 24, clause: 'counterfeit-goods' };
    await at('2019-06-01', 'RecordDeduction', {
      ...counterfeit,
      deductionId: 'c1',
      occurredAt: '2019-05-31T10:00:00+08:00',
    });
    await at('2019-06-02', 'RecordDeduction', {
      agencyId: 'a1',
      deductionId: 'b1',
      points: 12,
      clause: 'false-promotion',
      occurredAt: '2019-06-01T10:00:00+08:00',
    });
    expect(await ledger.query({ query: 'balance', agencyId: 'a1', account: 'C' })).toMatchObject({
      balance: 24,
      threshold: 48,
      nodesReached: [24],
      accounts: [
        { account: 'A', balance: 0 },
        { account: 'B', balance: 12 },
        { account: 'C', balance: 24 },
      ],
      rulebook: { id: 'abc-points' },
    });
    expect(
      await at('2020-02-01', 'RecordDeduction', {
        ...counterfeit,
        deductionId: 'c2',
        occurredAt: '2020-01-31T10:00:00+08:00',
      }),
    ).toMatchObject({
      events: ['DeductionImposed', 'PendingExpulsionOpened'],
    });
    expect(await ledger.query({ query: 'balance', agencyId: 'a1', account: 'C' })).toMatchObject({
      period: '2020',
      carriedOver: 24,
      balance: 48,
      standing: 'pending_expulsion',
    });
    await ledger.check();
    await ledger.close();
  });

  it('finds a notice shorter than seven days', async () => {
    const { abcPoints } = await import('@penalty-ledger/ledger');
    const ledger = await TestLedger.open('observer');
    const rulebook = { ...abcPoints, announcedAt: '2018-12-25T00:00:00.001+08:00' };
    expect(
      await ledger.apply({
        at: '2018-12-25T10:00:00+08:00',
        command: 'PublishRulebook',
        data: { rulebook },
      }),
    ).toMatchObject({
      status: 'accepted',
      findings: ['short_notice'],
    });
    await ledger.close();
  });
});
