import {
  agency,
  rulebooks,
  creationOf,
  endOfTime,
  notBound,
  openPersonalData,
  readCommandLine,
  type AgencyEventType,
} from '@penalty-ledger/ledger';
import { given, instant, keyOf, shanghai, shanghaiZone, type Scenario } from '../support/given.js';
import {
  admit,
  by,
  closeComplaint as close,
  deduct,
  fileComplaint as file,
  growthPost as post,
  mergeComplaints as merge,
  on,
  reinstate,
  revoke,
  unmergeComplaint as unmerge,
  type Act,
} from '../support/lines.js';

const resting = (deductionId: string, complaintId: string, data: Act['data'] = {}): Act =>
  deduct(deductionId, 10, {
    clause: 'creator-violation',
    basis: { kind: 'complaint', complaintId },
    ...data,
  });

const admitted = on('2019-01-10', admit());
const answer = (ledger: Scenario, complaintId: string, known?: string) =>
  agency.complaintAnswer(
    ledger.history(),
    { complaintId, knownAt: known === undefined ? endOfTime : instant(known) },
    { zone: shanghaiZone },
  );
const state = (ledger: Scenario, complaintId: string, known?: string) =>
  answer(ledger, complaintId, known)?.state;

describe('a complaint', () => {
  const filed = () => given(admitted, on('2019-04-02', file('c1', '2019-04-01 20:00')));

  it('is open from its filing to its closing, as known then', () => {
    const closed = filed().given(on('2019-04-10', close('c1', 'upheld')));
    expect(answer(closed, 'c1', '2019-04-02 09:59:59.999')).toBeUndefined();
    expect(state(closed, 'c1', '2019-04-02 10:00')).toBe('open');
    expect(state(closed, 'c1', '2019-04-10 09:59:59.999')).toBe('open');
    expect(state(closed, 'c1', '2019-04-10 10:00')).toBe('upheld');
    expect(answer(closed, 'c1', '2019-04-09')).toMatchObject({ closedAt: null });
    expect(answer(closed, 'c1')).toEqual({
      complaintId: 'c1',
      agencyId: 'a1',
      knownAt: shanghaiZone.format(endOfTime),
      creatorId: null,
      complainantKind: 'merchant',
      occurredAt: '2019-04-01T20:00:00.000+08:00',
      filedAt: '2019-04-02T10:00:00.000+08:00',
      state: 'upheld',
      closedAt: '2019-04-10T10:00:00.000+08:00',
      mergedInto: null,
      merged: [],
      deductions: [],
    });
  });

  it('is closed once', () => {
    filed()
      .given(on('2019-04-10', close('c1', 'dismissed')))
      .when(on('2019-04-11', close('c1', 'upheld')))
      .thenRefused('complaint_closed');
  });

  it('must have been filed to be closed, merged or unmerged', () => {
    const ledger = filed();
    ledger.when(on('2019-04-10', close('c9', 'upheld'))).thenRefused('unknown_complaint');
    ledger.when(on('2019-04-10', merge('c9', 'c1'))).thenRefused('unknown_complaint');
    ledger.when(on('2019-04-10', merge('c1', 'c9'))).thenRefused('unknown_complaint');
    ledger.when(on('2019-04-10', unmerge('c9'))).thenRefused('unknown_complaint');
  });

  it('seals what it says and who says it', () => {
    const complainant = { kind: 'consumer', id: 'buyer-7' };
    const ledger = given(
      admitted,
      on('2019-04-02', file('c1', '2019-04-01', { complainant, caseNo: 'TS-1' })),
      on('2019-04-03', close('c1', 'dismissed', { reason: 'no proof' })),
    );
    const [filedEvent] = ledger.events('ComplaintFiled');
    expect(filedEvent).toMatchObject({
      data: { agencyId: 'a1', complaintId: 'c1', complainantKind: 'consumer' },
      occurredAt: '2019-04-01T02:00:00.000Z',
    });
    const opened = [filedEvent, ...ledger.events('ComplaintClosed')].map((event) =>
      openPersonalData(event!.personal!, event!.id, keyOf('complaint:c1')),
    );
    expect(opened).toEqual([
      { caseNo: 'TS-1', complainantId: 'buyer-7', subject: 'goods never sent' },
      { reason: 'no proof' },
    ]);
  });

  it.each([
    ['names no agency and no creator', { agencyId: undefined }],
    ['names an agency and a creator', { agencyId: 'a1', creatorId: 'k1' }],
    ['is about the future', { occurredAt: shanghai('2019-04-02 10:00:00.001') }],
    ['has an unknown kind of complainant', { complainant: { kind: 'rival' } }],
    ['has no subject', { subject: '' }],
  ])('is invalid when it %s', (_what, data) => {
    const wrong = file('c1', '2019-04-01', data);
    const sent = Object.fromEntries(
      Object.entries(wrong.data).filter(([, value]) => value !== undefined),
    );
    given(admitted)
      .when(on('2019-04-02', { ...wrong, data: sent }))
      .thenRefused('invalid');
  });

  it('may be about the very instant it is filed', () => {
    given(admitted)
      .when(on('2019-04-02', file('c1', '2019-04-02')))
      .then('ComplaintFiled');
  });
});

