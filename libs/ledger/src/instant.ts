declare const instantBrand: unique symbol;

/**
 * An instant: RFC 3339 in UTC with exactly milliseconds, `2019-04-01T02:00:00.000Z`. The width is
 * fixed, so comparing two instants as text (`<`, `<=`) compares them in time. Range: {@link
 * earliestInstant} to the end of the year 9000.
 */
export type Instant = string & { readonly [instantBrand]: 'Instant' };

/**
 * The earliest domain date. Asia/Shanghai has a constant offset only from 1992 on (E-3), and
 * live-commerce platforms are younger.
 */
export const earliestInstant = '1992-01-01T00:00:00.000Z' as Instant;
const latestInstant = '9000-12-31T00:00:00.000Z' as Instant;

const rfc3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,3})0*)?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/**
 * Reads an RFC 3339 instant with an offset. Gives `undefined` for anything else: no offset, a day
 * that is not in the calendar, a leap second, digits finer than a millisecond (cutting them could
 * turn 29:59.9999 into 30:00), or a date before {@link earliestInstant}.
 */
export function parseInstant(text: string): Instant | undefined {
  // A line's instants are read when its shape is checked and again when it is taken.
  const known = readLately.get(text);
  if (known !== undefined) return known;
  const instant = readInstant(text);
  if (instant === undefined) return undefined;
  if (readLately.size >= 64) readLately.clear();
  readLately.set(text, instant);
  return instant;
}

const readLately = new Map<string, Instant>();

function readInstant(text: string): Instant | undefined {
  const match = rfc3339.exec(text);
  if (match === null) return undefined;
  const [
    ,
    year,
    month,
    day,
    hour,
    minute,
    second,
    fraction = '',
    sign,
    offsetHour = '0',
    offsetMinute = '0',
  ] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  if (Number(offsetHour) > 23 || Number(offsetMinute) > 59) return undefined;
  // Date takes the year 99 for 1999.
  if (Number(year) < 1991 || !isInCalendar(Number(year), Number(month), Number(day)))
    return undefined;
  // Most instants are sent as they are stored, and every line has some: then nothing is computed.
  const instant =
    sign === undefined && text.length === 24 ? (text.toUpperCase() as Instant) : inUtc();
  return instant < earliestInstant || instant > latestInstant ? undefined : instant;

  function inUtc(): Instant {
    const offsetMinutes =
      (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === '-' ? -1 : 1);
    const minutes = Number(hour) * 60 + Number(minute) - offsetMinutes;
    const milliseconds = Number(second) * 1000 + Number(fraction.padEnd(3, '0'));
    return instantOf(
      Date.UTC(Number(year), Number(month) - 1, Number(day), 0, minutes, 0, milliseconds),
    );
  }
}

/** Says whether a day is in the calendar. Date would silently turn another one into a later day. */
function isInCalendar(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  if (month === 2)
    return day <= (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28);
  return day <= (month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31);
}

/** The instant that lies `epochMs` milliseconds after 1970-01-01T00:00:00Z. */
export function instantOf(epochMs: number): Instant {
  return new Date(epochMs).toISOString() as Instant;
}

/** Milliseconds since 1970-01-01T00:00:00Z. */
export function epochMsOf(instant: Instant): number {
  return Date.parse(instant);
}

/** The instant `hours` elapsed hours later, independent of the calendar. */
export function plusHours(instant: Instant, hours: number): Instant {
  return instantOf(epochMsOf(instant) + hours * 3_600_000);
}

export function earlierOf(a: Instant, b: Instant): Instant {
  return a <= b ? a : b;
}

export function laterOf(a: Instant, b: Instant): Instant {
  return a >= b ? a : b;
}

/** Later than every instant: with it as K, a query covers everything recorded. */
export const endOfTime = '9999-12-31T23:59:59.999Z' as Instant;
