import { hash } from 'node:crypto';
import { assessment, aliMcn20190307, checkOf, epochMsOf, instantOf } from '@penalty-ledger/ledger';
import fc from 'fast-check';
import { instant, shanghai, shanghaiZone, type Line } from '../support/given.js';
import {
  admit,
  deduct,
  exit,
  expel,
  failMonth,
  on,
  publish,
  readmit,
  revokeExpulsion,
} from '../support/lines.js';
import {
  bind,
  compute,
  correctIt,
  grant,
  Roster,
  session,
  stream,
  unbind,
  voidIt,
} from '../support/roster.js';

const at = (text: string) => ({ effectiveAt: shanghai(text) });
const names = (count: number) =>
  Array.from({ length: count }, (_, index) => `c${String(index + 1)}`);
const after = (month: string) => instant(shanghaiZone.endOfMonth(month));

/**
 * An agency admitted long ago with `base` creators; the first `active` of them streamed ten times
 * in each month.
 */
function months(active: number, base: number, ...which: readonly string[]): Roster {
  const roster = new Roster().given(...names(base).map((name) => on('2018-06-01', bind(name))));
  for (const month of which) {
    const now = after(month);
    roster.given(
      ...names(active).flatMap((name) => stream(name, month, 10).map((act) => on(now, act))),
    );
    roster.given(on(now, compute(month, 'a1')));
  }
  return roster;
}

const april = (active: number, base: number) =>
  months(active, base, '2019-04').assessment('2019-04');

describe('V-11: the comparison', () => {
  it('7 of 10 passes 70%', () => {
    expect(april(7, 10)).toMatchObject({
      verdict: 'passed',
      active: 7,
      base: 10,
      rate: 70,
      reasons: [],
    });
  });

  it('E-37: 16 of 23 fails, although it rounds to 70%', () => {
    expect(april(16, 23)).toMatchObject({
      verdict: 'failed',
      active: 16,
      base: 23,
      reasons: ['activity'],
    });
  });

  it('E-38: 0 of 0 is undefined and fails on the headcount alone', () => {
    expect(april(0, 0)).toMatchObject({
      verdict: 'failed',
      active: 0,
      base: 0,
      reasons: ['headcount'],
    });
  });

  it('E-38: 4 of 4 is 100% and fails on the headcount', () => {
    expect(april(4, 4)).toMatchObject({
      verdict: 'failed',
      active: 4,
      base: 4,
      reasons: ['headcount'],
    });
  });

  it('E-41: fails on both at once, as one month', () => {
    expect(april(1, 4)).toMatchObject({ verdict: 'failed', reasons: ['activity', 'headcount'] });
  });
});

describe('V-12, E-31: 13 of 20 under the version in force at the start of the month', () => {
  const all = months(13, 20, '2019-02', '2019-03', '2019-04');

  it('passes in February 2019 at 60%', () => {
    expect(all.assessment('2019-02')).toMatchObject({
      verdict: 'passed',
      rate: 60,
      rulebookVersion: '2018-07-03',
      alternative: null,
    });
  });

  it('passes in March, with the alternative that it fails at 70%, marked as assumed', () => {
    const march = all.assessment('2019-03');
    expect(march).toMatchObject({
      verdict: 'passed',
      rate: 60,
      rulebookVersion: '2018-07-03',
      alternative: 'failed',
      alternativeVersion: '2019-03-07',
    });
    expect(march.assumptions).toContain('assessmentRulebook=inForceAtMonthStart');
  });

  it('fails in April at 70%', () => {
    expect(all.assessment('2019-04')).toMatchObject({
      verdict: 'failed',
      rate: 70,
      rulebookVersion: '2019-03-07',
      alternative: null,
    });
  });

  it('has no alternative where versions agree, or the other starts at month’s end', () => {
    expect(months(20, 20, '2019-03').assessment('2019-03')).toMatchObject({
      verdict: 'passed',
      alternative: null,
    });
    const strict = {
      ...aliMcn20190307,
      rulebookVersion: 'strict',
      effectiveFrom: shanghai('2019-05-01 00:00'),
      parameters: {
        ...aliMcn20190307.parameters,
        activityRate: { ...aliMcn20190307.parameters.activityRate, value: 100 },
      },
    };
    const roster = months(7, 10, '2019-04').given(
      on('2019-05-02', publish(aliMcn20190307)),
      on('2019-05-02', publish(strict)),
      on('2019-05-02', compute('2019-04', 'a1')),
    );
    expect(roster.assessment('2019-04')).toMatchObject({ verdict: 'passed', alternative: null });
  });
});

