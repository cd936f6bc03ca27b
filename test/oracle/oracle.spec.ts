import { Oracle, type Outcome } from './oracle.js';

/** The golden vectors of cases.md that lie in the oracle's scope, and the order of its checks. */

class Story {
  readonly oracle: Oracle;
  #at = '';

  constructor(mode: 'observer' | 'operator' = 'observer', from = '2018-10-01T00:00:00+08:00') {
    this.oracle = new Oracle(mode);
    this.at(from).does('AdmitAgency', { agencyId: 'a1', name: 'Agency 1' });
  }

  at(instant: string): this {
    this.#at = instant;
    return this;
  }

  does(command: string, data: object, more: object = {}): Outcome {
    return this.oracle.apply({ at: this.#at, command, data, ...more });
  }

  deducts(deductionId: string, more: object = {}): Outcome {
    const fixed = {
      deductionId,
      agencyId: 'a1',
      points: 40,
      clause: 'operating-metric-missed',
      occurredAt: this.#at,
    };
    return this.does('RecordDeduction', { ...fixed, ...more });
  }

  expels(): Outcome {
    return this.does('RecordExpulsion', { agencyId: 'a1', reason: 'threshold' });
  }

  balance(more: object = {}): unknown {
    return this.oracle.query({ query: 'balance', agencyId: 'a1', ...more });
  }

  appeal(appealId: string, more: object = {}): unknown {
    return this.oracle.query({ query: 'appeal', appealId, ...more });
  }
}

const rejected = (code: string): object => ({ status: 'rejected', code });

test.each([
  ['2019', '2018-12-31T16:00:00.000Z', '2018-12-31T15:59:59.999Z'],
  ['2020', '2019-12-31T16:00:00.000Z', '2019-12-31T15:59:59.999Z'],
  ['2021', '2020-12-31T16:00:00.000Z', '2020-12-31T15:59:59.999Z'],
  ['2024', '2023-12-31T16:00:00.000Z', '2023-12-31T15:59:59.999Z'],
  ['2027', '2026-12-31T16:00:00.000Z', '2026-12-31T15:59:59.999Z'],
])('V-1: the reset of %s is at %s', (year, reset, before) => {
  const story = new Story().at(before);
  story.deducts('d1');
  story.at(reset).deducts('d2');
  expect(story.balance({ effectiveAt: before })).toMatchObject({
    period: String(Number(year) - 1),
    balance: 40,
  });
  expect(story.balance()).toMatchObject({
    period: year,
    lines: [{ deductionId: 'd2', running: 40 }],
    notCounted: [{ deductionId: 'd1', reason: 'cleared_by_reset' }],
  });
});

test.each([
  ['V-2', '2019-04-03T10:00:00+08:00', '2019-10-01'],
  ['V-3', '2019-07-10T15:30:00+08:00', '2020-01-07'],
  ['V-4', '2022-09-15T10:00:00+08:00', '2023-03-15'],
  ['V-4', '2023-09-15T10:00:00+08:00', '2024-03-14'],
  ['V-5', '2023-09-02T12:00:00+08:00', '2024-03-01'],
  ['V-6', '2019-12-31T23:59:00+08:00', '2020-06-29'],
  ['V-6', '2020-01-01T00:00:00+08:00', '2020-06-30'],
])('%s: expelled %s, re-entry from %s', (_vector, expelledAt, from) => {
  const story = new Story().at(expelledAt);
  story.expels();
  expect(story.balance()).toMatchObject({
    standing: 'expelled',
    reentryFrom: `${from}T00:00:00.000+08:00`,
  });
  const dayBefore = new Date(Date.parse(`${from}T00:00:00+08:00`) - 1).toISOString();
  expect(story.at(dayBefore).does('ApplyForReentry', { agencyId: 'a1' }).status).toBe('accepted');
  expect(story.does('RecordReadmission', { agencyId: 'a1' }).findings).toEqual(['reentry_early']);
});

test('V-7: 40 in February, March and April 2019 make a pending expulsion in April', () => {
  const story = new Story();
  expect(story.at('2019-02-11T10:00:00+08:00').deducts('d1').events).toEqual(['DeductionImposed']);
  expect(story.at('2019-03-11T10:00:00+08:00').deducts('d2').events).toEqual(['DeductionImposed']);
  expect(story.at('2019-04-11T10:00:00+08:00').deducts('d3').events).toEqual([
    'DeductionImposed',
    'PendingExpulsionOpened',
  ]);
  expect(story.balance()).toEqual({
    agencyId: 'a1',
    period: '2019',
    effectiveAt: '2019-04-11T10:00:00.000+08:00',
    knownAt: '2019-04-11T10:00:00.000+08:00',
    balance: 120,
    threshold: 120,
    standing: 'pending_expulsion',
    pending: {
      openedAt: '2019-04-11T10:00:00.000+08:00',
      period: '2019',
      closesAt: '2019-04-19T00:00:00.000+08:00',
    },
    expulsion: null,
    reentryFrom: null,
    contested: 0,
    appealable: 40,
    ifUpheld: 120,
    lines: [
      {
        deductionId: 'd1',
        points: 40,
        counts: 40,
        effectiveAt: '2019-02-11T10:00:00.000+08:00',
        running: 40,
      },
      {
        deductionId: 'd2',
        points: 40,
        counts: 40,
        effectiveAt: '2019-03-11T10:00:00.000+08:00',
        running: 80,
      },
      {
        deductionId: 'd3',
        points: 40,
        counts: 40,
        effectiveAt: '2019-04-11T10:00:00.000+08:00',
        running: 120,
      },
    ],
    notCounted: [],
    rulebook: { id: 'ali-mcn', rulebookVersion: '2019-03-07' },
  });
});

test('V-8: failures of October to December give 80 and 40, and 0 in 2020 by month', () => {
  const story = new Story();
  for (const [id, at, month] of [
    ['d1', '2019-11-05T10:00:00+08:00', '2019-10'],
    ['d2', '2019-12-05T10:00:00+08:00', '2019-11'],
    ['d3', '2020-01-05T10:00:00+08:00', '2019-12'],
  ] as const) {
    story.at(at).deducts(id, { basis: { kind: 'assessment', month } });
  }
  expect(story.balance({ period: '2019' })).toMatchObject({ balance: 80 });
  expect(story.balance()).toMatchObject({ balance: 40, period: '2020' });
  const whatif = { query: 'whatif', agencyId: 'a1', attribution: 'assessmentMonthEnd' };
  expect(story.oracle.query(whatif)).toEqual({
    recorded: { balance: 40, thresholdReachedAt: null },
    whatif: { balance: 0, thresholdReachedAt: null },
    partsAt: '2020-01-05T10:00:00.000+08:00',
  });
});

test('V-9: a revocation after the reset leaves the expulsion of last year unsupported', () => {
  const story = new Story();
  for (const month of ['02', '03', '04'])
    story.at(`2019-${month}-11T10:00:00+08:00`).deducts(`d${month}`);
  expect(story.at('2019-04-19T00:00:00+08:00').expels().findings).toEqual([]);
  story.at('2020-02-01T10:00:00+08:00');
  expect(story.does('RecordRevocation', { deductionId: 'd02', reason: 'upheld' }).events).toEqual([
    'DeductionRevoked',
    'ExpulsionUnsupported',
  ]);
  const e = '2019-12-31T00:00:00+08:00';
  expect(story.balance({ effectiveAt: e })).toMatchObject({
    balance: 80,
    expulsion: { supported: false },
  });
  expect(story.balance()).toMatchObject({ balance: 0, standing: 'expelled' });
  const k = '2020-01-31T00:00:00+08:00';
  expect(story.balance({ effectiveAt: e, knownAt: k })).toMatchObject({
    balance: 120,
    expulsion: { supported: true },
  });
  expect(story.does('RevokeExpulsion', { agencyId: 'a1', reason: 'no basis' }).events).toEqual([
    'ExpulsionRevoked',
  ]);
  expect(story.balance({ effectiveAt: e })).toMatchObject({ standing: 'active' });
  expect(story.balance({ effectiveAt: e, knownAt: k })).toMatchObject({ standing: 'expelled' });
});

test('V-10: 40 partly upheld to 20, then reinstated, counts 40 from the original time', () => {
  const story = new Story().at('2019-03-01T10:00:00+08:00');
  story.deducts('d1');
  story.does('InitiateAppeal', {
    appealId: 'p1',
    agencyId: 'a1',
    deductionIds: ['d1'],
    grounds: 'unfounded',
  });
  const partly = {
    appealId: 'p1',
    outcome: 'partly_upheld',
    adjustments: [{ deductionId: 'd1', points: 20 }],
    reason: 'r',
  };
  expect(
    story.at('2019-03-03T10:00:00+08:00').does('DecideAppeal', partly, { by: 'officer-2' }),
  ).toEqual({
    status: 'accepted',
    code: null,
    events: ['AppealDecided', 'DeductionAdjusted'],
    findings: [],
  });
  const e = { effectiveAt: '2019-03-01T10:00:00+08:00' };
  expect(story.balance(e)).toMatchObject({ balance: 20 });
  story.at('2019-03-05T10:00:00+08:00');
  expect(story.does('RecordReinstatement', { deductionId: 'd1', reason: 'r' }).events).toEqual([
    'DeductionReinstated',
  ]);
  expect(story.balance(e)).toMatchObject({ balance: 40 });
  expect(story.balance({ ...e, knownAt: '2019-03-03T09:59:59.999+08:00' })).toMatchObject({
    balance: 40,
  });
  expect(story.balance({ ...e, knownAt: '2019-03-05T09:59:59.999+08:00' })).toMatchObject({
    balance: 20,
  });
});

test.each([
  ['2020-01-02T23:59:59.999+08:00', 'initiated', []],
  ['2020-01-03T00:00:00+08:00', 'out_of_time', ['appeal_late']],
])('V-13: notice of 2019-12-28, initiated %s: %s', (at, state, findings) => {
  const story = new Story().at('2019-12-28T10:00:00+08:00');
  story.deducts('d1', { notifiedAt: '2019-12-28T10:00:00+08:00' });
  story.at(at);
  const initiated = { appealId: 'p1', agencyId: 'a1', deductionIds: ['d1'], grounds: 'unfounded' };
  expect(story.does('InitiateAppeal', initiated).findings).toEqual(findings);
  expect(story.appeal('p1')).toMatchObject({ state, initiateBy: '2020-01-03T00:00:00.000+08:00' });
});

test('V-14: evidence is in time for 72 hours, after which the appeal has lapsed', () => {
  const story = new Story().at('2020-01-02T23:50:00+08:00');
  story.deducts('d1');
  story.does('InitiateAppeal', {
    appealId: 'p1',
    agencyId: 'a1',
    deductionIds: ['d1'],
    grounds: 'unfounded',
  });
  const items = [
    { evidenceId: 'e1', title: 'Replay', mediaType: 'video/mp4', sha256: '0'.repeat(64) },
  ];
  story.at('2020-01-05T23:50:00+08:00');
  expect(story.does('SubmitEvidence', { appealId: 'p1', items })).toMatchObject(
    rejected('evidence_window_closed'),
  );
  expect(story.appeal('p1')).toMatchObject({
    state: 'lapsed',
    evidenceBy: '2020-01-05T23:50:00.000+08:00',
  });
  expect(story.appeal('p1', { knownAt: '2020-01-05T23:49:59.999+08:00' })).toMatchObject({
    state: 'initiated',
  });
});

test('V-16: effective 2019-12-31T16:30:00Z belongs to 2020', () => {
  const story = new Story().at('2019-12-31T16:30:00Z');
  story.deducts('d1');
  expect(story.balance()).toMatchObject({ period: '2020', balance: 40 });
});

test('V-17: a repeated command is one event; another body under its id is a conflict', () => {
  const story = new Story().at('2019-03-01T10:00:00+08:00');
  story.deducts('d1');
  expect(story.deducts('d1')).toEqual({
    status: 'duplicate',
    code: null,
    events: [],
    findings: [],
  });
  expect(story.deducts('d1', { points: 41 })).toMatchObject(rejected('conflict'));
  expect(story.oracle.facts).toHaveLength(2);
});

test('a commandId belongs to its sender: two actors use it for two acts', () => {
  const story = new Story().at('2019-03-01T10:00:00+08:00');
  story.deducts('d1');
  const revises = (by: string, reason: string) =>
    story.oracle.apply({
      at: '2019-03-01T10:00:00+08:00',
      command: 'CorrectDeduction',
      by,
      commandId: 'c1',
      data: { deductionId: 'd1', reason },
    }).status;
  expect([revises('o1', 'x'), revises('o2', 'y')]).toEqual(['accepted', 'accepted']);
  expect([revises('o2', 'y'), revises('o2', 'x')]).toEqual(['duplicate', 'rejected']);
});

test('V-18: a missed newcomer target costs 120 at once', () => {
  const story = new Story('observer', '2019-01-01T00:00:00+08:00').at('2019-03-15T10:00:00+08:00');
  const newcomer = { points: 120, clause: 'newcomer-target-missed' };
  expect(story.deducts('d1', newcomer).events).toEqual([
    'DeductionImposed',
    'PendingExpulsionOpened',
  ]);
});

test('a scheduled deduction opens the pending expulsion when it falls due', () => {
  const story = new Story().at('2019-03-01T10:00:00+08:00');
  const scheduled = {
    points: 120,
    clause: 'improper-operation',
    effectiveAt: '2019-03-10T00:00:00+08:00',
  };
  expect(story.deducts('d1', scheduled).events).toEqual(['DeductionImposed']);
  expect(story.at('2019-03-12T10:00:00+08:00').deducts('d2').events).toEqual(['DeductionImposed']);
  expect(story.balance()).toMatchObject({ pending: { openedAt: '2019-03-10T00:00:00.000+08:00' } });
});

test('an operator refuses a breach and records nothing of it', () => {
  const story = new Story('operator').at('2019-03-01T10:00:00+08:00');
  expect(story.deducts('d1', { points: 41 })).toMatchObject(rejected('tariff_mismatch'));
  expect(story.expels()).toMatchObject(rejected('no_last_chance'));
  expect(story.deducts('d1').status).toBe('accepted');
});

test('checks run in the order listed', () => {
  const story = new Story().at('2019-03-01T10:00:00+08:00');
  story.deducts('d1');
  const later = '2019-03-01T10:00:00.001+08:00';
  expect(story.deducts('d1', { occurredAt: later })).toMatchObject(rejected('invalid'));
  expect(story.deducts('d1', { agencyId: 'a9' })).toMatchObject(rejected('conflict'));
  expect(story.deducts('d2', { agencyId: 'a9', clause: 'none' })).toMatchObject(
    rejected('unknown_agency'),
  );
  const before = {
    occurredAt: '2018-01-01T00:00:00+08:00',
    effectiveAt: '2018-01-01T00:00:00+08:00',
  };
  expect(story.deducts('d2', { ...before, clause: 'none' })).toMatchObject(
    rejected('unknown_clause'),
  );
  expect(story.deducts('d2', before)).toMatchObject(rejected('not_admitted'));
});
