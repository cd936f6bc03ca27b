import {
  epochMsOf,
  instantOf,
  parseInstant,
  type LedgerZone,
  type InBoth,
} from '@penalty-ledger/ledger';
import { shown } from '../printable.js';
import { narrow, type CellReading } from './cell-text.js';

/** The order of the numbers in the dates of a column, where the year does not come first. */
export type DateOrder = 'day/month/year' | 'month/day/year';

/** The first day of a spreadsheet's serial numbers: Excel's own, or that of old Macintosh files. */
export type SerialDays = 1900 | 1904;

export interface TimeReading {
  /** The zone of times without an offset. */
  readonly zone: LedgerZone;
  readonly order?: DateOrder | undefined;
  /** Left out: a bare number is refused. */
  readonly serials?: SerialDays | undefined;
  /** True when a date alone is refused, because the moment matters. */
  readonly needsTime?: boolean;
  /** The date of a time that stands alone. */
  readonly date?: string | undefined;
  /** The cell of the time before: `次日` is the day after its date, or after `date`. */
  readonly before?: string | undefined;
}

/** A day and a time of day as they are written; milliseconds may reach 24:00. */
interface Written {
  readonly date: string | undefined;
  readonly dayMs: number | undefined;
}

const dayLengthMs = 86_400_000;
export const timeForms =
  '2026-03-05 20:00, 2026/3/5 20:00, 2026年3月5日 下午8:00, 2026-03-05T20:00:00+08:00';
export const dateForms = `${timeForms}, 2026.3.5`;

/**
 * Reads an instant. One with an offset is taken as it is; a time of the wall clock is that of the
 * zone. A date whose order is open is refused unless the column's order is given.
 */
export function instantIn(text: string, reading: TimeReading): CellReading<string> {
  if (parseInstant(text) !== undefined) return { value: text };
  const given = narrow(text);
  const onNextDay = /^次日 ?(.+)$/.exec(given)?.[1];
  if (onNextDay !== undefined) return onNextDayIn(text, onNextDay, reading);
  const serial = serialIn(given, reading.serials);
  const written = serial ?? writtenIn(given, reading.order);
  if (written !== undefined && isProblem(written))
    return { problem: { en: `${shown(text)} ${written.en}`, zh: `${shown(text)} ${written.zh}` } };
  const taken = reading.needsTime === true ? timeForms : dateForms;
  if (written === undefined)
    return {
      problem: {
        en: `${shown(text)} is not a time; write ${taken}`,
        zh: `${shown(text)} 不是时间；请写作 ${taken}`,
      },
    };
  const date = written.date ?? dateOf(reading);
  if (date === undefined)
    return {
      problem: {
        en: `${shown(text)} has no date; write ${timeForms}, or add a column "date" 日期`,
        zh: `${shown(text)} 没有日期；请写作 ${timeForms}，或增加一列“日期”`,
      },
    };
  const instant = atWallClock(date, written.dayMs ?? 0, reading.zone);
  if (instant === undefined)
    return {
      problem: {
        en: `${shown(text)} is not in the calendar; write ${taken}`,
        zh: `${shown(text)} 不在日历中；请写作 ${taken}`,
      },
    };
  if (written.dayMs === undefined && reading.needsTime === true)
    return {
      problem: {
        en:
          `${shown(text)} has no time of day; write ${date} 20:00, ` +
          `or ${date} 24:00 for the end of the day`,
        zh: `${shown(text)} 没有时刻；请写作 ${date} 20:00，或以 ${date} 24:00 表示当日结束`,
      },
    };
  return { value: instant };
}

/** Reads a time of the day after another: only the end of something has that before it. */
function onNextDayIn(text: string, time: string, reading: TimeReading): CellReading<string> {
  const dayMs = clockIn(time);
  const { before, order, zone } = reading;
  if (dayMs === undefined || before === undefined)
    return {
      problem: {
        en: `${shown(text)} is not a time; write ${timeForms}`,
        zh: `${shown(text)} 不是时间；请写作 ${timeForms}`,
      },
    };
  const start = writtenIn(narrow(before), order);
  const date =
    dateOf(reading) ?? (start === undefined || isProblem(start) ? undefined : start.date);
  if (date === undefined)
    return {
      problem: {
        en: `${shown(text)} has no date before it; write ${timeForms}`,
        zh: `${shown(text)} 之前没有日期；请写作 ${timeForms}`,
      },
    };
  const instant = atWallClock(date, dayLengthMs + dayMs, zone);
  return instant === undefined
    ? {
        problem: {
          en: `${shown(text)} is not in the calendar; write ${timeForms}`,
          zh: `${shown(text)} 不在日历中；请写作 ${timeForms}`,
        },
      }
    : { value: instant };
}

