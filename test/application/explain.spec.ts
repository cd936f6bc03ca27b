import { aliMcn20190307 } from '@penalty-ledger/ledger';
import { TestLedger } from '../support/test-ledger.js';

const at = (date: string): string => `${date}T10:00:00+08:00`;

describe('what an explanation tells besides the balance', () => {
  let ledger: TestLedger;
  const does = async (date: string, command: string, data: object): Promise<void> => {
    expect(await ledger.apply({ at: at(date), command, data })).toMatchObject({
      status: 'accepted',
    });
  };
  const deduct = (date: string, deductionId: string, points: number): Promise<void> =>
    does(date, 'RecordDeduction', {
      deductionId,
      agencyId: 'a1',
      points,
      clause: 'improper-operation',
      occurredAt: at(date),
    });
  const explain = (agencyId: string, more: object = {}): Promise<unknown> =>
    ledger.query({ query: 'explain', agencyId, ...more });

  beforeEach(async () => {
    ledger = await TestLedger.open('observer');
    await does('2019-01-02', 'AdmitAgency', {
      agencyId: 'a1',
      name: '杭州云帆',
      legalPersonId: 'lp-1',
    });
    await deduct('2019-03-01', 'd1', 60);
    await deduct('2019-03-02', 'd2', 60);
    await does('2019-03-20', 'RecordExpulsion', { agencyId: 'a1', reason: '累计120分' });
  });
  afterEach(() => ledger.close());

  it('E-20: lists remedies once the expulsion is revoked, and none before', async () => {
    await does('2019-04-01', 'RecordRevocation', { deductionId: 'd1', reason: '核查后撤销' });
    expect(await explain('a1')).toMatchObject({ expulsion: { supported: false }, remedies: [] });
    await does('2019-04-02', 'RevokeExpulsion', { agencyId: 'a1', reason: '依据不成立' });
    expect(await explain('a1')).toMatchObject({
      standing: 'active',
      remedies: expect.arrayContaining([
        expect.objectContaining({ en: 'rebind creators' }),
      ]) as unknown,
    });
    expect(await explain('a1', { knownAt: at('2019-04-01') })).toMatchObject({ remedies: [] });
  });

  it('E-62, E-63: a refused application was wrongly refused once the ban is revoked', async () => {
    await does('2019-03-25', 'ApplyForReentry', { agencyId: 'a1' });
    expect(await explain('a1')).toMatchObject({
      reentryApplications: [{ admissible: false, wronglyRefused: false }],
    });
    await does('2019-04-02', 'RevokeExpulsion', { agencyId: 'a1', reason: '依据不成立' });
    expect(await explain('a1')).toMatchObject({
      reentryApplications: [{ admissible: false, wronglyRefused: true }],
    });
  });

  it('E-66: names the banned agency whose legal person has a new account', async () => {
    await does('2019-04-10', 'AdmitAgency', {
      agencyId: 'a2',
      name: '杭州新帆',
      legalPersonId: 'lp-1',
    });
    expect(await explain('a2')).toMatchObject({ standing: 'active', bannedRelatives: ['a1'] });
    expect(await explain('a1')).toMatchObject({ bannedRelatives: [] });
  });

  it('names rulebooks with when each was recorded; those that came are never late', async () => {
    expect(await explain('a1')).toMatchObject({
      rulebooks: [
        { id: 'ali-mcn', rulebookVersion: '2018-07-03', recordedAt: null },
        { id: 'ali-mcn', rulebookVersion: '2019-03-07', recordedAt: null },
      ],
      rulebookFindings: [],
    });
  });

  it('finds a rulebook that was recorded late, and the act that it judged backwards', async () => {
    const mine = {
      ...aliMcn20190307,
      id: 'mine',
      announcedAt: '2019-01-01T00:00:00+08:00',
      effectiveFrom: '2019-02-01T00:00:00+08:00',
    };
    await does('2019-04-10', 'PublishRulebook', { rulebook: mine });
    await does('2019-04-10', 'AdmitAgency', {
      agencyId: 'a2',
      name: '杭州云舟',
      effectiveAt: at('2019-03-01'),
    });
    const judged = { agencyId: 'a2', points: 1, clause: 'improper-operation' };
    const [before, after] = [at('2019-04-09'), at('2019-04-10')];
    await does('2019-04-11', 'RecordDeduction', {
      ...judged,
      deductionId: 'd8',
      occurredAt: before,
    });
    await does('2019-04-11', 'RecordDeduction', {
      ...judged,
      deductionId: 'd9',
      occurredAt: after,
    });
    expect(await explain('a2')).toMatchObject({
      findings: expect.not.arrayContaining(['rulebook_late', 'retroactive_rulebook']) as unknown,
      rulebooks: expect.arrayContaining([
        expect.objectContaining({ id: 'mine', recordedAt: '2019-04-10T10:00:00.000+08:00' }),
      ]) as unknown,
      rulebookFindings: [
        { code: 'rulebook_late', severity: 'warning', about: { en: 'rulebook mine 2019-03-07' } },
        { code: 'retroactive_rulebook', severity: 'breach', about: { en: 'deduction d8' } },
      ],
    });
    expect(await explain('a2', { knownAt: at('2019-04-10') })).toMatchObject({
      rulebookFindings: [{ code: 'rulebook_late' }],
    });
  });

  it('explains a balance by lines that add up to it, each with its source event', async () => {
    const answer = (await explain('a1')) as {
      balance: number;
      explained: {
        counts: number;
        source: { stream: string; revision: number; leafHash: string };
      }[];
    };
    expect(answer.explained.reduce((sum, { counts }) => sum + counts, 0)).toBe(answer.balance);
    const events = await ledger.events();
    for (const { source } of answer.explained) {
      expect(
        events.find(
          ({ stream, revision }) => stream === source.stream && revision === source.revision,
        )?.type,
      ).toBe('DeductionImposed');
    }
  });
});

