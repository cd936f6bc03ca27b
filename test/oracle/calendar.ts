import { DateTime } from 'luxon';

/**
 * Instants are epoch milliseconds inside the oracle. Days, years and windows are those of the
 * ledger's zone (rules §3).
 */

const zone = 'Asia/Shanghai';

const local = remembered((instant: number) => DateTime.fromMillis(instant, { zone }));

const time = String.raw`([01]\d|2[0-3]):[0-5]\d`;
const rfc3339 = new RegExp(
  String.raw`^\d{4}-(\d\d)-(\d\d)T${time}:[0-5]\d(\.\d{1,3})?(Z|[+-]${time})$`,
);

/** The instant a text names, or null when the text is not RFC 3339 with an offset. */
export function parseInstant(text: unknown): number | null {
  return typeof text === 'string' && rfc3339.test(text) ? parsed(text) : null;
}

const parsed = remembered((text: string) => {
  const read = DateTime.fromISO(text, { setZone: true });
  return read.isValid ? read.toMillis() : null;
});

/** Output uses the ledger's zone with milliseconds (interchange, first lines). */
export const formatInstant = remembered((instant: number) =>
  local(instant).toFormat("yyyy-MM-dd'T'HH:mm:ss.SSSZZ"),
);

export const yearOf = remembered((instant: number) => String(local(instant).year).padStart(4, '0'));

/** The annual reset that begins the year: 1 January 00:00.000 (rules §4). */
export function startOfYear(year: string): number {
  return DateTime.fromObject({ year: Number(year), month: 1, day: 1 }, { zone }).toMillis();
}

export function endOfYear(year: string): number {
  return startOfYear(String(Number(year) + 1).padStart(4, '0'));
}

/** `2019-04` */
export const monthOf = remembered((instant: number) => local(instant).toFormat('yyyy-MM'));

/** `2019-04-01` */
export function dateOf(instant: number): string {
  return local(instant).toFormat('yyyy-MM-dd');
}

export function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && DateTime.fromISO(text, { zone }).isValid;
}

/** A month is half-open: from the 1st 00:00.000 until before the 1st 00:00.000 of the next. */
export const startOfMonth = remembered((month: string) => firstOf(month).toMillis());

export const endOfMonth = remembered((month: string) =>
  firstOf(month).plus({ months: 1 }).toMillis(),
);

export const monthsAfter = remembered((month: string, months: number) =>
  firstOf(month).plus({ months }).toFormat('yyyy-MM'),
);

/**
 * The registration window of a month's themes: from the 10th 00:00 to the 18th 24:00 of the month
 * before (rules §9).
 */
export const registration = remembered((month: string): { from: number; until: number } => {
  const before = firstOf(month).minus({ months: 1 });
  return { from: before.set({ day: 10 }).toMillis(), until: before.set({ day: 19 }).toMillis() };
});

function firstOf(month: string): DateTime {
  return DateTime.fromObject(
    { year: Number(month.slice(0, 4)), month: Number(month.slice(5)), day: 1 },
    { zone },
  );
}

/**
 * The clock rule of rules §7: the day of `from` is not counted; the window closes at 24:00 of the
 * last day.
 */
export const closingOfNaturalDays = remembered((from: number, days: number): number =>
  local(from)
    .startOf('day')
    .plus({ days: days + 1 })
    .toMillis(),
);

export function plusHours(instant: number, hours: number): number {
  return instant + hours * 3_600_000;
}

export function plusDays(instant: number, days: number): number {
  return local(instant).plus({ days }).toMillis();
}

/**
 * Remembers answers about the zone, which never change: computing them took nine tenths of a test's
 * time.
 */
function remembered<Args extends readonly (number | string)[], T>(
  ask: (...args: Args) => T,
): (...args: Args) => T {
  const answers = new Map<string, T>();
  return (...args) => {
    const key = args.join();
    const known = answers.get(key);
    if (known !== undefined) return known;
    const asked = ask(...args);
    answers.set(key, asked);
    return asked;
  };
}
