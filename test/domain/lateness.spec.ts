import { given, instant, shanghai } from '../support/given.js';
import {
  admit,
  correct,
  deduct,
  exit,
  failMonth,
  on,
  readmit,
  reduce,
  revoke,
} from '../support/lines.js';

describe('E-9: a late entry counts where it belongs, not where it was recorded', () => {
  const late = given(
    on('2019-01-10', admit()),
    on('2019-11-05', deduct('november', 40)),
    on(
      '2020-01-15',
      deduct('december', 40, {
        occurredAt: shanghai('2019-12-10'),
        effectiveAt: shanghai('2019-12-12'),
      }),
    ),
  );

  it('raises the balance of 2019 from its own instant on', () => {
    expect(late.points({ at: '2019-12-12 09:59:59.999' })).toBe(40);
    expect(late.points({ at: '2019-12-12 10:00' })).toBe(80);
    expect(late.points({ at: '2019-12-31' })).toBe(80);
  });

  it('leaves 2020 at 0', () => {
    expect(late.balance()).toMatchObject({ period: '2020', balance: 0 });
  });

  it('still shows the old balance of 2019 to anyone who asks what was known before', () => {
    expect(late.points({ at: '2019-12-31', known: '2020-01-15 09:59:59.999' })).toBe(40);
    expect(late.points({ at: '2019-12-31', known: '2020-01-15 10:00' })).toBe(80);
  });

  it.each(['effectiveAt', 'occurredAt', 'assessmentMonthEnd'] as const)(
    'counts in 2019 under %s',
    (attribution) => {
      expect(late.whatIf({ attribution }, { at: '2019-12-31' }).whatif.balance).toBe(80);
      expect(late.whatIf({ attribution }, { at: '2020-01-15' }).whatif.balance).toBe(0);
    },
  );
});

describe('E-10: a late decision', () => {
  const effective = { occurredAt: shanghai('2019-12-20'), effectiveAt: shanghai('2020-01-10') };
  const decidedLate = given(
    on('2019-01-10', admit()),
    on('2020-01-10', deduct('d1', 40, effective)),
  );

  it('counts in the year it takes effect by default', () => {
    expect(decidedLate.balance()).toMatchObject({ period: '2020', balance: 40 });
  });

  it('counts in neither year’s current balance when points follow the violation', () => {
    expect(decidedLate.whatIf({ attribution: 'occurredAt' })).toMatchObject({
      recorded: { balance: 40 },
      whatif: { balance: 0 },
      partsAt: '2020-01-10T10:00:00.000+08:00',
    });
  });

  it('counts in the period its notice names, whatever the attribution', () => {
    const named = given(
      on('2019-01-10', admit()),
      on('2020-01-10', deduct('d1', 40, { ...effective, period: '2019' })),
    );
    expect(named.points()).toBe(0);
    expect(named.points({ period: '2019' })).toBe(40);
    expect(named.balance().notCounted).toEqual([{ deductionId: 'd1', reason: 'cleared_by_reset' }]);
    expect(named.whatIf({ attribution: 'effectiveAt' }).whatif.balance).toBe(0);
  });

  it('names the assumption the answer rests on', () => {
    expect(decidedLate.balance().assumptions).toContain('attribution=effectiveAt');
  });
});

describe('E-11: failures of October to December 2019, each decided on the next 5th', () => {
  const autumn = given(
    on('2019-01-10', admit()),
    on('2019-11-05', failMonth('october', '2019-10')),
    on('2019-12-05', failMonth('november', '2019-11')),
    on('2020-01-05', failMonth('december', '2019-12')),
  );

  it('V-8: are 80 points in 2019 and 40 in 2020 by default, and the agency stays active', () => {
    expect(autumn.points({ at: '2019-12-31' })).toBe(80);
    expect(autumn.points()).toBe(40);
    expect(autumn.standing()).toBe('active');
  });

  it('V-8: are 0 points in 2020 by month, and 120 in 2019 when December names that period', () => {
    expect(autumn.whatIf({ attribution: 'assessmentMonthEnd' }).whatif.balance).toBe(0);
    const [, , december] = autumn.events('DeductionImposed');
    expect(december).toMatchObject({ data: { basis: { month: '2019-12' } } });
    const stated = given(
      on('2019-01-10', admit()),
      on('2019-11-05', failMonth('october', '2019-10')),
      on('2019-12-05', failMonth('november', '2019-11')),
      on('2020-01-05', failMonth('december', '2019-12', { period: '2019' })),
    );
    expect(stated.points({ period: '2019' })).toBe(120);
    expect(stated.outcome.findings).toEqual(['retroactive_threshold']);
  });

  it('shows both readings side by side, and where they part', () => {
    expect(autumn.whatIf({ attribution: 'assessmentMonthEnd' })).toMatchObject({
      recorded: { balance: 40, thresholdReachedAt: null },
      whatif: { balance: 0, thresholdReachedAt: null },
      partsAt: '2020-01-05T10:00:00.000+08:00',
      differences: [{ deductionId: 'december', recorded: 40, whatif: 0 }],
    });
  });
});

