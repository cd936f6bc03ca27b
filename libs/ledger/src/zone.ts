import { DateTime, IANAZone } from 'luxon';
import { epochMsOf, instantOf, type Instant } from './instant.js';

/** The zone of every ledger that is opened (rules §3). */
export const ledgerZone = 'Asia/Shanghai';

const dayMs = 86_400_000;

/**
 * The ledger's time zone: day, month and year boundaries are half-open in it (rules §3). Pure: the
 * same id and the same time-zone data give the same answers. Offsets are looked up with luxon and
 * remembered for a UTC day at a time, because a look-up costs microseconds and a balance of 1,000
 * lines needs thousands.
 */
export class LedgerZone {
  readonly #zone: IANAZone;
  readonly #days = new Map<string, Day | 'changes'>();
  /** By local date and number of days. */
  readonly #daysAfter = new Map<string, Instant>();
  readonly #startOfYear = new Map<number, Instant>();
  readonly #months = new Map<string, { readonly start: Instant; readonly end: Instant }>();

  /**
   * @param id an IANA zone id, `Asia/Shanghai`
   * @param dataVersion the version of the time-zone data in use, `2024b`; printed with every answer
   * @throws RangeError when the zone is unknown
   */
  constructor(
    readonly id: string,
    readonly dataVersion: string,
  ) {
    this.#zone = IANAZone.create(id);
    if (!this.#zone.isValid)
      throw new RangeError(`unknown time zone "${id}": give an IANA id such as Asia/Shanghai`);
  }

  /** The calendar year an instant lies in, as the name of its period: `"2019"`. */
  yearOf(instant: Instant): string {
    const guess = Number(instant.slice(0, 4));
    if (instant < this.startOfYear(guess)) return String(guess - 1);
    return String(instant < this.startOfYear(guess + 1) ? guess : guess + 1);
  }

  /** 1 January 00:00:00.000 of a year: where the points are cleared (rules §4). */
  startOfYear(year: number): Instant {
    let start = this.#startOfYear.get(year);
    if (start === undefined) {
      start = instantOf(
        DateTime.fromObject({ year, month: 1, day: 1 }, { zone: this.#zone }).toMillis(),
      );
      this.#startOfYear.set(year, start);
    }
    return start;
  }

  /** The first instant of a month given as `2019-04`. */
  startOfMonth(month: string): Instant {
    return this.#month(month).start;
  }

  /** The first instant after a month given as `2019-04`: 24:00 of its last day. */
  endOfMonth(month: string): Instant {
    return this.#month(month).end;
  }

  /** The calendar month an instant lies in: `"2019-04"`. */
  monthOf(instant: Instant): string {
    const guess = instant.slice(0, 7);
    const { start, end } = this.#month(guess);
    return start <= instant && instant < end ? guess : this.dateOf(instant).slice(0, 7);
  }

  #month(month: string): { readonly start: Instant; readonly end: Instant } {
    let known = this.#months.get(month);
    if (known === undefined) {
      const first = DateTime.fromISO(`${month}-01T00:00:00`, { zone: this.#zone });
      known = {
        start: instantOf(first.toMillis()),
        end: instantOf(first.plus({ months: 1 }).toMillis()),
      };
      this.#months.set(month, known);
    }
    return known;
  }

  /**
   * 00:00 of the local day that lies `days` after the instant's own local day. Counting natural
   * days with the first day left out and the last one closing at 24:00 is therefore
   * `startOfDayAfter(instant, days + 1)` (rules §7).
   */
  startOfDayAfter(instant: Instant, days: number): Instant {
    const found = (): Instant =>
      instantOf(this.#local(instant).startOf('day').plus({ days }).startOf('day').toMillis());
    // Where the offset changes, a day may begin twice.
    if (this.#dayOf(instant) === 'changes') return found();
    const key = `${this.dateOf(instant)} ${String(days)}`;
    let start = this.#daysAfter.get(key);
    if (start === undefined) {
      start = found();
      this.#daysAfter.set(key, start);
    }
    return start;
  }

  /**
   * 24:00 of the local day that lies some years after the instant's own local day: the first day is
   * not counted. A 29 February ends with the 28th of a year that has none.
   */
  endOfDayYearsAfter(instant: Instant, years: number): Instant {
    return instantOf(
      this.#local(instant)
        .startOf('day')
        .plus({ years })
        .plus({ days: 1 })
        .startOf('day')
        .toMillis(),
    );
  }

  /** The local calendar date, `2019-04-01`. */
  dateOf(instant: Instant): string {
    return this.format(instant).slice(0, 10);
  }

  /** The first instant of a local calendar date given as `2019-04-01`. */
  startOfDate(date: string): Instant {
    return instantOf(DateTime.fromISO(`${date}T00:00:00`, { zone: this.#zone }).toMillis());
  }

  /** The instant at which an hour of a local calendar date begins: the wall clock shows `10:00`. */
  startOfHour(date: string, hour: number): Instant {
    return instantOf(DateTime.fromISO(date, { zone: this.#zone }).set({ hour }).toMillis());
  }

  /**
   * Formats an instant as RFC 3339 in the ledger's zone with milliseconds,
   * `2019-04-01T10:00:00.000+08:00`.
   */
  format(instant: Instant): string {
    const day = this.#dayOf(instant);
    if (day === 'changes') return written(instant, this.#zone.offset(epochMsOf(instant)));
    const hour = Number(instant.slice(11, 13)) + day.hours;
    // The local day is the UTC day nearly two times in three, and then only the hour differs.
    if (!day.fullHours || hour < 0 || hour > 23) return written(instant, day.offset);
    return `${instant.slice(0, 10)}T${two(hour)}${instant.slice(13, 23)}${day.suffix}`;
  }

  /** The UTC day of an instant, looked up once. */
  #dayOf(instant: Instant): Day | 'changes' {
    const date = instant.slice(0, 10);
    let day = this.#days.get(date);
    if (day === undefined) {
      day = this.#lookedUp(date);
      this.#days.set(date, day);
    }
    return day;
  }

  #lookedUp(date: string): Day | 'changes' {
    const start = Date.parse(`${date}T00:00:00.000Z`);
    const offset = this.#zone.offset(start);
    if (offset !== this.#zone.offset(start + dayMs)) return 'changes';
    return {
      offset,
      hours: Math.trunc(offset / 60),
      fullHours: offset % 60 === 0,
      suffix: suffixOf(offset),
    };
  }

  #local(instant: Instant): DateTime {
    return DateTime.fromMillis(epochMsOf(instant), { zone: this.#zone });
  }
}

/** The zone's offset throughout a UTC day: in minutes, in hours, and as written. */
interface Day {
  readonly offset: number;
  readonly hours: number;
  readonly fullHours: boolean;
  readonly suffix: string;
}

function written(instant: Instant, offset: number): string {
  const local = new Date(epochMsOf(instant) + offset * 60_000).toISOString().slice(0, -1);
  return `${local}${suffixOf(offset)}`;
}

function suffixOf(offset: number): string {
  const size = Math.abs(offset);
  return `${offset < 0 ? '-' : '+'}${two(Math.trunc(size / 60))}:${two(size % 60)}`;
}

function two(number: number): string {
  return number < 10 ? `0${String(number)}` : String(number);
}
