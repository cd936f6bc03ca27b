import type { InBoth } from '@penalty-ledger/ledger';
/** A place of a JSON text that says one thing and would be read as another. */
export interface MisreadPlace {
  readonly kind: 'twice' | 'rounded';
  /** `data.sales[2].amountFen`; empty for the whole text. */
  readonly path: string;
}

/**
 * Finds the places where `JSON.parse` reads something else than the text says: a member that an
 * object names twice, of which it takes the last, and a number that becomes another integer
 * (`40.0000000000000000001`). `40.0` and `4e1` are 40. Otherwise the ledger would hold for ever
 * what nobody wrote.
 *
 * @param value the result of `JSON.parse`
 */
export function misreadPlaces(text: string, value: unknown): readonly MisreadPlace[] {
  return isReadAsWritten(text, value) ? [] : placesIn(text);
}

/** The reasons, by kind. The value is not repeated, because it may be personal. */
export const misreadReasons = {
  twice: { en: 'given twice; keep the one that is meant', zh: '重复出现；请只保留所要的一个' },
  rounded: {
    en: 'would be rounded to an integer; write the integer that is meant',
    zh: '会被舍入为整数；请写出确切的整数',
  },
} as const satisfies Readonly<Record<MisreadPlace['kind'], InBoth>>;

/** The limit of places that are named; more do not help to correct a text. */
const maxPlaces = 8;

/** The longest path that is named: a sender may write 262,144 characters as one member's name. */
const maxPathLength = 200;

/**
 * True for a text that is certainly read as it is written. It has as many colons behind quotation
 * marks as its value has members, and after none of them, nor in a list, a number that is more
 * than digits. Nearly every line is so. A text with a quotation mark and a colon in it only costs
 * the slower way, which looks at each character.
 */
function isReadAsWritten(text: string, value: unknown): boolean {
  let names = 0;
  for (let colon = text.indexOf(':'); colon !== -1; colon = text.indexOf(':', colon + 1)) {
    let before = colon - 1;
    while (isSpace(text.charCodeAt(before))) before -= 1;
    if (text.charCodeAt(before) !== quote) continue;
    names += 1;
    if (isMoreThanDigits(text, colon + 1)) return false;
  }
  return names === membersOf(value, deepestCounted);
}

const quote = 0x22;
const backslash = 0x5c;
const minus = 0x2d;

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** True when a number begins here, or behind white space, and has a point or an exponent. */
function isMoreThanDigits(text: string, from: number): boolean {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at += 1;
  if (text.charCodeAt(at) === minus) at += 1;
  if (!isDigit(text.charCodeAt(at))) return false;
  while (isDigit(text.charCodeAt(at))) at += 1;
  return text[at] === '.' || text[at] === 'e' || text[at] === 'E';
}

/** The deepest nesting that is counted; a deeper text is read character by character. */
const deepestCounted = 32;

/**
 * The number of members in a value's objects; `NaN` for a value with a number outside of a member,
 * or with deep nesting.
 */
function membersOf(value: unknown, depth: number): number {
  if (typeof value === 'number') return NaN;
  if (typeof value !== 'object' || value === null) return 0;
  if (depth === 0) return NaN;
  let count = 0;
  if (Array.isArray(value)) {
    for (const each of value) count += membersOf(each, depth - 1);
    return count;
  }
  for (const key in value) {
    count += 1;
    const member = (value as Readonly<Record<string, unknown>>)[key];
    if (typeof member === 'object') count += membersOf(member, depth - 1);
  }
  return count;
}

/** The deepest nesting that is read: nothing of interchange §2 or interchange §3 goes deeper. */
export const maxDepth = 32;

const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;

/**
 * The most members and items, at all depths, that are read. A rulebook of 256 KiB has 31,000 at
 * most: its shortest entry takes 42 bytes for five.
 */
export const maxValues = 40_000;

/**
 * The most members of one object that are read: nothing of interchange §2 or interchange §3 has a
 * tenth of them. To say of 20,000 that none is known took 100 ms.
 */
export const maxMembers = 1_000;

type Bound = 'depth' | 'members' | 'values';

/**
 * Says which bound a JSON text breaks, before anything is made of it: to parse 130,000 lists in one
 * another took 16 ms, and 20,000 members 7 ms. What checks a value later calls itself at each
 * depth and makes some objects for each wrong item: a list of 85,000 empty objects cost 862 MB of
 * memory. A member that is named twice counts twice. Of a text that is not JSON it may say
 * anything.
 */
