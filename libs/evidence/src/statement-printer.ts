import type { StatementData } from './content/records.js';

/** A statement printed. */
export interface StatementPdf {
  readonly pdf: Uint8Array;
  readonly pages: number;
  /** Characters printed as their code points because the font has no glyph for them, in order. */
  readonly missingGlyphs: readonly string[];
}

/** Prints statements; see `statementPrinter` of `@penalty-ledger/evidence/printing`. */
export interface StatementPrinter {
  /**
   * The producer named in each of its files. Two printers with the same producer give the same
   * bytes.
   */
  readonly producer: string;
  print(statement: StatementData): StatementPdf;
}
