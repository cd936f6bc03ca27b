import { errorInBoth } from '@penalty-ledger/ledger';
import { PackError } from './pack-error.js';
import { PrintingError, printComplete } from './whole-pdf.js';
import type { StatementData } from './content/records.js';
import type { StatementPrinter } from './statement-printer.js';

/**
 * Says whether a file names this printer as its producer: another version's pages cannot be
 * compared with ours.
 */
export function isPrintedBy({ producer }: StatementPrinter, pdf: Uint8Array): boolean {
  return Buffer.from(pdf.buffer, pdf.byteOffset, pdf.byteLength).includes(
    `(${producer})`,
    0,
    'latin1',
  );
}

/**
 * Prints a statement anew and compares.
 *
 * @throws PackError `pdf_differs`
 * @throws PrintingError when this program's own PDF is not whole: that says nothing about the pack
 */
export function checkPrinted(
  pdf: Uint8Array,
  printer: StatementPrinter,
  statement: StatementData,
): true {
  let expected: Uint8Array;
  try {
    expected = printComplete(printer, statement).pdf;
  } catch (error) {
    if (error instanceof PrintingError) throw error;
    const { en, zh } = errorInBoth(error);
    throw new PackError(
      'pdf_differs',
      { en: `what the pack has cannot be printed: ${en}`, zh: `证据包的数据无法打印：${zh}` },
      { cause: error },
    );
  }
  if (Buffer.compare(expected, pdf) !== 0)
    throw new PackError('pdf_differs', {
      en: 'statement.pdf is not what the pack’s data come to when they are printed',
      zh: 'statement.pdf 与按证据包数据打印的结果不一致',
    });
  return true;
}