describe('the base', () => {
  const five = () => months(5, 5, '2019-04');
  const again = (roster: Roster, ...lines: Line[]) =>
    roster.given(...lines, on('2019-05-20', compute('2019-04', 'a1'))).assessment('2019-04');

  it('E-39: leaves out who was unbound in the month, who is in the variant for any time', () => {
    expect(again(five(), on('2019-05-10', unbind('c1', at('2019-04-20'))))).toMatchObject({
      verdict: 'failed',
      reasons: ['headcount'],
      base: 4,
      active: 4,
      anyTime: { base: 5, active: 5 },
    });
  });

  it('E-39: takes in who was bound on the last day, not active yet', () => {
    expect(
      again(five(), on('2019-05-10', bind('c6', at('2019-04-30 23:59:59.999')))),
    ).toMatchObject({
      base: 6,
      active: 5,
      anyTime: { base: 6, active: 5 },
    });
  });

  it('is that of 24:00: a change effective then belongs to the next month', () => {
    expect(
      again(
        five(),
        on('2019-05-10', bind('c6', at('2019-05-01 00:00'))),
        on('2019-05-10', unbind('c1', at('2019-05-01 00:00'))),
      ),
    ).toMatchObject({ base: 5, active: 5, anyTime: { base: 5, active: 5 } });
  });

  it('leaves out who was unbound at 00:00 of the first day', () => {
    const roster = new Roster().given(
      ...names(6).map((name) => on('2018-06-01', bind(name))),
      on('2019-05-10', unbind('c1', at('2019-04-01 00:00'))),
      on('2019-05-10', compute('2019-04', 'a1')),
    );
    expect(roster.assessment('2019-04')).toMatchObject({ base: 5, anyTime: { base: 5 } });
  });

  it('E-40: includes dead accounts, and says how many have the exposure right', () => {
    expect(
      again(
        five(),
        on('2019-05-10', bind('c6', at('2019-04-02'))),
        on('2019-05-10', grant('c1', at('2019-04-30'))),
        on('2019-05-10', grant('c2', at('2019-05-01 00:00'))),
      ),
    ).toMatchObject({ base: 6, active: 5, exposed: 1, headcountMin: 5, verdict: 'passed' });
  });
});

