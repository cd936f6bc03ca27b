/** The characters between the cells of a CSV file. */
export const separators = [',', ';', '\t'] as const;
export type Separator = (typeof separators)[number];

/**
 * Text that a spreadsheet program would take for a formula, or change when it opens a file: zeros
 * at the edges of a number are dropped, long digits rounded, `1-2` becomes a date. A date that
 * begins with its year stays the same date. Apostrophes before it are counted in, so that the guard
 * itself can be guarded.
 */
const unsafe = new RegExp(
  `^'*(?:${[
    String.raw`[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠]`,
    String.raw`[\t\r\n]`,
    String.raw`0\d+(?:\.\d*)?$`,
    String.raw`\d[\d.]{11,}$`,
    String.raw`\d+\.(?:\d*0)?$`,
    String.raw`\.\d+$`,
    String.raw`(?:\d+(?:\.\d*)?|\.\d+)e[+-]?\d+$`,
    String.raw`\d{1,4}[-/]\d{1,2}$`,
    String.raw`\d{1,2}[-/]\d{1,4}(?:[-/]\d{1,4})?$`,
    String.raw`\d+:\d{1,2}(?::\d{1,2}(?:\.\d*)?)?$`,
  ].join('|')})`,
  'iu',
);

/** A cell that a spreadsheet program shows as it is: with an apostrophe before unsafe text. */
export function guarded(cell: string): string {
  return unsafe.test(cell) ? `'${cell}` : cell;
}

/** The cell that {@link guarded} was given. */
export function unguarded(cell: string): string {
  return cell.startsWith("'") && unsafe.test(cell) ? cell.slice(1) : cell;
}

/** A row of CSV that is safe to open in a spreadsheet program (RFC 4180). */
export function csvRow(cells: readonly string[], separator: Separator = ','): string {
  return `${cells.map((cell) => quoted(guarded(cell))).join(separator)}\n`;
}

function quoted(cell: string): string {
  return /[",;\t\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
