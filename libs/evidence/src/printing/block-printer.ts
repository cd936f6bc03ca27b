import type { Block, Drawing, Figure, Line, Shape } from '../content/blocks.js';
import type { Sheet } from './sheet.js';
import { beginningOfTable, printTable } from './table.js';

/** Prints the statement's content. */
export function printBlocks(sheet: Sheet, blocks: readonly Block[]): void {
  for (const [at, block] of blocks.entries())
    if (block.kind === 'heading')
      sheet.heading(block.text, block.keep ?? beginningOf(sheet, blocks[at + 1]));
    else printBlock(sheet, block);
}

/** Lines of an item that stay with it on one page, in points. */
const itemHeight = 56;
const figuresHeight = 92;
const gapBefore = 5;

/** The height of a block that stays on one page with the heading before it, in points. */
function beginningOf(sheet: Sheet, block: Block | undefined): number {
  switch (block?.kind) {
    case 'item':
      return gapBefore + itemHeight;
    case 'table':
      return beginningOfTable(sheet, block.columns, block.rows);
    case 'figures':
      return gapBefore + figuresHeight;
    case 'drawing':
      return heightOf(sheet, block.drawing);
    default:
      return usualBeginning;
  }
}

/** Some lines of text. */
const usualBeginning = 60;

function printBlock(sheet: Sheet, block: Exclude<Block, { readonly kind: 'heading' }>): void {
  switch (block.kind) {
    case 'title': {
      printTitle(sheet, block.text);
      return;
    }
    case 'item':
      sheet.need(itemHeight);
      sheet.y += gapBefore;
      {
        sheet.paragraph(block.text, { size: 10, gap: 1, role: 'H3' });
        return;
      }
    case 'line': {
      sheet.paragraph(block.text, block.isPart === true ? part : {});
      return;
    }
    case 'quote': {
      sheet.paragraph(block.text, {
        ...(block.isPart === true ? part : { indent: 8, gap: 5 }),
        ground: 'disclosed',
      });
      return;
    }
    case 'verbatim': {
      sheet.paragraph(block.text, { size: 8, ground: 'ground', gap: 6 });
      return;
    }
    case 'table': {
      printTable(sheet, block.columns, block.rows);
      return;
    }
    case 'figures': {
      printFigures(sheet, block.figures);
      return;
    }
    case 'drawing': {
      printDrawing(sheet, block.drawing);
      return;
    }
  }
}

const part = { indent: 10, size: 8.5, gap: 1, bar: true } as const;

function printTitle(sheet: Sheet, [zh, ...en]: Line): void {
  sheet.paragraph([{ text: zh?.text ?? '', heavy: true }], { size: 19, gap: 0, role: 'H1' });
  const below = en.map(({ text }) => ({ text: text.trimStart(), tone: 'soft' as const }));
  sheet.paragraph(below, { size: 12, gap: 6 });
}

/** Prints balances in large, beside one another. */
function printFigures(sheet: Sheet, figures: readonly Figure[]): void {
  const gap = 12;
  const width = (sheet.width - gap * (figures.length - 1)) / figures.length;
  sheet.y += gapBefore;
  sheet.need(figuresHeight);
  for (const [at, figure] of figures.entries())
    printFigure(sheet, sheet.left + at * (width + gap), width, figure);
  sheet.y += 90;
}

function printFigure(
  sheet: Sheet,
  x: number,
  width: number,
  { title, points, beside, below }: Figure,
): void {
  const { y } = sheet;
  sheet.decoration(() => sheet.pen.frame(x, y, width, 82, 'line'));
  sheet.tagged('P', () => {
    sheet.label(title, x + 10, y + 6, 9);
    if (points !== undefined) {
      const number = { text: points, tone: 'points' as const, heavy: true };
      const at = x + 16 + sheet.label(number, x + 10, y + 19, 25);
      sheet.label(beside, at, y + 37, 9);
    }
    for (const [down, line] of below.entries())
      for (const [more, each] of sheet.linesOf(line, width - 20, 8).entries())
        sheet.line(each, x + 10, y + 54 + (down + more) * 12, 8);
  });
}

/** Prints a drawing at the width of the page. */
function printDrawing(sheet: Sheet, { height, shapes, title, width }: Drawing): void {
  const scale = sheet.width / width;
  sheet.need(heightOf(sheet, { height, width }));
  const top = sheet.y;
  sheet.tagged('Figure', () => shapes.forEach((shape) => printShape(sheet, shape, top, scale)), {
    title,
    box: [sheet.left, top, sheet.right, top + height * scale],
  });
  sheet.y += heightOf(sheet, { height, width });
}

/** With the gap below it. */
function heightOf(sheet: Sheet, { height, width }: Pick<Drawing, 'height' | 'width'>): number {
  return (height * sheet.width) / width + 8;
}

function printShape(sheet: Sheet, shape: Shape, top: number, scale: number): void {
  const { pen } = sheet;
  const placed = ([x, y]: readonly [x: number, y: number]): readonly [number, number] => [
    sheet.left + x * scale,
    top + y * scale,
  ];
  switch (shape.kind) {
    case 'path': {
      pen.path(shape.places.map(placed), shape.tone, shape.width, shape.dash);
      return;
    }
    case 'area': {
      pen.shape(shape.places.map(placed), shape.tone);
      return;
    }
    case 'dot': {
      pen.dot(...placed(shape.place), shape.size, shape.tone);
      return;
    }
    case 'label':
      sheet.label({ text: shape.text, tone: shape.tone }, ...placed(shape.place), 7, shape.align);
  }
}