describe('active', () => {
  /** Five creators; the first has what the test gives, the others stream ten times. */
  const first = (...lines: Line[]) =>
    new Roster()
      .given(
        ...names(5).map((name) => on('2018-06-01', bind(name))),
        ...names(5)
          .slice(1)
          .flatMap((name) => stream(name, '2019-04', 10).map((act) => on('2019-05-01', act))),
        ...lines,
        on('2019-05-20', compute('2019-04', 'a1')),
      )
      .assessment('2019-04');
  const nine = stream('c1', '2019-04', 9).map((act) => on('2019-05-02', act));
  const tenth = (from: string, to: string) => on('2019-05-02', session('tenth', 'c1', from, to));

  it('is who has ten effective sessions, the ledger’s assumption', () => {
    expect(first(...nine)).toMatchObject({ active: 4, minSessions: 10 });
    expect(first(...nine, tenth('2019-04-20 20:00', '2019-04-20 20:30'))).toMatchObject({
      active: 5,
    });
    expect(first().assumptions).toEqual(['activityMinEffectiveSessions=10', 'newcomerDays=90']);
  });

  it('V-15: a session of 29:59.999 does not count, and is among those it rests on', () => {
    const answer = first(...nine, tenth('2019-04-20 20:00', '2019-04-20 20:29:59.999'));
    expect(answer).toMatchObject({ active: 4, sessions: { count: 50, effective: 49 } });
  });

  it('E-47: a session over midnight counts once, in the month of its start', () => {
    expect(first(...nine, tenth('2019-04-30 23:50', '2019-05-01 00:40'))).toMatchObject({
      active: 5,
    });
    expect(first(...nine, tenth('2019-03-31 23:50', '2019-04-01 00:40'))).toMatchObject({
      active: 4,
    });
  });

  it('E-48: two parts of 20 minutes are two sessions that do not count', () => {
    const parts = [
      on('2019-05-02', session('p1', 'c1', '2019-04-20 20:00', '2019-04-20 20:20')),
      on('2019-05-02', session('p2', 'c1', '2019-04-20 20:20', '2019-04-20 20:40')),
    ];
    expect(first(...nine, ...parts)).toMatchObject({
      active: 4,
      sessions: { count: 51, effective: 49 },
    });
  });

  it('E-49: has no cap by day: ten sessions on one day are ten', () => {
    const day = Array.from({ length: 10 }, (_, index) =>
      on(
        '2019-05-02',
        session(
          `d${String(index)}`,
          'c1',
          `2019-04-20 ${String(10 + index)}:00`,
          `2019-04-20 ${String(10 + index)}:30`,
        ),
      ),
    );
    expect(first(...day)).toMatchObject({ active: 5 });
  });

  it('E-51: counts sessions with this agency only: those before a transfer are the other’s', () => {
    const roster = new Roster(
      on('2018-01-01', admit()),
      on('2018-01-01', admit({ agencyId: 'a2', name: 'Two' })),
    ).given(
      on('2018-06-01', bind('c1', { agencyId: 'a2' })),
      on('2019-04-06', unbind('c1', { agencyId: 'a2', ...at('2019-04-06 00:00') })),
      on('2019-04-06', bind('c1', at('2019-04-06 00:00'))),
      ...stream('c1', '2019-04', 15).map((act) => on('2019-05-01', act)),
      on('2019-05-02', compute('2019-04', 'a1')),
      on('2019-05-02', compute('2019-04', 'a2')),
    );
    expect(roster.assessment('2019-04')).toMatchObject({
      base: 1,
      active: 1,
      sessions: { count: 10 },
    });
    expect(roster.assessment('2019-04', undefined, 'a2')).toMatchObject({
      base: 0,
      active: 0,
      anyTime: { base: 1, active: 0 },
      sessions: { count: 5 },
    });
  });

  it('E-52: goes by the bindings known at the computation, not at the recording', () => {
    const roster = new Roster(
      on('2018-01-01', admit()),
      on('2018-01-01', admit({ agencyId: 'a2', name: 'Two' })),
    ).given(
      on('2018-06-01', bind('c1')),
      ...stream('c1', '2019-04', 12).map((act) => on('2019-05-01', act)),
      on('2019-05-01', compute('2019-04', 'a1')),
      on('2019-05-02', unbind('c1', at('2019-04-02 00:00'))),
      on('2019-05-02', bind('c1', { agencyId: 'a2', ...at('2019-04-02 00:00') })),
      on('2019-05-02', compute('2019-04', 'a1')),
      on('2019-05-02', compute('2019-04', 'a2')),
    );
    expect(roster.assessment('2019-04', '2019-05-01')).toMatchObject({
      base: 1,
      active: 1,
      sessions: { count: 12 },
    });
    expect(roster.assessment('2019-04')).toMatchObject({ base: 0, sessions: { count: 1 } });
    expect(roster.assessment('2019-04', undefined, 'a2')).toMatchObject({
      base: 1,
      active: 1,
      sessions: { count: 11 },
    });
  });
});

