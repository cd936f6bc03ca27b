import {
  ledgerZone,
  openSessionFile,
  readLines,
  timeZoneDataVersion,
  type SessionRow,
} from '@penalty-ledger/application';
import { LedgerZone } from '@penalty-ledger/ledger';
import { UsageError } from '../terminal/exit-codes.js';
import { openInput, type Input } from '../terminal/input.js';
import { csvReport, ndjsonReport, type ReportFormat } from './refused-report.js';

/** The options that say how a file of commands is read. */
export interface FileOptions {
  readonly format?: 'csv' | 'ndjson';
  /** The header of a field's column, by field. */
  readonly column?: ReadonlyMap<string, string>;
  readonly ignoreColumns?: true;
  readonly localTimes?: true;
}

/** A file of commands, open to be read once. */
export interface CommandFile {
  /** Its path; `-` for standard input. */
  readonly file: string;
  readonly input: Input;
  readonly lines: AsyncGenerator<readonly SessionRow[]>;
  /** The format in which its refused lines are reported. */
  readonly report: ReportFormat;
}

/**
 * Opens a file of commands: NDJSON, or sessions in CSV.
 *
 * @throws UsageError when it cannot be read, or an option does not fit the format
 * @throws CsvHeaderError when the columns of a CSV file are not those of sessions
 */
export async function openCommands(file: string, options: FileOptions): Promise<CommandFile> {
  const {
    format = /\.csv$/i.test(file) ? 'csv' : 'ndjson',
    column,
    ignoreColumns,
    localTimes,
  } = options;
  if (format === 'ndjson') {
    if (column !== undefined || ignoreColumns === true || localTimes === true)
      throw new UsageError(
        '--column, --ignore-columns and --local-times apply to CSV only',
        'leave them out, or give --format csv',
      );
    const input = await openInput(file);
    return { file, input, lines: readLines(input.chunks), report: ndjsonReport };
  }
  const input = await openInput(file);
  const { header, hasByteOrderMark, rows } = await openSessionFile(input.chunks, {
    ...(column !== undefined && { columns: column }),
    ...(ignoreColumns === true && { ignoreColumns }),
    ...(localTimes === true && { localTimes: new LedgerZone(ledgerZone, timeZoneDataVersion) }),
  });
  return { file, input, lines: rows, report: csvReport(header, hasByteOrderMark) };
}
