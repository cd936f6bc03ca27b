import type { Glyph, Typesetter } from './glyphs.js';
import type { Span as ContentSpan } from '../content/blocks.js';

/** Colours of the statement, by what they mean. */
export const tones = {
  ink: '#1b1f24',
  soft: '#5b6570',
  line: '#d5dae0',
  points: '#b3261e',
  then: '#6750a4',
  good: '#1b6e3c',
  ground: '#f5f6f8',
  disclosed: '#fbf6e6',
  inverse: '#ffffff',
} as const;

export type Tone = keyof typeof tones;

/** A piece of text in one colour. */
export interface Span extends Omit<ContentSpan, 'tone'> {
  readonly tone?: Tone;
}

/** Printable text: one text, or several in sequence. */
export type Text = string | Span | readonly (string | Span)[];

/** The content of one line. */
export interface TextLine {
  readonly runs: readonly Run[];
  /** At size 1. */
  readonly width: number;
}

/** Glyphs in one colour. */
export interface Run {
  /** Their numbers in the embedded font, hexadecimal. */
  readonly codes: string;
  readonly tone: Tone;
  readonly heavy: boolean;
}

export function spansOf(text: Text): readonly Span[] {
  const parts = typeof text === 'string' || 'text' in text ? [text] : text;
  return parts.map((part) => (typeof part === 'string' ? { text: part } : part));
}

/**
 * Breaks a text into lines: between words, and before and after Chinese characters, unless
 * punctuation must stay with its neighbour. It breaks anywhere when nothing else fits, as in a
 * hash.
 *
 * @param width at size 1
 */
export function linesOf(text: Text, width: number, typesetter: Typesetter): TextLine[] {
  const glyphs: Glyph[] = [];
  const spans: Span[] = [];
  for (const span of spansOf(text)) {
    for (const glyph of typesetter.glyphsOf(span.text)) {
      glyphs.push(glyph);
      spans.push(span);
    }
  }
  const lines: TextLine[] = [];
  let start = 0;
  let opportunity = 0;
  let used = 0;
  let at = 0;
  const next = (from: number): void => {
    start = opportunity = at = from;
    used = 0;
  };
  for (let glyph = glyphs[at]; glyph !== undefined; glyph = glyphs[at]) {
    if (glyph.character === '\n') {
      lines.push(lineOf(glyphs, spans, start, at));
      next(at + 1);
      continue;
    }
    if (at > start && mayBreak(glyphs[at - 1]?.character ?? '', glyph.character)) opportunity = at;
    if (used + glyph.width > width && at > start && glyph.character !== ' ') {
      let end = opportunity > start ? opportunity : at;
      lines.push(lineOf(glyphs, spans, start, end));
      while (glyphs[end]?.character === ' ') end += 1;
      next(end);
      continue;
    }
    used += glyph.width;
    at += 1;
  }
  lines.push(lineOf(glyphs, spans, start, glyphs.length));
  return lines;
}

/** The glyphs of one line, those of the same span together. */
function lineOf(
  glyphs: readonly Glyph[],
  spans: readonly Span[],
  from: number,
  to: number,
): TextLine {
  const runs: Run[] = [];
  let width = 0;
  for (let at = from; at < to;) {
    const span = spans[at];
    let codes = '';
    for (; at < to && spans[at] === span; at += 1) {
      codes += glyphs[at]?.code ?? '';
      width += glyphs[at]?.width ?? 0;
    }
    runs.push({ codes, tone: span?.tone ?? 'ink', heavy: span?.heavy ?? false });
  }
  return { runs, width };
}

const closing = new Set('，。；：、？！）」』》〉】”’…,.;:?!)]%');
const opening = new Set('（「『《〈【“‘([');

function mayBreak(before: string, after: string): boolean {
  if (after === ' ' || closing.has(after) || opening.has(before)) return false;
  return before === ' ' || isIdeographic(before) || isIdeographic(after);
}

/** Ideographs, kana, CJK punctuation, full-width forms. */
function isIdeographic(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return (
    (code >= 0x2e80 && code <= 0x9fff) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xff00 && code <= 0xffef)
  );
}
