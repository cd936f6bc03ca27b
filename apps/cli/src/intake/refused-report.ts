import { open, stat, type FileHandle } from 'node:fs/promises';
import { reportColumns, type LineOutcome, type SessionRow } from '@penalty-ledger/application';
import { UsageError } from '../terminal/exit-codes.js';
import { reasonOf } from '../terminal/reason.js';

/** A refused line: what the file said there, and why it was refused. */
interface Refused extends Pick<SessionRow, 'bytes' | 'cells' | 'line'> {
  readonly code: string;
  readonly message: string;
}

/** How a report of refused lines is written: its beginning, and each of them. */
export interface ReportFormat {
  readonly head: string;
  readonly entry: (refused: Refused) => string;
}

/** One JSON object a line. `text` is the line as it was sent; empty for one that was too long to be held. */
export const ndjsonReport: ReportFormat = {
  head: '',
  entry: ({ line, code, message, bytes }) =>
    `${JSON.stringify({ line, code, message, text: textOf(bytes) })}\n`,
};

/**
 * CSV with the columns of the file, so that it can be put right and imported again; the reasons stand in columns of their own at the end. A row of
 * which no cells could be made stands in the first column as it was.
 */
export function csvReport(header: readonly string[], hasByteOrderMark: boolean): ReportFormat {
  return {
    head: `${hasByteOrderMark ? '\ufeff' : ''}${csvLine([...header, ...reportColumns])}`,
    entry: ({ line, code, message, bytes, cells = [textOf(bytes)] }) =>
      csvLine([...header.map((_, index) => cells[index] ?? ''), String(line), code, message]),
  };
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\n`;
}

const flushAt = 65_536;

/** Writes refused lines to a file while the lines are applied. */
export class RefusedReport {
  #held: string;

  private constructor(
    readonly format: ReportFormat,
    readonly file: FileHandle,
  ) {
    this.#held = format.head;
  }

  /**
   * Begins a report, in the place of whatever the file held.
   *
   * @param source the file that is being read, which must be another one
   * @throws UsageError when it is the same, or cannot be written
   */
  static async open(path: string, source: string, format: ReportFormat): Promise<RefusedReport> {
    const hint = 'give --refused another file';
    const before = await identityOf(path);
    if (before !== undefined && before === (await identityOf(source)))
      throw new UsageError(`--refused: "${path}" is the file of commands itself`, hint);
    try {
      return new RefusedReport(format, await open(path, 'w'));
    } catch (error) {
      throw new UsageError(
        `--refused: cannot write "${path}": ${reasonOf(error, 'folder')}`,
        hint,
        {
          cause: error,
        },
      );
    }
  }

  async note({ text, outcome }: LineOutcome<SessionRow>): Promise<void> {
    const { status, code, message } = outcome;
    if (status !== 'rejected') return;
    this.#held += this.format.entry({ ...text, code: code ?? '', message: message ?? '' });
    if (this.#held.length >= flushAt) await this.#flush();
  }

  async close(): Promise<void> {
    await this.#flush();
    await this.file.close();
  }

  async #flush(): Promise<void> {
    const text = this.#held;
    this.#held = '';
    await this.file.write(text);
  }
}

/** Which file it is, whatever it is called; `undefined` when there is none. */
async function identityOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found && `${String(found.dev)}:${String(found.ino)}`;
}
