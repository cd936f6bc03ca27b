import { Oracle, type Outcome } from './oracle.js';

/**
 * The golden vectors and edge cases of cases.md, sections E to H, and the readings of readings.md
 * from R 38 on.
 */

const minute = 60_000;

class Story {
  readonly oracle: Oracle;
  #at = '2018-07-10T00:00:00+08:00';
  #sessions = 0;

  constructor(mode: 'observer' | 'operator' = 'observer', admitted = '2018-07-10T00:00:00+08:00') {
    this.oracle = new Oracle(mode);
    this.at(admitted).does('AdmitAgency', { agencyId: 'a1', name: 'Agency 1' });
    this.does('AdmitAgency', { agencyId: 'a2', name: 'Agency 2' });
  }

  at(instant: string): this {
    this.#at = instant;
    return this;
  }

  does(command: string, data: object, more: object = {}): Outcome {
    return this.oracle.apply({ at: this.#at, command, data, ...more });
  }

  binds(agencyId: string, ...creatorIds: string[]): this {
    for (const creatorId of creatorIds) this.does('BindCreator', { agencyId, creatorId });
    return this;
  }

  records(creatorId: string, startedAt: string, minutes = 30, more: object = {}): Outcome {
    const endedAt = new Date(Date.parse(startedAt) + Math.round(minutes * minute)).toISOString();
    const sessionId = `s${String(++this.#sessions)}`;
    return this.does('RecordSession', { sessionId, creatorId, startedAt, endedAt, ...more });
  }

  /** `n` effective sessions of each in a month, on its first days. */
  streams(month: string, n: number, creatorIds: readonly string[], more: object = {}): this {
    for (const creatorId of creatorIds) {
      for (let each = 0; each < n; each++) {
        const date = String(1 + (each % 28)).padStart(2, '0');
        this.records(
          creatorId,
          `${month}-${date}T${each < 28 ? '10' : '20'}:00:00+08:00`,
          30,
          more,
        );
      }
    }
    return this;
  }

  computes(month: string, agencyId = 'a1'): unknown {
    this.does('ComputeAssessment', { month, agencyId });
    return this.assessment(month, { agencyId });
  }

  assessment(month: string, more: object = {}): unknown {
    return this.oracle.query({ query: 'assessment', agencyId: 'a1', month, ...more });
  }

  vertical(month: string, vertical = 'beauty'): unknown {
    return this.oracle.query({ query: 'vertical', month, vertical });
  }
}

const rejected = (code: string): object => ({ status: 'rejected', code });
const creators = (n: number, prefix = 'c'): string[] =>
  Array.from({ length: n }, (_, index) => `${prefix}${String(index + 1)}`);
const beauty = (amountFen: number) => ({
  contentVertical: 'beauty',
  sales: [{ vertical: 'beauty', amountFen }],
});

/**
 * An agency of `base` creators, of whom `active` had ten effective sessions in the month, at the
 * start of the next month.
 */
function month(name: string, next: string, active: number, base: number): Story {
  const story = new Story().at('2018-12-15T10:00:00+08:00').binds('a1', ...creators(base));
  return story.at(`${next}-01T00:00:00+08:00`).streams(name, 10, creators(active));
}

describe('assessment', () => {
  test.each([
    ['7 of 10', 7, 10, 'passed', []],
    ['16 of 23 (E-37)', 16, 23, 'failed', ['activity']],
    ['0 of 0 (E-38)', 0, 0, 'failed', ['headcount']],
    ['4 of 4 (E-38)', 4, 4, 'failed', ['headcount']],
    ['0 of 4 (E-41)', 0, 4, 'failed', ['activity', 'headcount']],
  ])('V-11: %s', (_name, active, base, verdict, reasons) => {
    const story = month('2019-05', '2019-06', active, base);
    expect(story.computes('2019-05')).toEqual({
      verdict,
      base,
      active,
      rate: 70,
      reasons,
      rulebookVersion: '2019-03-07',
      anyTime: { base, active },
      alternative: null,
      sessions: { overlapping: 0 },
    });
  });

  test.each([
    ['2019-02', '2019-03', 'passed', 60, '2018-07-03', null],
    ['2019-03', '2019-04', 'passed', 60, '2018-07-03', 'failed'],
    ['2019-04', '2019-05', 'failed', 70, '2019-03-07', null],
  ])('V-12, E-31: 13 of 20 in %s', (name, next, verdict, rate, rulebookVersion, alternative) => {
    expect(month(name, next, 13, 20).computes(name)).toMatchObject({
      verdict,
      rate,
      rulebookVersion,
      alternative,
    });
  });

  test.each([
    ['29:59.999', 30 - 1 / minute, 0],
    ['30:00.000', 30, 1],
  ])('V-15, E-46: ten sessions of %s', (_length, minutes, active) => {
    const story = new Story()
      .at('2019-04-01T10:00:00+08:00')
      .binds('a1', 'c1')
      .at('2019-06-01T00:00:00+08:00');
    for (let day = 10; day < 20; day++)
      story.records('c1', `2019-05-${String(day)}T10:00:00+08:00`, minutes);
    expect(story.computes('2019-05')).toMatchObject({ base: 1, active });
  });

  test('E-47: a session over midnight at the year’s end is of the month of its start', () => {
    const story = new Story()
      .at('2019-11-01T10:00:00+08:00')
      .binds('a1', 'c1')
      .at('2020-02-01T00:00:00+08:00');
    for (let each = 0; each < 10; each++) {
      story.records('c1', `2019-12-31T23:5${String(each)}:00+08:00`, 50);
    }
    expect(story.computes('2019-12')).toMatchObject({ active: 1 });
    expect(story.computes('2020-01')).toMatchObject({ active: 0 });
  });

  test('E-39, R 42, R 43: unbound in the month, or bound near or at its end', () => {
    const story = new Story().at('2019-04-01T10:00:00+08:00').binds('a1', 'c1', 'c2', 'c3');
    story
      .at('2019-05-10T10:00:00+08:00')
      .does('UnbindCreator', { agencyId: 'a1', creatorId: 'c1' });
    story.does('UnbindCreator', { agencyId: 'a1', creatorId: 'c2' });
    story.binds('a2', 'c2');
    story.at('2019-05-31T10:00:00+08:00').binds('a1', 'c4');
    story.at('2019-05-31T23:59:59.999+08:00').binds('a1', 'c5');
    story.at('2019-06-01T00:00:00+08:00').binds('a1', 'c6');
    story.does('UnbindCreator', { agencyId: 'a1', creatorId: 'c3' });
    story.streams('2019-05', 9, ['c1']);
    expect(story.computes('2019-05')).toMatchObject({ base: 3, anyTime: { base: 5, active: 0 } });
    story.records('c1', '2019-05-09T12:00:00+08:00');
    expect(story.computes('2019-05')).toMatchObject({ active: 0, anyTime: { base: 5, active: 1 } });
    expect(story.computes('2019-05', 'a2')).toMatchObject({ base: 1, anyTime: { base: 1 } });
  });

  test('E-40: the base counts creators with or without the exposure right', () => {
    const story = month('2019-05', '2019-06', 5, 5);
    story.does('WithdrawExposureRight', { creatorId: 'c1' });
    expect(story.computes('2019-05')).toMatchObject({ verdict: 'passed', base: 5, active: 5 });
  });

  test('E-42, E-44: a deduction for a month we compute as passed, and a second one for it', () => {
    const story = month('2019-05', '2019-06', 5, 5);
    story.computes('2019-05');
    const deduction = { agencyId: 'a1', points: 40, clause: 'operating-metric-missed' };
    const more = {
      occurredAt: '2019-06-01T00:00:00+08:00',
      basis: { kind: 'assessment', month: '2019-05' },
    };
    expect(
      story.does('RecordDeduction', { deductionId: 'd1', ...deduction, ...more }),
    ).toMatchObject({
      status: 'accepted',
      findings: ['assessment_disagrees'],
    });
    expect(
      story.does('RecordDeduction', { deductionId: 'd2', ...deduction, ...more }),
    ).toMatchObject(rejected('duplicate_assessment'));
    story.does('RecordRevocation', { deductionId: 'd1', reason: 'passed' });
    expect(
      story.does('RecordDeduction', { deductionId: 'd2', ...deduction, ...more }).findings,
    ).toEqual(['assessment_disagrees', 'possible_duplicate']);
  });

  test('E-45, E-50: late, corrected and voided sessions change only a new computation', () => {
    const story = month('2019-05', '2019-06', 3, 5);
    story.does('ComputeAssessment', { month: '2019-05' });
    story.at('2019-06-02T00:00:00+08:00').streams('2019-05', 10, ['c4']);
    expect(story.assessment('2019-05')).toMatchObject({ verdict: 'failed', active: 3 });
    expect(story.computes('2019-05')).toMatchObject({ verdict: 'passed', active: 4 });
    const shorter = {
      sessionId: 's1',
      endedAt: '2019-05-01T10:29:59.999+08:00',
      reason: 'revised',
    };
    story.at('2019-06-03T00:00:00+08:00');
    expect(story.does('CorrectSession', shorter).events).toEqual(['SessionCorrected']);
    expect(story.does('VoidSession', { sessionId: 's11', reason: 'test' }).events).toEqual([
      'SessionVoided',
    ]);
    expect(story.computes('2019-05')).toMatchObject({ verdict: 'failed', active: 2 });
    expect(story.assessment('2019-05', { knownAt: '2019-06-02T12:00:00+08:00' })).toMatchObject({
      active: 4,
    });
    expect(story.assessment('2019-05', { knownAt: '2019-06-01T12:00:00+08:00' })).toMatchObject({
      active: 3,
    });
    expect(story.assessment('2019-05', { knownAt: '2019-05-31T12:00:00+08:00' })).toEqual({
      verdict: 'not_computed',
    });
  });

  test.each([
    ['2019-01-30', 'passed', []],
    ['2019-01-31', 'not_assessed', ['newcomer']],
  ])(
    'E-43, V-18: admitted on %s, the month that starts on 2019-05-01 is %s',
    (date, verdict, reasons) => {
      const story = new Story('observer', `${date}T23:59:59.999+08:00`).binds('a1', ...creators(5));
      story.at('2019-06-01T00:00:00+08:00').streams('2019-05', 10, creators(5));
      expect(story.computes('2019-05')).toMatchObject({ verdict, reasons, base: 5, active: 5 });
    },
  );

  test('E-20: a month of an expulsion is not assessed, also once the expulsion is revoked', () => {
    const story = month('2019-05', '2019-06', 5, 5);
    story
      .at('2019-06-10T10:00:00+08:00')
      .does('RecordExpulsion', { agencyId: 'a1', reason: 'threshold' });
    const notAssessed = { verdict: 'not_assessed', reasons: ['not_active'] };
    story.at('2019-08-02T10:00:00+08:00');
    expect(story.computes('2019-05')).toMatchObject({ verdict: 'passed' });
    expect(story.computes('2019-07')).toMatchObject(notAssessed);
    story.does('RevokeExpulsion', { agencyId: 'a1', reason: 'no basis' });
    story.at('2019-10-02T10:00:00+08:00');
    expect(story.computes('2019-05')).toMatchObject({ verdict: 'passed' });
    for (const wronged of ['2019-06', '2019-07', '2019-08'])
      expect(story.computes(wronged)).toMatchObject(notAssessed);
    expect(story.computes('2019-09')).toMatchObject({ verdict: 'failed', reasons: ['activity'] });
  });

  test('one event for each agency in the order of their ids, when the month is over', () => {
    const story = new Story().at('2019-05-31T23:59:59.999+08:00');
    expect(story.does('ComputeAssessment', { month: '2019-05' })).toMatchObject(
      rejected('month_not_over'),
    );
    const unknown = story.does('ComputeAssessment', { month: '2019-05', agencyId: 'a9' });
    expect(unknown).toMatchObject(rejected('unknown_agency'));
    story.at('2019-06-01T00:00:00+08:00');
    const computed = story.does('ComputeAssessment', { month: '2019-05' });
    expect(computed.events).toEqual(['AssessmentComputed', 'AssessmentComputed']);
    expect(story.oracle.facts.slice(-2).map(({ agencyId }) => agencyId)).toEqual(['a1', 'a2']);
  });
});

describe('roster', () => {
  test('checks run in the order listed, time_order first', () => {
    const story = new Story().at('2019-04-01T10:00:00+08:00').binds('a1', 'c1');
    const early = { effectiveAt: '2019-04-01T09:59:59.999+08:00' };
    const bind = (more: object): Outcome =>
      story.does('BindCreator', { agencyId: 'a2', creatorId: 'c1', ...more });
    expect(bind({ agencyId: 'a9', ...early })).toMatchObject(rejected('unknown_agency'));
    expect(bind(early)).toMatchObject(rejected('time_order'));
    expect(bind({})).toMatchObject(rejected('already_bound'));
    expect(bind({ effectiveAt: '2019-04-01T10:00:00.001+08:00' })).toMatchObject(
      rejected('invalid'),
    );
    story.does('RecordExit', { agencyId: 'a2' });
    expect(bind({})).toMatchObject(rejected('not_admitted'));
    const unbind = { agencyId: 'a2', creatorId: 'c1' };
    expect(story.does('UnbindCreator', unbind)).toMatchObject(rejected('not_bound'));
    expect(story.does('GrantExposureRight', { creatorId: 'c1', ...early })).toMatchObject(
      rejected('time_order'),
    );
  });

  test('R 39: an exit does not unbind; sessions after it are not admitted', () => {
    const story = new Story().at('2019-04-01T10:00:00+08:00').binds('a1', 'c1');
    story.does('RecordExit', { agencyId: 'a1' });
    story.at('2019-04-02T12:00:00+08:00');
    expect(story.records('c1', '2019-04-02T10:00:00+08:00')).toMatchObject(
      rejected('not_admitted'),
    );
    expect(story.records('c9', '2019-04-02T10:00:00+08:00')).toMatchObject(rejected('not_bound'));
    expect(story.does('UnbindCreator', { agencyId: 'a1', creatorId: 'c1' }).status).toBe(
      'accepted',
    );
  });
});

describe('sessions', () => {
  const story = (): Story => new Story().at('2019-04-01T10:00:00+08:00').binds('a1', 'c1');

  test('E-48: two parts of twenty minutes are two sessions, neither effective', () => {
    const parts = story().at('2019-06-01T00:00:00+08:00');
    for (let day = 10; day < 20; day++) {
      parts.records('c1', `2019-05-${String(day)}T10:00:00+08:00`, 20);
      parts.records('c1', `2019-05-${String(day)}T10:20:00+08:00`, 20);
    }
    expect(parts.computes('2019-05')).toMatchObject({ active: 0 });
  });

  test('contradictions, and what a correction is checked for (R 46)', () => {
    const one = story().at('2019-04-10T10:00:00+08:00');
    expect(one.records('c1', '2019-04-09T10:00:00+08:00', 0)).toMatchObject(rejected('invalid'));
    expect(one.records('c1', '2019-04-10T10:00:00+08:00', 30)).toMatchObject(rejected('invalid'));
    expect(one.records('c1', '2019-04-01T09:59:59.999+08:00')).toMatchObject(rejected('not_bound'));
    expect(one.records('c1', '2019-04-01T10:00:00+08:00').status).toBe('accepted');
    const corrects = (more: object): Outcome =>
      one.does('CorrectSession', { sessionId: 's4', reason: 'r', ...more });
    expect(corrects({ sessionId: 's9' })).toMatchObject(rejected('unknown_session'));
    expect(corrects({ startedAt: '2019-04-01T09:59:59.999+08:00' })).toMatchObject(
      rejected('not_bound'),
    );
    expect(corrects({ startedAt: '2019-04-01T10:30:00+08:00' })).toMatchObject(rejected('invalid'));
    expect(corrects({}).status).toBe('accepted');
    expect(one.does('VoidSession', { sessionId: 's4', reason: 'r' }).status).toBe('accepted');
    expect(one.does('VoidSession', { sessionId: 's4', reason: 'r' })).toMatchObject(
      rejected('already_void'),
    );
    expect(corrects({ endedAt: '2019-04-01T12:00:00+08:00' }).status).toBe('accepted');
  });

  test('E-51, E-52: a session is of the agency at its start; a late unbinding moves it', () => {
    const moved = story().at('2019-06-01T00:00:00+08:00').streams('2019-05', 10, ['c1']);
    expect(moved.computes('2019-05')).toMatchObject({
      base: 1,
      active: 1,
      anyTime: { base: 1, active: 1 },
    });
    const when = { effectiveAt: '2019-05-10T10:00:00+08:00' };
    moved.does('UnbindCreator', { agencyId: 'a1', creatorId: 'c1', ...when });
    moved.does('BindCreator', { agencyId: 'a2', creatorId: 'c1', ...when });
    expect(moved.computes('2019-05')).toMatchObject({ base: 0, anyTime: { base: 1, active: 0 } });
    expect(moved.computes('2019-05', 'a2')).toMatchObject({
      base: 1,
      active: 0,
      anyTime: { base: 1, active: 0 },
    });
  });
});

describe('complaints', () => {
  const filed = {
    complainant: { kind: 'merchant' },
    occurredAt: '2019-05-02T10:00:00+08:00',
    subject: 'goods',
  };

  test('E-55, E-57, E-58: a complaint is filed, merged, unmerged and withdrawn, each once', () => {
    const story = new Story()
      .at('2019-05-01T10:00:00+08:00')
      .binds('a1', 'c1')
      .at('2019-05-03T10:00:00+08:00');
    const files = (complaintId: string, more: object): Outcome =>
      story.does('FileComplaint', { complaintId, ...filed, ...more });
    expect(files('k1', { agencyId: 'a1' }).events).toEqual(['ComplaintFiled']);
    expect(files('k1', { agencyId: 'a1' }).status).toBe('duplicate');
    expect(files('k1', { agencyId: 'a2' })).toMatchObject(rejected('conflict'));
    expect(files('k2', {})).toMatchObject(rejected('invalid'));
    expect(files('k2', { agencyId: 'a1', creatorId: 'c1' })).toMatchObject(rejected('invalid'));
    const before = { occurredAt: '2019-05-01T09:00:00+08:00' };
    expect(files('k2', { creatorId: 'c1', ...before })).toMatchObject(rejected('not_bound'));
    expect(files('k2', { creatorId: 'c1' }).status).toBe('accepted');
    expect(story.does('MergeComplaints', { into: 'k1', from: ['k9'] })).toMatchObject(
      rejected('unknown_complaint'),
    );
    expect(story.does('MergeComplaints', { into: 'k1', from: ['k1'] })).toMatchObject(
      rejected('invalid'),
    );
    expect(story.does('UnmergeComplaint', { complaintId: 'k2' })).toMatchObject(
      rejected('not_merged'),
    );
    expect(story.does('MergeComplaints', { into: 'k1', from: ['k2'] }).events).toEqual([
      'ComplaintsMerged',
    ]);
    expect(story.does('UnmergeComplaint', { complaintId: 'k1' })).toMatchObject(
      rejected('not_merged'),
    );
    expect(story.does('UnmergeComplaint', { complaintId: 'k2' }).events).toEqual([
      'ComplaintUnmerged',
    ]);
    expect(story.does('UnmergeComplaint', { complaintId: 'k2' })).toMatchObject(
      rejected('not_merged'),
    );
    const closes = (): Outcome =>
      story.does('CloseComplaint', { complaintId: 'k2', outcome: 'withdrawn' });
    expect(closes().events).toEqual(['ComplaintClosed']);
    expect(closes()).toMatchObject(rejected('complaint_closed'));
  });

  test.each([
    ['merchant', null, true],
    ['creator', 'upheld', true],
    ['merchant', 'dismissed', false],
    ['creator', 'withdrawn', false],
    ['consumer', null, false],
    ['platform', 'upheld', false],
  ])('E-59: of a %s, %s: blocks a vertical: %s', (kind, outcome, blocks) => {
    const story = incubated();
    story.at('2019-05-31T23:59:59.999+08:00');
    story.does('FileComplaint', {
      complaintId: 'k1',
      creatorId: 'c1',
      ...filed,
      complainant: { kind },
    });
    if (outcome !== null) story.does('CloseComplaint', { complaintId: 'k1', outcome });
    const refused = [...(blocks ? [{ agencyId: 'a1', reasons: ['complaints'] }] : []), without];
    expect(story.vertical('2019-05')).toMatchObject({ refused });
  });

  test('R 51, R 52: a complaint counts in its month of recording, despite a late unbinding', () => {
    const story = incubated().at('2019-06-01T00:00:00+08:00');
    story.does('FileComplaint', { complaintId: 'k1', creatorId: 'c1', ...filed });
    expect(story.vertical('2019-05')).toMatchObject({ refused: [without] });
    expect(story.vertical('2019-06')).toMatchObject({
      refused: [{ reasons: ['creators', 'complaints'] }, {}],
    });
    story.does('UnbindCreator', {
      agencyId: 'a1',
      creatorId: 'c1',
      effectiveAt: '2019-05-02T10:00:00+08:00',
    });
    expect(story.vertical('2019-06')).toMatchObject({
      refused: [{ reasons: ['creators', 'complaints'] }, {}],
    });
  });
});

/** a1 has five creators with twenty sessions each in May 2019, on the last day of which it is. */
function incubated(n = 20, amount = 100): Story {
  const story = new Story().at('2019-04-01T10:00:00+08:00').binds('a1', ...creators(5));
  return story.at('2019-05-30T10:00:00+08:00').streams('2019-05', n, creators(5), beauty(amount));
}

const without = { agencyId: 'a2', reasons: ['creators'] };

describe('verticals', () => {
  test('five creators with twenty sessions on average qualify', () => {
    const figures = { sales: 10_000, creators: 5, sessions: 100, newlyBound: 0, posts: 0 };
    expect(incubated().vertical('2019-05')).toEqual({
      ranking: [{ agencyId: 'a1', ...figures }],
      refused: [without],
    });
    expect(incubated(19).vertical('2019-05')).toMatchObject({
      refused: [{ reasons: ['sessions'] }, without],
    });
    const fewer = incubated();
    fewer
      .at('2019-05-31T10:00:00+08:00')
      .does('UnbindCreator', { agencyId: 'a1', creatorId: 'c5' });
    expect(fewer.vertical('2019-05')).toMatchObject({
      ranking: [],
      refused: [{ reasons: ['creators'] }, without],
    });
  });

  test('exactly a tenth of all sales is enough; all sessions and sellers count', () => {
    const rival = (amountFen: number): unknown => {
      const story = incubated().binds('a1', 'c6').at('2019-05-30T12:00:00+08:00');
      story.records('c6', '2019-05-30T10:01:00+08:00', 1, {
        sales: [{ vertical: 'food', amountFen }],
      });
      return story.vertical('2019-05');
    };
    expect(rival(90_000)).toMatchObject({
      ranking: [{ sales: 10_000, creators: 5 }],
      refused: [without],
    });
    expect(rival(90_001)).toMatchObject({
      ranking: [],
      refused: [{ reasons: ['share'] }, without],
    });
  });

  test('the main vertical goes by sales, then effective sessions, then the name', () => {
    const both = (contentVertical: string): object => ({
      contentVertical,
      sales: ['beauty', 'food'].map((vertical) => ({ vertical, amountFen: 100 })),
    });
    const story = new Story()
      .at('2019-04-01T10:00:00+08:00')
      .binds('a1', 'c1', 'c2')
      .at('2019-05-30T10:00:00+08:00');
    story.records('c1', '2019-05-02T10:00:00+08:00', 30, both('food'));
    story.records('c2', '2019-05-02T10:00:00+08:00', 29, both('food'));
    story.does('RecordExit', { agencyId: 'a1' });
    const reasons = ['creators', 'sessions', 'standing'];
    expect(story.vertical('2019-05', 'food')).toEqual({
      ranking: [],
      refused: [{ agencyId: 'a1', reasons }, without],
    });
  });

  test('R 42, R 56: a creator unbound at the instant of its binding is not newly bound', () => {
    const story = incubated();
    const when = { effectiveAt: '2019-05-31T10:00:00+08:00' };
    story.at('2019-05-31T12:00:00+08:00');
    for (const creatorId of ['d1', 'd2'])
      story.does('BindCreator', { agencyId: 'a1', creatorId, ...when });
    expect(story.vertical('2019-05')).toMatchObject({ ranking: [{ newlyBound: 2 }] });
    story.does('UnbindCreator', { agencyId: 'a1', creatorId: 'd1', ...when });
    expect(story.vertical('2019-05')).toMatchObject({ ranking: [{ newlyBound: 1 }] });
  });

  test('ties: newly bound, then growth posts of the month, then the lesser id', () => {
    const story = incubated().binds('a2', ...creators(5, 'b'));
    story.at('2019-05-31T23:00:00+08:00');
    for (const creatorId of creators(5, 'b')) {
      for (let n = 0; n < 20; n++)
        story.records(creatorId, '2019-05-31T10:00:00+08:00', 30, beauty(100));
    }
    const order = (): unknown => story.vertical('2019-05');
    expect(order()).toMatchObject({
      ranking: [{ agencyId: 'a2', newlyBound: 5 }, { agencyId: 'a1' }],
    });
    story.binds('a1', ...creators(5, 'd'));
    expect(order()).toMatchObject({ ranking: [{ agencyId: 'a1' }, { agencyId: 'a2' }] });
    story.does('RecordGrowthPost', {
      agencyId: 'a1',
      postId: 'g1',
      occurredAt: '2019-04-30T23:59:59.999+08:00',
    });
    story.does('RecordGrowthPost', {
      agencyId: 'a2',
      postId: 'g2',
      occurredAt: '2019-05-01T00:00:00+08:00',
    });
    expect(order()).toMatchObject({
      ranking: [
        { agencyId: 'a2', posts: 1 },
        { agencyId: 'a1', posts: 0 },
      ],
    });
  });
});

describe('slots and themes', () => {
  const slot = { date: '2019-06-01', hour: 10, agencyId: 'a1' };
  const slots = { date: '2019-06-01', vertical: 'beauty', month: '2019-05' };

  test('allocated once a day, never on a blackout date; then waived or assigned to five', () => {
    const story = incubated();
    const assigns = (creatorIds: string[], more: object = {}): Outcome =>
      story.does('AssignSlot', { ...slot, ...more, creatorIds });
    story.does('DeclareBlackout', { date: '2019-06-02', reason: 'festival' });
    expect(story.does('AllocateSlots', { ...slots, date: '2019-06-02' })).toMatchObject(
      rejected('blackout_date'),
    );
    expect(assigns(creators(5))).toMatchObject(rejected('no_slot'));
    expect(story.does('AllocateSlots', slots).events).toEqual(['SlotsAllocated']);
    expect(story.does('AllocateSlots', slots)).toMatchObject(rejected('already_allocated'));
    expect(assigns(creators(5), { hour: 11 })).toMatchObject(rejected('no_slot'));
    expect(assigns(creators(5), { hour: 12 })).toMatchObject(rejected('no_slot'));
    expect(assigns(creators(5), { agencyId: 'a2' })).toMatchObject(rejected('no_slot'));
    expect(assigns([...creators(3), 'c9'])).toMatchObject(rejected('too_few_creators'));
    expect(assigns([...creators(4), 'c9'])).toMatchObject(rejected('not_qualified'));
    expect(assigns(creators(5)).events).toEqual(['SlotAssigned']);
    expect(story.does('WaiveSlot', slot).events).toEqual(['SlotWaived']);
    expect(story.does('WaiveSlot', slot)).toMatchObject(rejected('no_slot'));
  });

  test('R 60: an hour waived goes to the next in rank, as ranked when allocated', () => {
    const story = incubated(20, 300);
    for (const [agencyId, prefix, amount] of [
      ['a2', 'b', 200],
      ['a3', 'd', 100],
    ] as const) {
      if (agencyId === 'a3') story.does('AdmitAgency', { agencyId, name: 'Agency 3' });
      story.binds(agencyId, ...creators(5, prefix)).at('2019-05-31T23:00:00+08:00');
      for (const creatorId of creators(5, prefix)) {
        for (let n = 0; n < 20; n++)
          story.records(creatorId, '2019-05-31T23:00:00+08:00', 0.1, beauty(amount));
      }
    }
    story.at('2019-06-01T00:00:00+08:00');
    for (const prefix of ['b', 'd']) {
      for (const creatorId of creators(5, prefix)) {
        const amount = prefix === 'b' ? 200 : 100;
        for (let n = 0; n < 20; n++)
          story.records(creatorId, '2019-05-31T23:10:00+08:00', 30, beauty(amount));
      }
    }
    story.does('AllocateSlots', slots);
    const waives = (hour: number, agencyId: string): Outcome =>
      story.does('WaiveSlot', { ...slot, hour, agencyId });
    expect(waives(10, 'a3')).toMatchObject(rejected('no_slot'));
    expect(waives(10, 'a1').status).toBe('accepted');
    expect(waives(10, 'a1')).toMatchObject(rejected('no_slot'));
    expect(waives(11, 'a2').status).toBe('accepted');
    expect(waives(11, 'a3')).toMatchObject(rejected('no_slot'));
    expect(waives(10, 'a3').status).toBe('accepted');
    expect(waives(10, 'a3')).toMatchObject(rejected('no_slot'));
  });

  test.each([
    ['2019-05-09T23:59:59.999+08:00', 'registration_closed'],
    ['2019-05-10T00:00:00+08:00', null],
    ['2019-05-18T23:59:59.999+08:00', null],
    ['2019-05-19T00:00:00+08:00', 'registration_closed'],
  ])('a theme for June proposed at %s: %s', (at, code) => {
    const story = new Story().at(at);
    const proposes = (proposalId: string, month: string): Outcome =>
      story.does('ProposeTheme', { proposalId, agencyId: 'a1', month, title: 'Summer' });
    expect(proposes('t1', '2019-06')).toMatchObject({ code });
    expect(proposes('t2', '2019-05')).toMatchObject(rejected('registration_closed'));
    const selects = story.does('SelectTheme', { proposalId: 't1' });
    expect(selects).toMatchObject(
      code === null ? { events: ['ThemeSelected'] } : rejected('unknown_proposal'),
    );
  });
});
