import type { Deadline, MonthDeadline } from '@penalty-ledger/application';
import { epochMsOf, type LedgerZone } from '@penalty-ledger/ledger';
import ical, {
  ICalAlarmRelatesTo,
  ICalAlarmType,
  ICalCalendarMethod,
  ICalEventTransparency,
} from 'ical-generator';
import type { Language } from '../http/language.js';
import { deadlineTexts, type CalendarKind } from './deadline-texts.js';

/** A deadline, or the instant that decides a month, as an entry of a calendar. */
export type CalendarDeadline = Omit<Deadline, 'kind'> & { readonly kind: CalendarKind };

/**
 * The entry of a month that does not pass as it stands: none when it is too late for it. Its stamp
 * is the month's start, so that the entry changes only when its instant does.
 */
export function monthEntry(
  { agencyId, month, at }: Pick<MonthDeadline, 'agencyId' | 'month' | 'at'>,
  zone: LedgerZone,
): readonly CalendarDeadline[] {
  if (at === undefined) return [];
  const kind = 'assessment_month';
  const uid = `${kind}/${agencyId}/${month}`;
  const knownSince = zone.startOfMonth(month);
  return [{ uid, kind, agencyId, subjectId: month, at, knownSince, revision: 0 }];
}

/** The deadlines of a calendar, and its reader's language. */
export interface CalendarOf {
  /** Makes the events' ids unique in the world. */
  readonly ledgerId: string;
  readonly deadlines: readonly CalendarDeadline[];
  readonly zone: LedgerZone;
  readonly language: Language;
  /** Marked in the calendar's name, as in everything that leaves a simulation. */
  readonly simulation: boolean;
}

/** The media type of an iCalendar feed. */
export const calendarMediaType = 'text/calendar; charset=utf-8';

/**
 * A deadline's id outside of its ledger: unique in the world (RFC 5545 §3.8.4.7), and the same in
 * calendars and in messages.
 */
export function calendarUid(uid: string, ledgerId: string): string {
  return `${uid}@${ledgerId}`;
}

const names: Readonly<
  Record<Language, { readonly deadlines: string; readonly simulation: string }>
> = {
  en: { deadlines: 'Penalty ledger: deadlines', simulation: 'simulation' },
  zh: { deadlines: '扣分账本：期限', simulation: '模拟' },
};

/** Before the end of a window, in seconds: a day, and three hours. */
const remindersBefore = [24 * 3600, 3 * 3600];

const hourMs = 3_600_000;

/**
 * Deadlines as iCalendar (RFC 5545), to the byte the same for the same deadlines: it reads no
 * clock, so that a feed that did not change has an unchanged `ETag`.
 *
 * A window that closes at 24:00 would stand on the next day, so a deadline is the hour that ends
 * with it; the return is the instant itself. Times are in UTC, which every client understands
 * without a time zone of its own, and are shown in the ledger's zone (`X-WR-TIMEZONE`).
 */
export function deadlineCalendar({
  ledgerId,
  deadlines,
  zone,
  language,
  simulation,
}: CalendarOf): string {
  const { deadlines: title, simulation: mark } = names[language];
  const calendar = ical({
    name: simulation ? `${title} (${mark})` : title,
    prodId: { company: 'penalty-ledger', product: 'deadlines', language: language.toUpperCase() },
    method: ICalCalendarMethod.PUBLISH,
    ttl: 3600,
  });
  for (const { uid, kind, agencyId, subjectId, at, knownSince, revision } of deadlines) {
    const text = deadlineTexts[language][kind];
    const isStart = kind === 'reentry';
    const end = epochMsOf(at);
    const event = calendar.createEvent({
      id: calendarUid(uid, ledgerId),
      stamp: new Date(epochMsOf(knownSince)),
      sequence: revision,
      start: new Date(isStart ? end : end - hourMs),
      ...(!isStart && { end: new Date(end) }),
      summary: text.summary(agencyId, subjectId),
      description: `${text.description}\n${zone.format(at)} (${zone.id})\n${text.rule}`,
      transparency: ICalEventTransparency.TRANSPARENT,
      categories: [{ name: kind }],
    });
    if (isStart) continue;
    for (const trigger of remindersBefore) {
      // Given to the constructor, `relatesTo` is passed over.
      event.createAlarm({ type: ICalAlarmType.display, trigger }).relatesTo(ICalAlarmRelatesTo.end);
    }
  }
  // The library writes other properties behind the events, where RFC 5545 §3.6 has none, and its
  // own time zone takes the `Z` off DTSTAMP. It ends the last line without CRLF (RFC 5545 §3.1).
  const text = calendar
    .toString()
    .replace('METHOD:PUBLISH\r\n', `METHOD:PUBLISH\r\nX-WR-TIMEZONE:${zone.id}\r\n`);
  return `${text}\r\n`;
}
