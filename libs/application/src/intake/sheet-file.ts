import { counted } from '@penalty-ledger/ledger';
import { shown } from '../printable.js';
import { cleaned } from '../spreadsheets/cell-text.js';
import {
  draftColumns,
  kindOf,
  mapColumns,
  type ColumnMapping,
  type ColumnOptions,
  type ColumnsFile,
} from '../spreadsheets/column-mapping.js';
import { separators, unguarded, type Separator } from '../spreadsheets/csv-cells.js';
import {
  decoded,
  encodingNames,
  findEncoding,
  startOf,
  type Encoding,
} from '../spreadsheets/encodings.js';
import { numberText } from '../spreadsheets/number-formats.js';
import {
  isTotalRow,
  readRow,
  titled,
  type RowCells,
  type SheetReading,
} from '../spreadsheets/row-command.js';
import { SheetFileError } from '../spreadsheets/sheet-file-error.js';
import { requiredColumns } from '../spreadsheets/sheet-kinds.js';
import {
  oldWorkbook,
  openWorkbook,
  signatureOf,
  type Workbook,
  type WorkbookSheet,
} from '../spreadsheets/workbook.js';
import { worksheetRows } from '../spreadsheets/worksheet-rows.js';
import { cellsOf, readRows } from './csv-rows.js';
import type { ReadText } from './file-lines.js';

/** The options for reading a spreadsheet (docs/spec/spreadsheets.md). */
export interface SheetOptions extends ColumnOptions {
  readonly format: SheetFormat;
  /** The zone in which times without an offset are read. */
  readonly zone: SheetReading['zone'];
  /** CSV: the encoding and the separator that the person names. */
  readonly encoding?: Encoding;
  readonly separator?: Separator;
  /** The sheet of a workbook that has several. */
  readonly sheet?: string;
}

export type SheetFormat = 'csv' | 'xlsx';

/** A row of a spreadsheet as a line among others, with its cells for a report. */
export type SheetLine = ReadText & { readonly cells?: readonly string[] };

/** A spreadsheet whose header was read. */
export interface SheetFile {
  /** The titles of its columns, without those that a report of refused rows adds. */
  readonly header: readonly string[];
  /** The separator of a CSV file: its report has the same. */
  readonly separator: Separator;
  /** The columns file of this header, with what was recognised. */
  readonly draft: ColumnsFile;
  /** Notes on how the file is read, before its rows are. */
  readonly found: readonly string[];
  /**
   * Starts reading the rows.
   *
   * @throws SheetFileError when the columns are not clear
   */
  readonly open: () => SheetLines;
}

/** The rows of a spreadsheet, as they are read. */
export interface SheetLines {
  readonly rows: AsyncGenerator<readonly SheetLine[]>;
  /** The bytes to read, and those read so far. */
  readonly progress: () => { readonly done: number; readonly total: number };
  /** A message about the data of a command, under the titles of the columns. */
  readonly titled: (message: string) => string;
  /** Notes on what was passed over and how cells were read, once all rows are read. */
  readonly passedOver: () => readonly string[];
}

/** A larger file is refused: it is held in memory until its encoding is known. */
export const sheetByteLimit = 256 * 1024 * 1024;

/** The columns that a report of refused rows adds at the end; a corrected report keeps them. */
export const reportColumns = ['line', 'code', 'message'] as const;

/**
 * Reads a spreadsheet's header. The whole file is read first: a row is taken only when all of it
 * is known to be in one encoding.
 *
 * @throws SheetFileError when it cannot be read
 */
export async function readSheet(
  chunks: AsyncIterable<Uint8Array>,
  options: SheetOptions,
): Promise<SheetFile> {
  const bytes = await held(chunks);
  const source =
    options.format === 'xlsx' ? await workbookSource(bytes, options) : csvSource(bytes, options);
  const { cells, line, above } = await source.first();
  const titles = cells.map((title) => cleaned(title));
  const isReport = reportColumns.every(
    (name, index) => titles.at(index - reportColumns.length) === name,
  );
  const own = isReport ? titles.slice(0, -reportColumns.length) : titles;
  const header = own.slice(0, own.findLastIndex((title) => title !== '') + 1);
  const draft = draftColumns(header, options);
  if (source.isGuessed) assertChineseTitle(draft);
  return {
    header,
    separator: source.separator,
    draft,
    found: [
      ...source.found,
      ...said(
        above,
        'row above the header was not read',
        'rows above the header were not read',
        `: the header is row ${String(line)}`,
      ),
    ],
    open: () => {
      const mapping = mapColumns(header, options);
      const width = { own: own.length, all: titles.length };
      return new RowsOfSheet(source, mapping, width, options.zone).lines();
    },
  };
}

