import { aliMcn20190307 } from '@penalty-ledger/ledger';
import { given, givenToOperator, shanghai, type Line } from '../support/given.js';
import {
  admit,
  appeal,
  appealExpulsion,
  applyForReentry,
  decideAppeal,
  deduct,
  exit,
  expel,
  lastChance,
  on,
  publish,
  readmit,
  reduce,
  revoke,
  revokeExpulsion,
  submit,
  withdraw,
} from '../support/lines.js';

const admitted = on('2019-01-10', admit());
const february = on('2019-02-05', deduct('d1', 40));
const march = on('2019-03-05', deduct('d2', 40));
const april = on('2019-04-05', deduct('d3', 40));
const pending = [admitted, february, march, april];

describe('a pending expulsion', () => {
  it('V-7: opens in April when 40 points take effect in February, March and April', () => {
    const reached = given(admitted, february, march).when(april);
    reached.then('DeductionImposed', 'PendingExpulsionOpened');
    expect(reached.balance()).toMatchObject({
      balance: 120,
      standing: 'pending_expulsion',
      pending: {
        openedAt: '2019-04-05T10:00:00.000+08:00',
        period: '2019',
        closesAt: '2019-04-13T00:00:00.000+08:00',
      },
    });
    expect(reached.standing({ at: '2019-04-05 09:59:59.999' })).toBe('active');
  });

  it('does not open one point below the threshold', () => {
    const below = given(admitted, february, march).when(on('2019-04-05', deduct('d3', 39)));
    below.then('DeductionImposed');
    expect(below.balance()).toMatchObject({ balance: 119, standing: 'active', pending: null });
  });

  it('opens once, however many points follow', () => {
    given(...pending)
      .when(on('2019-04-06', deduct('d4', 40)))
      .then('DeductionImposed');
  });

  it('is not lifted by the reset', () => {
    const over = given(...pending).until('2020-01-01 00:00');
    expect(over.balance()).toMatchObject({
      balance: 0,
      standing: 'pending_expulsion',
      pending: { period: '2019' },
    });
  });

  it('is lifted in the new year when a decision takes its own period below the threshold', () => {
    const lifted = given(...pending, on('2020-02-01', deduct('new', 40)))
      .then('DeductionImposed')
      .when(on('2020-02-02', reduce('d1', 39)));
    lifted.then('DeductionAdjusted', 'PendingExpulsionLifted');
    expect(lifted.standing()).toBe('active');
    expect(lifted.standing({ at: '2020-02-02 09:59:59.999' })).toBe('pending_expulsion');
    expect(lifted.standing({ at: '2020-03-01', known: '2020-02-01' })).toBe('pending_expulsion');
  });

  it('gives way to the new year’s, in one append, when both periods reached it', () => {
    const both = given(...pending, on('2020-02-01', deduct('new', 120))).when(
      on('2020-02-02', revoke('d1')),
    );
    both.then('DeductionRevoked', 'PendingExpulsionLifted', 'PendingExpulsionOpened');
    expect(both.balance().pending).toMatchObject({ period: '2020' });
  });
});

describe('E-68: the last chance', () => {
  const taken = [
    ...pending,
    on('2019-04-06', lastChance('p1', ['d1', 'd2'])),
    on('2019-04-07', submit('p1')),
  ];

  it('E-68: succeeds by lifting the pending expulsion; no expulsion ever exists', () => {
    const saved = given(...taken).when(on('2019-04-08', decideAppeal('p1', 'upheld')));
    saved.then('AppealDecided', 'DeductionRevoked', 'DeductionRevoked', 'PendingExpulsionLifted');
    expect(saved.standing()).toBe('active');
    expect(saved.history().expulsions).toEqual([]);
    for (const at of ['2019-04-04', '2019-04-06', '2019-04-08', '2019-12-31'])
      for (const known of ['2019-04-05', '2019-04-07', '2019-04-08'])
        expect(saved.balance({ at, known }).expulsion).toBeNull();
  });

  it('is open to the last millisecond of its seventh natural day, and late from then on', () => {
    given(...pending)
      .when(on('2019-04-12 23:59:59.999', lastChance('p1', ['d1'])))
      .then('AppealInitiated')
      .thenFound();
    const late = given(...pending).when(on('2019-04-13 00:00', lastChance('p1', ['d1'])));
    late.then('AppealInitiated').thenFound('appeal_late');
    expect(late.appeal('p1')?.state).toBe('out_of_time');
  });

  it('is there once for a pending expulsion', () => {
    given(...taken, on('2019-04-08', withdraw('p1')))
      .when(on('2019-04-08', lastChance('p2', ['d3'])))
      .thenRefused('already_appealed');
  });

  it('is there anew for a new pending expulsion', () => {
    given(
      ...taken,
      on('2019-04-08', decideAppeal('p1', 'upheld')),
      on('2019-05-05', deduct('d4', 80)),
    )
      .then('DeductionImposed', 'PendingExpulsionOpened')
      .when(on('2019-05-06', lastChance('p2', ['d3', 'd4'])))
      .then('AppealInitiated')
      .thenFound();
  });

  it('needs a pending expulsion', () => {
    given(admitted, february)
      .when(on('2019-02-06', lastChance('p1', ['d1'])))
      .thenRefused('no_pending_expulsion');
  });
});

