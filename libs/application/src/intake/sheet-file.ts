import { counted, joined, type Clause, type InBoth, type Sentence } from '@penalty-ledger/ledger';
import { shown } from '../printable.js';
import { ClauseNames } from '../spreadsheets/cell-clauses.js';
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
  /** The clauses that a cell may name, asked when the first row is read. */
  readonly clauses?: () => readonly Clause[];
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
  readonly found: readonly InBoth[];
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
  readonly titled: (message: InBoth) => Sentence;
  /** Notes on what was passed over and how cells were read, once all rows are read. */
  readonly passedOver: () => readonly InBoth[];
}

/** A larger file is refused: it is held in memory until its encoding is known. */
export const sheetByteLimit = 256 * 1024 * 1024;

/**
 * The columns that a report of refused rows adds at the end, by its reader's language; a corrected
 * report keeps them.
 */
export const reportColumns = {
  en: ['line', 'code', 'message'],
  zh: ['行号', '拒绝代码', '拒绝原因'],
} as const;

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
  const added = Object.values(reportColumns).find((names) =>
    names.every((name, index) => titles.at(index - names.length) === name),
  );
  const own = added === undefined ? titles : titles.slice(0, -added.length);
  const header = own.slice(0, own.findLastIndex((title) => title !== '') + 1);
  const draft = draftColumns(header, options);
  if (source.isGuessed) assertChineseTitle(draft);
  return {
    header,
    separator: source.separator,
    draft,
    found: [
      ...source.found,
      ...counting(
        above,
        ['row above the header was not read', 'rows above the header were not read'],
        '行在表头以上，未读取',
        { en: `: the header is row ${String(line)}`, zh: `：表头为第 ${String(line)} 行` },
      ),
    ],
    open: () => {
      const mapping = mapColumns(header, options);
      const width = { own: own.length, all: titles.length };
      return new RowsOfSheet(source, mapping, width, options).lines();
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
      {
        en: 'the file is not UTF-8, and no Chinese title shows that it is GB 18030',
        zh: '文件不是 UTF-8，也没有中文标题表明它是 GB 18030',
      },
      {
        en: 'save it as "CSV UTF-8", or name its encoding with --encoding gb18030',
        zh: '请另存为“CSV UTF-8”，或用 --encoding gb18030 写明编码',
      },
    );
}

async function held(chunks: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> {
  const all: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > sheetByteLimit)
      throw new SheetFileError(
        {
          en: `the file has more than ${sheetByteLimit.toLocaleString('en')} bytes`,
          zh: `文件超过 ${sheetByteLimit.toLocaleString('en')} 字节`,
        },
        { en: 'split it, or import it as NDJSON', zh: '请拆分文件，或以 NDJSON 导入' },
      );
    all.push(chunk);
  }
  return all;
}

/** A row of a source; `bytes` stand for what it says. */
interface SourceRow extends RowCells {
  readonly line: number;
  readonly bytes: Uint8Array;
  readonly problem?: InBoth;
}

