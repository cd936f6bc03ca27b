import { given, givenToOperator, shanghai } from '../support/given.js';
import {
  admit,
  appeal,
  appealExpulsion,
  by,
  decideAppeal,
  deduct,
  expel,
  lastChance,
  on,
  revoke,
  submit,
  withdraw,
} from '../support/lines.js';

const admitted = on('2019-01-10', admit());
const imposed = [admitted, on('2019-03-01', deduct('d1', 40)), on('2019-03-01', deduct('d2', 30))];
const initiated = [...imposed, on('2019-03-02', appeal('p1', ['d1', 'd2']))];
const submitted = [...initiated, on('2019-03-04', submit('p1'))];
const partly = (points: number, deductionId = 'd1') =>
  decideAppeal('p1', 'partly_upheld', { adjustments: [{ deductionId, points }] });

describe('E-25: an appeal ends only by an explicit act', () => {
  it.each(['upheld', 'rejected', 'inadmissible'])('is %s when it is decided so', (outcome) => {
    expect(
      given(...submitted, on('2019-03-05', decideAppeal('p1', outcome))).appeal('p1')?.state,
    ).toBe(outcome);
  });

  it('is partly upheld when it is decided so', () => {
    expect(given(...submitted, on('2019-03-05', partly(10))).appeal('p1')?.state).toBe(
      'partly_upheld',
    );
  });

  it('is withdrawn by who initiated it', () => {
    expect(given(...submitted, on('2019-03-05', withdraw('p1'))).appeal('p1')?.state).toBe(
      'withdrawn',
    );
  });

  it('is overdue, not rejected, while the platform is silent', () => {
    // Evidence on Monday 4 March; two working days later is the end of Wednesday the 6th.
    const silent = given(...submitted).until('2019-04-30');
    const known = (at: string) => silent.appeal('p1', at);
    expect(known('2019-03-06 23:59:59.999')).toMatchObject({
      state: 'evidence_submitted',
      overdue: false,
    });
    expect(known('2019-03-07 00:00')).toMatchObject({ state: 'evidence_submitted', overdue: true });
    expect(known('2019-04-30')).toMatchObject({
      state: 'evidence_submitted',
      decideBy: '2019-03-07T00:00:00.000+08:00',
    });
  });

  it('says that it does not know when the answer is due where the holiday calendar ends', () => {
    const future = given(
      on('2026-12-01', admit()),
      on('2026-12-29', deduct('d1', 40)),
      on('2026-12-29', appeal('p1', ['d1'])),
    );
    future.given(on('2026-12-31', submit('p1')));
    expect(future.appeal('p1')).toMatchObject({ decideBy: null, overdue: null });
    expect(future.appeal('p1')?.assumptions).toContainEqual(
      expect.objectContaining({ en: 'no holiday calendar for 2027: decideBy is not guessed' }),
    );
  });
});

describe('E-26: a two-stage deadline', () => {
  it('has lapsed from the closing instant on when no evidence came', () => {
    const silent = given(...initiated).until('2019-03-31');
    expect(silent.appeal('p1', '2019-03-05 09:59:59.999')?.state).toBe('initiated');
    expect(silent.appeal('p1', '2019-03-05 10:00')?.state).toBe('lapsed');
    expect(silent.appeal('p1', '2019-03-05 10:00:00.001')?.state).toBe('lapsed');
  });

  it('is recorded when it is late, out of time, without effect on points', () => {
    const late = given(...imposed).when(on('2019-03-07', appeal('p1', ['d1'])));
    late.then('AppealInitiated').thenFound('appeal_late');
    expect(late.appeal('p1')?.state).toBe('out_of_time');
    expect(late.points()).toBe(70);
    late.when(on('2019-03-07', submit('p1'))).thenRefused('appeal_closed');
  });

  it('follows the deadline in the notice, shorter or longer than the rule', () => {
    const stated = (deadline: string) =>
      given(admitted, on('2019-03-01', deduct('d1', 40, { appealDeadline: shanghai(deadline) })));
    stated('2019-03-02 12:00')
      .when(on('2019-03-02 11:59:59.999', appeal('p1', ['d1'])))
      .thenFound();
    stated('2019-03-02 12:00')
      .when(on('2019-03-02 12:00', appeal('p1', ['d1'])))
      .thenFound('appeal_late');
    stated('2019-04-01 12:00')
      .when(on('2019-03-20', appeal('p1', ['d1'])))
      .thenFound();
  });

  it('runs from the notice, not from the recording, where the notice was served', () => {
    const served = given(
      admitted,
      on(
        '2019-03-20',
        deduct('d1', 40, {
          occurredAt: shanghai('2019-03-01'),
          notifiedAt: shanghai('2019-03-01'),
        }),
      ),
    );
    served.when(on('2019-03-20', appeal('p1', ['d1']))).thenFound('appeal_late');
  });

  it('is in time only if it is in time for each deduction it names', () => {
    given(admitted, on('2019-03-01', deduct('d1', 40)), on('2019-03-06', deduct('d2', 30)))
      .when(on('2019-03-08', appeal('p1', ['d1', 'd2'])))
      .thenFound('appeal_late');
  });

  it('can still be decided after it lapsed: that is the platform’s to do', () => {
    given(...initiated)
      .when(on('2019-03-20', decideAppeal('p1', 'upheld')))
      .then('AppealDecided', 'DeductionRevoked', 'DeductionRevoked');
  });

  it('can be withdrawn when it is out of time', () => {
    given(...imposed, on('2019-03-20', appeal('p1', ['d1'])))
      .when(on('2019-03-21', withdraw('p1')))
      .then('AppealWithdrawn');
  });
});