describe('a month is not assessed', () => {
  const assessed = (month: string, ...lines: Line[]) =>
    new Roster(...lines).given(on('2021-01-01', compute(month, 'a1'))).assessment(month);

  it('that starts before day 91 after the admission, day 1 being the day after it', () => {
    // Admitted on 31 January: day 91 is 2 May. On 30 January it is 1 May, 00:00.
    expect(assessed('2019-05', on('2019-01-31', admit()))).toMatchObject({
      verdict: 'not_assessed',
      reasons: ['newcomer'],
    });
    expect(assessed('2019-05', on('2019-01-30', admit()))).toMatchObject({
      verdict: 'failed',
      reasons: ['headcount'],
    });
    expect(assessed('2019-01', on('2019-01-30', admit()))).toMatchObject({ reasons: ['newcomer'] });
  });

  it('E-43, V-18: in the newcomer’s days, while a missed target there costs 120 at once', () => {
    const roster = new Roster(on('2019-01-01', admit()));
    roster.given(on('2019-03-15', deduct('d1', 120, { clause: 'newcomer-target-missed' })));
    expect(roster.agencies.standing()).toBe('pending_expulsion');
    const newcomer = ['2019-01', '2019-02', '2019-03', '2019-04'];
    roster.given(
      ...[...newcomer, '2019-05'].map((month) => on('2019-06-01', compute(month, 'a1'))),
    );
    // Day 91 is 2 April.
    for (const month of newcomer)
      expect(roster.assessment(month)).toMatchObject({
        verdict: 'not_assessed',
        reasons: ['newcomer'],
      });
    expect(roster.assessment('2019-05')).toMatchObject({ verdict: 'failed' });
  });

  it('at whose end the agency had left, was expelled, or was not yet admitted', () => {
    const admitted = on('2018-01-01', admit());
    expect(assessed('2019-04', admitted, on('2019-04-30', exit()))).toMatchObject({
      reasons: ['not_active'],
    });
    expect(assessed('2019-04', admitted, on('2019-04-30', expel()))).toMatchObject({
      reasons: ['not_active'],
    });
    expect(assessed('2017-12', admitted)).toMatchObject({
      verdict: 'not_assessed',
      reasons: ['not_active'],
    });
    expect(
      assessed('2019-04', admitted, on('2019-05-01', exit(at('2019-05-01 00:00')))),
    ).toMatchObject({
      verdict: 'failed',
    });
  });

  it('but is while the agency’s expulsion pends', () => {
    expect(
      assessed('2019-04', on('2018-01-01', admit()), on('2019-04-10', deduct('d1', 120))),
    ).toMatchObject({
      verdict: 'failed',
    });
  });

  it('that an expulsion touched which was revoked later', () => {
    const lines = [
      on('2018-01-01', admit()),
      on('2019-04-10', expel()),
      on('2019-06-20', revokeExpulsion()),
    ];
    const verdict = (month: string) => assessed(month, ...lines).verdict;
    expect(verdict('2019-03')).toBe('failed');
    expect(['2019-04', '2019-05', '2019-06'].map(verdict)).toEqual([
      'not_assessed',
      'not_assessed',
      'not_assessed',
    ]);
    expect(verdict('2019-07')).toBe('failed');
    expect(assessed('2019-05', ...lines).reasons).toEqual(['not_active']);
  });

  it('that an agency was readmitted in: its new episode has newcomer’s days of its own', () => {
    const lines = [
      on('2018-01-01', admit()),
      on('2019-01-10', exit()),
      on('2019-04-10', readmit()),
    ];
    expect(assessed('2019-04', ...lines)).toMatchObject({ reasons: ['newcomer'] });
    expect(assessed('2019-07', ...lines)).toMatchObject({ reasons: ['newcomer'] });
    expect(assessed('2019-08', ...lines)).toMatchObject({ verdict: 'failed' });
  });

  it('though its figures are computed', () => {
    const roster = new Roster(on('2019-03-20', admit())).given(
      ...names(5).map((name) => on('2019-03-20', bind(name))),
      ...names(5).flatMap((name) =>
        stream(name, '2019-04', 10).map((act) => on('2019-05-01', act)),
      ),
      on('2019-05-01', compute('2019-04', 'a1')),
    );
    expect(roster.assessment('2019-04')).toMatchObject({
      verdict: 'not_assessed',
      base: 5,
      active: 5,
    });
  });
});

