import { given, shanghai } from '../support/given.js';
import {
  admit,
  appeal,
  correct,
  decideAppeal,
  deduct,
  expel,
  failMonth,
  on,
  reduce,
  reinstate,
  revoke,
  revokeExpulsion,
  submit,
} from '../support/lines.js';

const admitted = on('2019-01-10', admit());
const march = on('2019-03-01', deduct('d1', 40));

describe('E-16: a full revocation in the same period', () => {
  const revoked = given(admitted, march, on('2019-03-20', revoke('d1')));

  it.each(['2019-03-01', '2019-03-10', '2019-03-20', '2019-12-31'])(
    'leaves 0 points at %s, as known now',
    (at) => {
      expect(revoked.balance({ at })).toMatchObject({
        balance: 0,
        notCounted: [{ deductionId: 'd1', reason: 'revoked' }],
      });
    },
  );

  it('still counted 40 as known before, up to the millisecond', () => {
    expect(revoked.points({ at: '2019-03-10', known: '2019-03-10' })).toBe(40);
    expect(revoked.points({ at: '2019-03-10', known: '2019-03-20 09:59:59.999' })).toBe(40);
    expect(revoked.points({ at: '2019-03-10', known: '2019-03-20 10:00' })).toBe(0);
    expect(revoked.points({ at: '2019-03-10', known: '2019-03-20 10:00:00.001' })).toBe(0);
  });
});

describe('E-17: a partial revocation', () => {
  const reduced = given(admitted, march, on('2019-03-20', reduce('d1', 20)));

  it('leaves the remainder, from the original instant on', () => {
    expect(reduced.points({ at: '2019-03-01 09:59:59.999' })).toBe(0);
    expect(reduced.balance({ at: '2019-03-01 10:00' }).lines).toEqual([
      {
        deductionId: 'd1',
        points: 40,
        counts: 20,
        effectiveAt: '2019-03-01T10:00:00.000+08:00',
        running: 20,
      },
    ]);
  });

  it('is an event that refers to the deduction, whose own event stays as it was', () => {
    expect(reduced.events('DeductionImposed')[0]?.data).toMatchObject({
      points: 40,
      period: '2019',
    });
    const [adjusted] = reduced.events('DeductionAdjusted');
    expect(adjusted?.data).toEqual({ agencyId: 'a1', deductionId: 'd1', points: 20, was: 40 });
    expect(adjusted).not.toHaveProperty('effectiveAt');
  });

  it('keeps the deduction in its period when it comes after the reset', () => {
    const later = given(admitted, march, on('2020-03-20', reduce('d1', 20)));
    expect(later.points({ period: '2019' })).toBe(20);
    expect(later.points()).toBe(0);
  });
});

describe('E-18: a decision after the reset', () => {
  const afterReset = given(
    admitted,
    march,
    on('2020-01-15', deduct('d2', 10)),
    on('2020-02-01', revoke('d1')),
  );

  it('E-18: corrects the year the deduction belongs to', () => {
    expect(afterReset.points({ at: '2019-12-31' })).toBe(0);
    expect(afterReset.points({ at: '2019-12-31', known: '2020-01-31' })).toBe(40);
  });

  it('E-18: a decision after the reset credits nothing to the new year', () => {
    expect(afterReset.points({ at: '2020-01-15' })).toBe(10);
    expect(afterReset.points()).toBe(10);
  });
});

describe('E-19: an appeal that is open over the reset', () => {
  const open = () =>
    given(admitted, on('2019-12-30', deduct('d1', 40)), on('2019-12-31', appeal('p1', ['d1'])));

  it('does not keep the points from being cleared', () => {
    expect(open().until('2020-01-01 00:00').points()).toBe(0);
  });

  it('stays open, takes evidence, and its decision corrects last year', () => {
    const decided = open()
      .given(on('2020-01-02', submit('p1')))
      .when(on('2020-01-05', decideAppeal('p1', 'upheld')))
      .then('AppealDecided', 'DeductionRevoked');
    expect(decided.points({ period: '2019' })).toBe(0);
    expect(decided.points()).toBe(0);
    expect(decided.appeal('p1')?.state).toBe('upheld');
  });
});