describe('expelling', () => {
  const after = (...lines: readonly Line[]) => given(...pending, ...lines);

  it('is as it should be once the last chance has gone by unused', () => {
    after().when(on('2019-04-13 00:00', expel())).then('ExpulsionExecuted').thenFound();
  });

  it('is found to leave no last chance a millisecond earlier', () => {
    after()
      .when(on('2019-04-12 23:59:59.999', expel()))
      .then('ExpulsionExecuted')
      .thenFound('no_last_chance');
  });

  it.each([
    [
      'undecided without evidence',
      [on('2019-04-12', lastChance('p1', ['d1']))],
      '2019-04-14',
      ['no_last_chance'],
    ],
    [
      'undecided with evidence, long after the window closed',
      [on('2019-04-12', lastChance('p1', ['d1'])), on('2019-04-13', submit('p1'))],
      '2019-06-01',
      ['no_last_chance'],
    ],
    [
      'a millisecond before it lapses',
      [on('2019-04-12', lastChance('p1', ['d1']))],
      '2019-04-15 09:59:59.999',
      ['no_last_chance'],
    ],
    ['lapsed', [on('2019-04-12', lastChance('p1', ['d1']))], '2019-04-15 10:00', []],
    [
      'rejected inside the window',
      [
        on('2019-04-06', lastChance('p1', ['d1'])),
        on('2019-04-07', decideAppeal('p1', 'rejected')),
      ],
      '2019-04-07',
      [],
    ],
    [
      'withdrawn inside the window',
      [on('2019-04-06', lastChance('p1', ['d1'])), on('2019-04-07', withdraw('p1'))],
      '2019-04-07',
      [],
    ],
    ['out of time', [on('2019-04-13', lastChance('p1', ['d1']))], '2019-04-13', []],
  ])('with a last-chance appeal that is %s', (_state, lines, at, findings) => {
    expect(after(...lines, on(at, expel())).outcome.findings).toEqual(findings);
  });

  it('is not held up by an ordinary appeal', () => {
    given(
      admitted,
      february,
      march,
      on('2019-04-05', deduct('d3', 40)),
      on('2019-04-06', appeal('p1', ['d3'])),
      on('2019-04-07', submit('p1')),
    )
      .when(on('2019-04-13', expel()))
      .thenFound();
  });

  it('is found twice when no expulsion was ever pending and the sum is under the threshold', () => {
    given(admitted, february)
      .when(on('2019-02-06', expel()))
      .thenFound('no_last_chance', 'below_threshold');
  });

  it('is found twice after the pending expulsion was lifted: its chance was for that one', () => {
    after(on('2019-04-06', revoke('d1')))
      .when(on('2019-04-07', expel()))
      .thenFound('no_last_chance', 'below_threshold');
  });

  it('is found without a last chance in an episode that had no pending expulsion', () => {
    after(
      on('2019-04-13', expel()),
      on('2019-11-01', readmit()),
      on('2019-11-02', deduct('d4', 119)),
    )
      .when(on('2019-11-03', expel()))
      .thenFound('no_last_chance', 'below_threshold');
  });

  it('is judged by the period of the pending expulsion, after the reset too', () => {
    const late = after().when(on('2020-01-20', expel()));
    late.then('ExpulsionExecuted').thenFound();
    expect(late.balance()).toMatchObject({
      balance: 0,
      standing: 'expelled',
      expulsion: { supported: true },
    });
  });

  it('is stored by an observer and refused by an operator when it is a breach', () => {
    givenToOperator(...pending)
      .when(on('2019-04-06', expel()))
      .thenRefused('no_last_chance');
    givenToOperator(admitted, february)
      .when(on('2019-02-06', expel()))
      .thenRefused('no_last_chance');
    givenToOperator(...pending, on('2019-04-06', revoke('d1')))
      .when(on('2019-04-07', expel()))
      .thenRefused('no_last_chance');
    givenToOperator(...pending)
      .when(on('2019-04-13', expel()))
      .then('ExpulsionExecuted');
  });

  it('cannot be done twice, nor to who has left', () => {
    after(on('2019-04-13', expel()))
      .when(on('2019-04-14', expel()))
      .thenRefused('already_expelled');
    given(admitted, on('2019-02-01', exit()))
      .when(on('2019-02-02', expel()))
      .thenRefused('not_admitted');
  });

  it('cannot take effect before the admission', () => {
    given(admitted)
      .when(on('2019-02-06', expel({ effectiveAt: shanghai('2019-01-10 09:59:59.999') })))
      .thenRefused('invalid')
      .when(on('2019-02-06', expel({ effectiveAt: shanghai('2019-01-10 10:00') })))
      .then('ExpulsionExecuted');
  });
});