describe('a computation', () => {
  it('is refused with month_not_over before 24:00 of the last day', () => {
    const roster = new Roster();
    roster
      .when(on('2019-04-30 23:59:59.999', compute('2019-04', 'a1')))
      .thenRefused('month_not_over');
    roster.when(on('2019-05-01 00:00', compute('2019-04', 'a1'))).then('AssessmentComputed');
    expect(assessment.isMonthOver('2019-04', instant('2019-05-01 00:00'), shanghaiZone)).toBe(true);
    expect(checkOf(assessment.commandSchema, 'data')({ month: '2019-13' })).toHaveLength(1);
  });

  it('imposes nothing', () => {
    const roster = months(0, 0, '2019-04');
    expect(roster.agencies.points()).toBe(0);
    roster.when(on('2019-05-02', compute('2019-04', 'a1'))).then('AssessmentComputed');
  });

  it('names the rulebook it was decided by', () => {
    const [event] = months(7, 10, '2019-04').agencies.events('AssessmentComputed');
    expect(event).toMatchObject({ rulebook: { id: 'ali-mcn', rulebookVersion: '2019-03-07' } });
  });

  it('E-45: is computed again after a late session; the old one and points stay', () => {
    const roster = months(6, 10, '2019-04').given(
      on('2019-05-05', failMonth('d1', '2019-04')),
      ...stream('c7', '2019-04', 10).map((act) => on('2019-05-10', act)),
      on('2019-05-11', compute('2019-04', 'a1')),
    );
    expect(roster.assessment('2019-04', '2019-05-10')).toMatchObject({
      verdict: 'failed',
      active: 6,
    });
    expect(roster.assessment('2019-04')).toMatchObject({
      verdict: 'passed',
      active: 7,
      computations: [
        { verdict: 'failed', changed: [] },
        { verdict: 'passed', changed: ['active', 'anyTime', 'reasons', 'sessions', 'verdict'] },
      ],
    });
    expect(roster.agencies.points()).toBe(40);
    const [first, second] = roster.agencies.events('AssessmentComputed');
    expect(first!.data).not.toHaveProperty('changed');
    expect(second!.data).toHaveProperty('changed');
  });

  it('E-50: uses corrected times and leaves out voided sessions in the next computation', () => {
    const roster = months(5, 5, '2019-04').given(
      on('2019-05-10', correctIt('c1:2019-04-01', { endedAt: shanghai('2019-04-01 20:29') })),
      on('2019-05-10', voidIt('c2:2019-04-01')),
      on('2019-05-10', correctIt('c3:2019-04-01', { startedAt: shanghai('2019-03-31 20:00') })),
      on('2019-05-11', compute('2019-04', 'a1')),
    );
    expect(roster.assessment('2019-04')).toMatchObject({
      active: 2,
      sessions: { count: 48, effective: 47 },
    });
  });

  it('that finds nothing new says so', () => {
    const roster = months(5, 5, '2019-04').given(on('2019-05-11', compute('2019-04', 'a1')));
    const [first, second] = roster.agencies.events('AssessmentComputed');
    expect(second!.data).toEqual({ ...first!.data, changed: [] });
  });

  it('E-5: has its month as its identity: the same session lies in no other', () => {
    const roster = months(5, 5, '2019-04').given(on('2019-06-01', compute('2019-05', 'a1')));
    expect(roster.assessment('2019-04').sessions).toMatchObject({ count: 50 });
    expect(roster.assessment('2019-05').sessions).toMatchObject({ count: 0 });
  });

  it('E-6: does not count what came after the cut-off, and keeps the snapshot it used', () => {
    const roster = months(4, 5, '2019-04').given(
      ...stream('c5', '2019-04', 9).map((act) => on('2019-05-01', act)),
      on('2019-05-01', session('late', 'c5', '2019-05-01 00:00', '2019-05-01 01:00')),
      on('2019-05-25', compute('2019-04', 'a1')),
    );
    expect(roster.assessment('2019-04')).toMatchObject({
      active: 4,
      sessions: { count: 49, effective: 49 },
    });
  });

  it('commits to its sessions by their ids and corrections, in order of the id', () => {
    const text = 'S1 0\ns1 2\ns10 0\ns2 1\n';
    const of = (sessionId: string, corrections: number) => ({ sessionId, corrections });
    expect(assessment.sessionsHash([of('s2', 1), of('s10', 0), of('s1', 2), of('S1', 0)])).toBe(
      hash('sha256', text, 'hex'),
    );
    expect(assessment.sessionsHash([])).toBe(hash('sha256', '', 'hex'));
  });

  it('of a month not computed is not there', () => {
    const roster = months(5, 5, '2019-04');
    const none = {
      verdict: 'not_computed',
      base: null,
      active: null,
      rulebookVersion: null,
      reasons: [],
      computations: [],
    };
    expect(roster.assessment('2019-03')).toMatchObject(none);
    expect(roster.assessment('2019-04', '2019-04-30')).toMatchObject(none);
  });
});