const threeForties = [
  admitted,
  on('2019-02-01', deduct('february', 40)),
  on('2019-03-01', deduct('march', 40)),
  on('2019-04-01', deduct('april', 40)),
];
const expelled = [...threeForties, on('2019-04-09', expel())];

describe('E-20: an expulsion whose deduction is revoked', () => {
  it('V-9: is unsupported, and does not end', () => {
    const unsupported = given(...expelled, on('2020-02-01', revoke('february')));
    unsupported.then('DeductionRevoked', 'ExpulsionUnsupported');
    expect(unsupported.points({ period: '2019', at: '2019-12-31' })).toBe(80);
    expect(unsupported.points()).toBe(0);
    expect(unsupported.balance()).toMatchObject({
      standing: 'expelled',
      expulsion: { supported: false },
    });
  });

  it('V-9: was supported at 120 points in 2019, as known the day before', () => {
    const unsupported = given(...expelled, on('2020-02-01', revoke('february')));
    expect(unsupported.balance({ at: '2019-12-31', known: '2020-01-31' })).toMatchObject({
      balance: 120,
      standing: 'expelled',
      expulsion: { effectiveAt: '2019-04-09T10:00:00.000+08:00', supported: true },
    });
  });

  it('is recorded as unsupported once, also after reinstatements and another revocation', () => {
    const again = given(
      ...expelled,
      on('2019-05-01', revoke('february')),
      on('2019-05-02', revoke('march')),
      on('2019-05-03', reinstate('march')),
      on('2019-05-04', reinstate('february')),
    );
    expect(again.balance().expulsion).toMatchObject({ supported: true });
    again.when(on('2019-05-05', revoke('february'))).then('DeductionRevoked');
    expect(again.events('ExpulsionUnsupported')).toMatchObject([
      { data: { balance: 80, expulsion: 0 } },
    ]);
  });

  it('is also unsupported after a correction of our own typing', () => {
    given(...expelled)
      .when(on('2019-05-01', correct('april', { points: 39 })))
      .then('DeductionCorrected', 'ExpulsionUnsupported');
  });

  it('is void from the start only when the expulsion itself is revoked', () => {
    const restored = given(
      ...expelled,
      on('2019-06-01', revoke('february')),
      on('2019-06-10', revokeExpulsion()),
    );
    restored.then('ExpulsionRevoked');
    expect(restored.standing({ at: '2019-05-01', known: '2019-06-10 09:59:59.999' })).toBe(
      'expelled',
    );
    expect(restored.standing({ at: '2019-05-01', known: '2019-06-10 10:00' })).toBe('active');
    expect(restored.balance()).toMatchObject({
      standing: 'active',
      expulsion: null,
      reentryFrom: null,
    });
  });

  it('is active from its former instant on, and pending before that', () => {
    const restored = given(
      ...expelled,
      on('2019-06-01', revoke('february')),
      on('2019-06-10', revokeExpulsion()),
    );
    expect(restored.standing({ at: '2019-04-09 09:59:59.999' })).toBe('pending_expulsion');
    expect(restored.standing({ at: '2019-04-09 10:00' })).toBe('active');
  });

  it('opens a pending expulsion anew when the points that led to it are still there', () => {
    const over = given(...expelled).when(on('2019-06-10', revokeExpulsion()));
    over.then('ExpulsionRevoked', 'PendingExpulsionOpened');
    expect(over.standing({ at: '2019-05-01' })).toBe('active');
    expect(over.standing()).toBe('pending_expulsion');
  });

  it('counts a deduction that was refused for the ban again from then on', () => {
    const refused = given(...expelled).when(on('2019-05-01', deduct('d5', 1)));
    refused.thenRefused('not_admitted');
    refused
      .given(on('2019-06-01', revoke('february')), on('2019-06-10', revokeExpulsion()))
      .when(
        on(
          '2019-06-11',
          deduct('d5', 1, {
            occurredAt: shanghai('2019-05-01'),
            effectiveAt: shanghai('2019-05-01'),
          }),
        ),
      )
      .then('DeductionImposed');
  });
});

