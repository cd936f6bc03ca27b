import type { RuleLink } from '@penalty-ledger/ledger';
import type { InBoth } from '../language.js';

/**
 * What the ledger itself says of a refusal, in its one language (docs/decisions/http-api.md). What the service says is written in both, so a text of
 * the service's own is never one of these.
 */
export interface LedgerSentence {
  readonly ledger: string;
}

/** A link to the section a problem rests on: one of the texts the service serves, or an RFC. */
export type ProblemRule = `/${RuleLink}` | `https://www.rfc-editor.org/rfc/rfc${string}`;

/** What a problem is called, which status it has, the section it rests on, and what to do. */
export interface ProblemText {
  readonly status: number;
  readonly title: InBoth;
  readonly rule: ProblemRule;
  readonly hint: InBoth;
}

/** The text of a code of the ledger, which has the section itself. */
export type TextWithoutRule = Omit<ProblemText, 'rule'>;
