import { emphasised, type Sheet } from './sheet.js';
import type { Text } from './text-lines.js';

/** A column of a table. */
export interface Column {
  readonly head: Text;
  /** Its share of the width. */
  readonly share: number;
  readonly align?: 'right';
}

const size = 8;
const padding = 4;

/**
 * A table over the width of the page. Its headings repeat on every page it continues on, and rows
 * are never divided.
 */
export function printTable(
  sheet: Sheet,
  columns: readonly Column[],
  rows: readonly (readonly Text[])[],
): void {
  const { places, heads, laid } = layOut(sheet, columns, rows);
  const print = ({ lines }: Row, role?: 'TH' | 'TD'): void => {
    for (const [at, cell] of lines.entries()) {
      const { x: left, width } = places[at] ?? { x: 0, width: 0 };
      const isRight = columns[at]?.align === 'right';
      const printCell = (): void => {
        for (const [down, line] of cell.entries()) {
          const y = sheet.y + padding / 2 + down * sheet.lineHeight(size);
          sheet.line(line, isRight ? left + width : left, y, size, isRight ? 'right' : 'left');
        }
      };
      if (role === undefined) printCell();
      else sheet.tagged(role, printCell);
    }
  };
  const end = ({ height }: Row): void => {
    sheet.y += height;
    sheet.rule(sheet.y);
  };
  const shade = (): void => sheet.pen.box(sheet.left, sheet.y, sheet.width, heads.height, 'ground');
  sheet.need(heads.height + (laid[0]?.height ?? 0));
  sheet.group('Table', () => {
    sheet.decoration(shade);
    sheet.group('TR', () => print(heads, 'TH'));
    end(heads);
    for (const row of laid) {
      if (sheet.need(row.height)) {
        // Repeated for the eye alone.
        sheet.decoration(() => {
          shade();
          print(heads);
        });
        end(heads);
      }
      sheet.group('TR', () => print(row, 'TD'));
      end(row);
    }
  });
  sheet.y += 6;
}

/** The height of a table's headings and first row, which stay on one page, in points. */
export function beginningOfTable(
  sheet: Sheet,
  columns: readonly Column[],
  rows: readonly (readonly Text[])[],
): number {
  const { heads, laid } = layOut(sheet, columns, rows.slice(0, 1));
  return heads.height + (laid[0]?.height ?? 0);
}

/** The places of the columns, and the lines of each cell. */
function layOut(
  sheet: Sheet,
  columns: readonly Column[],
  rows: readonly (readonly Text[])[],
): { readonly places: readonly Place[]; readonly heads: Row; readonly laid: readonly Row[] } {
  const shares = columns.reduce((sum, { share }) => sum + share, 0);
  const places: Place[] = [];
  let x = sheet.left;
  for (const { share } of columns) {
    const width = (sheet.width * share) / shares;
    places.push({ x: x + padding, width: width - 2 * padding });
    x += width;
  }
  const laidOut = (cells: readonly Text[]): Row => {
    const lines = cells.map((cell, at) => sheet.linesOf(cell, places[at]?.width ?? 0, size));
    const maxLines = Math.max(...lines.map((cell) => cell.length));
    return { lines, height: maxLines * sheet.lineHeight(size) + padding };
  };
  return {
    places,
    heads: laidOut(columns.map(({ head }) => emphasised(head))),
    laid: rows.map(laidOut),
  };
}

interface Place {
  readonly x: number;
  readonly width: number;
}

interface Row {
  readonly lines: readonly ReturnType<Sheet['linesOf']>[];
  /** In points. */
  readonly height: number;
}