describe('evidence', () => {
  it('is submitted once, without a supplement', () => {
    given(...submitted)
      .when(on('2019-03-04', submit('p1')))
      .thenRefused('evidence_already_submitted');
  });

  it.each([
    ['a decision', decideAppeal('p1', 'rejected')],
    ['a withdrawal', withdraw('p1')],
  ])('is too late after %s', (_what, act) => {
    given(...initiated, on('2019-03-03', act))
      .when(on('2019-03-04', submit('p1')))
      .thenRefused('appeal_closed');
  });

  it('keeps the titles of its items out of the readable part of the event', () => {
    const [event] = given(...submitted).events('AppealEvidenceSubmitted');
    expect(event?.data).toMatchObject({
      items: [{ evidenceId: 'e1', mediaType: 'image/png', sha256: 'a'.repeat(64) }],
    });
    expect(JSON.stringify(event)).not.toContain('screenshot');
  });
});

describe('E-27: a decision that makes it worse', () => {
  it('is stored by an observer, with the finding', () => {
    const worse = given(...submitted).when(on('2019-03-05', partly(60)));
    worse.then('AppealDecided', 'DeductionAdjusted').thenFound('appeal_worsened');
    expect(worse.points()).toBe(90);
  });

  it('is refused by an operator, and nothing happens', () => {
    const worse = givenToOperator(...submitted).when(on('2019-03-05', partly(41)));
    worse.thenRefused('appeal_worsened');
    expect(worse.points()).toBe(70);
    expect(worse.appeal('p1')?.state).toBe('evidence_submitted');
  });

  it('is none when the points stay or fall', () => {
    givenToOperator(...submitted)
      .when(on('2019-03-05', partly(39)))
      .then('AppealDecided', 'DeductionAdjusted')
      .thenFound();
    given(...submitted)
      .when(on('2019-03-05', partly(40)))
      .thenRefused('not_lower');
  });

  it('can bring about a pending expulsion, in the same append', () => {
    given(...submitted)
      .when(on('2019-03-05', partly(90)))
      .then('AppealDecided', 'DeductionAdjusted', 'PendingExpulsionOpened');
  });
});