describe('E-44: a deduction for a month that we computed', () => {
  const imposed = (roster: Roster) =>
    roster.agencies.when(on('2019-05-20', failMonth('d1', '2019-04')));

  it('as passed carries assessment_disagrees in the order of findings', () => {
    imposed(months(5, 5, '2019-04'))
      .then('DeductionImposed')
      .thenFound('assessment_disagrees');
    const roster = months(5, 5, '2019-04');
    const data = { clause: 'operating-metric-missed', occurredAt: shanghai('2019-05-20') };
    roster.given(on('2019-05-20', deduct('d0', 30, data)));
    roster.agencies
      .when(
        on(
          '2019-05-20',
          deduct('d1', 30, { ...data, basis: { kind: 'assessment', month: '2019-04' } }),
        ),
      )
      .thenFound('tariff_mismatch', 'assessment_disagrees', 'possible_duplicate');
  });

  it('as failed or not assessed, or not at all, carries none', () => {
    imposed(months(4, 5, '2019-04')).thenFound('assessment_disagrees');
    imposed(months(3, 5, '2019-04')).thenFound();
    imposed(months(5, 5, '2019-03')).thenFound();
    imposed(
      new Roster(on('2019-04-01', admit())).given(on('2019-05-01', compute('2019-04', 'a1'))),
    ).thenFound();
  });

  it('goes by the latest computation', () => {
    const roster = months(5, 5, '2019-04').given(
      ...['c1', 'c2'].map((name) => on('2019-05-10', voidIt(`${name}:2019-04-01`))),
      on('2019-05-11', compute('2019-04', 'a1')),
    );
    imposed(roster).thenFound();
  });
});