describe('E-51, E-53: a complaint of joint liability', () => {
  it('keeps both the agency and the creator', () => {
    const ledger = given(admitted, on('2019-04-02', file('c1', '2019-04-01', { creatorId: 'k1' })));
    expect(ledger.events('ComplaintFiled')[0]?.data).toMatchObject({
      agencyId: 'a1',
      creatorId: 'k1',
    });
    expect(answer(ledger, 'c1')).toMatchObject({ agencyId: 'a1', creatorId: 'k1' });
  });

  it('of a creator is recorded for the agency whose history decides it', () => {
    const history = agency.evolve(agency.emptyHistory(), {
      type: 'AgencyAdmitted',
      data: { agencyId: 'a2' },
      recordedAt: instant('2019-01-01'),
      actor: 'officer-1',
    });
    const read = readCommandLine(file('c1', '2019-04-01', { creatorId: 'k1' }));
    if (read.problems !== undefined) throw new Error(read.problems.map(({ en }) => en).join('; '));
    const { command } = read.line;
    if (command.command !== 'FileComplaint') throw new Error(command.command);
    const decision = agency.decide(command, history, {
      now: instant('2019-05-01'),
      actor: 'officer-1',
      mode: 'observer',
      zone: shanghaiZone,
      rulebooks: rulebooks.rulebooksAt(rulebooks.empty, endOfTime),
      legalPersonOf: () => 'hmac-sha256:',
    });
    expect(decision).toMatchObject({
      events: [{ type: 'ComplaintFiled', data: { agencyId: 'a2', creatorId: 'k1' } }],
    });
  });

  it('of an unbound creator gives not_bound, with the creator and the instant', () => {
    expect(notBound('k1', instant('2019-04-01'), shanghaiZone).rejected).toMatchObject({
      code: 'not_bound',
      message: {
        en: 'creator "k1" was bound to no agency at 2019-04-01T10:00:00.000+08:00',
        zh: '达人 "k1" 在 2019-04-01T10:00:00.000+08:00 未绑定任何机构',
      },
    });
  });

  it('and its deduction name each other, also when the deduction is revoked', () => {
    const ledger = given(
      admitted,
      on('2019-04-02', file('c1', '2019-04-01', { creatorId: 'k1' })),
      on('2019-04-05', resting('d1', 'c1', { creatorId: 'k1' })),
      on('2019-04-06', revoke('d1')),
    );
    const linked = (known?: string) => answer(ledger, 'c1', known)?.deductions;
    expect(linked('2019-04-04')).toEqual([]);
    expect(linked('2019-04-05')).toEqual([
      {
        deductionId: 'd1',
        complaintId: 'c1',
        clause: 'creator-violation',
        occurredAt: '2019-04-05T10:00:00.000+08:00',
        points: 10,
        counts: 10,
      },
    ]);
    expect(linked()).toMatchObject([{ deductionId: 'd1', counts: 0 }]);
    const deduction = ledger.history().deductions.get('d1')!;
    expect(agency.complaintOfDeduction(ledger.history(), deduction, endOfTime)?.creatorId).toBe(
      'k1',
    );
    ledger.given(on('2019-04-07', reinstate('d1')));
    expect(linked()).toMatchObject([{ deductionId: 'd1', counts: 10 }]);
  });
});

