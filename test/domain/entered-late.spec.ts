import { given, givenToOperator, instant, shanghai, type Scenario } from '../support/given.js';
import {
  admit,
  appeal,
  appealExpulsion,
  correct,
  decideAppeal,
  deduct,
  expel,
  lastChance,
  on,
  revoke,
  submit,
  withdraw,
} from '../support/lines.js';

const july = { notifiedAt: shanghai('2019-07-01') };
const imposed = [
  on('2019-01-10', admit()),
  on('2019-11-04', deduct('d1', 40, { ...july, occurredAt: shanghai('2019-06-30') })),
  on('2019-11-04', deduct('d2', 30, { ...july, occurredAt: shanghai('2019-06-29') })),
];
const initiatedAt = (at: string) => ({ initiatedAt: shanghai(at) });
const submittedAt = (at: string) => ({ submittedAt: shanghai(at) });
const withdrawnAt = (at: string) => ({ withdrawnAt: shanghai(at) });
const decidedAt = (at: string) => ({ decidedAt: shanghai(at) });
const initiated = [
  ...imposed,
  on('2019-11-04 12:00', appeal('p1', ['d1'], initiatedAt('2019-07-05'))),
];

// The law of these: interchange §2, Entered late.

describe('a July appeal that an observer enters in November', () => {
  const entered = () =>
    given(
      ...initiated,
      on('2019-11-05', submit('p1', submittedAt('2019-07-07'))),
      on('2019-11-06', decideAppeal('p1', 'upheld', decidedAt('2019-07-09 18:00'))),
    );

  it('is in time, its evidence is, and its decision counts', () => {
    const story = entered();
    expect(story.events('AppealInitiated')).toMatchObject([
      { occurredAt: instant('2019-07-05'), data: { outOfTime: false } },
    ]);
    expect(story.appeal('p1')).toMatchObject({
      state: 'upheld',
      initiatedAt: '2019-07-05T10:00:00.000+08:00',
      recordedAt: '2019-11-04T12:00:00.000+08:00',
      initiateBy: '2019-07-07T00:00:00.000+08:00',
      evidenceBy: '2019-07-08T10:00:00.000+08:00',
      evidenceSubmittedAt: '2019-07-07T10:00:00.000+08:00',
      decideBy: '2019-07-10T00:00:00.000+08:00',
      decidedAt: '2019-07-09T18:00:00.000+08:00',
      overdue: false,
      findings: [],
    });
    expect(story.points()).toBe(30);
    expect(story.points({ at: '2019-07-01' })).toBe(0);
  });

  it('was known when it was recorded, with what was recorded by then', () => {
    const story = entered();
    expect(story.appeal('p1', '2019-11-04 11:59:59.999')).toBeUndefined();
    expect(story.appeal('p1', '2019-11-04 12:00')).toMatchObject({
      state: 'lapsed',
      evidenceSubmittedAt: null,
      decideBy: null,
    });
    expect(story.appeal('p1', '2019-11-05 09:59:59.999')?.state).toBe('lapsed');
    expect(story.appeal('p1', '2019-11-05')).toMatchObject({
      state: 'evidence_submitted',
      decidedAt: null,
      overdue: true,
    });
    expect(story.points({ known: '2019-11-05' })).toBe(70);
  });

  it('is out of time for ever without its instant', () => {
    given(...imposed)
      .when(on('2019-11-04', appeal('p1', ['d1'])))
      .thenFound('appeal_late');
  });
});