/** An agency that has 120 points and is expelled at an instant. */
const expelledOn = (at: string) =>
  given(
    on(`${String(Number(at.slice(0, 4)) - 1)}-12-01`, admit()),
    on(at, deduct('d1', 120)),
    on(at, expel()),
  );

describe('the ban of 180 days, the day of expulsion not counted', () => {
  it.each([
    ['V-2', '2019-04-03 10:00', '2019-10-01T00:00:00.000+08:00'],
    ['V-3', '2019-07-10 15:30', '2020-01-07T00:00:00.000+08:00'],
    ['V-4', '2022-09-15 10:00', '2023-03-15T00:00:00.000+08:00'],
    ['V-4, over a leap day', '2023-09-15 10:00', '2024-03-14T00:00:00.000+08:00'],
    ['V-5, E-4', '2023-09-02 12:00', '2024-03-01T00:00:00.000+08:00'],
    ['V-6', '2019-12-31 23:59', '2020-06-29T00:00:00.000+08:00'],
    ['V-6', '2020-01-01 00:00', '2020-06-30T00:00:00.000+08:00'],
  ])('%s: expelled %s, re-entry from %s', (_vector, at, from) => {
    expect(expelledOn(at).balance().reentryFrom).toBe(from);
  });

  it('V-5: an application on 29 February 2024, day 180 after an expulsion, is inadmissible', () => {
    const leap = expelledOn('2023-09-02 12:00').given(
      on('2024-02-29 23:59:59.999', applyForReentry()),
    );
    expect(leap.history().reentryApplications.at(-1)).toMatchObject({ admissible: false });
  });

  it('V-3, E-60: is 4,320 hours where the rulebook counts elapsed hours', () => {
    const elapsed = given(
      on(
        '2019-01-01',
        publish({
          ...aliMcn20190307,
          rulebookVersion: 'elapsed',
          parameters: {
            ...aliMcn20190307.parameters,
            banCount: { value: 'elapsed_hours', source: 'this test', assumed: false },
          },
        }),
      ),
      admitted,
      on('2019-07-10 15:30', deduct('d1', 120)),
      on('2019-07-10 15:30', expel()),
    );
    expect(elapsed.balance().reentryFrom).toBe('2020-01-06T15:30:00.000+08:00');
    elapsed.given(
      on('2020-01-06 15:29:59.999', applyForReentry()),
      on('2020-01-06 15:30', applyForReentry()),
    );
    expect(elapsed.history().reentryApplications.map(({ admissible }) => admissible)).toEqual([
      false,
      true,
    ]);
  });
});

describe('E-60: days 179, 180 and 181 after an expulsion on 2019-07-10 at 15:30', () => {
  const expelled = () => expelledOn('2019-07-10 15:30');

  it.each([
    ['day 179', '2020-01-05 10:00', false],
    ['day 180', '2020-01-06 10:00', false],
    ['the last millisecond of day 180', '2020-01-06 23:59:59.999', false],
    ['the first instant of day 181', '2020-01-07 00:00', true],
    ['a millisecond into day 181', '2020-01-07 00:00:00.001', true],
  ])('an application on %s is recorded with its admissibility', (_day, at, admissible) => {
    const applied = expelled().when(on(at, applyForReentry()));
    applied.then('ReentryApplied');
    expect(applied.events('ReentryApplied')[0]?.data).toMatchObject({ admissible });
  });

  it('readmission is early up to the last millisecond', () => {
    expelled()
      .when(on('2020-01-06 23:59:59.999', readmit()))
      .then('AgencyReadmitted')
      .thenFound('reentry_early');
    expelled().when(on('2020-01-07 00:00', readmit())).then('AgencyReadmitted').thenFound();
  });

  it('an operator refuses early readmission', () => {
    givenToOperator(
      on('2019-01-10', admit()),
      on('2019-07-01', deduct('d1', 120)),
      on('2019-07-10 15:30', expel()),
    )
      .when(on('2020-01-06', readmit()))
      .thenRefused('reentry_early');
  });
});