function dateOf({ date, order, serials }: TimeReading): string | undefined {
  if (date === undefined) return undefined;
  const given = narrow(date);
  const written = serialIn(given, serials) ?? writtenIn(given, order);
  if (written === undefined || isProblem(written)) return undefined;
  return (written.dayMs ?? 0) === 0 ? written.date : undefined;
}

function isProblem(read: Written | InBoth): read is InBoth {
  return 'en' in read;
}

const yearFirst =
  /^(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]|$|(?=[上下晚]))|年(\d{1,2})月(\d{1,2})日)/;
const yearLast = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?:\s|$)/;
const shortYear = /^\d{2}([-/.])\d{1,2}\1\d{1,2}(?:\s|$)/;
const half = '(上午|下午|晚上|AM|PM)?';
const clock = new RegExp(
  String.raw`^${half} ?(\d{1,2})(?::(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?|` +
    String.raw`[时点](?:(半)|(\d{1,2})分(?:(\d{1,2})秒)?)?) ?${half}$`,
  'i',
);

/** Reads a date, a time or both; a text says what is wrong with one that is nearly understood. */
function writtenIn(text: string, order: DateOrder | undefined): Written | InBoth | undefined {
  const first = yearFirst.exec(text);
  const last = first === null ? yearLast.exec(text) : null;
  if (last !== null && last[4]?.length === 2) return shortYearText;
  if (first === null && last === null && shortYear.test(text)) return shortYearText;
  if (last !== null && order === undefined) return openOrder(last);
  const time = text.slice((first ?? last)?.[0].length ?? 0).trim();
  const dayMs = time === '' ? undefined : clockIn(time);
  if (time !== '' && dayMs === undefined) return undefined;
  if (first !== null) {
    const [, year = '', , month, day, cnMonth, cnDay] = first;
    return { date: dateText(year, month ?? cnMonth ?? '', day ?? cnDay ?? ''), dayMs };
  }
  if (last !== null) {
    const [, one = '', , two = '', year = ''] = last;
    const [month, day] = order === 'month/day/year' ? [one, two] : [two, one];
    return { date: dateText(year, month, day), dayMs };
  }
  return dayMs === undefined ? undefined : { date: undefined, dayMs };
}

/** The sentence on a date with the year last: which orders it can be in. */
function openOrder([, one = '', , two = '', year = '']: RegExpExecArray): InBoth {
  const [isDayFirst, isMonthFirst] = [Number(one) > 12, Number(two) > 12];
  if (isDayFirst === isMonthFirst)
    return {
      en:
        'may be month/day or day/month; write the year first, 2026-03-05, or give the order of ' +
        'the column with --columns: "month/day/year" or "day/month/year"',
      zh:
        '可能是月/日或日/月；请把年份写在前面，如 2026-03-05，或用 --columns 说明该列的次序：' +
        '"month/day/year" 或 "day/month/year"',
    };
  const [order, month, day] = isDayFirst
    ? ['day/month/year', two, one]
    : ['month/day/year', one, two];
  return {
    en:
      `can only be ${order}; write the year first, ${dateText(year, month, day)}, or give the ` +
      `order of the column with --columns: "${order}"`,
    zh:
      `只可能是 ${order}；请把年份写在前面，即 ${dateText(year, month, day)}，` +
      `或用 --columns 说明该列的次序："${order}"`,
  };
}

const shortYearText = {
  en: 'has a year of two digits; write the year first, in four: 2026-03-05',
  zh: '的年份只有两位；请把四位年份写在前面：2026-03-05',
};

