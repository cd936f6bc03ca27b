import type { LedgerZone } from '@penalty-ledger/ledger';
import { counted } from '@penalty-ledger/ledger';
import { readRows, type CsvRow } from './csv-rows.js';
import { hasByteOrderMark, type ReadText } from './file-lines.js';
import {
  readSessionRow,
  requiredFields,
  sessionFields,
  type SessionField,
} from './session-columns.js';

/** The options for the columns of a file of sessions (docs/spec/session-csv.md). */
export interface CsvOptions {
  /** The header of a field's column, by field, where it is not the field's own name. */
  readonly columns?: ReadonlyMap<string, string>;
  /** Skips columns that are not a field of a session; otherwise they are refused. */
  readonly ignoreColumns?: boolean;
  /** Reads times without an offset by the wall clock of this zone. */
  readonly localTimes?: LedgerZone;
}

/** A row of a file of sessions as a line among others, with its cells for a report. */
export type SessionRow = ReadText & { readonly cells?: readonly string[] };

/** A file of sessions whose header was read. */
export interface SessionFile {
  /** The titles of its columns, without those that a report of refused rows adds. */
  readonly header: readonly string[];
  /** True for a file that begins with a byte order mark, as spreadsheets need one. */
  readonly hasByteOrderMark: boolean;
  readonly rows: AsyncGenerator<readonly SessionRow[]>;
}

/** The header of a CSV file does not say what its columns are. */
export class CsvHeaderError extends Error {
  readonly code = 'csv_header';

  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

/** The columns that a report of refused rows adds at the end; a corrected report keeps them. */
export const reportColumns = ['line', 'code', 'message'] as const;

/**
 * Opens a CSV file of sessions: every row becomes a `RecordSession` line. Empty rows are skipped.
 *
 * @throws CsvHeaderError when the header is missing, a column is missing, unknown or there twice,
 *   or the options name an unknown field
 */
export async function openSessionFile(
  chunks: AsyncIterable<Uint8Array>,
  options: CsvOptions = {},
): Promise<SessionFile> {
  let mark = false;
  const batches = readRows(
    watched(chunks, (first) => {
      mark = hasByteOrderMark(first);
    }),
  );
  const first = await firstRow(batches);
  const titles = headerOf(first.row).map((title) => title.trim());
  const isReport = reportColumns.every(
    (name, index) => titles.at(index - reportColumns.length) === name,
  );
  const header = isReport ? titles.slice(0, -reportColumns.length) : titles;
  const fields = fieldsOf(header, options);
  const read = (rows: readonly CsvRow[]): SessionRow[] =>
    rows.flatMap(
      (row) =>
        readRow(row, { fields, columns: titles.length, width: header.length, options }) ?? [],
    );
  async function* rows(): AsyncGenerator<readonly SessionRow[]> {
    if (first.others.length > 0) yield read(first.others);
    for await (const batch of batches) yield read(batch);
  }
  return { header, hasByteOrderMark: mark, rows: rows() };
}

async function* watched(
  chunks: AsyncIterable<Uint8Array>,
  look: (first: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  for await (const chunk of chunks) {
    if (isFirst) look(chunk);
    isFirst = false;
    yield chunk;
  }
}

async function firstRow(
  batches: AsyncGenerator<readonly CsvRow[]>,
): Promise<{ readonly row: CsvRow; readonly others: readonly CsvRow[] }> {
  const next: IteratorResult<readonly CsvRow[], unknown> = await batches.next();
  const [row, ...others] = next.done === true ? [] : next.value;
  if (row === undefined)
    throw new CsvHeaderError(
      'the file is empty',
      `name the columns in its first row: ${requiredFields.join(',')}`,
    );
  return { row, others };
}

function headerOf(row: CsvRow): readonly string[] {
  if (row.problem === undefined) return row.cells;
  throw new CsvHeaderError(
    `the header cannot be read: ${row.problem}`,
    'save the file as CSV in UTF-8',
  );
}

/** Finds the field of each column, in the order of the columns. */
function fieldsOf(
  header: readonly string[],
  options: CsvOptions,
): readonly (SessionField | undefined)[] {
  const titles = titlesOf(options);
  const found = `the columns are ${header.map((title) => `"${title}"`).join(', ')}`;
  const missing = sessionFields
    .map((field) => ({ field, title: options.columns?.get(field) ?? field }))
    .filter(({ field }) => requiredFields.includes(field) || options.columns?.has(field) === true)
    .filter(({ field, title }) => titles.get(title) !== field || !header.includes(title))
    .map(({ field, title }) => (title === field ? `"${title}"` : `"${title}" (${field})`));
  if (missing.length > 0) {
    throw new CsvHeaderError(
      `missing from the header: ${missing.join(', ')}; ${found}`,
      'name the column of a field with --column, such as --column sessionId=场次ID',
    );
  }
  const twice = header.find((title, index) => titles.has(title) && header.indexOf(title) !== index);
  if (twice !== undefined)
    throw new CsvHeaderError(`the column "${twice}" appears twice`, 'remove one of the two');
  const unknown = header.filter((title) => !titles.has(title));
  if (unknown.length > 0 && options.ignoreColumns !== true) {
    throw new CsvHeaderError(
      `unknown in the header: ${unknown.map((title) => `"${title}"`).join(', ')}; ` +
        `a session has ${[...titles.keys()].join(', ')}`,
      'name the field of a column with --column, or skip the rest with --ignore-columns',
    );
  }
  return header.map((title) => titles.get(title));
}

/** The field of each title. A title named for one field is no longer the own name of another. */
function titlesOf({ columns = new Map() }: CsvOptions): ReadonlyMap<string, SessionField> {
  const titles = new Map<string, SessionField>();
  for (const [field, title] of columns) {
    if (!isField(field))
      throw new CsvHeaderError(
        `"${field}" is not a field of a session`,
        `give one of ${fieldNames}`,
      );
    const other = titles.get(title);
    if (other !== undefined)
      throw new CsvHeaderError(
        `the column "${title}" is named for ${other} and for ${field}`,
        'name it for one of the two',
      );
    titles.set(title, field);
  }
  for (const field of sessionFields)
    if (!columns.has(field) && !titles.has(field)) titles.set(field, field);
  return titles;
}

const fieldNames = sessionFields.join(', ');

function isField(name: string): name is SessionField {
  return (sessionFields as readonly string[]).includes(name);
}

interface RowShape {
  readonly fields: readonly (SessionField | undefined)[];
  /** The number of cells in a row, and how many of them are the file's own. */
  readonly columns: number;
  readonly width: number;
  readonly options: CsvOptions;
}

/** `undefined` for a row in which nothing is written. */
function readRow(
  row: CsvRow,
  { fields, columns, width, options }: RowShape,
): SessionRow | undefined {
  if (row.problem !== undefined) return row;
  const { line, bytes } = row;
  if (row.cells.every((cell) => cell.trim() === '')) return undefined;
  const cells = row.cells.slice(0, width);
  if (row.cells.length !== columns) {
    const found = `the row has ${counted(row.cells.length, 'cell')}`;
    const problem = `${found}; the header has ${String(columns)}`;
    // Of too many cells nobody knows which are whose.
    return { line, bytes, ...(row.cells.length < columns && { cells }), problem };
  }
  const texts = new Map<SessionField, string>();
  for (const [index, field] of fields.entries())
    if (field !== undefined) texts.set(field, cells[index]?.trim() ?? '');
  const read = readSessionRow(texts, options);
  return read.problems === undefined
    ? { line, bytes, cells, value: read.value }
    : { line, bytes, cells, problem: read.problems.join('; ') };
}
