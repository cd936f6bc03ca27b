import { shown } from '../printable.js';
import { cleaned } from './cell-text.js';
import { numberText } from './number-formats.js';
import type { RowCells } from './row-command.js';
import {
  damaged,
  RichText,
  unescaped,
  xmlParser,
  type Attributes,
  type Workbook,
  type WorkbookSheet,
} from './workbook.js';

/** A row of a worksheet, by its number in the sheet. */
export interface WorksheetRow extends RowCells {
  readonly row: number;
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
const batchRows = 1500;

/**
 * Reads the rows of a sheet in bounded memory. A merged area of several rows has its value in each
 * of them; formulas are read by the value that the spreadsheet program calculated last.
 *
 * @throws SheetFileError when the sheet is damaged, or too wide
 */
export async function* worksheetRows(
  workbook: Workbook,
  sheet: WorkbookSheet,
  counts: CellCounts,
): AsyncGenerator<WorksheetBatch> {
  const merges = await mergesOf(workbook, sheet);
  const reader = new RowReader(workbook, merges, counts);
  const parse = xmlParser(reader.tags);
  let size = 0;
  for await (const { text, bytes, ofBytes } of workbook.xmlOf(sheet)) {
    parse(text);
    size = ofBytes;
    if (reader.rows.length >= batchRows) yield { rows: reader.take(), bytes, ofBytes };
  }
  if (size === 0) throw damaged(`the sheet ${shown(sheet.name)} is missing`);
  parse(undefined);
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
      if (from === undefined || to === undefined) throw damaged(`a merged area is ${shown(ref)}`);
      if (to.row > from.row) merges.push({ column: from.column, from: from.row, to: to.row });
      if (merges.length > maxMerges) throw damaged(`more than ${String(maxMerges)} merged areas`);
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

/** The area that fills a column down, and its value. */
interface Filling {
  readonly to: number;
  readonly text: string;
}

/** Makes rows of the tags of a worksheet. */
class RowReader {
  rows: WorksheetRow[] = [];
  #row = 0;
  #cells: string[] = [];
  #wrong: Map<number, string> | undefined;
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

  take(): readonly WorksheetRow[] {
    const { rows } = this;
    this.rows = [];
    return rows;
  }

  get tags() {
    return {
      open: (name: string, attributes: Attributes) => {
        this.#open(name, attributes);
      },
      text: (text: string) => {
        if (this.#isInValue) this.#value = (this.#value ?? '') + text;
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

  #openRow({ r = String(this.#row + 1), hidden }: Attributes): void {
    const row = Number(r);
    if (!Number.isSafeInteger(row) || row <= this.#row || row > 1_048_576)
      throw damaged(`a row has the number ${shown(r)}`);
    this.#row = row;
    this.#isInRow = true;
    this.#cells = [];
    this.#wrong = undefined;
    this.#column = -1;
    if (hidden === '1' || hidden === 'true') this.counts.hiddenRows += 1;
  }

  #openCell(attributes: Attributes): void {
    const place = attributes['r'] === undefined ? undefined : cellAt(attributes['r']);
    const column = place?.column ?? this.#column + 1;
    if (column <= this.#column || column >= maxColumns)
      throw damaged(
        `row ${String(this.#row)} has a cell in column ${String(column + 1)}, ` +
          `out of order or beyond column ${String(maxColumns)}`,
      );
    this.#column = column;
    this.#attributes = attributes;
    this.#value = undefined;
    this.#isFormula = false;
  }

  #closeCell(): void {
    const text = this.#textOfCell();
    if (text === '') return;
    while (this.#cells.length < this.#column) this.#cells.push('');
    this.#cells[this.#column] = text;
  }

  #textOfCell(): string {
    const { t: type = 'n', s: style = '0' } = this.#attributes;
    const inline = this.#inline.take();
    const value = this.#value;
    if (this.#isFormula) {
      if (value === undefined)
        return this.#refuse('', 'the formula has no calculated value; open and save the workbook');
      if (type !== 'e') this.counts.formulas += 1;
    }
    if (type === 'inlineStr') return inline;
    if (value === undefined || value === '') return '';
    const { sharedTexts, formats, serials } = this.workbook;
    switch (type) {
      case 's':
        return sharedTexts[Number(value)] ?? this.#refuse(value, 'the cell has no text');
      case 'b':
        return value === '1' || value === 'true' ? 'TRUE' : 'FALSE';
      case 'e':
        return this.#refuse(value, `the cell shows the error ${shown(value)}; mend it there`);
      case 'n': {
        const number = Number(value);
        if (!Number.isFinite(number)) return this.#refuse(value, 'the cell is not a number');
        return numberText(number, formats[Number(style)] ?? 'number', serials);
      }
      default:
        return unescaped(value);
    }
  }

  #refuse(text: string, problem: string): string {
    this.#wrong ??= new Map();
    this.#wrong.set(this.#column, problem);
    return text;
  }

  #closeRow(): void {
    this.#isInRow = false;
    const isWritten = this.#cells.length > 0 || this.#wrong !== undefined;
    if (this.#filling.size > 0 || this.#merges.length > 0)
      this.#fillDown(isWritten && this.#cells.some((cell) => cleaned(cell) !== ''));
    if (isWritten) this.rows.push({ row: this.#row, cells: this.#cells, wrong: this.#wrong });
  }

  /** Fills the cells of merged areas that began above, and notes those that begin here. */
  #fillDown(isWritten: boolean): void {
    for (let next = this.#merges.at(-1); next !== undefined && next.from <= this.#row;) {
      if (next.from === this.#row) this.#starting.set(next.column, next.to);
      this.#merges.pop();
      next = this.#merges.at(-1);
    }
    for (const [column, { to, text }] of this.#filling) {
      if (to < this.#row) this.#filling.delete(column);
      else if (isWritten && (this.#cells[column] ?? '') === '') {
        while (this.#cells.length < column) this.#cells.push('');
        this.#cells[column] = text;
        this.counts.filledDown += 1;
      }
    }
    for (const [column, to] of this.#starting)
      this.#filling.set(column, { to, text: this.#cells[column] ?? '' });
    this.#starting.clear();
  }
}
