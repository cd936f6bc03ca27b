import type { InBoth } from '@penalty-ledger/ledger';
import { shown } from '../printable.js';

/** The value of a cell, or what is wrong with the cell and which forms are taken. */
export type CellReading<Value> =
  { readonly value: Value; readonly problem?: undefined } | { readonly problem: InBoth };

/** Characters that nobody sees, and blanks that look like another. */
const unseen =
  String.raw`\u034f\p{Cc}\p{Cf}\p{Zl}\p{Zp}` +
  String.raw`\u00a0\u115f\u1160\u2000-\u200a\u202f\u205f\u2800\u3164\uffa0`;
/** Selectors of an emoji's look: seen by what they do to the emoji or keycap they stand in. */
const selector = String.raw`(?:\ufe0e|\ufe0f)`;
const isOfEmoji = String.raw`(?<=\p{Extended_Pictographic}\p{Emoji_Modifier}?.)`;
const seen = String.raw`(?:(?!${selector})[^${unseen}\s]|${selector}${isOfEmoji})`;
const betweenEdges = new RegExp(`${seen}(?:.*${seen})?`, 'su');
/** ASCII between its edges needs no cleaning: most cells of a long file. */
const clean = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** A cell's text in NFC, without blanks and invisible characters at its edges. */
export function cleaned(cell: string): string {
  return clean.test(cell) ? cell : (betweenEdges.exec(cell)?.[0] ?? '').normalize('NFC');
}

/** The joiner of an emoji's parts is seen by what it does. */
const joinedEmoji =
  /(\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f]?)\u200d(?=\p{Extended_Pictographic})/gu;
const isOfNothing = isOfEmoji.replace('<=', '<!');
const straySelector = String.raw`${selector}${isOfNothing}(?!\u20e3)`;
const unseenInName = new RegExp(`[${unseen}]|${straySelector}`, 'u');
const unseenInText = new RegExp(String.raw`(?![\t\n\r])[${unseen}]|${straySelector}`, 'u');

/** Reads a name, which is one line without invisible characters. */
export function nameIn(text: string): CellReading<string> {
  return seenIn(text, unseenInName);
}

/** Reads free text: as a name, but it may have tabs and several lines. */
export function textIn(text: string): CellReading<string> {
  return seenIn(text, unseenInText);
}

function seenIn(text: string, refused: RegExp): CellReading<string> {
  if (clean.test(text)) return { value: text };
  if (text.includes('\ufffd'))
    return {
      problem: {
        en: `${shown(text)} has U+FFFD, which stands for a lost character; write it again`,
        zh: `${shown(text)} 含有 U+FFFD，即已丢失的字符；请重新填写`,
      },
    };
  const [found] = refused.exec(text.replaceAll(joinedEmoji, '$1')) ?? [];
  if (found === undefined) return { value: text };
  const code = (found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return {
    problem: {
      en: `${shown(text)} has the invisible character U+${code} inside; remove it`,
      zh: `${shown(text)} 中含有不可见字符 U+${code}；请删除`,
    },
  };
}

/** A cell's text with full-width digits and signs made ordinary, for times and numbers. */
export function narrow(text: string): string {
  return clean.test(text) ? text : text.normalize('NFKC').replaceAll('−', '-').trim();
}

/** Reads a label of a list, in any case and in either language. */
export function labelIn(
  text: string,
  labels: Readonly<Record<string, readonly string[]>>,
): CellReading<string> {
  const given = narrow(text).toLowerCase();
  for (const [value, others] of Object.entries(labels))
    if (value === given || others.includes(given)) return { value };
  const taken = Object.entries(labels).map(([value, others]) => [value, ...others].join(' '));
  return {
    problem: {
      en: `${shown(text)} is not one of ${taken.join(', ')}`,
      zh: `${shown(text)} 不是以下之一：${taken.join('、')}`,
    },
  };
}
