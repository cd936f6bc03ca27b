import type { Instant } from './instant.js';
import type { LedgerZone } from './zone.js';

/**
 * A year's public holidays and make-up working days (调休), as announced: `2019-10-01`. Weekends are
 * not listed unless they are worked.
 */
export interface HolidayYear {
  readonly year: number;
  /** The announcement. */
  readonly source: string;
  /** Monday-to-Friday dates (others may be listed too) that are not worked. */
  readonly off: readonly string[];
  /** Saturdays and Sundays that are worked. */
  readonly worked: readonly string[];
}

/** A versioned holiday calendar. A year that is not in it is refused, never guessed (rules §7). */
export interface WorkingCalendar {
  readonly id: string;
  readonly calendarVersion: string;
  readonly years: readonly HolidayYear[];
}

export type WorkingDaysLater =
  | { readonly at: Instant; readonly unknownYear?: undefined }
  | { readonly at?: undefined; readonly unknownYear: string };

/**
 * Returns the instant at which a window of working days closes. The instant's own day is not
 * counted, and the window closes at 24:00 of the last working day. Names the missing year when the
 * calendar does not reach that far.
 */
export function afterWorkingDays(
  from: Instant,
  days: number,
  zone: LedgerZone,
  calendar: WorkingCalendar,
): WorkingDaysLater {
  if (days === 0) return { at: zone.startOfDayAfter(from, 1) };
  let counted = 0;
  for (let offset = 1; ; offset += 1) {
    const date = zone.dateOf(zone.startOfDayAfter(from, offset));
    const worked = isWorkingDay(date, calendar);
    if (worked === undefined) return { unknownYear: date.slice(0, 4) };
    if (worked) counted += 1;
    if (counted === days) return { at: zone.startOfDayAfter(from, offset + 1) };
  }
}

/** Says whether a date is a working day; `undefined` when its year is not in the calendar. */
export function isWorkingDay(date: string, calendar: WorkingCalendar): boolean | undefined {
  const year = calendar.years.find((candidate) => String(candidate.year) === date.slice(0, 4));
  if (year === undefined) return undefined;
  if (year.worked.includes(date)) return true;
  if (year.off.includes(date)) return false;
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
  return weekday !== 0 && weekday !== 6;
}