/**
 * Refuses GB 18030 that no title confirms: Korean, Japanese and Cyrillic letters of other
 * encodings are the bytes of Chinese characters in it.
 *
 * @throws SheetFileError when no column is recognised by a title beyond ASCII
 */
function assertChineseTitle({ columns }: ColumnsFile): void {
  const isKnown = Object.entries(columns).some(
    ([title, choice]) => choice !== null && /[^\p{ASCII}]/u.test(title),
  );
  if (!isKnown)
    throw new SheetFileError(
      'the file is not UTF-8, and no Chinese title shows that it is GB 18030',
      'save it as "CSV UTF-8", or name its encoding with --encoding gb18030',
    );
}

async function held(chunks: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> {
  const all: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > sheetByteLimit)
      throw new SheetFileError(
        `the file has more than ${sheetByteLimit.toLocaleString('en')} bytes`,
        'split it, or import it as NDJSON',
      );
    all.push(chunk);
  }
  return all;
}

/** A row of a source; `bytes` stand for what it says. */
interface SourceRow extends RowCells {
  readonly line: number;
  readonly bytes: Uint8Array;
  readonly problem?: string;
}

/** The rows of a file in either form. */
interface Source {
  /** True for an encoding that a title in it must confirm. */
  readonly isGuessed: boolean;
  readonly separator: Separator;
  readonly found: readonly string[];
  readonly serials: SheetReading['serials'];
  /** True when all rows must be as wide as the header, as CSV is. */
  readonly isEven: boolean;
  readonly first: () => Promise<Header>;
  /** The rows behind it. */
  readonly rest: () => AsyncGenerator<readonly SourceRow[]>;
  readonly progress: () => { readonly done: number; readonly total: number };
  readonly counts: () => readonly string[];
}

function isEmptyRow(cells: readonly string[]): boolean {
  return cells.every((cell) => cleaned(cell) === '');
}

/** Reads rows once: those up to the header, and then those that follow it. */
function readInTurn(
  rows: () => AsyncGenerator<readonly SourceRow[]>,
  options: SheetOptions,
): Pick<Source, 'first' | 'rest'> {
  let rest: AsyncGenerator<readonly SourceRow[]> | undefined;
  return {
    first: async () => {
      const split = await splitHeader(rows(), options);
      rest = split.rest;
      return split.header;
    },
    rest: () => rest ?? rows(),
  };
}

/** The row with the titles of columns, and how many rows with something in them are above it. */
interface Header {
  readonly cells: readonly string[];
  readonly line: number;
  readonly above: number;
}

/** Rows that are searched for the header when the first has one filled cell, as a title has. */
const headerSearch = 5;

/**
 * Splits rows into the header, which is the first row that is not empty, and the rest. Where that
 * row has one filled cell that is not the title of a column, the header is the first of the next
 * rows with two titles that are known.
 */
async function splitHeader(
  batches: AsyncGenerator<readonly SourceRow[]>,
  options: SheetOptions,
): Promise<{ readonly header: Header; readonly rest: AsyncGenerator<readonly SourceRow[]> }> {
  const rows: SourceRow[] = [];
  const filled = () =>
    rows.filter(({ cells, problem }) => problem !== undefined || !isEmptyRow(cells));
  for await (const batch of { [Symbol.asyncIterator]: () => ({ next: () => batches.next() }) }) {
    rows.push(...batch);
    const [first] = filled();
    const isFound = first !== undefined && !isTitleOfSheet(first.cells, options);
    if (isFound || filled().length >= headerSearch) break;
  }
  const candidates = filled().slice(0, headerSearch);
  const [first] = candidates;
  if (first === undefined) throw new SheetFileError('the file is empty', headerHint(options));
  if (first.problem !== undefined)
    throw new SheetFileError(`the header cannot be read: ${first.problem}`, headerHint(options));
  const found = isTitleOfSheet(first.cells, options)
    ? candidates.findIndex(({ cells }) => knownTitles(cells, options) >= 2)
    : 0;
  const above = Math.max(found, 0);
  const { cells, line } = candidates[above] ?? first;
  const header = { cells, line, above };
  return {
    header,
    rest: following(
      rows.filter((row) => row.line > line),
      batches,
    ),
  };
}