function dateText(year: string, month: string, day: string): string {
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

/** The milliseconds of a time of day; `undefined` for another text. 24:00 is the day's end. */
function clockIn(text: string): number | undefined {
  const [, before, hourText, m1, s1, fraction = '', halfHour, m2, s2, after] =
    clock.exec(text) ?? [];
  if (hourText === undefined || (before !== undefined && after !== undefined)) return undefined;
  const halfDay = (before ?? after)?.toUpperCase();
  const minute = halfHour === undefined ? Number(m1 ?? m2 ?? 0) : 30;
  const second = Number(s1 ?? s2 ?? 0);
  const hour = hourOf(Number(hourText), halfDay);
  const ms = Number(fraction.padEnd(3, '0'));
  if (hour === undefined || minute > 59 || second > 59) return undefined;
  const dayMs = ((hour * 60 + minute) * 60 + second) * 1000 + ms;
  return dayMs > dayLengthMs ? undefined : dayMs;
}

/**
 * The hour of 24; with a half of the day only 1 to 12 are taken, and 12 is its beginning. 晚上 is
 * taken from 6 to 11: its 12 and 1 may be of the next day.
 */
function hourOf(hour: number, halfDay: string | undefined): number | undefined {
  if (halfDay === undefined) return hour <= 24 ? hour : undefined;
  if (hour < 1 || hour > 12) return undefined;
  if (halfDay === '晚上') return hour >= 6 && hour < 12 ? hour + 12 : undefined;
  return (hour % 12) + (halfDay === '下午' || halfDay === 'PM' ? 12 : 0);
}

/** Says whether a cell is a time of day without a date. */
export function isTimeAlone(text: string): boolean {
  return clockIn(narrow(text)) !== undefined;
}

const serialText = /^\d{1,6}(?:\.\d{1,20})?$/;

/** Reads a serial number: days since the first one, and their fraction to the millisecond. */
function serialIn(text: string, serials: SerialDays | undefined): Written | InBoth | undefined {
  if (!serialText.test(text)) return undefined;
  if (serials === undefined)
    return {
      en:
        'is a number; write 2026-03-05 20:00, or say with --columns that the column holds ' +
        "Excel's " +
        'serial numbers: "excel-1900" or "excel-1904"',
      zh:
        '是数字；请写作 2026-03-05 20:00，或用 --columns 说明该列是 Excel 的序列号：' +
        '"excel-1900" 或 "excel-1904"',
    };
  const ms = Math.round(Number(text) * dayLengthMs);
  if (ms < dayLengthMs) return { date: undefined, dayMs: ms };
  const written = serialTime(Number(text), serials);
  // An integer may be a date alone.
  return { date: written.slice(0, 10), dayMs: ms % dayLengthMs || undefined };
}

/** The wall clock of a serial number, `2026-03-05 20:00:00.000`. */
export function serialTime(serial: number, serials: SerialDays): string {
  const days = serials === 1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, 30);
  const ms = days + Math.round(serial * dayLengthMs);
  return new Date(ms).toISOString().slice(0, -1).replace('T', ' ');
}

/** The instant of a time of the wall clock, with the zone's offset. */
function atWallClock(date: string, dayMs: number, zone: LedgerZone): string | undefined {
  const midnight = parseInstant(`${date}T00:00:00Z`);
  if (midnight === undefined) return undefined;
  const asUtcMs = epochMsOf(midnight) + dayMs;
  const local = instantOf(asUtcMs).slice(0, -1);
  // The time's own offset is that of a day before or after, if the clocks changed in between.
  for (const days of [0, -1, 1]) {
    const text = `${local}${zone.format(instantOf(asUtcMs + days * dayLengthMs)).slice(-6)}`;
    const instant = parseInstant(text);
    if (instant !== undefined && zone.format(instant) === text) return text;
  }
  return undefined;
}

const monthText = /^(\d{4})(?:[-/.](\d{1,2})|年(\d{1,2})月)(?:[-/.]0?1(?: 00:00:00)?)?$/;

/** Reads a month: `2019-04`, `2019年4月`, or its first day, which spreadsheets make of it. */
export function monthIn(text: string): CellReading<string> {
  const [, year, month, cnMonth] = monthText.exec(narrow(text)) ?? [];
  return year === undefined
    ? {
        problem: {
          en: `${shown(text)} is not a month; write 2019-04, 2019年4月`,
          zh: `${shown(text)} 不是月份；请写作 2019-04、2019年4月`,
        },
      }
    : { value: `${year}-${(month ?? cnMonth ?? '').padStart(2, '0')}` };
}

/** Reads a year: `2019`, `2019年`. */
export function yearIn(text: string): CellReading<string> {
  const [, year] = /^(\d{4})年?$/.exec(narrow(text)) ?? [];
  return year === undefined
    ? {
        problem: {
          en: `${shown(text)} is not a year; write 2019, 2019年`,
          zh: `${shown(text)} 不是年份；请写作 2019、2019年`,
        },
      }
    : { value: year };
}
