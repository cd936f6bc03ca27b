import { indent, wrap } from '../terminal/layout.js';

/** A paragraph of the tour. */
export function text(paragraph: string): string[] {
  return indent(wrap(paragraph, 96), 2);
}

/** The ledger's answer, indented. */
export function figures(lines: readonly string[]): string[] {
  return ['', ...indent(lines, 4)];
}
