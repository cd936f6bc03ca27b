import type { InBoth } from '@penalty-ledger/ledger';
import { parse } from 'csv-parse/sync';
import type { Separator } from '../spreadsheets/csv-cells.js';
import {
  lineByteLimit,
  splitLines,
  tooLong,
  utf8TextOf,
  withoutMark,
  type LineBytes,
} from './file-lines.js';

/** A row of a CSV file, or why it cannot be read. `line` is the line on which it begins. */
export type CsvRow =
  | {
      readonly line: number;
      readonly bytes: Uint8Array;
      readonly cells: readonly string[];
      readonly problem?: undefined;
    }
  | { readonly line: number; readonly bytes: Uint8Array; readonly problem: InBoth };

/**
 * Reads the rows of a CSV file (RFC 4180, UTF-8) in bounded memory. A wrong row never stops the
 * rest: a quote that is never closed costs the line it stands in, and reading goes on with the
 * next. A byte order mark, carriage returns at the ends of lines and empty lines are skipped.
 */
export async function* readRows(
  chunks: AsyncIterable<Uint8Array>,
  separator: Separator = ',',
): AsyncGenerator<readonly CsvRow[]> {
  const joiner = new RowJoiner(separator);
  for await (const lines of splitLines(chunks)) {
    const rows = withCells(
      lines.flatMap((line) => joiner.add(trimmed(line))),
      separator,
    );
    if (rows.length > 0) yield rows;
  }
  const rows = withCells(joiner.end(), separator);
  if (rows.length > 0) yield rows;
}

function trimmed(given: LineBytes): LineBytes {
  const bytes = withoutMark(given);
  return { ...given, bytes: bytes.at(-1) === 0x0d ? bytes.subarray(0, -1) : bytes };
}

/** The bytes of one row, over one line or more. */
interface RowBytes {
  readonly line: number;
  readonly bytes: Uint8Array;
  readonly problem?: InBoth;
}

/** Joins lines to rows: a row goes on while its quotes are odd, as long as it can still be CSV. */
class RowJoiner {
  /** The lines of a row whose quote is still open. */
  #open: LineBytes[] = [];
  #openBytes = 0;

  constructor(readonly separator: Separator) {}

  add(line: LineBytes): RowBytes[] {
    return this.#addAll([line]);
  }

  /** The rows that are left at the end of the file. */
  end(): RowBytes[] {
    const rows: RowBytes[] = [];
    while (this.#open.length > 0)
      rows.push(
        ...this.#refuseFirst({
          en: 'a quote is opened and never closed',
          zh: '引号打开后没有关闭',
        }),
      );
    return rows;
  }

  #addAll(lines: readonly LineBytes[]): RowBytes[] {
    const rows: RowBytes[] = [];
    for (const line of lines) {
      if (line.length > lineByteLimit && this.#open.length === 0) {
        rows.push({ line: line.line, bytes: line.bytes, problem: tooLong(line.length) });
        continue;
      }
      const closes = hasOddQuotes(line.bytes) === this.#open.length > 0;
      this.#open.push(line);
      this.#openBytes += line.length + 1;
      if (this.#openBytes > lineByteLimit + 1)
        rows.push(
          ...this.#refuseFirst({
            en: `a quote is opened and not closed within ${String(lineByteLimit)} bytes`,
            zh: `引号打开后在 ${String(lineByteLimit)} 字节内没有关闭`,
          }),
        );
      else if (closes) rows.push(...this.#close());
    }
    return rows;
  }

  #close(): RowBytes[] {
    const [first] = this.#open;
    if (first === undefined) return [];
    const bytes =
      this.#open.length === 1 ? first.bytes : joined(this.#open.map((line) => line.bytes));
    if (
      this.#open.length > 1 &&
      cellsOf(Buffer.from(bytes).toString(), this.separator) === undefined
    )
      return this.#refuseFirst({
        en: 'a quote is opened and not closed before the next',
        zh: '引号打开后，在下一个引号打开前没有关闭',
      });
    this.#forget();
    return bytes.length === 0 ? [] : [{ line: first.line, bytes }];
  }

  /** Refuses the first line; the lines after it are looked at again without it. */
  #refuseFirst(problem: InBoth): RowBytes[] {
    const [first, ...others] = this.#open;
    this.#forget();
    if (first === undefined) return [];
    return [{ line: first.line, bytes: first.bytes, problem }, ...this.#addAll(others)];
  }

  #forget(): void {
    this.#open = [];
    this.#openBytes = 0;
  }
}

const quote = 0x22;

function hasOddQuotes(bytes: Uint8Array): boolean {
  let isOdd = false;
  for (let at = bytes.indexOf(quote); at !== -1; at = bytes.indexOf(quote, at + 1)) isOdd = !isOdd;
  return isOdd;
}

function joined(lines: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    lines.flatMap((line, index) => (index === 0 ? [line] : [Buffer.from('\n'), line])),
  );
}

function withCells(rows: readonly RowBytes[], separator: Separator): CsvRow[] {
  const texts = rows.map(({ bytes, problem }) =>
    problem === undefined ? utf8TextOf(bytes) : undefined,
  );
  const quoted = quotedCells(
    texts.filter((text): text is string => text?.includes('"') === true),
    separator,
  );
  return rows.map(({ line, bytes, problem }, index): CsvRow => {
    const text = texts[index];
    if (problem !== undefined) return { line, bytes, problem };
    if (text === undefined)
      return {
        line,
        bytes,
        problem: {
          en: 'the row is not UTF-8; save the file as "CSV UTF-8"',
          zh: '该行不是 UTF-8；请将文件另存为“CSV UTF-8”',
        },
      };
    // Without a quote there is nothing to parse, which is twice as fast.
    const cells = text.includes('"') ? quoted.next().value : text.split(separator);
    return cells === undefined
      ? {
          line,
          bytes,
          problem: {
            en: 'the row is not CSV; quote a cell that has a quote in it, and double that quote',
            zh: '该行不是 CSV；含引号的单元格请用引号括起，并将其中的引号写两次',
          },
        }
      : { line, bytes, cells };
  });
}

/**
 * The cells of each row. All rows are parsed at once, because the parser is set up anew for each
 * text; if one of them is not CSV, each is parsed by itself.
 */
function quotedCells(
  rows: readonly string[],
  separator: Separator,
): Iterator<readonly string[] | undefined, undefined> {
  const records = recordsOf(rows.join('\n'), separator);
  const each = (): (readonly string[] | undefined)[] => rows.map((row) => cellsOf(row, separator));
  return (records?.length === rows.length ? records : each()).values();
}

/** The cells of one row; `undefined` when it is not CSV. */
export function cellsOf(row: string, separator: Separator): readonly string[] | undefined {
  const records = recordsOf(row, separator);
  return records?.length === 1 ? records[0] : undefined;
}

function recordsOf(text: string, delimiter: Separator): readonly (readonly string[])[] | undefined {
  try {
    return parse(text, {
      delimiter,
      record_delimiter: '\n',
      relax_column_count: true,
      max_record_size: 0,
    });
  } catch {
    return undefined;
  }
}
