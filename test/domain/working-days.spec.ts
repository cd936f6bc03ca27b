import { isWorkday } from 'chinese-days';
import {
  afterWorkingDays,
  calendarHash,
  calendarProblem,
  chinaCalendar,
  endOfTime,
  isWorkingDay,
  knownCalendar,
  rulebooks,
  type Calendar,
} from '@penalty-ledger/ledger';
import { given, instant, shanghaiZone } from '../support/given.js';
import { admit, appeal, deduct, on, publishCalendar, submit } from '../support/lines.js';

const shipped = rulebooks.calendarsAt(rulebooks.empty, endOfTime);

const closing = (from: string, days: number) => {
  const { at, unknownYear } = afterWorkingDays(instant(from), days, shanghaiZone, shipped);
  return at === undefined ? { unknownYear } : shanghaiZone.format(at);
};

/** Every date of a year, `2019-01-01` to `2019-12-31`. */
function datesOf(year: number): string[] {
  const dates: string[] = [];
  for (
    const day = new Date(Date.UTC(year, 0, 1));
    day.getUTCFullYear() === year;
    day.setUTCDate(day.getUTCDate() + 1)
  )
    dates.push(day.toISOString().slice(0, 10));
  return dates;
}

describe('the calendar of Chinese public holidays', () => {
  it('covers 2018 to 2026, each year with the notice it comes from', () => {
    expect(chinaCalendar.years.map(({ year }) => year)).toEqual([
      2018, 2019, 2020, 2021, 2022, 2023, 2024, 2025, 2026,
    ]);
    for (const { year, source } of chinaCalendar.years)
      expect(source).toContain(`国办发明电〔${String(year - 1)}〕`);
  });

  it.each(chinaCalendar.years.map(({ year }) => year))(
    'agrees with chinese-days on every day of %i, the extended Spring Festival of 2020 included',
    (year) => {
      const dates = datesOf(year);
      expect(dates.length).toBe(year % 4 === 0 ? 366 : 365);
      expect(dates.filter((date) => isWorkingDay(date, shipped) === true)).toEqual(
        dates.filter((date) => isWorkday(date)),
      );
    },
  );

  it.each(chinaCalendar.years)(
    'lists for $year only days of that year, none both off and worked, and works only weekends',
    ({ year, off, worked }) => {
      const listed = [...off, ...worked];
      expect(new Set(listed).size).toBe(listed.length);
      expect(listed.filter((date) => !datesOf(year).includes(date))).toEqual([]);
      expect(
        worked.filter((date) => ![0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay())),
      ).toEqual([]);
    },
  );

  it('knows nothing of a year it has not', () => {
    expect(isWorkingDay('2017-12-29', shipped)).toBeUndefined();
    expect(isWorkingDay('2027-01-04', shipped)).toBeUndefined();
  });
});

describe('E-7: working days', () => {
  it('are two days later at 24:00, the first day not counted', () => {
    expect(closing('2019-03-04 10:00', 2)).toBe('2019-03-07T00:00:00.000+08:00');
    expect(closing('2019-03-04 00:00', 2)).toBe('2019-03-07T00:00:00.000+08:00');
    expect(closing('2019-03-04 23:59:59.999', 2)).toBe('2019-03-07T00:00:00.000+08:00');
    expect(closing('2019-03-05 00:00', 2)).toBe('2019-03-08T00:00:00.000+08:00');
  });

  it('leave out a weekend', () => {
    expect(closing('2019-03-08 10:00', 1)).toBe('2019-03-12T00:00:00.000+08:00');
  });

  it('count a Saturday and a Sunday that are worked for a holiday', () => {
    // 1 February 2019 is a Friday; Saturday and Sunday are worked. The Spring Festival is from the
    // 4th to the 10th.
    expect(closing('2019-02-01 10:00', 2)).toBe('2019-02-04T00:00:00.000+08:00');
    expect(closing('2019-02-01 10:00', 3)).toBe('2019-02-12T00:00:00.000+08:00');
  });

  it('count from a day that is not worked as from any other', () => {
    expect(closing('2019-10-03 10:00', 2)).toBe('2019-10-10T00:00:00.000+08:00');
  });

  it('exclude the days that the notice of January 2020 added', () => {
    expect(closing('2020-01-23 10:00', 1)).toBe('2020-02-04T00:00:00.000+08:00');
  });

  it('count over the end of a year', () => {
    expect(closing('2018-12-28 10:00', 2)).toBe('2019-01-03T00:00:00.000+08:00');
  });

  it('close the window with the day itself when there are none', () => {
    expect(closing('2019-03-04 10:00', 0)).toBe('2019-03-05T00:00:00.000+08:00');
    expect(closing('2019-03-08 10:00', 0)).toBe('2019-03-09T00:00:00.000+08:00');
  });

  it('are refused, not guessed, in a year without an announced calendar', () => {
    expect(closing('2026-12-30 10:00', 1)).toBe('2027-01-01T00:00:00.000+08:00');
    expect(closing('2026-12-30 10:00', 2)).toEqual({ unknownYear: '2027' });
    expect(closing('2026-12-31 10:00', 1)).toEqual({ unknownYear: '2027' });
    expect(closing('2017-06-01 10:00', 1)).toEqual({ unknownYear: '2017' });
  });
});