describe('E-55: merged complaints', () => {
  const ids = Array.from({ length: 10 }, (_, index) => `c${index}`);
  const ten = () =>
    given(
      admitted,
      ...ids.map((complaintId) =>
        on('2019-04-02', file(complaintId, '2019-04-01 20:00', { creatorId: 'k1' })),
      ),
      on('2019-04-03', merge('c0', ...ids.slice(1))),
      on('2019-04-04', resting('d1', 'c0')),
    );

  it('keep their ids, and ten of them cost one deduction', () => {
    const ledger = ten();
    expect(ledger.points()).toBe(10);
    expect(ledger.history().complaints.size).toBe(10);
    expect(answer(ledger, 'c0')).toMatchObject({ mergedInto: null, merged: ids.slice(1) });
    for (const complaintId of ids) {
      expect(answer(ledger, complaintId)?.deductions).toMatchObject([
        { deductionId: 'd1', complaintId: 'c0' },
      ]);
    }
  });

  it('can be unmerged once; answers at an earlier K still show the merge', () => {
    const ledger = ten().given(on('2019-04-05', unmerge('c3')));
    ledger.then('ComplaintUnmerged');
    expect(answer(ledger, 'c3')).toMatchObject({ mergedInto: null, deductions: [] });
    expect(answer(ledger, 'c3', '2019-04-05 09:59:59.999')).toMatchObject({ mergedInto: 'c0' });
    expect(answer(ledger, 'c3', '2019-04-02 23:59')).toMatchObject({ mergedInto: null });
    expect(answer(ledger, 'c0')?.merged).not.toContain('c3');
    expect(ledger.events('ComplaintUnmerged')[0]?.data).toEqual({
      agencyId: 'a1',
      complaintId: 'c3',
      from: 'c0',
    });
    ledger.when(on('2019-04-06', unmerge('c3'))).thenRefused('not_merged');
    ledger.when(on('2019-04-06', unmerge('c0'))).thenRefused('not_merged');
  });

  it('share the state of the complaint they are merged into, unless closed themselves', () => {
    const ledger = ten().given(
      on('2019-04-05', close('c1', 'withdrawn')),
      on('2019-04-06', close('c0', 'upheld')),
    );
    expect(['c0', 'c1', 'c2'].map((complaintId) => state(ledger, complaintId))).toEqual([
      'upheld',
      'withdrawn',
      'upheld',
    ]);
    expect(answer(ledger, 'c2')).toMatchObject({ closedAt: null });
    expect(state(ledger, 'c2', '2019-04-05')).toBe('open');
    ledger.given(on('2019-04-07', unmerge('c2')));
    expect(state(ledger, 'c2')).toBe('open');
    ledger.given(on('2019-04-08', close('c3', 'dismissed')));
    expect(state(ledger, 'c3')).toBe('dismissed');
  });

  it('lead to the last complaint when they are merged in steps', () => {
    const ledger = given(
      admitted,
      ...['c1', 'c2', 'c3'].map((complaintId) => on('2019-04-02', file(complaintId, '2019-04-01'))),
      on('2019-04-03', merge('c2', 'c1')),
      on('2019-04-04', merge('c3', 'c2')),
      on('2019-04-05', resting('d1', 'c3')),
    );
    const history = ledger.history();
    const first = history.complaints.get('c1')!;
    expect(agency.headOf(history, first, instant('2019-04-03')).complaintId).toBe('c2');
    expect(agency.headOf(history, first, endOfTime).complaintId).toBe('c3');
    const { deductionsOf } = agency.complaintLinksAt(history, endOfTime);
    expect(deductionsOf(first).map(({ deductionId }) => deductionId)).toEqual(['d1']);
  });

  it('are moved by a later merge', () => {
    const ledger = ten().given(
      on('2019-04-05', file('x', '2019-04-01')),
      on('2019-04-06', merge('x', 'c4')),
    );
    expect(answer(ledger, 'c4')).toMatchObject({ mergedInto: 'x' });
  });

  it('never form a circle', () => {
    const ledger = ten();
    ledger.when(on('2019-04-06', merge('c1', 'c1'))).thenRefused('invalid');
    ledger.when(on('2019-04-06', merge('c0', 'c2', 'c0'))).thenRefused('invalid');
    ledger.when(on('2019-04-06', merge('c1', 'c0'))).thenRefused('invalid');
    ledger.given(on('2019-04-06', file('x', '2019-04-01')), on('2019-04-06', merge('c1', 'x')));
    ledger.when(on('2019-04-07', merge('x', 'c0'))).thenRefused('invalid');
    ledger.when(on('2019-04-07', merge('c0', 'x'))).then('ComplaintsMerged');
  });

  it('are all of one agency', () => {
    const ledger = given(
      admitted,
      on('2019-01-10', admit({ agencyId: 'a2', name: 'Agency Two' })),
      on('2019-04-02', file('c1', '2019-04-01')),
      on('2019-04-02', file('c2', '2019-04-01', { agencyId: 'a2' })),
    );
    ledger.when(on('2019-04-03', merge('c1', 'c2'))).thenRefused('unknown_complaint');
    ledger.when(on('2019-04-03', merge('c2', 'c1'))).thenRefused('unknown_complaint');
    ledger.given(on('2019-04-04', resting('d1', 'c2')));
    const deduction = ledger.history().deductions.get('d1')!;
    expect(agency.complaintOfDeduction(ledger.history(), deduction, endOfTime)).toBeUndefined();
  });
});

