/** Colours of the statement, by what they mean. */
export const tones = {
  ink: '#1b1f24',
  soft: '#5b6570',
  line: '#d5dae0',
  points: '#b3261e',
  then: '#6750a4',
  good: '#1b6e3c',
} as const;

/** A piece of text in one colour. */
export interface Span {
  readonly text: string;
  readonly tone?: keyof typeof tones;
  readonly heavy?: boolean;
}

/** What can be printed: a text, or several after each other. */
export type Text = string | Span | readonly (string | Span)[];

/** What stands on one line. */
export interface TextLine {
  readonly spans: readonly Span[];
}

export function spansOf(text: Text): readonly Span[] {
  const parts = typeof text === 'string' || 'text' in text ? [text] : text;
  return parts.map((part) => (typeof part === 'string' ? { text: part } : part));
}

/**
 * Breaks a text into lines: between words, and before and after Chinese characters unless punctuation must stay with what it belongs to; anywhere
 * where nothing else fits, as in a hash.
 *
 * @param width in points
 * @param widthOf of one character, in points
 */
export function linesOf(text: Text, width: number, widthOf: (character: string) => number): TextLine[] {
  const characters = spansOf(text).flatMap((span) => [...span.text].map((character) => ({ character, span })));
  const lines: TextLine[] = [];
  let start = 0;
  let opportunity = 0;
  let used = 0;
  let at = 0;
  const next = (from: number): void => {
    start = opportunity = at = from;
    used = 0;
  };
  for (let each = characters[at]; each !== undefined; each = characters[at]) {
    const { character } = each;
    if (character === '\n') {
      lines.push(lineOf(characters.slice(start, at)));
      next(at + 1);
      continue;
    }
    if (at > start && mayBreak(characters[at - 1]?.character ?? '', character)) opportunity = at;
    const wide = widthOf(character);
    if (used + wide > width && at > start && character !== ' ') {
      let end = opportunity > start ? opportunity : at;
      lines.push(lineOf(characters.slice(start, end)));
      while (characters[end]?.character === ' ') end += 1;
      next(end);
      continue;
    }
    used += wide;
    at += 1;
  }
  lines.push(lineOf(characters.slice(start)));
  return lines;
}

/** Characters of the same span put together again. */
function lineOf(characters: readonly { readonly character: string; readonly span: Span }[]): TextLine {
  const spans: { text: string; span: Span }[] = [];
  for (const { character, span } of characters) {
    const last = spans.at(-1);
    if (last?.span === span) last.text += character;
    else spans.push({ text: character, span });
  }
  return { spans: spans.map(({ text, span }) => ({ ...span, text })) };
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
  return (code >= 0x2e80 && code <= 0x9fff) || (code >= 0xf900 && code <= 0xfaff) || (code >= 0xff00 && code <= 0xffef);
}