export function brokenBound(text: string): Bound | undefined {
  /** The members and items of each open object and list so far. */
  const counts: number[] = [];
  /** The number of them that each may have. */
  const limits: number[] = [];
  let values = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = textEnd(text, at) - 1;
      continue;
    }
    const opens = code === openBrace || code === openBracket;
    if (opens) {
      if (counts.length === maxDepth) return 'depth';
      counts.push(0);
      limits.push(code === openBrace ? maxMembers : Infinity);
    } else if (code === closeBrace || code === closeBracket) {
      counts.pop();
      limits.pop();
    }
    if (code !== comma && !(opens && !isEmptyAt(text, at))) continue;
    values += 1;
    const inner = counts.length - 1;
    const count = (counts[inner] ?? 0) + 1;
    counts[inner] = count;
    if (count > (limits[inner] ?? Infinity)) return 'members';
    if (values > maxValues) return 'values';
  }
  return undefined;
}

/** Says whether the object or list that opens here has nothing in it. */
function isEmptyAt(text: string, opensAt: number): boolean {
  let at = opensAt + 1;
  while (isSpace(text.charCodeAt(at))) at += 1;
  const code = text.charCodeAt(at);
  return code === closeBrace || code === closeBracket;
}

/** An object or a list that the reading is within. */
interface Open {
  readonly path: string;
  /** The members an object has named; a list has none. */
  readonly names: Map<string, number> | undefined;
  /** The member or the place that is being read. */
  at: string | number;
  isNamed: boolean;
}

/** Reads the text once, member by member. It is JSON: `JSON.parse` took it. */
function placesIn(text: string): MisreadPlace[] {
  const places: MisreadPlace[] = [];
  const open: Open[] = [];
  for (let at = 0; at < text.length && places.length < maxPlaces; at += 1) {
    const within = open.at(-1);
    switch (text[at]) {
      case '{':
      case '[': {
        const names = text[at] === '{' ? new Map<string, number>() : undefined;
        open.push({ path: pathOf(within), names, at: 0, isNamed: false });
        break;
      }
      case '}':
      case ']':
        open.pop();
        break;
      case ',':
        if (within?.names !== undefined) within.isNamed = false;
        else if (within !== undefined) within.at = Number(within.at) + 1;
        break;
      case '"': {
        const end = textEnd(text, at);
        if (within?.names !== undefined && !within.isNamed) {
          within.at = JSON.parse(text.slice(at, end)) as string;
          within.isNamed = true;
          const times = (within.names.get(within.at) ?? 0) + 1;
          within.names.set(within.at, times);
          // Said once, however often it stands there.
          if (times === 2) places.push({ kind: 'twice', path: shownPathOf(within) });
        }
        at = end - 1;
        break;
      }
      default: {
        const [number] = numberAt(text, at) ?? [];
        if (number === undefined) break;
        if (isRounded(number)) places.push({ kind: 'rounded', path: shownPathOf(within) });
        at += number.length - 1;
      }
    }
  }
  return places;
}

/** The place after the closing quotation mark; the text's end where there is none. */
function textEnd(text: string, at: number): number {
  let end = text.indexOf('"', at + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end + 1;
}

function isEscaped(text: string, at: number): boolean {
  let from = at;
  while (text.charCodeAt(from - 1) === backslash) from -= 1;
  return (at - from) % 2 === 1;
}

const number = /-?\d[\d.eE+-]*/y;

function numberAt(text: string, at: number): RegExpExecArray | null {
  number.lastIndex = at;
  return number.exec(text);
}

/**
 * True for a written number that becomes an integer it is not. A number that becomes no integer is
 * left to the schema.
 */
function isRounded(written: string): boolean {
  if (!Number.isSafeInteger(Number(written))) return false;
  const [, integer = '', fraction = '', exponent = '0'] =
    /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(written) ?? [];
  const digits = `${integer}${fraction}`;
  let end = digits.length;
  // Not `/0+$/`: of 262,144 zeros before another digit it took 50 s, a start at each of them.
  while (digits[end - 1] === '0') end -= 1;
  const zeros = digits.length - end;
  // An integer that is written out and becomes a safe one is that one.
  return end > 0 && Number(exponent) - fraction.length + zeros < 0;
}

function shownPathOf(within: Open | undefined): string {
  const path = pathOf(within);
  return path.length <= maxPathLength ? path : `${path.slice(0, maxPathLength)}…`;
}

function pathOf(within: Open | undefined): string {
  if (within === undefined) return '';
  const { path, names, at } = within;
  return names === undefined
    ? `${path}[${String(at)}]`
    : `${path}${path === '' ? '' : '.'}${String(at)}`;
}