describe('E-61: a ban that spans the year’s end', () => {
  it('goes on although the points are cleared: a balance of 0 is not a status', () => {
    const spanning = expelledOn('2019-07-10 15:30').until('2020-01-01 00:00');
    expect(spanning.balance()).toMatchObject({
      balance: 0,
      standing: 'expelled',
      reentryFrom: '2020-01-07T00:00:00.000+08:00',
      notCounted: [{ deductionId: 'd1', reason: 'cleared_by_reset' }],
    });
    spanning.when(on('2020-01-02', deduct('d2', 1))).thenRefused('not_admitted');
  });

  it('does not end by itself', () => {
    expect(expelledOn('2019-07-10 15:30').until('2021-01-01').standing()).toBe('expelled');
  });
});

it('E-62: an early application is recorded and does not change the ban', () => {
  const early = expelledOn('2019-07-10 15:30').given(on('2019-08-01', applyForReentry()));
  expect(early.balance()).toMatchObject({
    standing: 'expelled',
    reentryFrom: '2020-01-07T00:00:00.000+08:00',
  });
  early.when(on('2020-01-07 00:00', readmit())).then('AgencyReadmitted').thenFound();
});

describe('E-63: an expulsion revoked during the ban', () => {
  const revoked = () =>
    expelledOn('2019-07-10 15:30').given(
      on('2019-08-01', applyForReentry()),
      on('2019-08-10', revoke('d1')),
      on('2019-08-11', revokeExpulsion()),
    );

  it('makes the ban void from the start, though who asks what was known then still sees it', () => {
    expect(revoked().balance({ at: '2019-08-01' })).toMatchObject({
      standing: 'active',
      reentryFrom: null,
    });
    expect(revoked().balance({ at: '2019-08-01', known: '2019-08-10' })).toMatchObject({
      standing: 'expelled',
    });
  });

  it('keeps the application that was refused for a ban that never was', () => {
    expect(revoked().history().reentryApplications).toMatchObject([{ admissible: false }]);
    revoked().when(on('2019-08-12', applyForReentry())).thenRefused('not_expelled');
    revoked().when(on('2019-08-12', readmit())).thenRefused('not_expelled');
  });
});

it('E-64: readmission does not moot an appeal against the expulsion that is still open', () => {
  const readmitted = expelledOn('2019-07-10 15:30').given(
    on('2019-07-11', appealExpulsion('p1')),
    on('2019-07-12', submit('p1')),
    on('2020-01-07', readmit()),
  );
  expect(readmitted.appeal('p1')?.state).toBe('evidence_submitted');
  readmitted
    .when(on('2020-01-08', decideAppeal('p1', 'upheld')))
    .then('AppealDecided', 'ExpulsionRevoked');
  expect(readmitted.standing({ at: '2019-08-01' })).not.toBe('expelled');
});

describe('E-65: a second expulsion', () => {
  const second = given(
    on('2019-01-10', admit()),
    on('2019-02-01', deduct('d1', 120)),
    on('2019-02-10', expel()),
    on('2019-08-12', readmit()),
    on('2019-09-01', deduct('d2', 120)),
    on('2019-09-10', expel()),
  );

  it('has an episode and a clock of its own; days are not added', () => {
    expect(second.balance()).toMatchObject({
      standing: 'expelled',
      episode: 2,
      reentryFrom: '2020-03-09T00:00:00.000+08:00',
    });
  });

  it('rests on the points of its own episode', () => {
    expect(second.balance()).toMatchObject({
      balance: 120,
      lines: [{ deductionId: 'd2' }],
      notCounted: [{ deductionId: 'd1', reason: 'other_episode' }],
    });
    expect(second.balance({ at: '2019-08-12 09:59:59.999' })).toMatchObject({
      balance: 120,
      episode: 1,
    });
    expect(second.balance({ at: '2019-08-12 10:00' })).toMatchObject({
      balance: 0,
      episode: 2,
      standing: 'active',
    });
  });

  it('leaves the first expulsion to be undone by itself', () => {
    second.given(on('2019-10-01', revoke('d1'))).then('DeductionRevoked', 'ExpulsionUnsupported');
    expect(second.balance()).toMatchObject({
      standing: 'expelled',
      expulsion: { supported: true },
    });
  });
});

