import { LedgerZone, parseInstant, readCommandLine } from '@penalty-ledger/ledger';
import { given, instant, Scenario, shanghai, shanghaiZone } from '../support/given.js';
import { admit, appeal, deduct, expel, on, submit } from '../support/lines.js';

describe('the annual reset', () => {
  const newYear = given(
    on('2019-01-10', admit()),
    on('2019-12-31 23:59:59.999', deduct('last', 10)),
    on('2020-01-01 00:00', deduct('first', 20)),
    on('2020-01-01 00:00:00.001', deduct('second', 30)),
  );

  it('E-1: the last millisecond of 2019 belongs to 2019', () => {
    const answer = newYear.balance({ at: '2019-12-31 23:59:59.999' });
    expect(answer.period).toBe('2019');
    expect(answer.lines.map((line) => line.deductionId)).toEqual(['last']);
  });

  it('E-1: the first instant of 2020 belongs to 2020, where last year is cleared', () => {
    const answer = newYear.balance({ at: '2020-01-01 00:00' });
    expect(answer).toMatchObject({ period: '2020', balance: 20 });
    expect(answer.notCounted).toEqual([
      { deductionId: 'last', reason: 'cleared_by_reset' },
      { deductionId: 'second', reason: 'scheduled' },
    ]);
  });

  it('E-1: a millisecond into 2020 both of its deductions count', () => {
    expect(newYear.points({ at: '2020-01-01 00:00:00.001' })).toBe(50);
  });

  it('the last millisecond of a year and its neighbours differ only by the boundary', () => {
    expect(shanghaiZone.yearOf(instant('2019-12-31 23:59:59.998'))).toBe('2019');
    expect(shanghaiZone.yearOf(instant('2019-12-31 23:59:59.999'))).toBe('2019');
    expect(shanghaiZone.yearOf(instant('2020-01-01 00:00'))).toBe('2020');
  });

  it.each([
    [2019, '2018-12-31T16:00:00.000Z'],
    [2020, '2019-12-31T16:00:00.000Z'],
    [2021, '2020-12-31T16:00:00.000Z'],
    [2024, '2023-12-31T16:00:00.000Z'],
    [2027, '2026-12-31T16:00:00.000Z'],
  ])('V-1: the points of the year before are cleared for %i at %s', (year, at) => {
    expect(shanghaiZone.startOfYear(year)).toBe(at);
  });

  it('clears points and nothing else: the records stay readable in their own period', () => {
    expect(newYear.points({ at: '2020-06-01', period: '2019', known: '2020-06-01' })).toBe(10);
  });
});

describe('E-2: a year is a year of the ledger’s zone, never of UTC', () => {
  const trap = given(
    on('2019-01-10', admit()),
    on('2019-12-31T15:59:59Z', deduct('d2019', 10)),
    on('2019-12-31T16:30:00Z', deduct('d2020', 20)),
  );

  it('V-16: 2019-12-31T16:30:00Z is New Year’s Day in Shanghai: its period is 2020', () => {
    expect(trap.balance()).toMatchObject({ period: '2020', balance: 20 });
    expect(trap.events('DeductionImposed').map(({ data }) => data.period)).toEqual([
      '2019',
      '2020',
    ]);
  });

  it('2019-12-31T15:59:59Z is still 2019', () => {
    expect(trap.points({ period: '2019' })).toBe(10);
  });
});

describe('E-3: the zone is an id with data, not an offset', () => {
  it('refuses dates from before 1992, when Shanghai had summer time', () => {
    expect(parseInstant('1991-12-31T23:59:59.999Z')).toBeUndefined();
    expect(parseInstant('1992-01-01T00:00:00Z')).toBe('1992-01-01T00:00:00.000Z');
  });

  it('clears points at midnight in New York for a ledger that lives there', () => {
    const newYork = new Scenario('observer', new LedgerZone('America/New_York', 'test')).given(
      on('2019-01-10T00:00:00Z', admit()),
      on('2020-01-01T04:59:59.999Z', deduct('d2019', 10)),
      on('2020-01-01T05:00:00Z', deduct('d2020', 20)),
    );
    expect(newYork.balance()).toMatchObject({ period: '2020', balance: 20 });
    expect(newYork.points({ period: '2019' })).toBe(10);
  });

  it('ends a ban at local midnight although New York’s clocks changed during it', () => {
    const newYork = new Scenario('observer', new LedgerZone('America/New_York', 'test')).given(
      on('2019-01-10T00:00:00Z', admit()),
      on('2019-02-01T15:00:00Z', deduct('d1', 120)),
      on('2019-02-11T15:00:00Z', expel()),
    );
    expect(newYork.balance().reentryFrom).toBe('2019-08-11T00:00:00.000-04:00');
  });

  it('refuses an unknown zone', () => {
    expect(() => new LedgerZone('Asia/Peking', 'test')).toThrow(RangeError);
  });
});

describe('E-4: a leap year is a matter of the calendar, not of 365', () => {
  it('accepts 29 February in a leap year and refuses it in another', () => {
    expect(parseInstant('2024-02-29T00:00:00+08:00')).toBe('2024-02-28T16:00:00.000Z');
    expect(parseInstant('2023-02-29T00:00:00+08:00')).toBeUndefined();
  });

  it('counts a deduction of 29 February in its year and in no other', () => {
    const leap = given(on('2023-01-10', admit()), on('2024-02-29', deduct('d1', 40))).until(
      '2025-02-28',
    );
    expect(leap.points({ at: '2024-12-31' })).toBe(40);
    expect(leap.points({ at: '2025-02-28' })).toBe(0);
  });
});

