import type { Deadline } from '@penalty-ledger/application';
import { LedgerZone, type Instant } from '@penalty-ledger/ledger';
import {
  deadlineCalendar,
  monthEntry,
  type CalendarDeadline,
  type CalendarOf,
} from './deadline-calendar.js';
import type { CalendarKind } from './deadline-texts.js';

const deadline = (
  kind: CalendarKind,
  data: Partial<Omit<Deadline, 'kind'>> = {},
): CalendarDeadline => ({
  uid: `${kind}/a7/d1`,
  kind,
  agencyId: 'a7',
  subjectId: 'd1',
  at: '2026-01-06T16:00:00.000Z' as Instant,
  knownSince: '2026-01-01T02:00:00.000Z' as Instant,
  revision: 0,
  ...data,
});

const of = (
  deadlines: readonly CalendarDeadline[],
  data: Partial<CalendarOf> = {},
): CalendarOf => ({
  ledgerId: '5e1f0c9a',
  deadlines,
  zone: new LedgerZone('Asia/Shanghai', 'test'),
  language: 'en',
  simulation: false,
  ...data,
});

/** A content line: a name, parameters, a value without control characters (RFC 5545 §3.1). */
const parameterValue = String.raw`(?:"[^"\p{Cc}]*"|[^";:,\p{Cc}]*)`;
const parameter = String.raw`;[A-Z0-9-]+=${parameterValue}(?:,${parameterValue})*`;
const contentLine = new RegExp(String.raw`^[A-Z0-9-]+(?:${parameter})*:[^\p{Cc}]*$`, 'u');

/**
 * The content lines of a calendar, read as strictly as RFC 5545 writes them: each ends with CRLF,
 * the last too, has 75 octets at most before it is unfolded, and stands in its component.
 */
function propertiesOf(text: string): string[] {
  expect(text.endsWith('\r\n')).toBe(true);
  const folded = text.slice(0, -2).split('\r\n');
  expect(folded.filter((line) => Buffer.byteLength(line) > 75)).toEqual([]);
  const lines = folded.join('\r\n').replaceAll('\r\n ', '').split('\r\n');
  expect(lines.filter((line) => !contentLine.test(line))).toEqual([]);
  const open: string[] = [];
  for (const line of lines) {
    const [, mark, name = ''] = /^(BEGIN|END):(.*)$/.exec(line) ?? [];
    if (mark === 'BEGIN') open.push(name);
    else if (mark === 'END') expect(open.pop()).toBe(name);
    else expect(open).not.toEqual([]);
  }
  expect(open).toEqual([]);
  return lines;
}

it('a window is the hour that ends with it, with alarms before its end', () => {
  expect(
    propertiesOf(deadlineCalendar(of([deadline('appeal_deduction', { revision: 2 })]))),
  ).toEqual([
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//penalty-ledger//deadlines//EN',
    'METHOD:PUBLISH',
    'X-WR-TIMEZONE:Asia/Shanghai',
    'NAME:Penalty ledger: deadlines',
    'X-WR-CALNAME:Penalty ledger: deadlines',
    'REFRESH-INTERVAL;VALUE=DURATION:PT1H',
    'X-PUBLISHED-TTL:PT1H',
    'BEGIN:VEVENT',
    'UID:appeal_deduction/a7/d1@5e1f0c9a',
    'SEQUENCE:2',
    'DTSTAMP:20260101T020000Z',
    'DTSTART:20260106T150000Z',
    'DTEND:20260106T160000Z',
    'SUMMARY:a7: last moment to appeal deduction d1',
    'TRANSP:TRANSPARENT',
    'DESCRIPTION:An appeal initiated later is out of time and changes no points.' +
      String.raw`\n2026-01-07T00:00:00.000+08:00 (Asia/Shanghai)\nrules §7`,
    ...['P1D', 'PT3H'].flatMap((before) => [
      'BEGIN:VALARM',
      'ACTION:DISPLAY',
      `TRIGGER;RELATED=END:-${before}`,
      'DESCRIPTION:a7: last moment to appeal deduction d1',
      'END:VALARM',
    ]),
    'CATEGORIES:appeal_deduction',
    'END:VEVENT',
    'END:VCALENDAR',
  ]);
});

it('a re-entry is an instant without an alarm', () => {
  const properties = propertiesOf(deadlineCalendar(of([deadline('reentry')])));
  expect(properties).toContain('DTSTART:20260106T160000Z');
  expect(properties.some((each) => each.startsWith('DTEND') || each === 'BEGIN:VALARM')).toBe(
    false,
  );
});

it.each<CalendarKind>([
  'appeal_deduction',
  'appeal_expulsion',
  'submit_evidence',
  'last_chance',
  'reentry',
  'decide_appeal',
  'answer_review',
  'assessment_month',
])('%s is written in Chinese and in English, with the same id', (kind) => {
  const [en, zh] = (['en', 'zh'] as const).map((language) =>
    propertiesOf(deadlineCalendar(of([deadline(kind)], { language }))),
  );
  const found = (properties: string[] | undefined, name: string) =>
    properties!.find((each) => each.startsWith(name));
  expect(found(zh, 'SUMMARY')).toMatch(/\p{Script=Han}/u);
  expect(found(en, 'SUMMARY')).not.toMatch(/\p{Script=Han}/u);
  expect(found(zh, 'UID')).toBe(found(en, 'UID'));
  expect(found(zh, 'UID')).toBe(`UID:${kind}/a7/d1@5e1f0c9a`);
});

it.each(Array.from({ length: 64 }, (_, before) => before + 1))(
  'folds a line of Chinese behind an id of %d characters, never within a character',
  (length) => {
    const subjectId = 'p'.repeat(length);
    const text = deadlineCalendar(
      of([deadline('submit_evidence', { subjectId })], { language: 'zh' }),
    );
    for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
    expect(text).not.toContain('\ufffd');
    expect(propertiesOf(text).join('\n')).toContain(`申诉 ${subjectId} 举证截止`);
  },
);

it('the same deadlines give the same bytes, and an empty list a calendar without events', () => {
  const list = [deadline('last_chance'), deadline('reentry')];
  expect(deadlineCalendar(of(list))).toBe(deadlineCalendar(of(list)));
  expect(deadlineCalendar(of([]))).not.toContain('VEVENT');
});

it('a simulation says so in its name', () => {
  expect(deadlineCalendar(of([], { simulation: true }))).toContain(
    'NAME:Penalty ledger: deadlines (simulation)',
  );
});

it('a month that can still pass is the hour that ends with the last moment to act', () => {
  const zone = new LedgerZone('Asia/Shanghai', 'test');
  const at = '2026-01-31T11:30:00.000Z' as Instant;
  const month = { agencyId: 'a7', month: '2026-01', prospect: 'within_reach' } as const;
  const entries = monthEntry({ ...month, at }, zone);
  const properties = propertiesOf(deadlineCalendar(of(entries)));
  expect(properties).toContain('UID:assessment_month/a7/2026-01@5e1f0c9a');
  expect(properties).toContain('DTSTAMP:20251231T160000Z');
  expect(properties).toContain('DTEND:20260131T113000Z');
  expect(monthEntry({ ...month, at: undefined }, zone)).toEqual([]);
});
