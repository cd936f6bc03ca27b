import { pad, widthOf, wrap } from './layout.js';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Longer cells are wrapped. */
  readonly maxWidth?: number;
}

const gap = '  ';

/** A table as lines of text, its columns as wide as they need to be. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map((row) =>
    columns.map(({ maxWidth = Infinity }, index) => wrap(row[index] ?? '', maxWidth)),
  );
  const widths = columns.map(({ title }, index) =>
    Math.max(widthOf(title), ...cells.flatMap((row) => (row[index] ?? []).map(widthOf))),
  );
  const line = (texts: readonly string[]): string =>
    columns
      .map(({ align }, index) => pad(texts[index] ?? '', widths[index] ?? 0, align))
      .join(gap)
      .trimEnd();
  const fitted = (texts: readonly string[]): string => cut(line(texts), process.stdout);
  return [
    fitted(columns.map(({ title }) => title)),
    fitted(widths.map((width) => '─'.repeat(width))),
    ...cells.flatMap((row) => {
      const height = Math.max(1, ...row.map(({ length }) => length));
      return Array.from({ length: height }, (_, at) => fitted(row.map((cell) => cell[at] ?? '')));
    }),
  ];
}

/** A line of a table as wide as a terminal at most; elsewhere, as in a pipe, it stays whole. */
export function cut(
  text: string,
  { isTTY, columns }: { readonly isTTY?: boolean; readonly columns?: number },
): string {
  if (isTTY !== true || columns === undefined || widthOf(text) <= columns) return text;
  let kept = '';
  for (const character of text) {
    if (widthOf(kept + character) >= columns) break;
    kept += character;
  }
  return `${kept}…`;
}
