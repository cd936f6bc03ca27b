import type { InBoth } from '@penalty-ledger/ledger';
import { shown } from '../printable.js';
import { cleaned, nameIn, narrow, type CellReading } from './cell-text.js';

/** The unit of the bare numbers of a column of money. */
export type MoneyUnit = 'fen' | 'yuan' | 'ten thousand yuan';

/** A decimal number as it is written: `digits` times ten to the power of `exponent`. */
interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
  /** The word or sign behind or before the number. */
  readonly unit: 'fen' | 'percent' | 'yuan' | undefined;
  /** True for 万 or 亿, and for decimal places: fen have neither. */
  readonly isScaled: boolean;
}

const written = /^(¥)? ?(\d{1,30}|\d{1,3}(?:,\d{3}){1,9})(?:\.(\d{1,20}))? ?([万亿])? ?(元|分|%)?$/;
const countForms = '1200, 1,200, 1.2万';
const powers = { 万: 4, 亿: 8 } as const;

/** Reads the text of a number, in half-width characters; `undefined` for another text. */
function decimalIn(text: string): Decimal | undefined {
  const [, sign, integer, fraction = '', power, word] = written.exec(text) ?? [];
  if (integer === undefined || (sign !== undefined && word !== undefined && word !== '元'))
    return undefined;
  const isYuan = sign !== undefined || word === '元';
  return {
    digits: BigInt(integer.replaceAll(',', '') + fraction),
    exponent: (power === undefined ? 0 : powers[power as keyof typeof powers]) - fraction.length,
    unit: isYuan ? 'yuan' : word === '分' ? 'fen' : word === '%' ? 'percent' : undefined,
    isScaled: power !== undefined || fraction !== '',
  };
}

/** The number times ten to a power, if that is an integer which JavaScript counts exactly. */
function integerOf({ digits, exponent }: Decimal, power = 0): number | undefined {
  const up = exponent + power;
  const scale = 10n ** BigInt(Math.abs(up));
  if (up < 0 && digits % scale !== 0n) return undefined;
  const number = Number(up < 0 ? digits / scale : digits * scale);
  return Number.isSafeInteger(number) ? number : undefined;
}

const plainDigits = /^\d{1,15}$/;

/** Reads a number of things: `1200`, `1,200`, `1.2万`, `１２００`. */
export function countIn(text: string): CellReading<number> {
  if (plainDigits.test(text)) return { value: Number(text) };
  const decimal = decimalIn(narrow(text));
  const integer =
    decimal === undefined || decimal.unit !== undefined ? undefined : integerOf(decimal);
  if (integer !== undefined) return { value: integer };
  const why =
    decimal?.unit === 'percent'
      ? { en: 'is a percentage, and this column counts', zh: '是百分比，而该列是数量' }
      : decimal?.unit !== undefined
        ? { en: 'is an amount of money, and this column counts', zh: '是金额，而该列是数量' }
        : { en: 'is not a non-negative integer', zh: '不是非负整数' };
  return {
    problem: {
      en: `${shown(text)} ${why.en}; write ${countForms}`,
      zh: `${shown(text)} ${why.zh}；请写作 ${countForms}`,
    },
  };
}

/** Reads a number of points: as a count, and with their unit, `40分`. */
export function pointsIn(text: string): CellReading<number> {
  return countIn(narrow(text).replace(/ ?分$/, ''));
}

/**
 * Reads an amount of money in fen. `¥`, `元` and `分` say the unit; a bare number has that of its
 * column. In a column of fen, decimal places and 万 are refused: they are how yuan are written.
 *
 * @param unit left out for a column that names none: then every amount must say its own
 */
export function fenIn(text: string, unit?: MoneyUnit): CellReading<number> {
  if (unit === 'fen' && plainDigits.test(text)) return { value: Number(text) };
  const decimal = decimalIn(narrow(text));
  if (decimal === undefined)
    return {
      problem: {
        en: `${shown(text)} is not an amount; write ${moneyForms(unit).en}`,
        zh: `${shown(text)} 不是金额；请写作 ${moneyForms(unit).zh}`,
      },
    };
  if (decimal.unit === 'percent')
    return {
      problem: {
        en: `${shown(text)} is a percentage; write ${moneyForms(unit).en}`,
        zh: `${shown(text)} 是百分比；请写作 ${moneyForms(unit).zh}`,
      },
    };
  const own = decimal.unit ?? unit;
  if (own === undefined || (own === 'fen' && decimal.isScaled))
    return {
      problem: {
        en: `${shown(text)} may mean fen or yuan; write ${moneyForms(unit).en}`,
        zh: `${shown(text)} 可能是分或元；请写作 ${moneyForms(unit).zh}`,
      },
    };
  const fen = integerOf(decimal, own === 'fen' ? 0 : own === 'yuan' ? 2 : 6);
  return fen === undefined
    ? {
        problem: {
          en: `${shown(text)} is not an integer number of fen; write ${moneyForms(unit).en}`,
          zh: `${shown(text)} 不是整数分；请写作 ${moneyForms(unit).zh}`,
        },
      }
    : { value: fen };
}

