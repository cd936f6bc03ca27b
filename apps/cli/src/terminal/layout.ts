import { plain } from '@penalty-ledger/application/printable';
import stringWidth from 'string-width';

/** The columns of a page. */
export const pageWidth = 100;

/** The columns of a text on a terminal: a Chinese character takes two. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** Fills a text up to a width. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'left' ? text + space : space + text;
}

const segmenter = new Intl.Segmenter('zh', { granularity: 'grapheme' });
/** Marks that never begin a line, and marks that never end one. */
const closing = /^[\p{Pe}\p{Pf}，。、；：！？·…—,.;:!?%]/u;
const opening = /[\p{Ps}\p{Pi}]$/u;

/** Breaks a text into lines of a width: at spaces, and between Chinese characters. */
export function wrap(text: string, width: number): string[] {
  return plain(text)
    .split('\n')
    .flatMap((line) => wrapLine(line, width));
}

function wrapLine(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of piecesOf(text, width)) {
    if (widthOf(line + piece.trimEnd()) <= width || line === '') {
      line += piece;
      continue;
    }
    lines.push(line.trimEnd());
    line = piece;
  }
  return [...lines, line.trimEnd()];
}

/** Pieces that stay together: a word with its spaces, a Chinese character with its marks. */
function piecesOf(text: string, width: number): string[] {
  const pieces: string[] = [];
  for (const { segment } of segmenter.segment(text)) {
    const last = pieces.at(-1);
    if (last !== undefined && belongsTo(last, segment) && widthOf(last + segment) <= width)
      pieces[pieces.length - 1] = last + segment;
    else pieces.push(segment);
  }
  return pieces;
}

function belongsTo(piece: string, next: string): boolean {
  if (next === ' ') return true;
  if (piece.endsWith(' ')) return false;
  if (closing.test(next) || opening.test(piece)) return true;
  return !isWide(next) && !isWide(piece.at(-1) ?? '');
}

function isWide(character: string): boolean {
  return widthOf(character) > 1;
}

/** Indents lines by some columns. */
export function indent(lines: readonly string[], by: number): string[] {
  return lines.map((line) => (line === '' ? '' : ' '.repeat(by) + line));
}

/** A label, and its text wrapped beside it. */
export function field(
  label: string,
  text: string,
  options: { readonly at?: number; readonly labelWidth?: number } = {},
): string[] {
  const { at = 0, labelWidth = 14 } = options;
  const lines = wrap(text, pageWidth - at - labelWidth);
  return indent(
    lines.map((line, index) => pad(index === 0 ? label : '', labelWidth) + line),
    at,
  ).map((line) => line.trimEnd());
}

/** A heading with a line under it. */
export function heading(text: string): string[] {
  return ['', text, '─'.repeat(widthOf(text))];
}