describe('E-12: a late entry that lifts last year to the threshold', () => {
  const twice = [
    on('2019-01-10', admit()),
    on('2019-06-05', deduct('d1', 40)),
    on('2019-07-05', deduct('d2', 40)),
  ];
  const inDecember = { occurredAt: shanghai('2019-12-10'), effectiveAt: shanghai('2019-12-12') };

  it('is found, and opens nothing', () => {
    const found = given(...twice).when(on('2020-01-15', deduct('d3', 40, inDecember)));
    found.then('DeductionImposed').thenFound('retroactive_threshold');
    expect(found.standing()).toBe('active');
    expect(found.standing({ at: '2019-12-31' })).toBe('active');
    expect(found.balance({ period: '2019' })).toMatchObject({
      balance: 120,
      findings: ['retroactive_threshold'],
    });
  });

  it('is not found one point below the threshold', () => {
    given(...twice)
      .when(on('2020-01-15', deduct('d3', 39, inDecember)))
      .then('DeductionImposed')
      .thenFound();
  });

  it('is not found again when last year was over the threshold already', () => {
    given(...twice, on('2020-01-15', deduct('d3', 40, inDecember)))
      .when(on('2020-01-16', deduct('d4', 40, inDecember)))
      .thenFound('possible_duplicate');
  });

  it('is not found while it is scheduled: it brings nothing yet', () => {
    given(...twice)
      .when(
        on('2020-01-15', deduct('d3', 40, { period: '2019', effectiveAt: shanghai('2020-02-01') })),
      )
      .thenFound();
  });

  it('is not found when it was effective in an episode that is over', () => {
    given(...twice, on('2019-12-20', exit()), on('2020-01-10', readmit()))
      .when(on('2020-01-15', deduct('d3', 120, inDecember)))
      .then('DeductionImposed')
      .thenFound();
  });

  it('opens a pending expulsion as usual while the year still runs', () => {
    given(...twice)
      .when(on('2019-12-31 23:59:59.999', deduct('d3', 40, inDecember)))
      .then('DeductionImposed', 'PendingExpulsionOpened')
      .thenFound();
  });

  it('is found a millisecond later, when the year is over', () => {
    given(...twice)
      .when(on('2020-01-01 00:00', deduct('d3', 40, inDecember)))
      .then('DeductionImposed')
      .thenFound('retroactive_threshold');
  });
});

describe('E-13: the order of recording does not change a balance', () => {
  const march = { occurredAt: shanghai('2019-03-01'), effectiveAt: shanghai('2019-03-01') };
  const april = { occurredAt: shanghai('2019-04-01'), effectiveAt: shanghai('2019-04-01') };
  const inOrder = given(
    on('2019-01-10', admit()),
    on('2019-05-01', deduct('march', 20, march)),
    on('2019-05-02', deduct('april', 40, april)),
    on('2019-05-03', reduce('march', 5)),
    on('2019-05-04', revoke('april')),
  );
  const reversed = given(
    on('2019-01-10', admit()),
    on('2019-05-01', deduct('april', 40, april)),
    on('2019-05-02', deduct('march', 20, march)),
    on('2019-05-03', revoke('april')),
    on('2019-05-04', reduce('march', 5)),
  );

  it.each(['2019-02-28', '2019-03-01', '2019-04-01', '2019-05-04'])(
    'gives the same lines at %s',
    (at) => {
      const asked = { at, known: '2019-05-04' };
      expect(reversed.balance(asked).lines).toEqual(inOrder.balance(asked).lines);
      expect(reversed.balance(asked).notCounted).toEqual(inOrder.balance(asked).notCounted);
    },
  );
});