function moneyForms(unit: MoneyUnit | undefined): InBoth {
  const yuan = '¥1,200.00, 1200元, 1.2万元';
  if (unit === 'fen')
    return { en: `120000 (fen), 120000分, ${yuan}`, zh: `120000（分）、120000分、${yuan}` };
  if (unit === 'yuan')
    return { en: `1,200.00 (yuan), ${yuan}, 120000分`, zh: `1,200.00（元）、${yuan}、120000分` };
  if (unit === 'ten thousand yuan')
    return { en: `1.2 (万元), ${yuan}, 120000分`, zh: `1.2（万元）、${yuan}、120000分` };
  return {
    en: `${yuan}, 120000分, or give the unit in the header: (元), (分), (万元)`,
    zh: `${yuan}、120000分，或在表头写明单位：（元）、（分）、（万元）`,
  };
}

/** Two sales in the unit of their column: an example in another would be wrong when copied. */
export function salesForm(unit: MoneyUnit | undefined): string {
  if (unit === 'fen') return '美妆=120000;食品=5000';
  if (unit === 'yuan') return '美妆=1200.00;食品=50';
  if (unit === 'ten thousand yuan') return '美妆=1.2;食品=0.005';
  return '美妆=1200元;食品=50元';
}

/** One vertical and its sales. */
export interface Sale {
  readonly vertical: string;
  readonly amountFen: number;
}

/**
 * Reads sales by vertical, `美妆=120000;食品=5000`. Between verticals stand `;` `,` `、` `|` a
 * space behind an amount, or a line break; before the amount `=` or `:`; all also in full width.
 */
export function salesIn(text: string, unit?: MoneyUnit): CellReading<readonly Sale[]> {
  const sales: Sale[] = [];
  for (const part of partsOf(text.replaceAll(/[；，：＝｜|]/g, halfWidthOf))) {
    const equals = Math.max(part.lastIndexOf('='), part.lastIndexOf(':'));
    const vertical = nameIn(cleaned(part.slice(0, Math.max(equals, 0))));
    if (vertical.problem !== undefined) return vertical;
    if (vertical.value === '' || /[,、]|[=:] ?[¥￥]?[\d０-９]/.test(vertical.value))
      return {
        problem: {
          en: `${shown(part)} is not VERTICAL=AMOUNT; write ${salesForm(unit)}`,
          zh: `${shown(part)} 不是“垂类=金额”；请写作 ${salesForm(unit)}`,
        },
      };
    const amount = fenIn(part.slice(equals + 1).trim(), unit);
    if (amount.problem !== undefined)
      return {
        problem: {
          en: `of ${shown(vertical.value)}: ${amount.problem.en}`,
          zh: `${shown(vertical.value)}：${amount.problem.zh}`,
        },
      };
    sales.push({ vertical: vertical.value, amountFen: amount.value });
  }
  return { value: sales };
}

const halfWidths: Readonly<Record<string, string>> = {
  '；': ';',
  '，': ',',
  '：': ':',
  '＝': '=',
  '｜': ';',
  '|': ';',
};

function halfWidthOf(sign: string): string {
  return halfWidths[sign] ?? sign;
}

/** Splits sales where a separator cannot be part of an amount or of a name. */
function partsOf(text: string): string[] {
  return text
    .split(/[;\r\n]/)
    .flatMap((part) => part.split(/、|,(?![\d０-９]{3}(?![\d０-９]))/))
    .flatMap(atSpaces);
}

/** Splits where a space stands behind an amount and before the name of the next vertical. */
function atSpaces(part: string): string[] {
  const parts: string[] = [];
  let held = '';
  for (const piece of part.split(/(\s+)/)) {
    const before = held.trim();
    const isNext =
      /[=:]/.test(before) &&
      /[\d０-９万亿元分]$/.test(before) &&
      /^[^\s\d０-９=:万亿元分¥￥]/.test(piece) &&
      before !== held;
    if (isNext) parts.push(before);
    held = isNext ? piece : `${held}${piece}`;
  }
  return [...parts, held];
}
