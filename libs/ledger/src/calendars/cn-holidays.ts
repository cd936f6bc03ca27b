import type { Calendar, HolidayYear } from '../calendar.js';

/**
 * The public holidays of the State Council's yearly notices
 * (国务院办公厅关于…年部分节假日安排的通知), with the later notices that changed them. A date is
 * listed under its own year: the last days of 2018 and of 2022 come from the notices for 2019 and
 * 2023. A new notice is published to each ledger, or is a new year here and a new
 * `calendarVersion`.
 */
export const chinaCalendar: Calendar = {
  id: 'cn-state-council',
  calendarVersion: '2025-11-04',
  title: { en: 'Public holidays of the State Council', zh: '国务院办公厅部分节假日安排' },
  sources: [
    {
      title: '国务院办公厅关于部分节假日安排的通知',
      locator: 'the yearly notices that the years name, the last of 2025-11-04',
    },
  ],
  years: [
    announced(
      2018,
      '国办发明电〔2017〕12号; December: 国办发明电〔2018〕15号',
      [
        '01-01',
        '02-15…02-21',
        '04-05…04-07',
        '04-29…05-01',
        '06-16…06-18',
        '09-22…09-24',
        '10-01…10-07',
        '12-30…12-31',
      ],
      ['02-11', '02-24', '04-08', '04-28', '09-29', '09-30', '12-29'],
    ),
    announced(
      2019,
      '国办发明电〔2018〕15号; Labour Day: 国办发明电〔2019〕3号',
      ['01-01', '02-04…02-10', '04-05', '05-01…05-04', '06-07', '09-13', '10-01…10-07'],
      ['02-02', '02-03', '04-28', '05-05', '09-29', '10-12'],
    ),
    announced(
      2020,
      // The second notice extended the Spring Festival to 2 February, over Saturday the 1st, which
      // the first had made a working day.
      '国办发明电〔2019〕16号; Spring Festival: 国办发明电〔2020〕1号',
      ['01-01', '01-24…02-02', '04-04…04-06', '05-01…05-05', '06-25…06-27', '10-01…10-08'],
      ['01-19', '04-26', '05-09', '06-28', '09-27', '10-10'],
    ),
    announced(
      2021,
      '国办发明电〔2020〕27号',
      [
        '01-01…01-03',
        '02-11…02-17',
        '04-03…04-05',
        '05-01…05-05',
        '06-12…06-14',
        '09-19…09-21',
        '10-01…10-07',
      ],
      ['02-07', '02-20', '04-25', '05-08', '09-18', '09-26', '10-09'],
    ),
    announced(
      2022,
      '国办发明电〔2021〕11号; December: 国办发明电〔2022〕16号',
      [
        '01-01…01-03',
        '01-31…02-06',
        '04-03…04-05',
        '04-30…05-04',
        '06-03…06-05',
        '09-10…09-12',
        '10-01…10-07',
        '12-31',
      ],
      ['01-29', '01-30', '04-02', '04-24', '05-07', '10-08', '10-09'],
    ),
    announced(
      2023,
      '国办发明电〔2022〕16号',
      ['01-01…01-02', '01-21…01-27', '04-05', '04-29…05-03', '06-22…06-24', '09-29…10-06'],
      ['01-28', '01-29', '04-23', '05-06', '06-25', '10-07', '10-08'],
    ),
    announced(
      2024,
      '国办发明电〔2023〕7号',
      ['01-01', '02-10…02-17', '04-04…04-06', '05-01…05-05', '06-10', '09-15…09-17', '10-01…10-07'],
      ['02-04', '02-18', '04-07', '04-28', '05-11', '09-14', '09-29', '10-12'],
    ),
    announced(
      2025,
      '国办发明电〔2024〕12号',
      ['01-01', '01-28…02-04', '04-04…04-06', '05-01…05-05', '05-31…06-02', '10-01…10-08'],
      ['01-26', '02-08', '04-27', '09-28', '10-11'],
    ),
    announced(
      2026,
      '国办发明电〔2025〕7号',
      [
        '01-01…01-03',
        '02-15…02-23',
        '04-04…04-06',
        '05-01…05-05',
        '06-19…06-21',
        '09-25…09-27',
        '10-01…10-07',
      ],
      ['01-04', '02-14', '02-28', '05-09', '09-20', '10-10'],
    ),
  ],
};

/** @param off month and day, or the first and last day of a holiday: `10-01…10-07` */
function announced(
  year: number,
  source: string,
  off: readonly string[],
  worked: readonly string[],
): HolidayYear {
  return {
    year,
    source,
    off: off.flatMap((holiday) => datesOf(year, holiday)),
    worked: worked.map((day) => `${String(year)}-${day}`),
  };
}

function datesOf(year: number, holiday: string): string[] {
  const [first = '', last = first] = holiday.split('…');
  const dates: string[] = [];
  const day = new Date(`${String(year)}-${first}T00:00:00Z`);
  const end = new Date(`${String(year)}-${last}T00:00:00Z`);
  for (; day <= end; day.setUTCDate(day.getUTCDate() + 1))
    dates.push(day.toISOString().slice(0, 10));
  return dates;
}
