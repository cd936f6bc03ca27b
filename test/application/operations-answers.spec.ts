import { TestLedger } from '../support/test-ledger.js';

const at = (date: string): string => `${date}T10:00:00+08:00`;

let ledger: TestLedger;

const does = async (date: string, command: string, data: object): Promise<void> => {
  expect(await ledger.apply({ at: at(date), command, data })).toMatchObject({ status: 'accepted' });
};

/** Ten sessions of half an hour in May. */
const streams = async (creatorId: string, sessions = 10): Promise<void> => {
  for (let day = 10; day < 10 + sessions; day += 1) {
    await does('2019-05-31', 'RecordSession', {
      sessionId: `${creatorId}-${String(day)}`,
      creatorId,
      startedAt: `2019-05-${String(day)}T20:00:00+08:00`,
      endedAt: `2019-05-${String(day)}T20:30:00+08:00`,
      sales: [{ vertical: '美妆', amountFen: 100 }],
      newFollowers: 3,
    });
  }
};

beforeEach(async () => {
  ledger = await TestLedger.open('observer');
  await does('2019-01-02', 'AdmitAgency', { agencyId: 'a1', name: '杭州云帆' });
  for (const creatorId of ['c1', 'c2', 'c3', 'c4', 'c5', 'c6']) {
    await does('2019-01-03', 'BindCreator', { agencyId: 'a1', creatorId });
  }
});
afterEach(() => ledger.close());

describe('who of the base was not active', () => {
  const may = { query: 'assessment', agencyId: 'a1', month: '2019-05' };

  beforeEach(async () => {
    for (const creatorId of ['c1', 'c2', 'c3', 'c4']) await streams(creatorId);
    await streams('c5', 9);
    await does('2019-06-02', 'GrantExposureRight', {
      creatorId: 'c6',
      effectiveAt: at('2019-05-20'),
    });
    await does('2019-06-03', 'ComputeAssessment', { month: '2019-05' });
  });

  it('E-40: names creators under the minimum, with or without the exposure right', async () => {
    expect(await ledger.query(may)).toMatchObject({
      base: 6,
      active: 4,
      current: true,
      inactive: [
        { creatorId: 'c5', sessions: 9, effectiveSessions: 9, exposed: false },
        { creatorId: 'c6', sessions: 0, effectiveSessions: 0, exposed: true },
      ],
    });
  });

  it('names no creators for a month that was not computed by then', async () => {
    const answer = await ledger.query({ ...may, knownAt: at('2019-06-02') });
    expect(answer).toMatchObject({ verdict: 'not_computed', inactive: [], current: null });
  });

  it('E-45: is not current after a late session or a late unbinding', async () => {
    await does('2019-06-10', 'RecordSession', {
      sessionId: 'late',
      creatorId: 'c5',
      startedAt: '2019-05-30T20:00:00+08:00',
      endedAt: '2019-05-30T20:30:00+08:00',
    });
    expect(await ledger.query(may)).toMatchObject({
      active: 4,
      current: false,
      inactive: [{ creatorId: 'c6' }],
    });
    expect(await ledger.query({ ...may, knownAt: at('2019-06-09') })).toMatchObject({
      current: true,
    });
    await does('2019-06-11', 'ComputeAssessment', { month: '2019-05' });
    expect(await ledger.query(may)).toMatchObject({ active: 5, current: true });
    await does('2019-06-12', 'UnbindCreator', {
      agencyId: 'a1',
      creatorId: 'c6',
      effectiveAt: '2019-05-31T23:00:00+08:00',
    });
    expect(await ledger.query(may)).toMatchObject({ base: 6, current: false, inactive: [] });
  });
});

