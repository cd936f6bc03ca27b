import type { RuleLink } from '@penalty-ledger/ledger';
import type { InBoth } from '../language.js';

/** A link to the section a problem rests on: one of the texts the service serves, or an RFC. */
export type ProblemRule = `/${RuleLink}` | `https://www.rfc-editor.org/rfc/rfc${string}`;

/** A problem's title, its status, the section it rests on, and what to do. */
export interface ProblemText {
  readonly status: number;
  readonly title: InBoth;
  readonly rule: ProblemRule;
  readonly hint: InBoth;
}

/** The text of a code of the ledger, which has the section itself. */
export type TextWithoutRule = Omit<ProblemText, 'rule'>;