function isTitleOfSheet(cells: readonly string[], options: SheetOptions): boolean {
  return (
    cells.filter((cell) => cleaned(cell) !== '').length === 1 && knownTitles(cells, options) === 0
  );
}

/** The number of titles that are those of columns. */
function knownTitles(cells: readonly string[], options: SheetOptions): number {
  const titles = cells.map((cell) => cleaned(cell));
  const { columns } = draftColumns(titles, options);
  return Object.values(columns).filter((choice) => choice !== null).length;
}

function headerHint(options: SheetOptions): string {
  const kind = kindOf(options);
  const required = requiredColumns(
    kind,
    kind.usual(() => false),
  );
  const names = required.map(({ field }) => field).join(',');
  return `name the columns in its first row, such as ${names}`;
}

async function* following(
  batch: readonly SourceRow[],
  batches: AsyncGenerator<readonly SourceRow[]>,
): AsyncGenerator<readonly SourceRow[]> {
  if (batch.length > 0) yield batch;
  yield* batches;
}

function csvSource(chunks: readonly Uint8Array[], options: SheetOptions): Source {
  const found = signatureOf(startOf(chunks, 4));
  if (found === 'old workbook') throw oldWorkbook();
  if (found === 'workbook')
    throw new SheetFileError('the file is a workbook, not CSV', 'give --format xlsx');
  const { encoding, markBytes } = findEncoding(chunks, options.encoding);
  const separator = options.separator ?? separatorOf(firstLinesOf(chunks, encoding), options);
  const total = chunks.reduce((sum, { length }) => sum + length, 0);
  let done = 0;
  async function* inUtf8(): AsyncGenerator<Uint8Array> {
    for (const chunk of encoding === 'utf-8' ? chunks : encoded(chunks, encoding)) {
      yield chunk;
      done = Math.min(total, done + chunk.length);
    }
    done = total;
  }
  async function* rows(): AsyncGenerator<readonly SourceRow[]> {
    for await (const batch of readRows(inUtf8(), separator))
      yield batch.map((row) =>
        row.problem === undefined
          ? { line: row.line, bytes: row.bytes, cells: row.cells.map(unguarded) }
          : { ...row, cells: [] },
      );
  }
  const isUsual = encoding === 'utf-8' && separator === ',';
  return {
    isGuessed: encoding === 'gb18030' && options.encoding === undefined,
    separator,
    found: isUsual ? [] : [foundText(encoding, markBytes > 0, separator)],
    serials: undefined,
    isEven: true,
    ...readInTurn(rows, options),
    progress: () => ({ done, total }),
    counts: () => [],
  };
}

const separatorNames: Readonly<Record<Separator, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
};

function foundText(encoding: Encoding, isMarked: boolean, separator: Separator): string {
  const marked = isMarked ? ', with a byte order mark' : '';
  const separated = `cells separated by ${separatorNames[separator]}`;
  return `read as ${encodingNames[encoding]}${marked}, ${separated}`;
}

function* encoded(chunks: readonly Uint8Array[], encoding: Encoding): Generator<Uint8Array> {
  for (const text of decoded(chunks, encoding)) yield Buffer.from(text);
}

/** The first lines that are not blank, among which the header is; of a long text its beginning. */
function firstLinesOf(chunks: readonly Uint8Array[], encoding: Encoding): readonly string[] {
  let text = '';
  for (const piece of decoded(chunks, encoding)) {
    text += piece;
    if (text.length > 262_144 || text.split('\n').filter(isFilled).length > headerSearch) break;
  }
  return text.split('\n').filter(isFilled).slice(0, headerSearch);
}

function isFilled(line: string): boolean {
  return line.trim() !== '';
}