describe('E-14: a deduction of the future', () => {
  const scheduled = () =>
    given(
      on('2019-01-10', admit()),
      on('2019-03-01', deduct('d1', 80)),
      on('2019-03-01', deduct('d2', 40, { effectiveAt: shanghai('2019-04-01') })),
    );

  it('is scheduled and does not count', () => {
    expect(scheduled().balance()).toMatchObject({
      balance: 80,
      standing: 'active',
      notCounted: [{ deductionId: 'd2', reason: 'scheduled' }],
    });
  });

  it('is answered for an E of the future', () => {
    expect(scheduled().points({ at: '2019-04-01 09:59:59.999' })).toBe(80);
    expect(scheduled().points({ at: '2019-04-01 10:00' })).toBe(120);
  });

  it('opens a pending expulsion by itself, at its own instant', () => {
    expect(scheduled().until('2019-04-01 09:59:59.999').standing()).toBe('active');
    const passed = scheduled().until('2019-06-01');
    expect(passed.standing({ at: '2019-04-01 10:00' })).toBe('pending_expulsion');
    expect(passed.events('PendingExpulsionOpened')).toMatchObject([
      {
        effectiveAt: instant('2019-04-01'),
        recordedAt: instant('2019-04-01'),
        actor: 'ledger/clock',
        causation: { command: 'ClockPassed' },
      },
    ]);
  });

  it('happens before a command that arrives at the same instant', () => {
    scheduled()
      .when(on('2019-04-01', deduct('d3', 1)))
      .then('DeductionImposed');
  });

  it('does not come to count when it was revoked meanwhile', () => {
    const revoked = scheduled().given(on('2019-03-31', revoke('d2')));
    expect(revoked.until('2019-06-01').balance()).toMatchObject({
      balance: 80,
      standing: 'active',
    });
  });

  it('comes to count at once when a correction moves it into the past', () => {
    const moved = scheduled().when(
      on('2019-03-31', correct('d2', { effectiveAt: shanghai('2019-03-20') })),
    );
    moved.then('DeductionCorrected', 'PendingExpulsionOpened');
    expect(moved.until('2019-06-01').events('PendingExpulsionOpened')).toHaveLength(1);
  });

  it('can be moved by a correction, up to 366 days ahead of it', () => {
    const at = '2019-03-31 10:00';
    const later = scheduled()
      .when(on(at, correct('d2', { effectiveAt: shanghai('2020-03-31 10:00:00.001') })))
      .thenRefused('invalid')
      .when(on(at, correct('d2', { effectiveAt: shanghai('2019-05-01 10:00') })))
      .then('DeductionCorrected')
      .until('2019-06-01');
    expect(later.events('PendingExpulsionOpened')).toMatchObject([
      { recordedAt: instant('2019-05-01') },
    ]);
    scheduled()
      .when(on(at, correct('d2', { effectiveAt: shanghai('2020-03-31 10:00') })))
      .then('DeductionCorrected');
  });

  it('may lie up to 366 days ahead, and not a millisecond more', () => {
    const at = '2019-01-10 10:00';
    given(on('2019-01-10', admit()))
      .when(on(at, deduct('d1', 40, { effectiveAt: shanghai('2020-01-11 10:00') })))
      .then('DeductionImposed')
      .when(on(at, deduct('d2', 40, { effectiveAt: shanghai('2020-01-11 10:00:00.001') })))
      .thenRefused('invalid');
  });

  it('cannot have happened in the future, nor count before it happened', () => {
    given(on('2019-01-10', admit()))
      .when(on('2019-02-01', deduct('d1', 40, { occurredAt: shanghai('2019-02-01 10:00:00.001') })))
      .thenRefused('invalid')
      .when(
        on('2019-02-01', deduct('d2', 40, { effectiveAt: shanghai('2019-02-01 09:59:59.999') })),
      )
      .thenRefused('invalid');
  });
});

it('E-15: a stale deduction is recorded: the ledger does not overrule the platform', () => {
  const stale = given(on('2018-01-10', admit())).when(
    on(
      '2021-03-01',
      deduct('d1', 40, { occurredAt: shanghai('2018-02-01'), notifiedAt: shanghai('2021-03-01') }),
    ),
  );
  stale.then('DeductionImposed').thenFound();
  expect(stale.points()).toBe(40);
});
