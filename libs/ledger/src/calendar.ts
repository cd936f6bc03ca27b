import { placed } from './in-both.js';
import type { InBoth } from './in-both.js';
import { hash } from 'node:crypto';
import { byCodeUnit, canonicalJson } from './canonical-json.js';
import {
  closed,
  DateSchema,
  described,
  IdSchema,
  Sha256Schema,
  Type,
  type Shape,
  wanted,
} from './schema.js';

/** A line of text: where something stands. */
const Line = Type.String({
  maxLength: 2_000,
  description: wanted('text of up to 2,000 characters', '不超过 2,000 个字符的文本'),
});
const Title = Type.String({
  maxLength: 400,
  description: wanted('text of up to 400 characters', '不超过 400 个字符的文本'),
});
const Dates = Type.Array(DateSchema, { maxItems: 366 });

/**
 * A year's public holidays and make-up working days (调休), as announced. Weekends are not listed
 * unless they are worked.
 */
const HolidayYearSchema = closed({
  year: Type.Integer({
    minimum: 1992,
    maximum: 8999,
    description: wanted('a year from 1992 to 8999, as a number', '1992 至 8999 的年份，写作数字'),
  }),
  source: described(
    Line,
    wanted(
      'the notice the days come from, of up to 2,000 characters',
      '日期所依据的通知，不超过 2,000 个字符',
    ),
  ),
  off: described(
    Dates,
    wanted(
      'the days that are not worked, each like "2019-10-01"',
      '放假的日期，每个形如 "2019-10-01"',
    ),
  ),
  worked: described(
    Dates,
    wanted(
      'the Saturdays and Sundays that are worked, each like "2019-09-29"',
      '上班的周六和周日，每个形如 "2019-09-29"',
    ),
  ),
});

/** The document `PublishCalendar` takes; specified in `docs/spec/calendar.md`. */
export const CalendarSchema = closed({
  id: IdSchema,
  calendarVersion: IdSchema,
  title: closed({ en: Title, zh: Title }),
  /** The id and version this one corrects or replaces, if it says so. */
  supersedes: Type.Optional(closed({ id: IdSchema, calendarVersion: IdSchema })),
  sources: Type.Array(closed({ title: Line, locator: Line }), { maxItems: 100 }),
  years: Type.Array(HolidayYearSchema, { minItems: 1, maxItems: 50 }),
});

export type Calendar = Shape<typeof CalendarSchema>;
export type HolidayYear = Calendar['years'][number];

/** A calendar's name and hash, as answers carry them. */
export type CalendarReference = Shape<typeof CalendarReferenceSchema>;
export const CalendarReferenceSchema = closed(
  { id: IdSchema, calendarVersion: IdSchema, sha256: Sha256Schema },
  { $id: 'CalendarReference' },
);

/** SHA-256 of a calendar's canonical JSON, hexadecimal. */
export function calendarHash(calendar: Calendar): string {
  return hash('sha256', canonicalJson(calendar), 'hex');
}

/**
 * Finds contradictions in a calendar that its schema cannot express; `undefined` if there are none.
 */
export function calendarProblem({ years }: Calendar): InBoth | undefined {
  const listed = years.map(({ year }) => year);
  const twice = listed.find((year, index) => listed.indexOf(year) !== index);
  if (twice !== undefined)
    return {
      en: `years: ${String(twice)} is listed twice; list each year once, with all its days`,
      zh: `years：${String(twice)} 重复列出；每年只列一次，并列全其日期`,
    };
  for (const year of years) {
    const problem = problemOfYear(year);
    if (problem !== undefined) return placed('years', problem);
  }
  return undefined;
}

function problemOfYear({ year, off, worked }: HolidayYear): InBoth | undefined {
  if (off.length === 0)
    return {
      en:
        `${String(year)} has no day in "off", so it would have no holidays; ` +
        'list all days that its notice gives, or leave the year out',
      zh: `${String(year)} 的 "off" 没有日期，即没有假日；请列出其通知给出的全部日期，或删除该年`,
    };
  const dates = [...off, ...worked];
  const stray = dates.find((date) => !date.startsWith(`${String(year)}-`));
  if (stray !== undefined)
    return {
      en: `${stray} is listed under ${String(year)}; list a day under its own year`,
      zh: `${stray} 列在 ${String(year)} 之下；日期须列在其所属年份之下`,
    };
  const twice = dates.find((date, index) => dates.indexOf(date) !== index);
  if (twice !== undefined)
    return {
      en: `${twice} is listed twice; a day is either off or worked, once`,
      zh: `${twice} 重复列出；一个日期只能放假或上班，且只列一次`,
    };
  const weekday = worked.find((date) => !isWeekend(date));
  if (weekday !== undefined)
    return {
      en:
        `${weekday} in "worked" is a day from Monday to Friday, which is worked anyway; ` +
        'take it out, and list there only Saturdays and Sundays',
      zh: `"worked" 中的 ${weekday} 是周一至周五，本就上班；请删除，此处只列周六和周日`,
    };
  return undefined;
}

/** A year as a calendar has it, ready to look days up in. */
export interface KnownYear {
  readonly off: ReadonlySet<string>;
  readonly worked: ReadonlySet<string>;
  readonly reference: CalendarReference;
}

/** A calendar as the ledger knows it: the document, its hash, and its years. */
export interface KnownCalendar {
  readonly document: Calendar;
  readonly reference: CalendarReference;
  /** By the year's name, `2019`. */
  readonly years: ReadonlyMap<string, KnownYear>;
}

/** Hashes and indexes a calendar's document that {@link CalendarSchema} accepts. */
export function knownCalendar(document: Calendar): KnownCalendar {
  const { id, calendarVersion } = document;
  const reference = { id, calendarVersion, sha256: calendarHash(document) };
  const years = document.years.map(
    ({ year, off, worked }) =>
      [String(year), { off: new Set(off), worked: new Set(worked), reference }] as const,
  );
  return { document, reference, years: new Map(years) };
}

/**
 * Every calendar the ledger counts working days by. Immutable. A year that none of them has is
 * refused, never guessed (rules §7).
 */
export class Calendars {
  readonly #known: readonly KnownCalendar[];

  /** @param known in the order of publication; of two with one year the later holds for it */
  constructor(known: readonly KnownCalendar[]) {
    this.#known = known;
  }

  /** The years that some calendar has, ascending. */
  get years(): readonly string[] {
    return [...new Set(this.#known.flatMap(({ years }) => [...years.keys()]))].sort(byCodeUnit);
  }

  /** The days of a year, `2019`; `undefined` when no calendar has it. */
  year(year: string): KnownYear | undefined {
    return this.#known.findLast(({ years }) => years.has(year))?.years.get(year);
  }
}

/** Says whether a date, `2019-10-05`, is a Saturday or a Sunday. */
export function isWeekend(date: string): boolean {
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
  return weekday === 0 || weekday === 6;
}