it('E-56: one complaint may cost two deductions under different clauses', () => {
  const ledger = given(
    admitted,
    on('2019-04-02', file('c1', '2019-04-01')),
    on('2019-04-04', resting('d2', 'c1')),
    on('2019-04-04', resting('d1', 'c1', { clause: 'improper-operation' })),
  );
  expect(answer(ledger, 'c1')?.deductions).toMatchObject([
    { deductionId: 'd1', clause: 'improper-operation' },
    { deductionId: 'd2', clause: 'creator-violation' },
  ]);
  expect(ledger.points()).toBe(20);
});

it('E-57: filing a complaint and recording a post create an id; closing creates none', () => {
  const created = (act: Act) => {
    const read = readCommandLine(act);
    if (read.problems !== undefined) throw new Error(read.problems.map(({ en }) => en).join('; '));
    return creationOf(read.line.command);
  };
  expect(created(file('c1', '2019-04-01'))).toEqual({ kind: 'complaint', id: 'c1' });
  expect(created(post('p1', '2019-04-01'))).toEqual({ kind: 'post', id: 'p1' });
  expect(created(close('c1', 'upheld'))).toBeUndefined();
});

it('E-58: withdrawing a complaint does not revoke the deduction that rests on it', () => {
  const ledger = given(
    admitted,
    on('2019-04-02', file('c1', '2019-04-01')),
    on('2019-04-04', resting('d1', 'c1')),
    on('2019-04-20', by('officer-2', close('c1', 'withdrawn'))),
  );
  ledger.then('ComplaintClosed');
  expect(ledger.points()).toBe(10);
  expect(answer(ledger, 'c1')).toMatchObject({
    state: 'withdrawn',
    deductions: [{ deductionId: 'd1', points: 10, counts: 10 }],
  });
});

