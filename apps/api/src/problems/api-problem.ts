import type { InBoth } from './language.js';
import type { FieldProblem } from './validation-problems.js';
import type { ProblemCode } from './problem-document.js';

/**
 * What the ledger itself says of a refusal, in its one language (docs/decisions/http-api.md). What the service says is written in both, so a text of
 * the service's own is never one of these.
 */
export interface LedgerSentence {
  readonly ledger: string;
}

/** Refuses a request with a code of the catalogue. The filter makes the document of it, in the language of whoever asked. */
export class ApiProblem extends Error {
  constructor(
    readonly code: ProblemCode,
    /** What is wrong, where, and what to do. */
    readonly detail?: InBoth | LedgerSentence,
    readonly extras: {
      readonly errors?: readonly FieldProblem[];
      /** Seconds after which to try again. */
      readonly retryAfter?: number;
      /** Members of the document particular to it. */
      readonly members?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(detail === undefined ? code : 'en' in detail ? detail.en : detail.ledger);
    this.name = 'ApiProblem';
  }
}
