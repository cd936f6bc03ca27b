import { indent, wrap } from '../terminal/layout.js';

/** A paragraph of the tour. */
export function text(words: string): string[] {
  return indent(wrap(words, 96), 2);
}

/** What the ledger answered, set in. */
export function figures(lines: readonly string[]): string[] {
  return ['', ...indent(lines, 4)];
}