it('E-66: a new account of the same legal person is admitted without a finding in the ban', () => {
  given(
    on('2019-01-10', admit({ legalPersonId: 'person-1' })),
    on('2019-07-10 15:30', deduct('d1', 120)),
    on('2019-07-10 15:30', expel()),
  )
    .when(
      on('2019-08-01', admit({ agencyId: 'a2', name: 'Agency Two', legalPersonId: 'person-1' })),
    )
    .then('AgencyAdmitted')
    .thenFound();
});

describe('E-67: a voluntary exit', () => {
  const exited = () => given(admitted, february, on('2019-03-01', exit()));

  it('brings no ban: the agency may come back at once, without a finding', () => {
    expect(exited().balance()).toMatchObject({ standing: 'exited', reentryFrom: null });
    exited().when(on('2019-03-02', readmit())).then('AgencyReadmitted').thenFound();
    exited().when(on('2019-03-02', applyForReentry())).thenRefused('not_expelled');
  });

  it('keeps the record, and rulebook.md starts the new episode at 0 points', () => {
    const back = exited().given(on('2019-03-02', readmit()));
    expect(back.balance()).toMatchObject({
      balance: 0,
      notCounted: [{ deductionId: 'd1', reason: 'other_episode' }],
    });
    expect(back.points({ at: '2019-03-01' })).toBe(40);
  });

  it('takes only deductions that were effective before it', () => {
    const before = { occurredAt: shanghai('2019-02-20'), effectiveAt: shanghai('2019-02-28') };
    exited()
      .when(on('2019-03-05', deduct('d2', 10)))
      .thenRefused('not_admitted')
      .when(on('2019-03-05', deduct('d3', 10, before)))
      .then('DeductionImposed');
  });

  it('ends a pending expulsion without an expulsion', () => {
    const left = given(...pending, on('2019-04-06', exit()));
    expect(left.balance()).toMatchObject({ standing: 'exited', pending: null });
    left.when(on('2019-04-07', readmit())).then('AgencyReadmitted');
    expect(left.standing()).toBe('active');
  });

  it('is refused to who is not there', () => {
    exited().when(on('2019-03-02', exit())).thenRefused('not_admitted');
    expelledOn('2019-07-10 15:30').when(on('2019-08-01', exit())).thenRefused('not_admitted');
  });

  it('cannot be dated before an expulsion to escape it', () => {
    expelledOn('2019-07-10 15:30')
      .when(on('2019-08-01', exit({ effectiveAt: shanghai('2019-07-10 15:29') })))
      .thenRefused('not_admitted');
  });

  it('cannot be dated before the admission', () => {
    given(admitted)
      .when(on('2019-03-01', exit({ effectiveAt: shanghai('2019-01-10 09:59:59.999') })))
      .thenRefused('time_order')
      .when(on('2019-03-01', exit({ effectiveAt: shanghai('2019-01-10 10:00') })))
      .then('AgencyExited');
  });
});

describe('backfilled deductions', () => {
  const expelled = () => given(...pending, on('2019-04-13', expel()));

  it('are accepted when effective before the expulsion, and refused from then on', () => {
    const at = (text: string) => ({
      occurredAt: shanghai('2019-04-01'),
      effectiveAt: shanghai(text),
    });
    expelled()
      .when(on('2019-05-01', deduct('d4', 1, at('2019-04-13 09:59:59.999'))))
      .then('DeductionImposed')
      .when(on('2019-05-01', deduct('d5', 1, at('2019-04-13 10:00'))))
      .thenRefused('not_admitted');
  });

  it('are refused before the admission', () => {
    const at = (text: string) => ({
      occurredAt: shanghai('2019-01-01'),
      effectiveAt: shanghai(text),
    });
    given(admitted)
      .when(on('2019-02-01', deduct('d4', 1, at('2019-01-10 09:59:59.999'))))
      .thenRefused('not_admitted')
      .when(on('2019-02-01', deduct('d5', 1, at('2019-01-10 10:00'))))
      .then('DeductionImposed');
  });

  it('can give an unsupported expulsion its support back', () => {
    const back = expelled().given(
      on('2019-05-01', revoke('d1')),
      on(
        '2019-05-02',
        deduct('d4', 40, {
          occurredAt: shanghai('2019-04-01'),
          effectiveAt: shanghai('2019-04-01'),
        }),
      ),
    );
    expect(back.balance()).toMatchObject({ standing: 'expelled', expulsion: { supported: true } });
    expect(back.balance({ known: '2019-05-01' })).toMatchObject({
      expulsion: { supported: false },
    });
  });
});
