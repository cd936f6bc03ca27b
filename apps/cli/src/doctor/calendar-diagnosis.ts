import type { EventStore } from '@penalty-ledger/event-store';
import {
  endOfTime,
  eventIn,
  readEvent,
  rulebooks,
  rulebooksStream,
  yearMissingSoon,
  type Instant,
  type LedgerZone,
} from '@penalty-ledger/ledger';
import type { Diagnosis } from './diagnosis.js';
import { said } from '../terminal/language.js';

/** Tells of a year whose working days cannot be counted, a quarter before it begins (rules §7). */
export async function calendarDiagnosis(
  store: EventStore,
  now: Instant,
  zone: LedgerZone,
): Promise<Diagnosis> {
  let register = rulebooks.empty;
  for await (const batch of store.readStream(rulebooksStream))
    for (const record of batch)
      register = rulebooks.evolve(register, eventIn('rulebooks', readEvent(record)));
  const calendars = rulebooks.calendarsAt(register, endOfTime);
  const { years } = calendars;
  const known = said(
    `working days are known from ${years[0] ?? ''} to ${years.at(-1) ?? ''}`,
    `已有 ${years[0] ?? ''} 年至 ${years.at(-1) ?? ''} 年的工作日`,
  );
  const missing = yearMissingSoon(now, zone, calendars);
  if (missing === undefined) return { status: 'ok', check: 'calendar', found: known };
  return {
    status: 'warn',
    check: 'calendar',
    found: said(
      `${known}; none has ${missing}, and a decideBy in it is not guessed`,
      `${known}；没有 ${missing} 年的工作日，落在该年的裁定期限不作推测`,
    ),
    hint: said(
      `publish the holidays of ${missing} with "PublishCalendar" once they are announced ` +
        '(docs/spec/calendar.md)',
      `${missing} 年节假日安排公布后，请用 "PublishCalendar" 发布（docs/spec/calendar.md）`,
    ),
  };
}