describe('over random rosters', () => {
  const agencies = ['a1', 'a2'];
  const dayOf = (day: number) => {
    const [month, before] = day <= 31 ? ['03', 0] : day <= 61 ? ['04', 31] : ['05', 61];
    return `2019-${month}-${String(day - before).padStart(2, '0')}`;
  };
  const creator = fc.record({
    /** Days, counted from 1 March, at which the creator moves on: to a1, to a2, to no agency, … */
    moves: fc
      .uniqueArray(fc.integer({ min: 1, max: 90 }), { maxLength: 4 })
      .map((days) => days.sort((a, b) => a - b)),
    first: fc.integer({ min: 0, max: 2 }),
    sessions: fc.array(
      fc.record({
        day: fc.integer({ min: 1, max: 90 }),
        minutes: fc.integer({ min: 28, max: 33 }),
      }),
      {
        maxLength: 12,
      },
    ),
  });
  const rosters = fc.array(creator, { maxLength: 7 });
  type Random = typeof rosters extends fc.Arbitrary<infer Value> ? Value : never;

  /** Returns the destination of a creator's move number `index`. */
  const target = (first: number, index: number) => [...agencies, undefined][(first + index) % 3];
  const months3 = ['2019-03', '2019-04', '2019-05'];
  // One effective session makes active, so that small rosters tell something.
  const lenient = {
    ...aliMcn20190307,
    rulebookVersion: 'lenient',
    effectiveFrom: shanghai('2018-01-01'),
    parameters: {
      ...aliMcn20190307.parameters,
      activityMinEffectiveSessions: {
        ...aliMcn20190307.parameters.activityMinEffectiveSessions,
        value: 1,
      },
      headcountMin: { ...aliMcn20190307.parameters.headcountMin, value: 2 },
    },
  };

  const rosterOf = (random: Random, order: (lines: Line[]) => Line[] = (lines) => lines) => {
    const roster = new Roster(
      on('2018-01-01', admit()),
      on('2018-01-01', admit({ agencyId: 'a2', name: 'Agency Two' })),
      on('2018-01-02', publish(lenient)),
    );
    for (const [index, { moves, first }] of random.entries()) {
      let boundTo: string | undefined;
      for (const [move, day] of moves.entries()) {
        const next = target(first, move);
        const data = at(`${dayOf(day)} 00:00`);
        if (boundTo !== undefined)
          roster.given(
            on('2019-06-01', unbind(`c${String(index)}`, { agencyId: boundTo, ...data })),
          );
        if (next !== undefined)
          roster.given(on('2019-06-01', bind(`c${String(index)}`, { agencyId: next, ...data })));
        boundTo = next;
      }
    }
    const lines = random.flatMap(({ sessions }, index) =>
      sessions.map(({ day, minutes }, number) => {
        const name = `c${String(index)}`;
        const start = instant(`${dayOf(day)} 23:50`);
        const end = instantOf(epochMsOf(start) + minutes * 60_000);
        return on('2019-06-01', session(`${name}:${String(number)}`, name, start, end));
      }),
    );
    for (const line of order(lines)) roster.when(line);
    for (const month of months3)
      for (const agencyId of agencies) roster.given(on('2019-06-02', compute(month, agencyId)));
    return roster;
  };

  /** The month again, from the random numbers alone and day by day. */
  const expected = (random: Random, month: string, agencyId: string) => {
    const days = Array.from({ length: 92 }, (_, index) => index + 1).filter(
      (day) => dayOf(day).startsWith(month) && day <= 92,
    );
    const last = month === '2019-03' ? 31 : month === '2019-04' ? 61 : 92;
    const agencyOn = ({ moves, first }: Random[number], day: number) => {
      const index = moves.findLastIndex((move) => move <= day);
      return index === -1 ? undefined : target(first, index);
    };
    let [base, active, anyBase, anyActive, count] = [0, 0, 0, 0, 0];
    for (const each of random) {
      const mine = each.sessions.filter(
        ({ day }) => dayOf(day).startsWith(month) && agencyOn(each, day) === agencyId,
      );
      const isActive = mine.some(({ minutes }) => minutes >= 30);
      const inBase = agencyOn(each, last) === agencyId;
      const ever = days.some((day) => agencyOn(each, day) === agencyId);
      count += mine.length;
      base += Number(inBase);
      active += Number(inBase && isActive);
      anyBase += Number(ever);
      anyActive += Number(ever && isActive);
    }
    const passed = base >= 2 && (base === 0 || active / base >= 0.7 - 1e-12);
    return {
      verdict: passed ? 'passed' : 'failed',
      base,
      active,
      anyTime: { base: anyBase, active: anyActive },
      count,
    };
  };

  it('agrees with a count by hand', () => {
    fc.assert(
      fc.property(rosters, (random) => {
        const roster = rosterOf(random);
        for (const month of months3) {
          for (const agencyId of agencies) {
            const { verdict, base, active, anyTime, sessions } = roster.assessment(
              month,
              undefined,
              agencyId,
            );
            expect({ verdict, base, active, anyTime, count: sessions?.count }).toEqual(
              expected(random, month, agencyId),
            );
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('counts no session for two agencies or two months, and every accepted one for one', () => {
    fc.assert(
      fc.property(rosters, (random) => {
        const roster = rosterOf(random);
        const counted = months3.flatMap((month) =>
          agencies.map(
            (agencyId) => roster.assessment(month, undefined, agencyId).sessions?.count ?? 0,
          ),
        );
        expect(counted.reduce((sum, count) => sum + count, 0)).toBe(roster.sessions.size);
      }),
      { numRuns: 40 },
    );
  });

  it('comes to the same in whatever order sessions were recorded, and when computed again', () => {
    fc.assert(
      fc.property(rosters, fc.infiniteStream(fc.nat()), (random, numbers) => {
        const shuffled = rosterOf(random, (lines) =>
          lines
            .map((line) => ({ line, key: numbers.next().value as number }))
            .sort((a, b) => a.key - b.key)
            .map(({ line }) => line),
        );
        const straight = rosterOf(random);
        for (const month of months3) {
          for (const agencyId of agencies) {
            const { knownAt: _, ...answer } = straight.assessment(month, undefined, agencyId);
            expect(shuffled.assessment(month, undefined, agencyId)).toMatchObject(answer);
            const { context } = straight.agencies;
            const again = assessment.computeAssessment(
              month,
              straight.agencies.history(agencyId),
              straight.assessed().reverse(),
              context,
            );
            expect(again.data).toMatchObject({ changed: [] });
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});
