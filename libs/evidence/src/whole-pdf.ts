import type { StatementData } from './content/records.js';
import type { StatementPdf, StatementPrinter } from './statement-printer.js';

/** A printed PDF is not whole. The fault lies in the program that prints, never in the pack. */
export class PrintingError extends Error {
  readonly code = 'printing';

  constructor(found: string) {
    super(`the printed statement is not a complete PDF: ${found}`);
    this.name = 'PrintingError';
  }
}

/**
 * Prints a statement, and checks that the PDF is complete before it is stored or compared.
 *
 * @throws PrintingError
 */
export function printComplete(printer: StatementPrinter, statement: StatementData): StatementPdf {
  const printed = printer.print(statement);
  checkComplete(printed);
  return printed;
}

/** Checks a file's ends, its table of objects and its count of pages (ISO 32000-1, 7.5). */
function checkComplete({ pdf, pages }: StatementPdf): void {
  const file = Buffer.from(pdf.buffer, pdf.byteOffset, pdf.byteLength);
  const size = `it has ${file.length} bytes`;
  if (!textAt(file, 0, 5).startsWith('%PDF-'))
    throw new PrintingError(`${size} and does not begin with "%PDF-"`);
  const tail = textAt(file, Math.max(0, file.length - 1_024));
  const table = /startxref\n(\d+)\n%%EOF\n?$/.exec(tail)?.[1];
  if (table === undefined)
    throw new PrintingError(`${size} and does not end with "startxref", a number and "%%EOF"`);
  const counted = pagesCounted(file, Number(table), /\/Root (\d+) 0 R/.exec(tail)?.[1]);
  if (counted === undefined)
    throw new PrintingError(`${size} and its table of objects is not at byte ${table}`);
  if (counted !== pages || pages === 0)
    throw new PrintingError(`it counts ${counted} pages, and ${pages} were printed`);
}

/** Reads the count of pages from the tree that the catalog names; `undefined` if not found. */
function pagesCounted(file: Buffer, table: number, root: string | undefined): number | undefined {
  const [head] = /^xref\n0 \d+\n/.exec(textAt(file, table, 32)) ?? [];
  if (head === undefined || root === undefined) return undefined;
  // An entry of the table takes 20 bytes and begins with where its object stands.
  const object = (number: string): string => {
    const entry = table + head.length + 20 * Number(number);
    const at = Number(textAt(file, entry, 10));
    const text = textAt(file, at, 512);
    return text.startsWith(`${number} 0 obj\n`) ? (text.split('endobj')[0] ?? '') : '';
  };
  const tree = /\/Pages (\d+) 0 R/.exec(object(root))?.[1];
  const count = tree === undefined ? undefined : /\/Count (\d+)/.exec(object(tree))?.[1];
  return count === undefined ? undefined : Number(count);
}

function textAt(file: Buffer, at: number, length = file.length): string {
  return file.toString('latin1', at, at + length);
}