describe('E-21: a revocation that is not enough', () => {
  it('leaves the expulsion supported at exactly the threshold', () => {
    const enough = given(
      ...threeForties,
      on('2019-04-02', deduct('d4', 40)),
      on('2019-04-09', expel()),
    ).when(on('2019-05-01', revoke('february')));
    enough.then('DeductionRevoked');
    expect(enough.balance()).toMatchObject({
      balance: 120,
      standing: 'expelled',
      expulsion: { supported: true },
    });
  });

  it('unsupports it one point lower', () => {
    given(...threeForties, on('2019-04-02', deduct('d4', 39)), on('2019-04-09', expel()))
      .when(on('2019-05-01', revoke('february')))
      .then('DeductionRevoked', 'ExpulsionUnsupported');
  });
});

describe('E-22: a revocation undone', () => {
  it('V-10: 40, partly upheld to 20 and reinstated to 40, counts 40 from the start', () => {
    const chain = given(
      admitted,
      march,
      on('2019-03-02', appeal('p1', ['d1'])),
      on('2019-03-03', submit('p1')),
      on(
        '2019-03-04',
        decideAppeal('p1', 'partly_upheld', { adjustments: [{ deductionId: 'd1', points: 20 }] }),
      ),
      on('2019-03-20', reinstate('d1')),
    );
    expect(chain.points({ at: '2019-03-01 10:00' })).toBe(40);
    expect(chain.points({ at: '2019-03-01 09:59:59.999' })).toBe(0);
    expect(chain.points({ at: '2019-03-01', known: '2019-03-10' })).toBe(20);
    expect(chain.points({ at: '2019-03-01', known: '2019-03-03' })).toBe(40);
    const { imposed, decisions } = chain.history().deductions.get('d1')!;
    expect([imposed.points, ...decisions.map(({ points }) => points)]).toEqual([40, 20, 40]);
  });

  it('can itself be undone: the decision recorded last counts', () => {
    const undone = given(
      admitted,
      march,
      on('2019-03-02', revoke('d1')),
      on('2019-03-03', reinstate('d1')),
    ).when(on('2019-03-04', revoke('d1')));
    undone.then('DeductionRevoked');
    expect(undone.points()).toBe(0);
  });

  it('may reinstate a part', () => {
    const part = given(
      admitted,
      march,
      on('2019-03-02', revoke('d1')),
      on('2019-03-03', reinstate('d1', { points: 15 })),
    );
    expect(part.points()).toBe(15);
  });

  it('does not start the appeal’s clock again', () => {
    given(admitted, march, on('2019-03-02', revoke('d1')), on('2019-03-20', reinstate('d1')))
      .when(on('2019-03-21', appeal('p1', ['d1'])))
      .then('AppealInitiated')
      .thenFound('appeal_late');
  });

  it('opens a pending expulsion when it brings back the threshold', () => {
    given(...threeForties, on('2019-04-02', revoke('march')))
      .then('DeductionRevoked', 'PendingExpulsionLifted')
      .when(on('2019-04-03', reinstate('march')))
      .then('DeductionReinstated', 'PendingExpulsionOpened');
  });
});