describe('facts that points come from', () => {
  it('V-11: computes a month, finds a wrong deduction, and follows a correction', async () => {
    const ledger = await TestLedger.open('observer');
    const does = (date: string, command: string, data: object): Promise<unknown> =>
      ledger.apply({ at: at(date), command, data });
    await does('2019-01-02', 'AdmitAgency', { agencyId: 'a1', name: '杭州云帆' });
    for (let creator = 0; creator < 10; creator += 1) {
      await does('2019-01-03', 'BindCreator', {
        agencyId: 'a1',
        creatorId: `c${String(creator)}`,
        name: '主播',
      });
    }
    for (let creator = 0; creator < 7; creator += 1) {
      for (let day = 10; day < 20; day += 1) {
        await does('2019-06-30', 'RecordSession', {
          sessionId: `s${String(creator)}-${String(day)}`,
          creatorId: `c${String(creator)}`,
          startedAt: `2019-05-${String(day)}T20:00:00+08:00`,
          endedAt: `2019-05-${String(day)}T20:30:00+08:00`,
        });
      }
    }
    expect(await does('2019-06-30', 'ComputeAssessment', { month: '2019-05' })).toMatchObject({
      events: ['AssessmentComputed'],
    });
    const month = { query: 'assessment', agencyId: 'a1', month: '2019-05' };
    expect(await ledger.query(month)).toMatchObject({
      verdict: 'passed',
      base: 10,
      active: 7,
      rate: 70,
      sessions: { count: 70 },
    });
    expect(
      await does('2019-07-01', 'RecordDeduction', {
        deductionId: 'd1',
        agencyId: 'a1',
        points: 40,
        clause: 'operating-metric-missed',
        occurredAt: '2019-05-31T23:59:59+08:00',
        basis: { kind: 'assessment', month: '2019-05' },
      }),
    ).toMatchObject({ status: 'accepted', findings: ['assessment_disagrees'] });
    await does('2019-07-02', 'CorrectSession', {
      sessionId: 's0-10',
      reason: '时长更正',
      endedAt: '2019-05-10T20:29:59.999+08:00',
    });
    await does('2019-07-03', 'ComputeAssessment', { month: '2019-05', agencyId: 'a1' });
    expect(await ledger.query(month)).toMatchObject({
      verdict: 'failed',
      active: 6,
      reasons: ['activity'],
    });
    expect(await ledger.query({ ...month, knownAt: at('2019-07-02') })).toMatchObject({
      verdict: 'passed',
    });
    expect(await ledger.query({ query: 'session', sessionId: 's0-10' })).toMatchObject({
      effective: false,
      corrections: 1,
    });
    expect(
      await ledger.query({ query: 'session', sessionId: 's0-10', knownAt: at('2019-07-01') }),
    ).toMatchObject({
      effective: true,
    });
    await ledger.check();
    await ledger.close();
  });
});
