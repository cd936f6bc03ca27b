import { serialTime, type SerialDays } from './cell-times.js';

/** The kind of a number's format: what a person sees of it. */
export type NumberFormat = 'date' | 'day' | 'number' | 'percent' | 'time' | `${number} digits`;

/** Formats that a file names by their number alone (ECMA-376, 18.8.30). */
const builtIn: readonly (readonly [NumberFormat, number, number])[] = [
  ['percent', 9, 10],
  ['day', 14, 17],
  ['time', 18, 21],
  ['date', 22, 22],
  ['day', 27, 31],
  ['time', 32, 35],
  ['day', 36, 36],
  ['time', 45, 47],
  ['day', 50, 54],
  ['time', 55, 56],
  ['day', 57, 58],
];

/** The kind of a format, by its number and, if the file has one, its code. */
export function formatOf(id: number, code?: string): NumberFormat {
  if (code === undefined)
    return builtIn.find(([, from, to]) => id >= from && id <= to)?.[0] ?? 'number';
  const signs = code
    .replaceAll(/"[^"]*"|\\.|[_*]./g, '')
    .replaceAll(/\[(?!h+\]|m+\]|s+\])[^\][]*\]/gi, '')
    .toLowerCase();
  if (/^0{2,30}$/.test(code)) return `${code.length} digits`;
  if (signs.includes('%')) return 'percent';
  const hasTime = /[hs]|\[m/.test(signs);
  if (/[yd]|mmm/.test(signs)) return hasTime ? 'date' : 'day';
  if (hasTime) return 'time';
  return signs.includes('m') ? 'day' : 'number';
}

/** The text of a number as its format shows it, in a form that reads as a cell of text. */
export function numberText(number: number, format: NumberFormat, serials: SerialDays): string {
  if (format.endsWith('digits') && number >= 0 && Number.isInteger(number))
    return decimalText(number).padStart(Number.parseInt(format, 10), '0');
  if (format === 'percent') return `${decimalText(number * 100)}%`;
  if (format === 'number' || format.endsWith('digits') || number < 0 || number >= maxSerial)
    return decimalText(number);
  if (format === 'time' && number === 1) return '24:00:00';
  const time = serialTime(number, serials);
  // A day before the first one is how a time alone is kept.
  if (number < 1) return trimmed(time.slice(11));
  // With slashes: the text of a date with hyphens would pass for an id.
  if (format === 'day' && Number.isInteger(number)) return time.slice(0, 10).replaceAll('-', '/');
  return trimmed(time);
}

/** The first serial number after the last day that Excel knows, the end of 9999. */
const maxSerial = 2_958_466;

function trimmed(time: string): string {
  return time.replace(/\.000$/, '');
}

/** A number in decimal digits, to the 15 digits that a spreadsheet keeps of it. */
export function decimalText(number: number): string {
  if (Number.isSafeInteger(number) && Math.abs(number) < 1e15) return String(number);
  const [mantissa = '', power = '0'] = Math.abs(number).toExponential(14).split('e');
  const digits = mantissa.replace('.', '').replace(/0{1,15}$/, '');
  const point = Number(power) + 1;
  const sign = number < 0 ? '-' : '';
  if (digits === '') return '0';
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (digits.length <= point) return `${sign}${digits.padEnd(point, '0')}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
