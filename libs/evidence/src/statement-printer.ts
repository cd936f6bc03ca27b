import type { Instant } from '@penalty-ledger/ledger';
import type { Redaction } from './manifest.js';
import type { StatementData } from './statement.js';

/** A registered file, as the pack's events have it. */
export interface RegisteredFile {
  readonly evidenceId: string;
  /** The subject of its registration, or the appeal it was submitted in: `deduction d1`. */
  readonly about: { readonly kind: string; readonly id: string };
  readonly mediaType: string;
  /** In hexadecimal. */
  readonly sha256: string;
  /** True when the pack has the file. */
  readonly isAttached: boolean;
}

/**
 * The content of the paper statement: that of the page, and details a reader of paper cannot look
 * up in the pack.
 */
export interface PrintedStatement extends StatementData {
  readonly ledgerId: string;
  /** K of "as known then". */
  readonly knownAt: Instant;
  readonly redacted: readonly Redaction[];
  readonly files: readonly RegisteredFile[];
}

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
  print(statement: PrintedStatement): StatementPdf;
}
