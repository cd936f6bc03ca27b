import { epochMsOf, instantOf, LedgerZone, parseInstant } from '@penalty-ledger/ledger';
import fc from 'fast-check';
import { instantIn, monthIn, serialTime, yearIn, type TimeReading } from './cell-times.js';

const zone = new LedgerZone('Asia/Shanghai', 'test');
const read = (text: string, more: Partial<TimeReading> = {}) => instantIn(text, { zone, ...more });
const evening = { value: '2026-03-05T20:00:00.000+08:00' };

describe('a time', () => {
  it.each([
    '2026/3/5 20:00',
    '2026-03-05 20:00',
    '2026-03-05T20:00:00',
    '2026.3.5 20:00:00.0',
    '2026年3月5日 20:00',
    '2026年3月5日20:00',
    '2026年03月05日 下午 8:00',
    '2026年3月5日下午8:00',
    '2026/3/5 8:00 PM',
    '2026/3/5 8:00:00 pm',
    '2026年3月5日20时',
    '2026年3月5日 20点00分',
    '2026年3月5日晚上8点',
    '2026/3/5 晚上 8:00',
    '2026-03-05 下午8点',
    '２０２６／３／５　２０：００',
  ])('is read by the wall clock from %s', (text) => {
    expect(read(text)).toEqual(evening);
  });

  it.each([
    ['2026-03-05T12:00:00Z', '2026-03-05T12:00:00Z'],
    ['2026.3.5', '2026-03-05T00:00:00.000+08:00'],
    ['2026年3月5日', '2026-03-05T00:00:00.000+08:00'],
    ['2026/3/5 24:00', '2026-03-06T00:00:00.000+08:00'],
    ['2026/12/31 24:00:00', '2027-01-01T00:00:00.000+08:00'],
    ['2026/3/5 上午 12:00', '2026-03-05T00:00:00.000+08:00'],
    ['2026/3/5 下午 12:30', '2026-03-05T12:30:00.000+08:00'],
    ['2026/3/5 上午8点半', '2026-03-05T08:30:00.000+08:00'],
    ['2026/3/5 晚上11点半', '2026-03-05T23:30:00.000+08:00'],
    ['2026/3/5 20点半', '2026-03-05T20:30:00.000+08:00'],
    ['2019/4/1 20:40:30.5', '2019-04-01T20:40:30.500+08:00'],
  ])('is read from %s', (text, value) => {
    expect(read(text)).toEqual({ value });
  });

  it.each([
    ['3/5/2026', /may be month\/day or day\/month/],
    ['13/5/2026 20:00', /can only be day\/month\/year; write the year first, 2026-05-13, or give/],
    ['31.3.2026', /can only be day\/month\/year; write the year first, 2026-03-31/],
    ['3/31/2026', /can only be month\/day\/year/],
    ['26/3/5', /a year of two digits/],
    ['3/5/26', /a year of two digits/],
    ['46086.8333333333', /is a number.*excel-1900/],
    ['昨天', /is not a time; write 2026-03-05 20:00/],
    ['2026/3/5 24:01', /is not a time/],
    ['2026/3/5 25:00', /is not a time/],
    ['2026/3/5 下午 20:00', /is not a time/],
    ['2026/3/5 晚上12点', /is not a time/],
    ['2026/3/5 晚上1点', /is not a time/],
    ['2026/3/5 晚上20点', /is not a time/],
    ['2026/3/5 8点半分', /is not a time/],
    ['次日 1:30', /is not a time/],
    ['2026/3-5', /is not a time/],
    ['2026/2/30', /is not in the calendar/],
    ['1991/1/1', /is not in the calendar/],
    ['20:00', /has no date/],
    ['下午 8:00', /has no date/],
    ['20260305', /is not a time/],
  ])('is refused from %s', (text, problem) => {
    expect(read(text).problem?.en).toMatch(problem);
  });

  it('takes its date from the column of dates when it stands alone', () => {
    for (const date of ['2026/3/5', '2026年3月5日', '2026-03-05 00:00:00'])
      for (const text of ['20:00', '下午 8:00', '8:00 PM'])
        expect(read(text, { date })).toEqual(evening);
    expect(read('24:00', { date: '2026.3.5' })).toEqual({ value: '2026-03-06T00:00:00.000+08:00' });
    expect(read('20:00', { date: '3/5/2026' }).problem?.en).toMatch(/has no date/);
    expect(read('20:00', { date: '2026/3/5 10:00' }).problem?.en).toMatch(/has no date/);
  });

  it('is of the next day behind 次日, where another time is before it', () => {
    const night = { value: '2026-03-06T01:30:00.000+08:00' };
    for (const text of ['次日 1:30', '次日1:30', '次日 1点半', '次日上午1:30']) {
      expect(read(text, { date: '2026/3/5', before: '22:00' })).toEqual(night);
      expect(read(text, { before: '2026/3/5 22:00' })).toEqual(night);
    }
    expect(read('次日 1:30', { before: '22:00' }).problem?.en).toMatch(/has no date before it/);
    expect(read('次日 2026/3/6 1:30', { before: '22:00' }).problem?.en).toMatch(/is not a time/);
    expect(read('次日', { date: '2026/3/5', before: '22:00' }).problem?.en).toMatch(
      /is not a time/,
    );
  });

  it('is refused as a date alone where the moment matters', () => {
    const asked = 'has no time of day; write 2026-03-05 20:00, or 2026-03-05 24:00 for the end';
    for (const text of ['2026.3.5', '2026年3月5日', '2026-03-05', '46086'])
      expect(read(text, { needsTime: true, serials: 1900 }).problem?.en).toContain(asked);
    expect(read('2026.2.30', { needsTime: true }).problem?.en).toMatch(/is not in the calendar/);
    expect(read('46086', { serials: 1900 })).toEqual({ value: '2026-03-05T00:00:00.000+08:00' });
  });

  it('is read in the order that is given for its column', () => {
    expect(read('3/5/2026 20:00', { order: 'month/day/year' })).toEqual(evening);
    expect(read('5.3.2026 20:00', { order: 'day/month/year' })).toEqual(evening);
    expect(read('13/5/2026', { order: 'month/day/year' }).problem?.en).toMatch(/calendar/);
  });

  it("is a serial number of either of Excel's calendars", () => {
    expect(read('46086.8333333333', { serials: 1900 })).toEqual(evening);
    expect(read('44624.8333333333', { serials: 1904 })).toEqual(evening);
    expect(read('0.833333333333', { serials: 1900, date: '46086' })).toEqual(evening);
    expect(serialTime(46086.75, 1900)).toBe('2026-03-05 18:00:00.000');
  });
});