interface Separated {
  readonly separator: Separator;
  readonly width: number;
  readonly known: number;
}

/**
 * The separator by which most columns of the header are recognised. Where the first line has no
 * column, it may be the title of the sheet, and the header one of the next.
 */
function separatorOf(lines: readonly string[], options: SheetOptions): Separator {
  const separated = lines.map((line) => separatedBy(line, options));
  const [first = []] = separated;
  const header =
    (first[0]?.known ?? 0) > 0
      ? first
      : (separated.find(([best]) => (best?.known ?? 0) >= 2) ?? first);
  const [best, second] = header;
  if (best === undefined || second === undefined || best.width <= 1) return ',';
  if (best.known > second.known || best.width > second.width) return best.separator;
  throw new SheetFileError(
    `the cells of the header may be separated by ${separatorNames[best.separator]} or by ` +
      separatorNames[second.separator],
    'name the right one with --separator comma, semicolon or tab',
  );
}

/** A line by each separator, the likeliest first. */
function separatedBy(line: string, options: SheetOptions): readonly Separated[] {
  return separators
    .map((separator) => {
      const cells = (cellsOf(line.replace(/\r$/, ''), separator) ?? []).map(unguarded);
      return { separator, width: cells.length, known: knownTitles(cells, options) };
    })
    .sort((one, other) => other.known - one.known || other.width - one.width);
}

async function workbookSource(
  chunks: readonly Uint8Array[],
  options: SheetOptions,
): Promise<Source> {
  const workbook = await openWorkbook(Buffer.concat(chunks));
  const sheet = chosenSheet(workbook, options.sheet);
  const counts = { formulas: 0, filledDown: 0, hiddenRows: 0 };
  let [done, total] = [0, 1];
  async function* rows(): AsyncGenerator<readonly SourceRow[]> {
    for await (const batch of worksheetRows(workbook, sheet, counts)) {
      yield batch.rows.map(({ row, cells, wrong, problem }) => ({
        line: row,
        bytes: Buffer.from(JSON.stringify(cells)),
        cells: cells.map(unguarded),
        wrong,
        ...(problem !== undefined && { problem }),
      }));
      [done, total] = [batch.bytes, batch.ofBytes];
    }
  }
  return {
    isGuessed: false,
    separator: ',',
    found: workbook.sheets.length > 1 ? [`read the sheet ${shown(sheet.name)}`] : [],
    serials: workbook.serials,
    isEven: false,
    ...readInTurn(rows, options),
    progress: () => ({ done, total }),
    counts: () => [
      ...said(counts.formulas, 'cell holds a formula', 'cells hold formulas', formulaText),
      ...said(
        counts.filledDown,
        'cell of a merged area was filled down',
        'cells of merged areas were filled down',
      ),
      ...said(counts.hiddenRows, 'hidden row was read too', 'hidden rows were read too'),
    ],
  };
}

const formulaText = ': read by the value that was calculated last';

function said(count: number, one: string, several: string, more = ''): string[] {
  if (count === 0) return [];
  return [`${count.toLocaleString('en')} ${count === 1 ? one : several}${more}`];
}

/** The sheet that is named, or the only one that is not hidden. */
function chosenSheet({ sheets }: Workbook, named: string | undefined): WorkbookSheet {
  const names = `the workbook has ${sheets.map(({ name }) => shown(name)).join(', ')}`;
  if (named !== undefined) {
    const sheet = sheets.find(({ name }) => name === named);
    if (sheet !== undefined) return sheet;
    throw new SheetFileError(`there is no sheet ${shown(named)}`, names);
  }
  const visible = sheets.filter(({ isHidden }) => !isHidden);
  const [only] = visible;
  if (only !== undefined && visible.length === 1) return only;
  throw new SheetFileError('several sheets may be meant', `name one with --sheet; ${names}`);
}

const maxTotalRowsNamed = 10;

/** Makes lines of the rows of a source, and counts what it passes over. */
class RowsOfSheet {
  #emptyRows = 0;
  #withoutEffect = 0;
  readonly #totalRows: number[] = [];
  readonly #reading: SheetReading;

