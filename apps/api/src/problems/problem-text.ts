import type { InBoth } from './language.js';

/** What a problem is called, which status it has, the rule it rests on, and what to do. */
export interface ProblemText {
  readonly status: number;
  readonly title: InBoth;
  /** Where the rule stands: `rulebook §7; interchange §2 (Appeals)`. */
  readonly rule: string;
  readonly hint: InBoth;
}
