import type { InBoth } from '@penalty-ledger/application/language';
import {
  ledgerZone,
  readColumnsFile,
  readLines,
  readSheet,
  SheetFileError,
  timeZoneDataVersion,
  type ColumnsFile,
  type Encoding,
  type Separator,
  type SheetFile,
  type SheetLine,
  type SheetLines,
} from '@penalty-ledger/application';
import { LedgerZone, sentence, type Clause, type Sentence } from '@penalty-ledger/ledger';
import { existsSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { UsageError } from '../terminal/exit-codes.js';
import { openInput, resumed, type Input } from '../terminal/input.js';
import { note } from '../terminal/io.js';
import { reasonOf } from '../terminal/reason.js';
import { refuseForeignFile } from './foreign-file.js';
import { csvReport, ndjsonReport, type ReportFormat } from './refused-report.js';
import { said, saidIn } from '../terminal/language.js';
import { listed } from '../terminal/words.js';

/** The options that say how a file of commands is read. */
export interface FileOptions {
  readonly format?: 'csv' | 'ndjson' | 'xlsx';
  readonly kind?: string;
  /** The header of a field's column, by field. */
  readonly column?: ReadonlyMap<string, string>;
  /** The file that says which column holds which field. */
  readonly columns?: string;
  readonly ignoreColumns?: true;
  readonly encoding?: Encoding;
  readonly separator?: 'comma' | 'semicolon' | 'tab';
  readonly sheet?: string;
  readonly dryRun?: true;
}

/** A file of commands, open to be read once. */
export interface CommandFile {
  /** Its path; `-` for standard input. */
  readonly file: string;
  readonly lines: AsyncGenerator<readonly SheetLine[]>;
  /** The bytes read so far, and all of them, if that is known. */
  readonly progress: () => { readonly done: number; readonly total: number | undefined };
  /** A message about the data of a command, in the words of the file. */
  readonly titled: (message: InBoth) => Sentence;
  /** Notes on what was passed over, once all lines are read. */
  readonly passedOver: () => readonly InBoth[];
  /** The section on lines that cannot be read; left out for lines of JSON. */
  readonly readingRules?: string;
  /** Takes the clauses that cells may name: those of the ledger that the file is applied to. */
  readonly takeClauses?: (clauses: readonly Clause[]) => void;
  /** The format in which its refused lines are reported. */
  readonly report: ReportFormat;
}

/** The options of spreadsheets by their names, and the one format that some of them are of. */
const sheetOptions: readonly {
  readonly option: keyof FileOptions;
  readonly name: string;
  readonly of?: 'csv' | 'xlsx';
}[] = [
  { option: 'kind', name: '--kind' },
  { option: 'column', name: '--column' },
  { option: 'columns', name: '--columns' },
  { option: 'ignoreColumns', name: '--ignore-columns' },
  { option: 'encoding', name: '--encoding', of: 'csv' },
  { option: 'separator', name: '--separator', of: 'csv' },
  { option: 'sheet', name: '--sheet', of: 'xlsx' },
];

/**
 * Opens a file of commands: NDJSON, or a spreadsheet.
 *
 * @throws UsageError when it cannot be read, or an option does not fit the format
 * @throws SheetFileError when a spreadsheet cannot be read or its columns are not clear
 */
export async function openCommands(file: string, options: FileOptions): Promise<CommandFile> {
  const { format = formatOf(file) } = options;
  if (options.format === undefined && /\.xls$/i.test(file))
    throw new UsageError(
      said(
        `"${file}" is an old .xls file, which cannot be read`,
        `"${file}" 是旧的 .xls 文件，无法读取`,
      ),
      said('save it as .xlsx, or as CSV UTF-8', '请另存为 .xlsx 或 CSV UTF-8'),
    );
  assertFitting(options, format);
  const opened = await openInput(file);
  if (format === 'xlsx') return openSheet(file, opened, format, options);
  const input = await refuseForeignFile(file, opened, format, {
    en: 'give lines of JSON, CSV, or .xlsx; with another ending say which by --format',
    zh: '请给出 JSON 行、CSV 或 .xlsx；其他扩展名请用 --format 指明格式',
  });
  if (format === 'csv') return openSheet(file, input, format, options);
  return {
    file,
    lines: await commandLines(file, input),
    progress: () => ({ done: input.bytesRead(), total: input.bytes }),
    titled: sentence,
    passedOver: () => [],
    report: ndjsonReport,
  };
}

/** @throws UsageError for an option that is of another format: it would be passed over unseen */
function assertFitting(options: FileOptions, format: 'ndjson' | 'csv' | 'xlsx'): void {
  const foreign = sheetOptions
    .filter(({ option }) => options[option] !== undefined)
    .filter(({ of }) => format === 'ndjson' || (of !== undefined && of !== format));
  if (foreign.length === 0) return;
  const names = listed(foreign.map(({ name }) => name));
  if (format === 'ndjson')
    throw new UsageError(
      said(`of spreadsheets only: ${names}`, `只用于电子表格：${names}`),
      said(
        'leave it out, or give --format csv or --format xlsx',
        '请去掉它，或给出 --format csv 或 --format xlsx',
      ),
    );
  throw new UsageError(
    format === 'csv'
      ? said(`of xlsx only: ${names}`, `只用于 xlsx：${names}`)
      : said(`of CSV only: ${names}`, `只用于 CSV：${names}`),
    said('leave it out', '请去掉它'),
  );
}

/**
 * Reads lines of JSON. The beginning of a file that is no pipe is looked at first: of a document
 * over several lines, each line would be refused.
 */
async function commandLines(
  file: string,
  { chunks, bytes }: Input,
): Promise<AsyncGenerator<readonly SheetLine[]>> {
  const lines = readLines(chunks);
  if (bytes === undefined) return lines;
  const { value: first } = (await lines.next()) as IteratorResult<readonly SheetLine[], undefined>;
  if (first === undefined) return lines;
  const [one, two] = first;
  if (one?.problem !== undefined && two?.problem !== undefined && isOpening(one.bytes))
    throw new UsageError(
      said(
        `"${file}" is one JSON document over several lines`,
        `"${file}" 是跨多行的单个 JSON 文档`,
      ),
      said('write one command a line, as jq -c does', '请每行写一条指令，如 jq -c 的输出'),
    );
  return resumed(first, lines);
}

/** Says whether a line only opens an object or a list, as the first of a long document does. */
function isOpening(line: Uint8Array): boolean {
  return line.length < 16 && /^\s*[[{][[{\s]*$/.test(Buffer.from(line).toString());
}

function formatOf(file: string): 'csv' | 'ndjson' | 'xlsx' {
  if (/\.[ct]sv$/i.test(file)) return 'csv';
  return /\.xlsx$/i.test(file) ? 'xlsx' : 'ndjson';
}

const separatorsByName = { comma: ',', semicolon: ';', tab: '\t' } as const satisfies Record<
  string,
  Separator
>;

async function openSheet(
  file: string,
  { chunks }: Input,
  format: 'csv' | 'xlsx',
  { kind, column, columns, ignoreColumns, encoding, separator, sheet, dryRun }: FileOptions,
): Promise<CommandFile> {
  const isNew = columns !== undefined && dryRun === true && !existsSync(columns);
  const columnsFile = columns === undefined || isNew ? undefined : await readColumns(columns);
  let clauses: readonly Clause[] = [];
  const read = await readSheet(chunks, {
    format,
    clauses: () => clauses,
    zone: new LedgerZone(ledgerZone, timeZoneDataVersion),
    ...(kind !== undefined && { kind }),
    ...(column !== undefined && { columns: column }),
    ...(columnsFile !== undefined && { file: columnsFile }),
    ...(ignoreColumns === true && { ignoreColumns }),
    ...(encoding !== undefined && { encoding }),
    ...(separator !== undefined && { separator: separatorsByName[separator] }),
    ...(sheet !== undefined && { sheet }),
  });
  for (const text of read.found) note(`${file}: ${saidIn(text)}`);
  if (isNew) await writeColumns(columns, read);
  const { rows, ...more } = openRows(read, isNew ? columns : undefined);
  const report = csvReport(read.header, read.separator);
  const readingRules = 'docs/spec/spreadsheets.md#a-wrong-row';
  const takeClauses = (known: readonly Clause[]): void => {
    clauses = known;
  };
  return { file, lines: rows, report, readingRules, takeClauses, ...more };
}

/** Opens the rows. If a columns file was written, unclear columns are put right in it. */
function openRows(sheet: SheetFile, written: string | undefined): SheetLines {
  try {
    return sheet.open();
  } catch (error) {
    if (written === undefined || !(error instanceof SheetFileError)) throw error;
    throw new SheetFileError(error.inBoth, {
      en: `edit ${written} and run again with --columns ${written}`,
      zh: `请编辑 ${written}，并加上 --columns ${written} 重新运行`,
    });
  }
}

const columnsByteLimit = 1_048_576;

/** @throws UsageError when it cannot be read, SheetFileError when it is not a columns file */
async function readColumns(path: string): Promise<ColumnsFile> {
  const hint = said(
    'write one with --dry-run --columns FILE',
    '可用 --dry-run --columns FILE 生成',
  );
  let text: string;
  try {
    if ((await stat(path)).size > columnsByteLimit)
      throw new UsageError(
        said(
          `--columns: "${path}" has more than ${String(columnsByteLimit)} bytes`,
          `--columns："${path}" 超过 ${String(columnsByteLimit)} 字节`,
        ),
        hint,
      );
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(
      said(
        `--columns: cannot read "${path}": ${reasonOf(error, 'file')}`,
        `--columns：无法读取 "${path}"：${reasonOf(error, 'file')}`,
      ),
      hint,
      {
        cause: error,
      },
    );
  }
  return readColumnsFile(text);
}

/** @throws UsageError when it cannot be written */
async function writeColumns(path: string, { draft }: SheetFile): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(draft, undefined, 2)}\n`, { flag: 'wx' });
  } catch (error) {
    throw new UsageError(
      said(
        `--columns: cannot write "${path}": ${reasonOf(error, 'folder')}`,
        `--columns：无法写入 "${path}"：${reasonOf(error, 'folder')}`,
      ),
      said('give another file', '请给出另一个文件'),
      { cause: error },
    );
  }
  note(
    said(
      `wrote the columns to ${path}; complete what is null, or leave it null to skip the column`,
      `已把列写入 ${path}；请补全为 null 的项，或保留 null 以跳过该列`,
    ),
  );
}