describe('what a complaint does to traffic support', () => {
  const inTheWay = (ledger: Scenario, month: string, known?: string) =>
    agency.supportFactsOf(
      ledger.history(),
      month,
      { effectiveAt: endOfTime, knownAt: known === undefined ? endOfTime : instant(known) },
      shanghaiZone,
    ).complaintIds;

  it('E-59: it is in the way from filing, and no longer from its dismissal on', () => {
    const ledger = given(
      admitted,
      on('2019-04-20', file('c1', '2019-04-01')),
      on('2019-05-10', close('c1', 'dismissed')),
    );
    expect(inTheWay(ledger, '2019-04', '2019-04-20 09:59:59.999')).toEqual([]);
    expect(inTheWay(ledger, '2019-04', '2019-04-20')).toEqual(['c1']);
    expect(inTheWay(ledger, '2019-04', '2019-05-10 09:59:59.999')).toEqual(['c1']);
    expect(inTheWay(ledger, '2019-04', '2019-05-10')).toEqual([]);
  });

  it.each([
    ['merchant', 'open', ['c1']],
    ['creator', 'open', ['c1']],
    ['consumer', 'open', []],
    ['platform', 'open', []],
    ['creator', 'upheld', ['c1']],
    ['merchant', 'dismissed', []],
    ['merchant', 'withdrawn', []],
  ])('a %s’s complaint that is %s', (kind, ended, expected) => {
    const ledger = given(
      admitted,
      on('2019-04-20', file('c1', '2019-04-01', { complainant: { kind } })),
    );
    if (ended !== 'open') ledger.given(on('2019-04-21', close('c1', ended)));
    expect(inTheWay(ledger, '2019-04')).toEqual(expected);
  });

  it('belongs to the month of filing: its first instant is in, the next month’s out', () => {
    const ledger = given(
      admitted,
      on('2019-03-31 23:59:59.999', file('c1', '2019-03-31')),
      on('2019-04-01 00:00', file('c2', '2019-03-31')),
      on('2019-04-30 23:59:59.999', file('c3', '2019-03-31')),
      on('2019-05-01 00:00', file('c4', '2019-04-30')),
    );
    expect(inTheWay(ledger, '2019-03')).toEqual(['c1']);
    expect(inTheWay(ledger, '2019-04')).toEqual(['c2', 'c3']);
    expect(inTheWay(ledger, '2019-05')).toEqual(['c4']);
  });
});

describe('a growth post', () => {
  const posts = (ledger: Scenario, month: string, known?: string) =>
    agency.supportFactsOf(
      ledger.history(),
      month,
      { effectiveAt: endOfTime, knownAt: known === undefined ? endOfTime : instant(known) },
      shanghaiZone,
    ).posts;

  it('counts in the month it was shared in, once it is known', () => {
    const ledger = given(
      admitted,
      on('2019-05-02', post('p1', '2019-03-31 23:59:59.999')),
      on('2019-05-02', post('p2', '2019-04-01 00:00')),
      on('2019-05-03', post('p3', '2019-04-30 23:59:59.999')),
      on('2019-05-03', post('p4', '2019-05-01 00:00')),
    );
    ledger.then('GrowthPostRecorded');
    expect(['2019-03', '2019-04', '2019-05'].map((month) => posts(ledger, month))).toEqual([
      1, 2, 1,
    ]);
    expect(posts(ledger, '2019-04', '2019-05-02')).toBe(1);
  });

  it('is not of the future', () => {
    const ledger = given(admitted);
    ledger.when(on('2019-05-02', post('p1', '2019-05-02 10:00:00.001'))).thenRefused('invalid');
    ledger
      .when(on('2019-05-02', post('p1', '2019-05-02')))
      .then('GrowthPostRecorded' satisfies AgencyEventType);
  });
});
