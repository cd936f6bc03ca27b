declare const instantBrand: unique symbol;

/**
 * An instant: RFC 3339 in UTC with exactly milliseconds, `2019-04-01T02:00:00.000Z`. The width is fixed, so comparing two
 * instants as text (`<`, `<=`) compares them in time. Range: {@link earliestInstant} to the end of the year 9000.
 */
export type Instant = string & { readonly [instantBrand]: 'Instant' };

/**
 * Domain dates before this are refused: Asia/Shanghai has a constant offset only from 1992 on (edge case E-3), and no
 * live-commerce platform existed.
 */
export const earliestInstant = '1992-01-01T00:00:00.000Z' as Instant;
const latestEpochMs = Date.UTC(9000, 11, 31);

const rfc3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,3})0*)?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/**
 * Reads an RFC 3339 instant with an offset. Gives `undefined` for anything else: no offset, a day that is not in the
 * calendar, a leap second, digits finer than a millisecond (cutting them could turn 29:59.9999 into 30:00), or a date
 * before {@link earliestInstant}.
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
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHour = '0', offsetMinute = '0'] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  if (Number(offsetHour) > 23 || Number(offsetMinute) > 59) return undefined;
  // Of a day that is not in the calendar Date makes another one. Numbers, not text, because every line has an instant and an import millions.
  const midnight = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (midnight.getUTCDate() !== Number(day) || midnight.getUTCMonth() !== Number(month) - 1) return undefined;
  if (midnight.getUTCFullYear() !== Number(year)) return undefined;
  const offsetMinutes = (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === '-' ? -1 : 1);
  const epochMs =
    midnight.getTime() +
    ((Number(hour) * 60 + Number(minute) - offsetMinutes) * 60 + Number(second)) * 1000 +
    Number(fraction.padEnd(3, '0'));
  if (epochMs > latestEpochMs) return undefined;
  const instant = instantOf(epochMs);
  return instant < earliestInstant ? undefined : instant;
}

/** The instant that lies `epochMs` milliseconds after 1970-01-01T00:00:00Z. */
export function instantOf(epochMs: number): Instant {
  return new Date(epochMs).toISOString() as Instant;
}

/** Milliseconds since 1970-01-01T00:00:00Z. */
export function epochMsOf(instant: Instant): number {
  return Date.parse(instant);
}

/** `hours` elapsed hours later, whatever the calendar does. */
export function plusHours(instant: Instant, hours: number): Instant {
  return instantOf(epochMsOf(instant) + hours * 3_600_000);
}

export function earlierOf(a: Instant, b: Instant): Instant {
  return a <= b ? a : b;
}

export function laterOf(a: Instant, b: Instant): Instant {
  return a >= b ? a : b;
}