describe('windows are measured at what the command states', () => {
  it.each([
    ['2019-07-06 23:59:59.999', []],
    ['2019-07-07 00:00', ['appeal_late' as const]],
  ])('an appeal of %s has the findings %j', (at, findings) => {
    given(...imposed)
      .when(on('2019-11-04', appeal('p1', ['d1'], initiatedAt(at))))
      .thenFound(...findings);
  });

  it('evidence is in time before 72 hours from the initiation are over', () => {
    const at = (instant: string) => on('2019-11-05', submit('p1', submittedAt(instant)));
    given(...initiated)
      .when(at('2019-07-08 09:59:59.999'))
      .then('AppealEvidenceSubmitted');
    given(...initiated)
      .when(at('2019-07-08 10:00'))
      .thenRefused('evidence_window_closed');
    given(...initiated)
      .when(on('2019-11-04 12:00', submit('p1')))
      .thenRefused('evidence_window_closed');
  });

  it('a decision was late when it came after its term, whenever both were recorded', () => {
    const decided = (at: string) =>
      given(
        ...initiated,
        on('2019-11-05', submit('p1', submittedAt('2019-07-05 12:00'))),
        on('2019-11-05', decideAppeal('p1', 'rejected', decidedAt(at))),
      ).appeal('p1');
    expect(decided('2019-07-09 23:59:59.999')).toMatchObject({ overdue: false });
    expect(decided('2019-07-10 00:00')).toMatchObject({
      decideBy: '2019-07-10T00:00:00.000+08:00',
      overdue: true,
    });
  });

  it('a last chance is taken before its window closes, on a pending expulsion that is open', () => {
    const pending = [on('2019-01-10', admit()), on('2019-03-01', deduct('d1', 120))];
    const taken = (at: string) =>
      given(...pending).when(on('2019-04-01', lastChance('p1', ['d1'], initiatedAt(at))));
    taken('2019-03-08 23:59:59.999').thenFound();
    taken('2019-03-09 00:00').thenFound('appeal_late');
    given(...pending, on('2019-03-09', expel()))
      .when(on('2019-04-01', lastChance('p1', ['d1'], initiatedAt('2019-03-02'))))
      .thenRefused('no_pending_expulsion');
  });

  it('evidence that ends a lapse leaves the last chance undecided again', () => {
    const lapsed = [
      on('2019-01-10', admit()),
      on('2019-03-01', deduct('d1', 120)),
      on('2019-04-01', lastChance('p1', ['d1'], initiatedAt('2019-03-02'))),
    ];
    given(...lapsed)
      .when(on('2019-04-02', expel()))
      .thenFound();
    given(...lapsed, on('2019-04-01', submit('p1', submittedAt('2019-03-04'))))
      .when(on('2019-04-02', expel()))
      .thenFound('no_last_chance');
  });

  it('the window of an expulsion runs from its recording', () => {
    const expelled = [
      on('2019-01-10', admit()),
      on('2019-03-01', deduct('d1', 120)),
      on('2019-11-01', expel({ effectiveAt: shanghai('2019-03-10') })),
    ];
    const at = (stated: string) =>
      given(...expelled).when(on('2019-11-20', appealExpulsion('p1', initiatedAt(stated))));
    at('2019-03-12').thenFound();
    at('2019-11-06 23:59:59.999').thenFound();
    at('2019-11-07 00:00').thenFound('appeal_late');
  });
});

describe('an instant at which the act cannot have happened', () => {
  const message = (story: Scenario) => story.outcome.message;

  it.each([
    ['initiatedAt', appeal('p2', ['d2'], initiatedAt('2019-11-06 10:00:00.001'))],
    ['submittedAt', submit('p1', submittedAt('2019-11-06 10:00:00.001'))],
    ['withdrawnAt', withdraw('p1', withdrawnAt('2019-11-06 10:00:00.001'))],
    ['decidedAt', decideAppeal('p1', 'rejected', decidedAt('2019-11-06 10:00:00.001'))],
  ])('%s is not after now', (field, act) => {
    const refused = given(...initiated).when(on('2019-11-06', act));
    refused.thenRefused('invalid');
    expect(message(refused)).toMatch(new RegExp(`^data\\.${field}: .* is in the future`));
  });

  it.each([
    ['submittedAt', submit('p1', submittedAt('2019-07-05 09:59:59.999'))],
    ['withdrawnAt', withdraw('p1', withdrawnAt('2019-07-05 09:59:59.999'))],
    ['decidedAt', decideAppeal('p1', 'rejected', decidedAt('2019-07-05 09:59:59.999'))],
  ])('%s is not before the initiation', (field, act) => {
    const refused = given(...initiated).when(on('2019-11-06', act));
    refused.thenRefused('invalid');
    expect(message(refused)).toBe(
      `data.${field}: 2019-07-05T09:59:59.999+08:00 is before the initiation of appeal "p1" ` +
        '2019-07-05T10:00:00.000+08:00; it must not be earlier',
    );
  });

  it('initiatedAt is not before the last violation named, as it is corrected', () => {
    const both = (at: string) => on('2019-11-06', appeal('p1', ['d1', 'd2'], initiatedAt(at)));
    given(...imposed)
      .when(both('2019-06-30'))
      .then('AppealInitiated');
    const early = given(...imposed).when(both('2019-06-30 09:59:59.999'));
    early.thenRefused('invalid');
    expect(message(early)).toContain('is before the occurredAt of deduction "d1"');
    const corrected = on('2019-11-05', correct('d1', { occurredAt: shanghai('2019-06-28') }));
    given(...imposed, corrected)
      .when(both('2019-06-29'))
      .then('AppealInitiated');
  });

  it('the last millisecond and the first are taken', () => {
    given(...initiated)
      .when(on('2019-11-06', submit('p1', submittedAt('2019-07-05'))))
      .then('AppealEvidenceSubmitted')
      .when(on('2019-11-06', decideAppeal('p1', 'rejected', decidedAt('2019-11-06'))))
      .then('AppealDecided');
  });

  it('comes right after what is unknown, and before everything else', () => {
    const future = initiatedAt('2020-01-01');
    const story = given(...initiated, on('2019-11-05', withdraw('p1')));
    story.when(on('2019-11-06', appeal('p2', ['d9'], future))).thenRefused('unknown_deduction');
    story.when(on('2019-11-06', appeal('p2', ['d1'], future))).thenRefused('invalid');
    story.when(on('2019-11-06', appealExpulsion('p2', future))).thenRefused('invalid');
    story.when(on('2019-11-06', lastChance('p2', ['d2'], future))).thenRefused('invalid');
    story
      .when(on('2019-11-06', submit('p9', submittedAt('2020-01-01'))))
      .thenRefused('unknown_appeal');
    story.when(on('2019-11-06', submit('p1', submittedAt('2020-01-01')))).thenRefused('invalid');
    story.when(on('2019-11-06', withdraw('p1', withdrawnAt('2020-01-01')))).thenRefused('invalid');
    const stranger = { adjustments: [{ deductionId: 'd2', points: 1 }] };
    story
      .when(
        on(
          '2019-11-06',
          decideAppeal('p1', 'partly_upheld', { ...stranger, ...decidedAt('2020-01-01') }),
        ),
      )
      .thenRefused('invalid');
  });
});

