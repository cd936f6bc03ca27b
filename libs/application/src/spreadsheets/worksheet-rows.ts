import { counted, type InBoth } from '@penalty-ledger/ledger';
import { shown } from '../printable.js';
import { cleaned } from './cell-text.js';
import { numberText } from './number-formats.js';
import type { RowCells } from './row-command.js';
import {
  damaged,
  RichText,
  tooLong,
  unescaped,
  workbookBounds,
  xmlParser,
  type Attributes,
  type Workbook,
  type WorkbookSheet,
} from './workbook.js';

/** A row of a worksheet, by its number in the sheet. */
export interface WorksheetRow extends RowCells {
  readonly row: number;
  /** The reason why nothing of the row is taken. */
  readonly problem?: InBoth | undefined;
}

/** Numbers of a worksheet's cells and rows that are said at its end. */
export interface CellCounts {
  formulas: number;
  filledDown: number;
  hiddenRows: number;
}

/** The rows of a worksheet, batch by batch, and how far they are read. */
export interface WorksheetBatch {
  readonly rows: readonly WorksheetRow[];
  readonly bytes: number;
  readonly ofBytes: number;
}

const maxColumns = 1000;
const maxMerges = 100_000;
/** Four columns of the longest sheet: an area of a few bytes may ask for a million cells. */
const maxFilled = 4_194_304;
const batchRows = 1500;
/** As long as a line of CSV may be. */
const rowCharacters = 262_144;
const batchCharacters = 4_194_304;

/**
 * Reads the rows of a sheet in bounded memory. A merged area of several rows has its value in each
 * of them; formulas are read by the value that the spreadsheet program calculated last. The rows
 * before a damaged place are given before it is reported.
 *
 * @throws SheetFileError when the sheet is damaged
 */
export async function* worksheetRows(
  workbook: Workbook,
  sheet: WorkbookSheet,
  counts: CellCounts,
): AsyncGenerator<WorksheetBatch> {
  const merges = await mergesOf(workbook, sheet);
  const reader = new RowReader(workbook, merges, counts);
  const parse = xmlParser(reader.tags);
  let [done, size] = [0, 0];
  try {
    for await (const { text, bytes, ofBytes } of workbook.xmlOf(sheet)) {
      [done, size] = [bytes, ofBytes];
      parse(text);
      if (reader.isFull) yield { rows: reader.take(), bytes, ofBytes };
    }
    if (size === 0)
      throw damaged({
        en: `the sheet ${shown(sheet.name)} is missing`,
        zh: `缺少工作表 ${shown(sheet.name)}`,
      });
    parse(undefined);
  } catch (error) {
    yield { rows: reader.take(), bytes: done, ofBytes: size };
    throw error;
  }
  yield { rows: reader.take(), bytes: size, ofBytes: size };
}

/** A merged area of one column, over several rows. */
interface Merge {
  readonly column: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Finds the merged areas. They stand behind the rows, so a sheet that has them is read twice; one
 * in which the word does not occur is only unpacked.
 */
async function mergesOf(workbook: Workbook, sheet: WorkbookSheet): Promise<readonly Merge[]> {
  const merges: Merge[] = [];
  const tags = xmlParser({
    open: (name, { ref = '' }) => {
      if (name !== 'mergeCell') return;
      const [from, to] = ref.split(':').map(cellAt);
      if (from === undefined || to === undefined)
        throw damaged({ en: `a merged area is ${shown(ref)}`, zh: `有合并区域为 ${shown(ref)}` });
      if (to.row > from.row && from.column < maxColumns)
        merges.push({ column: from.column, from: from.row, to: to.row });
      if (merges.length > maxMerges)
        throw damaged({
          en: `more than ${String(maxMerges)} merged areas`,
          zh: `合并区域超过 ${String(maxMerges)} 个`,
        });
    },
  });
  if (!(await holds(workbook, sheet, 'mergeCell'))) return merges;
  for await (const { text } of workbook.xmlOf(sheet)) tags(text);
  tags(undefined);
  return merges.sort((one, other) => one.from - other.from);
}

async function holds(workbook: Workbook, sheet: WorkbookSheet, word: string): Promise<boolean> {
  let end = '';
  for await (const { text } of workbook.xmlOf(sheet)) {
    if (text.includes(word) || `${end}${text.slice(0, word.length)}`.includes(word)) return true;
    end = text.slice(-word.length);
  }
  return false;
}

const reference = /^\$?([A-Z]{1,3})\$?(\d{1,7})$/;

/** The place that a reference names; rows from 1, columns from 0. */
function cellAt(text: string): { readonly row: number; readonly column: number } | undefined {
  const [, letters, row] = reference.exec(text) ?? [];
  if (letters === undefined) return undefined;
  let column = 0;
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
  return { row: Number(row), column: column - 1 };
}

/** The area that fills a column down, its value, and what is wrong with that. */
interface Filling {
  readonly to: number;
  readonly text: string;
  readonly problem: InBoth | undefined;
}

/** A value in which every character is written by its code is not too long. */
const maxValueCharacters = workbookBounds.cellCharacters * '_x000D_'.length;

/** Makes rows of the tags of a worksheet. */
class RowReader {
  rows: WorksheetRow[] = [];
  #row = 0;
  #cells: string[] = [];
  #wrong: Map<number, InBoth> | undefined;
  #problem: InBoth | undefined;
  /** The characters of the row, and those of the rows that are not taken. */
  #length = 0;
  #characters = 0;
  #column = -1;
  #attributes: Attributes = {};
  #value: string | undefined;
  #isFormula = false;
  #isInValue = false;
  #isInRow = false;
  readonly #inline = new RichText();
  /** The merged areas that are not reached yet, and those that fill the row. */
  readonly #merges: Merge[];
  readonly #starting = new Map<number, number>();
  readonly #filling = new Map<number, Filling>();