describe('E-7: natural days and hours are different units', () => {
  const notified = '2019-12-28 10:00';
  const noticed = given(
    on('2019-01-10', admit()),
    on(notified, deduct('d1', 40, { notifiedAt: shanghai(notified) })),
    on(notified, deduct('d2', 10, { notifiedAt: shanghai(notified) })),
    on(notified, deduct('d3', 10, { notifiedAt: shanghai(notified) })),
    on('2020-01-02 23:59:59.998', appeal('p1', ['d1'])),
    on('2020-01-02 23:59:59.999', appeal('p2', ['d2'])),
    on('2020-01-03 00:00', appeal('p3', ['d3'])),
  );

  it('V-13: five natural days from 28 December end at 24:00 on 2 January', () => {
    expect(noticed.appeal('p1')?.initiateBy).toBe('2020-01-03T00:00:00.000+08:00');
  });

  it('V-13: an appeal is in time at the last millisecond, late at the closing instant', () => {
    expect(['p1', 'p2', 'p3'].map((id) => noticed.appeal(id)?.state)).toEqual([
      'initiated',
      'initiated',
      'out_of_time',
    ]);
  });

  describe('V-14: 72 hours from 2020-01-02 23:50 end at 2020-01-05 23:50', () => {
    const initiated = () =>
      given(
        on('2019-01-10', admit()),
        on('2019-12-30', deduct('d1', 40)),
        on('2020-01-02 23:50', appeal('p1', ['d1'])),
      );

    it('says so', () => {
      expect(initiated().appeal('p1')?.evidenceBy).toBe('2020-01-05T23:50:00.000+08:00');
    });

    it.each(['2020-01-05 23:49:59.998', '2020-01-05 23:49:59.999'])(
      'accepts evidence at %s',
      (at) => {
        initiated()
          .when(on(at, submit('p1')))
          .then('AppealEvidenceSubmitted');
      },
    );

    it('refuses evidence at the closing instant', () => {
      initiated()
        .when(on('2020-01-05 23:50', submit('p1')))
        .thenRefused('evidence_window_closed');
    });
  });
});

describe('E-8: the ledger’s clock is its own', () => {
  it('refuses data that bring a recordedAt', () => {
    const read = readCommandLine({
      command: 'AdmitAgency',
      data: { agencyId: 'a1', name: 'Agency One', recordedAt: '2019-01-01T00:00:00Z' },
    });
    expect(read.problems?.map(({ en }) => en)).toEqual([
      'data.recordedAt: unknown field; remove it',
    ]);
  });

  it('records when it appended, beside when it happened and from when it counts', () => {
    const scenario = given(
      on('2019-01-10', admit()),
      on(
        '2019-03-05',
        deduct('d1', 40, {
          occurredAt: shanghai('2019-03-01'),
          decidedAt: shanghai('2019-03-02'),
          notifiedAt: shanghai('2019-03-03'),
          effectiveAt: shanghai('2019-03-04'),
        }),
      ),
    );
    expect(scenario.events('DeductionImposed')[0]).toMatchObject({
      occurredAt: instant('2019-03-01'),
      decidedAt: instant('2019-03-02'),
      notifiedAt: instant('2019-03-03'),
      effectiveAt: instant('2019-03-04'),
      recordedAt: instant('2019-03-05'),
    });
  });
});

describe('an instant', () => {
  it.each([
    ['2019-04-01T10:00:00+08:00', '2019-04-01T02:00:00.000Z'],
    ['2019-04-01t02:00:00z', '2019-04-01T02:00:00.000Z'],
    ['2019-03-31T22:30:00-03:30', '2019-04-01T02:00:00.000Z'],
    ['2019-04-01T02:00:00.5Z', '2019-04-01T02:00:00.500Z'],
    ['2019-04-01T02:00:00.050Z', '2019-04-01T02:00:00.050Z'],
    ['2019-04-01T02:00:00.123000Z', '2019-04-01T02:00:00.123Z'],
  ])('reads %s', (text, utc) => {
    expect(parseInstant(text)).toBe(utc);
  });

  it.each([
    ['has no offset', '2019-04-01T10:00:00'],
    ['has no seconds', '2019-04-01T10:00+08:00'],
    ['has no time', '2019-04-01'],
    ['is finer than a millisecond', '2019-04-01T10:29:59.9999+08:00'],
    ['is a leap second', '2016-12-31T23:59:60Z'],
    ['is 24:00', '2019-04-01T24:00:00+08:00'],
    ['is the 31st of April', '2019-04-31T10:00:00+08:00'],
    ['has a month 13', '2019-13-01T10:00:00+08:00'],
    ['has an offset of a day', '2019-04-01T10:00:00+24:00'],
    ['has spaces around it', ' 2019-04-01T10:00:00+08:00'],
    ['is in year 50', '0050-01-01T00:00:00Z'],
    ['is far beyond any ledger', '9001-01-01T00:00:00Z'],
  ])('refuses what %s', (_why, text) => {
    expect(parseInstant(text)).toBeUndefined();
  });
});
