import type { Instant } from '@penalty-ledger/ledger';
import type { Redaction } from './manifest.js';
import type { StatementData } from './statement.js';

/** A registered file, as the pack's events have it. */
export interface RegisteredFile {
  readonly evidenceId: string;
  /** What it was registered about, or the appeal it was submitted in: `deduction d1`. */
  readonly about: { readonly kind: string; readonly id: string };
  readonly mediaType: string;
  /** In hexadecimal. */
  readonly sha256: string;
  /** Whether the pack has the file. */
  readonly isAttached: boolean;
}

/** What the statement on paper says: what the page says, and what a reader of paper cannot look up in the pack. */
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
  /** Characters that were printed as their code points because the font has no glyph for them, in the order they come. */
  readonly missingGlyphs: readonly string[];
}

/** Prints statements; see `statementPrinter` of `@penalty-ledger/evidence/printing`. */
export interface StatementPrinter {
  /** How it prints: what stands in each of its files as their producer. Two printers with the same producer give the same bytes. */
  readonly producer: string;
  print(statement: PrintedStatement): StatementPdf;
}