  constructor(
    readonly workbook: Workbook,
    merges: readonly Merge[],
    readonly counts: CellCounts,
  ) {
    this.#merges = [...merges].reverse();
  }

  get isFull(): boolean {
    return this.rows.length >= batchRows || this.#characters >= batchCharacters;
  }

  take(): readonly WorksheetRow[] {
    const { rows } = this;
    this.rows = [];
    this.#characters = 0;
    return rows;
  }

  get tags() {
    return {
      open: (name: string, attributes: Attributes) => {
        this.#open(name, attributes);
      },
      text: (text: string) => {
        if (this.#isInValue) this.#addToValue(text);
        else if (this.#isInRow) this.#inline.add(text);
      },
      close: (name: string) => {
        this.#close(name);
      },
    };
  }

  #open(name: string, attributes: Attributes): void {
    if (name === 'c' && this.#isInRow) this.#openCell(attributes);
    else if (name === 'v') {
      this.#isInValue = true;
      this.#value = '';
    } else if (name === 'f') this.#isFormula = true;
    else if (name === 'row') this.#openRow(attributes);
    else this.#inline.open(name);
  }

  #close(name: string): void {
    if (name === 'c' && this.#isInRow) this.#closeCell();
    else if (name === 'v') this.#isInValue = false;
    else if (name === 'row') this.#closeRow();
    else this.#inline.close(name);
  }

  #addToValue(text: string): void {
    const value = this.#value ?? '';
    if (value.length <= maxValueCharacters) this.#value = value + text;
  }

  #openRow({ r = String(this.#row + 1), hidden }: Attributes): void {
    const row = Number(r);
    if (!Number.isSafeInteger(row) || row <= this.#row || row > 1_048_576)
      throw damaged({ en: `a row has the number ${shown(r)}`, zh: `有一行的行号为 ${shown(r)}` });
    this.#row = row;
    this.#isInRow = true;
    this.#cells = [];
    this.#wrong = undefined;
    this.#problem = undefined;
    this.#length = 0;
    this.#column = -1;
    if (hidden === '1' || hidden === 'true') this.counts.hiddenRows += 1;
  }

  #openCell(attributes: Attributes): void {
    const place = attributes['r'] === undefined ? undefined : cellAt(attributes['r']);
    const column = place?.column ?? this.#column + 1;
    if (column <= this.#column)
      throw damaged({
        en: `row ${String(this.#row)} has a cell in column ${String(column + 1)}, out of order`,
        zh: `第 ${String(this.#row)} 行有单元格位于第 ${String(column + 1)} 列，次序错乱`,
      });
    this.#column = column;
    this.#attributes = attributes;
    this.#value = undefined;
    this.#isFormula = false;
  }

  #closeCell(): void {
    const text = this.#textOfCell();
    const isWrong = this.#wrong?.has(this.#column) ?? false;
    if (this.#column < maxColumns) this.#put(this.#column, text);
    else if (text !== '' || isWrong)
      this.#problem ??= {
        en:
          `a cell in column ${String(this.#column + 1)} is filled, ` +
          `beyond column ${String(maxColumns)}`,
        zh: `第 ${String(this.#column + 1)} 列有内容，超出第 ${String(maxColumns)} 列`,
      };
  }