describe('what a deduction rests on', () => {
  const deduct = (date: string, deductionId: string, basis: object): Promise<void> =>
    does(date, 'RecordDeduction', {
      deductionId,
      agencyId: 'a1',
      points: 2,
      clause: 'creator-violation',
      occurredAt: '2019-05-10T20:10:00+08:00',
      basis,
    });
  const restsOn = async (knownAt?: string): Promise<unknown> => {
    const more = knownAt === undefined ? {} : { knownAt: at(knownAt) };
    const answer = (await ledger.query({ query: 'explain', agencyId: 'a1', ...more })) as {
      explained: { restsOn: unknown }[];
    };
    return answer.explained.map((deduction) => deduction.restsOn);
  };

  it('is the complaint with its complainant, case and creator, as known then', async () => {
    await does('2019-06-01', 'FileComplaint', {
      complaintId: 'k1',
      creatorId: 'c1',
      complainant: { kind: 'merchant', id: 'm1' },
      occurredAt: '2019-05-10T20:10:00+08:00',
      subject: '坑位费未退',
      caseNo: 'TS-1',
    });
    await deduct('2019-06-02', 'd1', { kind: 'complaint', complaintId: 'k1' });
    await does('2019-06-03', 'CloseComplaint', { complaintId: 'k1', outcome: 'upheld' });
    const complaint = {
      kind: 'complaint',
      complaintId: 'k1',
      complainantKind: 'merchant',
      creatorId: 'c1',
    };
    expect(await restsOn()).toMatchObject([
      {
        ...complaint,
        state: 'upheld',
        caseNo: 'TS-1',
        subject: '坑位费未退',
        deductions: [{ deductionId: 'd1', occurredAt: '2019-05-10T20:10:00.000+08:00' }],
      },
    ]);
    expect(await restsOn('2019-06-02')).toMatchObject([{ ...complaint, state: 'open' }]);
    expect(await ledger.query({ query: 'complaint', complaintId: 'k1' })).toMatchObject({
      caseNo: 'TS-1',
    });
  });

  it('is the month as we computed it, or that we did not', async () => {
    await deduct('2019-06-02', 'd1', { kind: 'assessment', month: '2019-05' });
    expect(await restsOn()).toMatchObject([
      { kind: 'assessment', verdict: 'not_computed', base: null },
    ]);
    await does('2019-06-03', 'ComputeAssessment', { month: '2019-05' });
    expect(await restsOn()).toMatchObject([
      { verdict: 'failed', base: 6, active: 0, reasons: ['activity'] },
    ]);
  });

  it('is the session, or null when the basis was not recorded by then', async () => {
    await deduct('2019-05-30', 'd1', { kind: 'session', sessionId: 'c1-10' });
    await deduct('2019-05-30', 'd2', { kind: 'complaint', complaintId: 'k9' });
    await streams('c1', 1);
    expect(await restsOn()).toMatchObject([
      { kind: 'session', creatorId: 'c1', effective: true },
      null,
    ]);
    expect(await restsOn('2019-05-30')).toEqual([null, null]);
  });
});

it('shows the results of an assigned hour, as known then', async () => {
  for (const creatorId of ['c1', 'c2', 'c3', 'c4', 'c5']) await streams(creatorId, 20);
  await does('2019-06-01', 'AllocateSlots', {
    date: '2019-06-10',
    vertical: '美妆',
    month: '2019-05',
  });
  const creatorIds = ['c1', 'c2', 'c3', 'c4', 'c5'];
  await does('2019-06-02', 'AssignSlot', {
    date: '2019-06-10',
    hour: 10,
    agencyId: 'a1',
    creatorIds,
  });
  for (const [sessionId, creatorId] of [
    ['slot-1', 'c1'],
    ['slot-2', 'c6'],
  ]) {
    await does('2019-06-11', 'RecordSession', {
      sessionId,
      creatorId,
      startedAt: '2019-06-10T10:05:00+08:00',
      endedAt: '2019-06-10T10:50:00+08:00',
      sales: [
        { vertical: '美妆', amountFen: 700 },
        { vertical: '食品', amountFen: 9 },
      ],
      newFollowers: 4,
    });
  }
  const slots = { query: 'slots', date: '2019-06-10' };
  const result = { hour: 10, agencyId: 'a1', sessions: 1, sales: 700, newFollowers: 4 };
  expect(await ledger.query(slots)).toMatchObject({ results: [result] });
  expect(await ledger.query({ ...slots, knownAt: at('2019-06-10') })).toMatchObject({
    results: [{ sessions: 0, sales: 0 }],
  });
  await does('2019-06-12', 'VoidSession', { sessionId: 'slot-1', reason: '重复' });
  expect(await ledger.query(slots)).toMatchObject({ results: [{ sessions: 0 }] });
});
