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
  return [
    line(columns.map(({ title }) => title)),
    line(widths.map((width) => '─'.repeat(width))),
    ...cells.flatMap((row) => {
      const height = Math.max(1, ...row.map(({ length }) => length));
      return Array.from({ length: height }, (_, at) => line(row.map((cell) => cell[at] ?? '')));
    }),
  ];
}