const moment = fc.integer({
  min: epochMsOf(parseInstant('1992-01-02T00:00:00Z') as never),
  max: epochMsOf(parseInstant('2999-01-01T00:00:00Z') as never),
});

it('gives a wall clock back the instant that it shows, in every way of writing it', () => {
  fc.assert(
    fc.property(moment, (ms) => {
      const instant = instantOf(ms);
      const local = zone.format(instant).slice(0, -6);
      const [date = '', time = ''] = local.split('T');
      const [year, month, day] = date.split('-').map(Number);
      const serial = (Date.parse(`${local}Z`) - Date.UTC(1899, 11, 30)) / 86_400_000;
      for (const text of [
        local,
        `${date} ${time}`,
        `${[year, month, day].join('/')} ${time}`,
        `${String(year)}年${String(month)}月${String(day)}日 ${time}`,
        String(serial),
      ]) {
        const reading = read(text, { serials: 1900 });
        expect(reading.problem).toBeUndefined();
        if (reading.problem === undefined) expect(parseInstant(reading.value)).toBe(instant);
      }
    }),
  );
});

it('never reads a date with the year last without its order', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 31 }),
      fc.integer({ min: 1, max: 31 }),
      fc.constantFrom('/', '-', '.'),
      (one, two, sign) => {
        expect(read([one, two, 2026].join(sign)).problem).toBeDefined();
      },
    ),
  );
});

it('reads months and years', () => {
  for (const text of ['2019-04', '2019/4', '2019年4月', '2019-04-01 00:00:00'])
    expect(monthIn(text)).toEqual({ value: '2019-04' });
  expect(monthIn('4/2019').problem?.en).toMatch(/is not a month; write/);
  expect(yearIn('2019年')).toEqual({ value: '2019' });
  expect(yearIn('19').problem?.en).toMatch(/is not a year; write/);
});