/** The rows of a file in either form. */
interface Source {
  /** True for an encoding that a title in it must confirm. */
  readonly isGuessed: boolean;
  readonly separator: Separator;
  readonly found: readonly InBoth[];
  readonly serials: SheetReading['serials'];
  /** True when all rows must be as wide as the header, as CSV is. */
  readonly isEven: boolean;
  readonly first: () => Promise<Header>;
  /** The rows behind it. */
  readonly rest: () => AsyncGenerator<readonly SourceRow[]>;
  readonly progress: () => { readonly done: number; readonly total: number };
  readonly counts: () => readonly InBoth[];
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
  if (first === undefined)
    throw new SheetFileError({ en: 'the file is empty', zh: '文件是空的' }, headerHint(options));
  if (first.problem !== undefined)
    throw new SheetFileError(
      {
        en: `the header cannot be read: ${first.problem.en}`,
        zh: `表头无法读取：${first.problem.zh}`,
      },
      headerHint(options),
    );
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

function headerHint(options: SheetOptions): InBoth {
  const kind = kindOf(options);
  const required = requiredColumns(
    kind,
    kind.usual(() => false),
  );
  const names = required.map(({ field }) => field).join(',');
  return {
    en: `name the columns in its first row, such as ${names}`,
    zh: `请在第一行写明各列，如 ${names}`,
  };
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
    throw new SheetFileError(
      { en: 'the file is a workbook, not CSV', zh: '文件是工作簿，不是 CSV' },
      { en: 'give --format xlsx', zh: '请给出 --format xlsx' },
    );
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

const separatorNames: Readonly<Record<Separator, InBoth>> = {
  ',': { en: 'commas', zh: '逗号' },
  ';': { en: 'semicolons', zh: '分号' },
  '\t': { en: 'tabs', zh: '制表符' },
};

function foundText(encoding: Encoding, isMarked: boolean, separator: Separator): InBoth {
  const marked = isMarked
    ? { en: ', with a byte order mark', zh: '，带字节顺序标记' }
    : { en: '', zh: '' };
  const signs = separatorNames[separator];
  return {
    en: `read as ${encodingNames[encoding]}${marked.en}, cells separated by ${signs.en}`,
    zh: `按 ${encodingNames[encoding]} 读取${marked.zh}，单元格以${signs.zh}分隔`,
  };
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
    {
      en:
        `the cells of the header may be separated by ${separatorNames[best.separator].en} or by ` +
        separatorNames[second.separator].en,
      zh:
        `表头的单元格可能以${separatorNames[best.separator].zh}` +
        `或${separatorNames[second.separator].zh}分隔`,
    },
    {
      en: 'name the right one with --separator comma, semicolon or tab',
      zh: '请用 --separator comma、semicolon 或 tab 写明',
    },
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
    found:
      workbook.sheets.length > 1
        ? [{ en: `read the sheet ${shown(sheet.name)}`, zh: `读取了工作表 ${shown(sheet.name)}` }]
        : [],
    serials: workbook.serials,
    isEven: false,
    ...readInTurn(rows, options),
    progress: () => ({ done, total }),
    counts: () => [
      ...counting(
        counts.formulas,
        ['cell holds a formula', 'cells hold formulas'],
        '个单元格为公式',
        formulaText,
      ),
      ...counting(
        counts.filledDown,
        ['cell of a merged area was filled down', 'cells of merged areas were filled down'],
        '个合并区域的单元格已向下填充',
      ),
      ...counting(
        counts.hiddenRows,
        ['hidden row was read too', 'hidden rows were read too'],
        '个隐藏的行也已读取',
      ),
    ],
  };
}

const nothing = { en: '', zh: '' };
const formulaText = {
  en: ': read by the value that was calculated last',
  zh: '：按最近一次计算的值读取',
};

/** A number of things that were found, unless there are none. */
function counting(
  count: number,
  [one, several]: readonly [string, string],
  zh: string,
  more: InBoth = nothing,
): InBoth[] {
  if (count === 0) return [];
  const figure = count.toLocaleString('en');
  return [
    { en: `${figure} ${count === 1 ? one : several}${more.en}`, zh: `${figure} ${zh}${more.zh}` },
  ];
}

/** The sheet that is named, or the only one that is not hidden. */
function chosenSheet({ sheets }: Workbook, named: string | undefined): WorkbookSheet {
  const names = {
    en: `the workbook has ${sheets.map(({ name }) => shown(name)).join(', ')}`,
    zh: `工作簿有 ${sheets.map(({ name }) => shown(name)).join('、')}`,
  };
  if (named !== undefined) {
    const sheet = sheets.find(({ name }) => name === named);
    if (sheet !== undefined) return sheet;
    throw new SheetFileError(
      { en: `there is no sheet ${shown(named)}`, zh: `没有工作表 ${shown(named)}` },
      names,
    );
  }
  const visible = sheets.filter(({ isHidden }) => !isHidden);
  const [only] = visible;
  if (only !== undefined && visible.length === 1) return only;
  throw new SheetFileError(
    { en: 'several sheets may be meant', zh: '可能是其中任何一张工作表' },
    { en: `name one with --sheet; ${names.en}`, zh: `请用 --sheet 写明；${names.zh}` },
  );
}

const maxTotalRowsNamed = 10;

/** Makes lines of the rows of a source, and counts what it passes over. */
class RowsOfSheet {
  #emptyRows = 0;
  #withoutEffect = 0;
  readonly #totalRows: number[] = [];
  #clauses: ClauseNames | undefined;

  constructor(
    readonly source: Source,
    readonly mapping: ColumnMapping,
    /** The number of cells of the header: the file's own, and with those of a report. */
    readonly width: { readonly own: number; readonly all: number },
    private readonly options: Pick<SheetOptions, 'clauses' | 'zone'>,
  ) {}

  get #reading(): SheetReading {
    const { zone, clauses } = this.options;
    this.#clauses ??= new ClauseNames(clauses?.() ?? []);
    return { zone, serials: this.source.serials, clauses: this.#clauses };
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
      const uneven = {
        en:
          `the row has ${counted(row.cells.length, 'cell')}; ` +
          `the header has ${String(this.width.all)}`,
        zh: `该行有 ${row.cells.length} 个单元格；表头有 ${String(this.width.all)} 个`,
      };
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
      ...(beyond === undefined
        ? []
        : [
            {
              en: `a cell without a column holds ${shown(beyond)}`,
              zh: `没有列的单元格有内容 ${shown(beyond)}`,
            },
          ]),
      ...(read.problems ?? []),
    ];
    return { line, bytes, cells: shownCells, problem: joined(problems) };
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

  #passedOver(): readonly InBoth[] {
    const totals = this.#totalRows;
    const named = totals.slice(0, maxTotalRowsNamed).join(', ');
    const more = totals.length > maxTotalRowsNamed ? ', …' : '';
    const lines = totals.length === 1 ? 'line' : 'lines';
    return [
      ...this.source.counts(),
      ...counting(
        this.#emptyRows,
        ['empty row was skipped', 'empty rows were skipped'],
        '个空行已跳过',
      ),
      ...counting(
        totals.length,
        ['total row was skipped', 'total rows were skipped'],
        '个合计行已跳过',
        {
          en: `: ${lines} ${named}${more}`,
          zh: `：第 ${named}${more} 行`,
        },
      ),
      ...counting(
        this.#withoutEffect,
        [
          'deduction has no 生效时间/effectiveAt: it counts from the time of its recording',
          'deductions have no 生效时间/effectiveAt: they count from the time of their recording',
        ],
        '笔扣分没有“生效时间”：自记录时起计入',
      ),
    ];
  }
}

/** Says whether a command records a deduction without the time from which it counts. */
function isWithoutEffect(value: unknown): boolean {
  const { command, data } = value as { command: string; data: Readonly<Record<string, unknown>> };
  return command === 'RecordDeduction' && data['effectiveAt'] === undefined;
}
