import { isWorkday } from 'chinese-days';
import { afterWorkingDays, chinaCalendar, isWorkingDay } from '@penalty-ledger/ledger';
import { instant, shanghaiZone } from '../support/given.js';

const closing = (from: string, days: number) => {
  const { at, unknownYear } = afterWorkingDays(instant(from), days, shanghaiZone, chinaCalendar);
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
      expect(dates.filter((date) => isWorkingDay(date, chinaCalendar) === true)).toEqual(
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
    expect(isWorkingDay('2017-12-29', chinaCalendar)).toBeUndefined();
    expect(isWorkingDay('2027-01-04', chinaCalendar)).toBeUndefined();
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
