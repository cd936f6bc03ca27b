import type { EventStore } from '@penalty-ledger/event-store';
import { LedgerZone, parseInstant, type Instant } from '@penalty-ledger/ledger';
import { speak } from '../terminal/language.js';
import { calendarDiagnosis } from './calendar-diagnosis.js';

/** A store in which nobody published a calendar: the shipped one has the years 2018 to 2026. */
const store = { readStream: () => [] } as unknown as EventStore;
const zone = new LedgerZone('Asia/Shanghai', 'test');
const found = (at: string) =>
  calendarDiagnosis(store, parseInstant(`${at}+08:00`) as Instant, zone);
afterEach(() => speak('en'));

it('a year without a calendar is named a quarter before it begins, and not earlier', async () => {
  expect(await found('2026-09-30T23:59:59.999')).toMatchObject({ status: 'ok' });
  for (const at of ['2026-10-01T00:00:00', '2026-12-31T23:59:59', '2027-06-01T00:00:00'])
    expect(await found(at)).toMatchObject({
      status: 'warn',
      found: expect.stringContaining('none has 2027') as string,
      hint: expect.stringContaining('PublishCalendar') as string,
    });
});

it('it is named in Chinese too', async () => {
  speak('zh');
  expect(await found('2026-11-01T00:00:00')).toMatchObject({
    found: expect.stringContaining('没有 2027 年的工作日') as string,
  });
});