  #put(column: number, text: string): void {
    if (text === '' || this.#problem !== undefined) return;
    this.#length += text.length;
    if (this.#length > rowCharacters) {
      this.#problem = {
        en: `the row has more than ${counted(rowCharacters, 'character')}`,
        zh: `该行超过 ${rowCharacters.toLocaleString('en')} 个字符`,
      };
      return;
    }
    while (this.#cells.length < column) this.#cells.push('');
    this.#cells[column] = text;
  }

  #textOfCell(): string {
    const { t: type = 'n', s: style = '0' } = this.#attributes;
    const inline = this.#inline.take();
    const value = this.#value;
    if (this.#isFormula) {
      if (value === undefined)
        return this.#refuse('', {
          en: 'the formula has no calculated value; open and save the workbook',
          zh: '公式没有计算结果；请打开并保存该工作簿',
        });
      if (type !== 'e') this.counts.formulas += 1;
    }
    if (type === 'inlineStr') return inline ?? this.#refuse('', tooLong);
    if (value === undefined || value === '') return '';
    if (value.length > maxValueCharacters) return this.#refuse('', tooLong);
    const { sharedTexts, formats, serials } = this.workbook;
    switch (type) {
      case 's':
        return (
          sharedTexts[Number(value)] ??
          this.#refuse(
            '',
            Number(value) in sharedTexts
              ? tooLong
              : { en: 'the cell has no text', zh: '单元格没有文本' },
          )
        );
      case 'b':
        return value === '1' || value === 'true' ? 'TRUE' : 'FALSE';
      case 'e':
        return this.#refuse(value, {
          en: `the cell shows the error ${shown(value)}; mend it there`,
          zh: `单元格显示错误 ${shown(value)}；请在表中改正`,
        });
      case 'n': {
        const number = Number(value);
        if (!Number.isFinite(number))
          return this.#refuse(value, { en: 'the cell is not a number', zh: '单元格不是数字' });
        return numberText(number, formats[Number(style)] ?? 'number', serials);
      }
      default: {
        const text = unescaped(value);
        return text.length > workbookBounds.cellCharacters ? this.#refuse('', tooLong) : text;
      }
    }
  }

  #refuse(text: string, problem: InBoth, column = this.#column): string {
    this.#wrong ??= new Map();
    this.#wrong.set(column, problem);
    return text;
  }

  #closeRow(): void {
    this.#isInRow = false;
    const isWritten =
      this.#cells.length > 0 || this.#wrong !== undefined || this.#problem !== undefined;
    if (this.#filling.size > 0 || this.#merges.length > 0)
      this.#fillDown(isWritten && this.#cells.some((cell) => cleaned(cell) !== ''));
    if (!isWritten) return;
    const [cells, wrong, problem] = [this.#cells, this.#wrong, this.#problem];
    this.rows.push({ row: this.#row, cells, wrong, problem });
    this.#characters += this.#length;
  }

  /** Fills the cells of merged areas that began above, and notes those that begin here. */
  #fillDown(isWritten: boolean): void {
    for (let next = this.#merges.at(-1); next !== undefined && next.from <= this.#row;) {
      if (next.from === this.#row) this.#starting.set(next.column, next.to);
      this.#merges.pop();
      next = this.#merges.at(-1);
    }
    for (const [column, { to, text, problem }] of this.#filling) {
      if (to < this.#row) this.#filling.delete(column);
      else if (isWritten && (this.#cells[column] ?? '') === '') {
        if (this.counts.filledDown === maxFilled) {
          this.#problem ??= {
            en: `merged areas fill more than ${counted(maxFilled, 'cell')}`,
            zh: `合并区域填充超过 ${String(maxFilled)} 个单元格`,
          };
          break;
        }
        this.#put(column, text);
        if (problem !== undefined) this.#refuse(text, problem, column);
        this.counts.filledDown += 1;
      }
    }
    for (const [column, to] of this.#starting) {
      const text = this.#cells[column] ?? '';
      const problem = this.#wrong?.get(column);
      if (text !== '' || problem !== undefined) this.#filling.set(column, { to, text, problem });
      else this.#filling.delete(column);
    }
    this.#starting.clear();
  }
}