describe('E-28: one appeal, many deductions; one deduction, two rounds', () => {
  it('revokes every named deduction when it is upheld, in one append', () => {
    const upheld = given(...submitted).when(on('2019-03-05', decideAppeal('p1', 'upheld')));
    upheld.then('AppealDecided', 'DeductionRevoked', 'DeductionRevoked');
    expect(upheld.points()).toBe(0);
    expect(
      upheld
        .recorded()
        .slice(-3)
        .map(({ event }) => event.recordedAt),
    ).toEqual(Array(3).fill('2019-03-05T02:00:00.000Z'));
  });

  it('revokes only what still counts', () => {
    given(...submitted, on('2019-03-04', revoke('d2')))
      .when(on('2019-03-05', decideAppeal('p1', 'upheld')))
      .then('AppealDecided', 'DeductionRevoked');
  });

  it('gives each named deduction its remainder when partly upheld; others stay', () => {
    const some = given(...submitted).when(
      on(
        '2019-03-05',
        decideAppeal('p1', 'partly_upheld', { adjustments: [{ deductionId: 'd2', points: 0 }] }),
      ),
    );
    some.then('AppealDecided', 'DeductionRevoked');
    expect(some.points()).toBe(40);
  });

  it('appends the adjustments in the order in which the appeal named the deductions', () => {
    const adjustments = [
      { deductionId: 'd2', points: 5 },
      { deductionId: 'd1', points: 5 },
    ];
    const both = given(
      ...submitted,
      on('2019-03-05', decideAppeal('p1', 'partly_upheld', { adjustments })),
    );
    expect(both.events('DeductionAdjusted').map(({ data }) => data)).toMatchObject([
      { deductionId: 'd1' },
      { deductionId: 'd2' },
    ]);
  });

  it.each(['rejected', 'inadmissible'])(
    'leaves the points as they are when it is %s',
    (outcome) => {
      const left = given(...submitted).when(on('2019-03-05', decideAppeal('p1', outcome)));
      left.then('AppealDecided');
      expect(left.points()).toBe(70);
    },
  );

  it.each([
    ['decided', on('2019-03-05', decideAppeal('p1', 'rejected'))],
    ['withdrawn', on('2019-03-05', withdraw('p1'))],
    ['lapsed', on('2019-03-05', deduct('d9', 1))],
  ])('refuses a second ordinary appeal of a deduction after one that is %s', (_state, line) => {
    given(...initiated, line)
      .when(on('2019-03-06', appeal('p2', ['d2'])))
      .thenRefused('already_appealed');
  });

  it('lets a last-chance appeal name it again', () => {
    const round = given(
      ...initiated,
      on('2019-03-03', decideAppeal('p1', 'rejected')),
      on('2019-03-04', deduct('d3', 50)),
    );
    round
      .when(on('2019-03-05', lastChance('p2', ['d1', 'd3'])))
      .then('AppealInitiated')
      .thenFound();
    expect(round.history().deductions.get('d1')?.appealIds).toEqual(['p1', 'p2']);
  });

  it('refuses to name one deduction twice in one appeal', () => {
    given(...imposed)
      .when(on('2019-03-02', appeal('p1', ['d1', 'd1'])))
      .thenRefused('invalid');
  });
});

describe('an appeal against an expulsion', () => {
  const expelled = [admitted, on('2019-03-01', deduct('d1', 120)), on('2019-03-09', expel())];

  it('is upheld by revoking the expulsion in the same append', () => {
    const upheld = given(
      ...expelled,
      on('2019-03-10', appealExpulsion('p1')),
      on('2019-03-11', submit('p1')),
    ).when(on('2019-03-12', decideAppeal('p1', 'upheld')));
    upheld.then('AppealDecided', 'ExpulsionRevoked', 'PendingExpulsionOpened');
    expect(upheld.standing({ at: '2019-03-10' })).toBe('active');
  });

  it('has five natural days from the recording', () => {
    expect(
      given(...expelled, on('2019-03-14 23:59:59.999', appealExpulsion('p1'))).outcome.findings,
    ).toEqual([]);
    expect(
      given(...expelled, on('2019-03-15 00:00', appealExpulsion('p1'))).outcome.findings,
    ).toEqual(['appeal_late']);
  });

  it('is there once for an expulsion', () => {
    given(...expelled, on('2019-03-10', appealExpulsion('p1')), on('2019-03-10', withdraw('p1')))
      .when(on('2019-03-11', appealExpulsion('p2')))
      .thenRefused('already_appealed');
  });

  it('needs an expulsion', () => {
    given(admitted)
      .when(on('2019-03-11', appealExpulsion('p1')))
      .thenRefused('not_expelled');
  });

  it('has no points to adjust', () => {
    given(...expelled, on('2019-03-10', appealExpulsion('p1')))
      .when(on('2019-03-12', partly(10)))
      .thenRefused('unknown_deduction');
  });
});

describe('E-77: separation of duties', () => {
  it('is found when who decides also recorded the deduction, and never refuses', () => {
    givenToOperator(...submitted)
      .when(on('2019-03-05', by('officer-1', decideAppeal('p1', 'rejected'))))
      .then('AppealDecided')
      .thenFound('same_actor');
  });

  it('is kept when another actor decides', () => {
    given(...submitted)
      .when(on('2019-03-05', by('officer-2', decideAppeal('p1', 'rejected'))))
      .thenFound();
  });

  it('puts an actor on every event', () => {
    const actors = given(...submitted, on('2019-03-05', decideAppeal('p1', 'upheld')))
      .recorded()
      .map(({ event }) => event.actor);
    expect(new Set(actors)).toEqual(new Set(['officer-1', 'reviewer-1']));
  });
});
