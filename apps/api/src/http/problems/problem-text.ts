import type { InBoth } from '../language.js';

/**
 * What the ledger itself says of a refusal, in its one language (docs/decisions/http-api.md). What the service says is written in both, so a text of
 * the service's own is never one of these.
 */
export interface LedgerSentence {
  readonly ledger: string;
}

/** What a problem is called, which status it has, the rule it rests on, and what to do. */
export interface ProblemText {
  readonly status: number;
  readonly title: InBoth;
  /** Where the rule stands: `rulebook §7; interchange §2 (Appeals)`. */
  readonly rule: string;
  readonly hint: InBoth;
}