describe('E-23: a revoked deduction is used for nothing', () => {
  it('does not help to reach the threshold', () => {
    given(
      admitted,
      on('2019-02-01', deduct('d1', 40)),
      on('2019-02-02', revoke('d1')),
      on('2019-03-01', deduct('d2', 80)),
    )
      .when(on('2019-04-01', deduct('d3', 39)))
      .then('DeductionImposed');
  });

  it('does not stand in the way of the month it was for', () => {
    given(admitted, on('2019-05-05', failMonth('d1', '2019-04')), on('2019-05-06', revoke('d1')))
      .when(on('2019-05-07', failMonth('d2', '2019-04')))
      .then('DeductionImposed');
  });

  it('cannot be appealed, nor revoked again', () => {
    given(admitted, march, on('2019-03-02', revoke('d1')))
      .when(on('2019-03-03', appeal('p1', ['d1'])))
      .thenRefused('already_revoked')
      .when(on('2019-03-03', revoke('d1')))
      .thenRefused('already_revoked');
  });
});

describe('E-24: a correction of our typing is not a revocation', () => {
  const corrected = given(admitted, march, on('2019-03-20', correct('d1', { points: 4 })));

  it('replaces the values from the start, and is not a decision', () => {
    expect(corrected.balance({ at: '2019-03-01 10:00' }).lines).toMatchObject([
      { points: 4, counts: 4 },
    ]);
    expect(corrected.history().deductions.get('d1')?.decisions).toEqual([]);
    expect(corrected.events('DeductionCorrected')[0]?.data).toMatchObject({
      corrected: ['points'],
      points: 4,
    });
  });

  it('leaves what was known before as it was known', () => {
    expect(corrected.points({ at: '2019-03-10', known: '2019-03-20 09:59:59.999' })).toBe(40);
    expect(corrected.points({ at: '2019-03-10', known: '2019-03-20 10:00' })).toBe(4);
  });

  it('does not make the deduction harder to reinstate or appeal than its true points', () => {
    const typo = given(
      admitted,
      march,
      on('2019-03-02', revoke('d1')),
      on('2019-03-03', correct('d1', { points: 30 })),
    );
    typo.when(on('2019-03-04', reinstate('d1', { points: 31 }))).thenRefused('exceeds_original');
    typo.when(on('2019-03-04', reinstate('d1', { points: 30 }))).then('DeductionReinstated');
  });

  it('leaves points that a decision set as they were decided', () => {
    const decided = given(
      admitted,
      march,
      on('2019-03-02', reduce('d1', 20)),
      on('2019-03-03', correct('d1', { points: 30 })),
    );
    expect(decided.points()).toBe(20);
  });

  it('moves a deduction into the year it belongs to', () => {
    const moved = given(
      admitted,
      on('2020-01-05', deduct('d1', 40)),
      on(
        '2020-01-06',
        correct('d1', { occurredAt: shanghai('2019-12-05'), effectiveAt: shanghai('2019-12-05') }),
      ),
    );
    expect(moved.points()).toBe(0);
    expect(moved.points({ period: '2019' })).toBe(40);
  });

  it('keeps a period that the notice stated', () => {
    const stated = given(
      admitted,
      on('2020-01-05', deduct('d1', 40, { period: '2020' })),
      on(
        '2020-01-06',
        correct('d1', { occurredAt: shanghai('2019-12-05'), effectiveAt: shanghai('2019-12-05') }),
      ),
    );
    expect(stated.points()).toBe(40);
  });
});

describe('E-29: nothing is clamped', () => {
  const far = given(
    ...threeForties,
    on('2019-04-02', deduct('d4', 120)),
    on('2019-04-03', deduct('d5', 120)),
  );

  it('lets a balance rise as far beyond the threshold as its deductions do', () => {
    expect(far.balance().lines.map(({ running }) => running)).toEqual([40, 80, 120, 240, 360]);
  });

  it('so a revocation takes off exactly what it revokes', () => {
    far.given(on('2019-04-04', revoke('d4')), on('2019-04-05', revoke('d5')));
    expect(far.points()).toBe(120);
    far.given(...['february', 'march', 'april'].map((id) => on('2019-04-06', revoke(id))));
    expect(far.points()).toBe(0);
  });
});
