import { isWeekend, type CalendarReference, type Calendars } from './calendar.js';
import type { Instant } from './instant.js';
import type { LedgerZone } from './zone.js';

/** The end of a window of working days, and the calendars its days were looked up in. */
export type WorkingDaysLater = { readonly calendars: readonly CalendarReference[] } & (
  | { readonly at: Instant; readonly unknownYear?: undefined }
  | { readonly at?: undefined; readonly unknownYear: string }
);

/**
 * Returns the instant at which a window of working days closes. The instant's own day is not
 * counted, and the window closes at 24:00 of the last working day. Names the missing year when no
 * calendar reaches that far.
 */
export function afterWorkingDays(
  from: Instant,
  days: number,
  zone: LedgerZone,
  calendars: Calendars,
): WorkingDaysLater {
  const used = new Map<string, CalendarReference>();
  if (days === 0) return { at: zone.startOfDayAfter(from, 1), calendars: [] };
  let counted = 0;
  for (let offset = 1; ; offset += 1) {
    const date = zone.dateOf(zone.startOfDayAfter(from, offset));
    const year = calendars.year(date.slice(0, 4));
    if (year === undefined) return { unknownYear: date.slice(0, 4), calendars: [...used.values()] };
    used.set(year.reference.sha256, year.reference);
    if (isWorkingDay(date, calendars) === true) counted += 1;
    if (counted === days)
      return { at: zone.startOfDayAfter(from, offset + 1), calendars: [...used.values()] };
  }
}

/** Says whether a date is a working day; `undefined` when no calendar has its year. */
export function isWorkingDay(date: string, calendars: Calendars): boolean | undefined {
  const year = calendars.year(date.slice(0, 4));
  if (year === undefined) return undefined;
  if (year.worked.has(date)) return true;
  return !year.off.has(date) && !isWeekend(date);
}

/**
 * Returns the year after an instant's own when no calendar has it and it begins within a quarter.
 * The notices appear from the end of October on.
 */
export function yearMissingSoon(
  instant: Instant,
  zone: LedgerZone,
  calendars: Calendars,
): string | undefined {
  const [year = '', month = ''] = zone.monthOf(instant).split('-');
  if (calendars.year(year) === undefined) return year;
  const next = String(Number(year) + 1);
  return Number(month) >= firstMonthOfLastQuarter && calendars.year(next) === undefined
    ? next
    : undefined;
}

const firstMonthOfLastQuarter = 10;