/** An invented notice for 2027: nobody had announced that year when this was written. */
const next: Calendar = {
  id: 'cn-state-council',
  calendarVersion: 'invented-2027',
  title: { en: 'Holidays of 2027, invented', zh: '2027年节假日（虚构）' },
  sources: [{ title: 'Invented for a test', locator: 'this file' }],
  years: [{ year: 2027, source: 'invented', off: ['2027-01-01'], worked: ['2027-01-02'] }],
};

describe('a calendar that is published (rules §7, §10)', () => {
  const waiting = () =>
    given(
      on('2026-12-01', admit()),
      on('2026-12-29', deduct('d1', 40)),
      on('2026-12-29', appeal('p1', ['d1'])),
      on('2026-12-31 10:00', submit('p1')),
    );

  it('makes its year known from its recording on, and never before', () => {
    const ledger = waiting().given(on('2026-12-31 12:00', publishCalendar(next)));
    expect(ledger.appeal('p1', '2026-12-31 11:59')).toMatchObject({
      decideBy: null,
      assumptions: expect.arrayContaining([
        expect.objectContaining({ en: 'no holiday calendar for 2027: decideBy is not guessed' }),
      ]) as unknown,
      calendars: [],
    });
    // 1 January is off, Saturday the 2nd is worked, Sunday the 3rd is not, Monday the 4th is.
    expect(ledger.appeal('p1', '2026-12-31 12:00')).toMatchObject({
      decideBy: '2027-01-05T00:00:00.000+08:00',
      overdue: false,
      calendars: [
        { id: 'cn-state-council', calendarVersion: 'invented-2027', sha256: calendarHash(next) },
      ],
    });
  });

  it('takes the place of an earlier one for its years, and of no other year', () => {
    const corrected = {
      ...next,
      calendarVersion: 'invented-2027-2',
      supersedes: { id: next.id, calendarVersion: next.calendarVersion },
      years: [{ year: 2027, source: 'invented', off: ['2027-01-01'], worked: [] }],
    };
    const ledger = waiting()
      .given(on('2026-12-31 12:00', publishCalendar(next)))
      .given(on('2026-12-31 13:00', publishCalendar(corrected)));
    const decideBy = (known: string) => ledger.appeal('p1', known)?.decideBy;
    expect(decideBy('2026-12-31 12:30')).toBe('2027-01-05T00:00:00.000+08:00');
    expect(decideBy('2026-12-31 13:00')).toBe('2027-01-06T00:00:00.000+08:00');
    expect(isWorkingDay('2019-02-02', rulebooks.calendarsAt(rulebooks.empty, endOfTime))).toBe(
      true,
    );
  });

  it('never takes the id and version of the one that the ledger brings along', () => {
    given(on('2026-08-01', admit()))
      .when(on('2026-08-02', publishCalendar({ ...next, calendarVersion: '2025-11-04' })))
      .thenRefused('conflict');
    expect(chinaCalendar).toMatchObject({ id: next.id, calendarVersion: '2025-11-04' });
  });

  it('is named a quarter before its year begins, while an appeal waits for its evidence', () => {
    const assumed = (at: string) =>
      given(on('2026-08-01', admit()), on(at, deduct('d1', 40)), on(at, appeal('p1', ['d1'])))
        .appeal('p1')
        ?.assumptions.flatMap((each) => (typeof each === 'string' ? [] : [each.en]));
    expect(assumed('2026-09-30 23:59:59.999')).toEqual([]);
    expect(assumed('2026-10-01')).toEqual([
      'no holiday calendar for 2027 yet: a decideBy in it is not guessed',
    ]);
  });

  it.each<[string, Partial<Calendar['years'][number]>, string]>([
    ['a day of another year', { off: ['2026-12-31'] }, '2026-12-31 is listed under 2027'],
    ['a day twice', { off: ['2027-01-02'] }, '2027-01-02 is listed twice'],
    ['a worked Monday', { worked: ['2027-01-04'] }, '2027-01-04 in "worked" is a day from Monday'],
    ['no holidays', { off: [] }, '2027 has no day in "off"'],
  ])('is refused with %s', (_what, changed, problem) => {
    const [year] = next.years;
    expect(calendarProblem({ ...next, years: [{ ...year!, ...changed }] })?.en).toContain(problem);
  });

  it('is refused with a year twice', () => {
    expect(calendarProblem({ ...next, years: [...next.years, ...next.years] })?.en).toBe(
      'years: 2027 is listed twice; list each year once, with all its days',
    );
  });

  it('the shipped one has no problem and the hash that its specification prints', () => {
    expect(calendarProblem(chinaCalendar)).toBeUndefined();
    expect(knownCalendar(chinaCalendar).reference.sha256).toBe(
      '1b0efbdcdb73547ee7dc43921f49b4a3735934860111ecdd291e136597d8b414',
    );
  });
});