describe('an operator’s ledger', () => {
  const kept = [
    on('2019-01-10', admit()),
    on('2019-03-01', deduct('d1', 40)),
    on('2019-03-02', appeal('p1', ['d1'])),
  ];

  it.each([
    ['initiatedAt', appeal('p2', ['d1'], initiatedAt('2019-03-03'))],
    ['submittedAt', submit('p1', submittedAt('2019-03-03'))],
    ['withdrawnAt', withdraw('p1', withdrawnAt('2019-03-03'))],
  ])('takes no %s, not even now', (field, act) => {
    const refused = givenToOperator(...kept).when(on('2019-03-03', act));
    refused.thenRefused('invalid');
    expect(refused.outcome.message).toBe(
      `data.${field}: an operator's ledger records appeals as they happen; leave it out`,
    );
  });

  it('takes when it decided, within the same bounds', () => {
    const at = (stated: string) =>
      givenToOperator(...kept).when(
        on('2019-03-04', decideAppeal('p1', 'rejected', decidedAt(stated))),
      );
    at('2019-03-03').then('AppealDecided');
    at('2019-03-02 09:59:59.999').thenRefused('invalid');
    at('2019-03-04 10:00:00.001').thenRefused('invalid');
  });
});

describe('what open appeals, and appeals still possible, are about', () => {
  const fields = (story: Scenario, asked = {}) => {
    const { balance, contested, appealable, ifUpheld } = story.balance(asked);
    return { balance, contested, appealable, ifUpheld };
  };
  const story = () =>
    given(
      on('2019-01-10', admit()),
      on('2019-03-01', deduct('d1', 40)),
      on('2019-03-01 11:00', deduct('d2', 30)),
      on('2019-03-02', appeal('p1', ['d1'])),
      on('2019-03-04', submit('p1')),
    );

  it('is what lines count, as known at K', () => {
    const known = story();
    expect(fields(known, { known: '2019-03-01 11:00' })).toEqual({
      ...{ balance: 70, contested: 0, appealable: 70, ifUpheld: 70 },
    });
    expect(fields(known)).toEqual({ balance: 70, contested: 40, appealable: 30, ifUpheld: 30 });
    known.given(on('2019-03-05', decideAppeal('p1', 'rejected')));
    expect(fields(known)).toMatchObject({ contested: 0, appealable: 30, ifUpheld: 70 });
  });

  it('is appealable while its window closes after E, whatever K is', () => {
    const known = story().until('2019-04-01');
    expect(fields(known)).toMatchObject({ contested: 40, appealable: 0 });
    expect(fields(known, { at: '2019-03-06 23:59:59.999' })).toMatchObject({ appealable: 30 });
    expect(fields(known, { at: '2019-03-07 00:00' })).toMatchObject({ appealable: 0 });
  });

  it('is nothing once it counts nothing, lapsed, or was appealed out of time', () => {
    const lapsed = given(
      on('2019-01-10', admit()),
      on('2019-03-01', deduct('d1', 40)),
      on('2019-03-01', deduct('d2', 30, { appealDeadline: shanghai('2019-03-02') })),
      on('2019-03-02', appeal('p1', ['d1'])),
      on('2019-03-02', appeal('p2', ['d2'])),
    );
    expect(fields(lapsed)).toMatchObject({ contested: 40, appealable: 0, ifUpheld: 30 });
    expect(fields(lapsed.until('2019-03-05'))).toMatchObject({ contested: 0, ifUpheld: 70 });
    expect(fields(story().given(on('2019-03-04', revoke('d1'))))).toMatchObject({
      ...{ balance: 30, contested: 0, ifUpheld: 30 },
    });
  });

  it('counts a deduction that two open appeals name once', () => {
    const two = given(
      on('2019-01-10', admit()),
      on('2019-03-01', deduct('d1', 120)),
      on('2019-03-02', appeal('p1', ['d1'])),
      on('2019-03-02', lastChance('p2', ['d1'])),
    );
    expect(fields(two)).toEqual({ balance: 120, contested: 120, appealable: 0, ifUpheld: 0 });
  });
});