  constructor(
    readonly source: Source,
    readonly mapping: ColumnMapping,
    /** The number of cells of the header: the file's own, and with those of a report. */
    readonly width: { readonly own: number; readonly all: number },
    zone: SheetReading['zone'],
  ) {
    this.#reading = { zone, serials: source.serials };
  }

  lines(): SheetLines {
    return {
      rows: this.#rows(),
      progress: this.source.progress,
      titled: (message) => titled(message, this.mapping),
      passedOver: () => this.#passedOver(),
    };
  }

  async *#rows(): AsyncGenerator<readonly SheetLine[]> {
    for await (const batch of this.source.rest()) {
      const lines = batch.flatMap((row) => this.#lineOf(row) ?? []);
      if (lines.length > 0) yield lines;
    }
  }

  /** `undefined` for a row that is passed over. */
  #lineOf(row: SourceRow): SheetLine | undefined {
    const { line, bytes, problem } = row;
    if (problem !== undefined) {
      const { cells } = row;
      return { line, bytes, problem, ...(cells.length > 0 && { cells: this.#reportCells(cells) }) };
    }
    if (isEmptyRow(row.cells)) {
      this.#emptyRows += 1;
      return undefined;
    }
    const { columns } = this.mapping;
    const cells = row.cells.slice(0, columns.length);
    if (this.source.isEven && row.cells.length !== this.width.all) {
      const found = `the row has ${counted(row.cells.length, 'cell')}`;
      const uneven = `${found}; the header has ${String(this.width.all)}`;
      // Of too many cells nobody knows which are whose.
      return { line, bytes, ...(row.cells.length < this.width.all && { cells }), problem: uneven };
    }
    if (isTotalRow(cells, this.mapping)) {
      this.#totalRows.push(line);
      return undefined;
    }
    const read = readRow(row, this.mapping, this.#reading);
    const shownCells = this.#reportCells(cells);
    const beyond = this.#beyond(row.cells);
    if (read.problems === undefined && beyond === undefined) {
      if (isWithoutEffect(read.value)) this.#withoutEffect += 1;
      return { line, bytes, cells: shownCells, value: read.value };
    }
    const problems = [
      ...(beyond === undefined ? [] : [`a cell without a column holds ${shown(beyond)}`]),
      ...(read.problems ?? []),
    ];
    return { line, bytes, cells: shownCells, problem: problems.join('; ') };
  }

  /** The first cell that is written where the header has no title. */
  #beyond(cells: readonly string[]): string | undefined {
    const { own, all } = this.width;
    const first = this.mapping.columns.length;
    for (let index = first; index < cells.length; index += 1)
      if ((index < own || index >= all) && cleaned(cells[index] ?? '') !== '') return cells[index];
    return undefined;
  }

  /** The cells as a report has them: a serial number is written as the time it stands for. */
  #reportCells(cells: readonly string[]): readonly string[] {
    const { serials } = this.source;
    if (serials === undefined) return cells;
    return cells.map((cell, index) => {
      const form = this.mapping.columns[index]?.column?.form;
      const isTime = form === 'time' || form === 'moment' || form === 'date';
      return isTime && /^\d{1,7}(?:\.\d+)?$/.test(cell)
        ? numberText(Number(cell), Number(cell) > 1 ? 'day' : 'time', serials)
        : cell;
    });
  }

  #passedOver(): readonly string[] {
    const totals = this.#totalRows;
    const named = totals.slice(0, maxTotalRowsNamed).join(', ');
    const more = totals.length > maxTotalRowsNamed ? ', …' : '';
    return [
      ...this.source.counts(),
      ...said(this.#emptyRows, 'empty row was skipped', 'empty rows were skipped'),
      ...said(
        totals.length,
        'total row was skipped',
        'total rows were skipped',
        `: ${named}${more}`,
      ),
      ...said(
        this.#withoutEffect,
        'deduction has no 生效时间/effectiveAt: it counts from the time of its recording',
        'deductions have no 生效时间/effectiveAt: they count from the time of their recording',
      ),
    ];
  }
}

/** Says whether a command records a deduction without the time from which it counts. */
function isWithoutEffect(value: unknown): boolean {
  const { command, data } = value as { command: string; data: Readonly<Record<string, unknown>> };
  return command === 'RecordDeduction' && data['effectiveAt'] === undefined;
}
