import { sameInBoth } from '@penalty-ledger/ledger';
import type { InBoth } from '@penalty-ledger/application/language';
import { stat } from 'node:fs/promises';
import {
  csvRow,
  reportColumns,
  type LineOutcome,
  type Separator,
  type SheetLine,
} from '@penalty-ledger/application';
import { UsageError } from '../terminal/exit-codes.js';
import { note } from '../terminal/io.js';
import { hasNoRoom, OutputFile } from '../terminal/output-file.js';
import { reasonOf } from '../terminal/reason.js';
import { language, said, saidIn } from '../terminal/language.js';

/** A refused line, its text, and the reason. */
interface Refused extends Pick<SheetLine, 'bytes' | 'cells' | 'line'> {
  readonly code: string;
  readonly message: InBoth;
}

/** The format of a report of refused lines: its beginning, and each entry. */
export interface ReportFormat {
  readonly head: string;
  readonly entry: (refused: Refused) => string;
}

/** One JSON object a line. `text` is the line as sent, or empty for a line over the limit. */
export const ndjsonReport: ReportFormat = {
  head: '',
  entry: ({ line, code, message: { en: message }, bytes }) =>
    `${JSON.stringify({ line, code, message, text: textOf(bytes) })}\n`,
};

/**
 * CSV with the columns of the file, to be corrected and imported again; the reasons stand in
 * columns of their own at the end. A row without cells stands whole in the first column. It is
 * UTF-8 with a byte order mark, without which a spreadsheet program may read another encoding.
 */
export function csvReport(header: readonly string[], separator: Separator): ReportFormat {
  return {
    head: `\ufeff${csvRow([...header, ...reportColumns[language()]], separator)}`,
    entry: ({ line, code, message, bytes, cells = [textOf(bytes)] }) =>
      csvRow(
        [...header.map((_, index) => cells[index] ?? ''), String(line), code, saidIn(message)],
        separator,
      ),
  };
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

const flushAt = 65_536;

/**
 * Writes refused lines to a file while the lines are applied. The file takes its name at the end,
 * so that no half of a report is taken for all that was refused.
 */
export class RefusedReport {
  #held: string;
  #failed = false;

  private constructor(
    readonly format: ReportFormat,
    readonly file: OutputFile,
  ) {
    this.#held = format.head;
  }

  /**
   * Begins a report, which will replace the file's content.
   *
   * @param source the file of commands, which must be another one
   * @throws UsageError when it is the same, or cannot be written
   */
  static async open(path: string, source: string, format: ReportFormat): Promise<RefusedReport> {
    const hint = said('give --refused another file', '请给 --refused 另一个文件');
    const before = await identityOf(path);
    if (before !== undefined && before === (await identityOf(source)))
      throw new UsageError(
        said(
          `--refused: "${path}" is the file of commands itself`,
          `--refused："${path}" 就是指令文件本身`,
        ),
        hint,
      );
    try {
      return new RefusedReport(format, await OutputFile.open(path));
    } catch (error) {
      if (hasNoRoom(error)) throw error;
      throw new UsageError(
        said(
          `--refused: cannot write "${path}": ${reasonOf(error, 'folder')}`,
          `--refused：无法写入 "${path}"：${reasonOf(error, 'folder')}`,
        ),
        hint,
        {
          cause: error,
        },
      );
    }
  }

  async note({ text, outcome }: LineOutcome<SheetLine>): Promise<void> {
    const { status, code, message } = outcome;
    if (status !== 'rejected') return;
    this.#held += this.format.entry({
      ...text,
      code: code ?? '',
      message: message ?? sameInBoth(''),
    });
    if (this.#held.length >= flushAt) await this.#flush();
  }

  /** Ends the report, unless it could not be written before. */
  async close(): Promise<void> {
    if (this.#failed) return;
    await this.#flush();
    await this.#orSay(() => this.file.finish());
  }

  async #flush(): Promise<void> {
    const text = this.#held;
    this.#held = '';
    await this.#orSay(() => this.file.write(text));
  }

  async #orSay(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#failed = true;
      const { file } = this.file;
      note(
        said(
          `--refused: "${file}" is as it was before; lines recorded so far stay, and the same ` +
            'command again makes the report of all',
          `--refused："${file}" 保持原样；已记录的行仍有效，重新运行同一命令即可得到完整的报告`,
        ),
      );
      throw error;
    }
  }
}

/** The identity of a file under any of its names; `undefined` when it does not exist. */
async function identityOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found && `${String(found.dev)}:${String(found.ino)}`;
}
