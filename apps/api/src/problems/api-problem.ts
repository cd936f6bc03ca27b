import type { InBoth } from './language.js';
import type { FieldProblem } from './validation-problems.js';
import type { ProblemCode } from './problem-document.js';

/** Refuses a request with a code of the catalogue. The filter makes the document of it, in the language of whoever asked. */
export class ApiProblem extends Error {
  constructor(
    readonly code: ProblemCode,
    /** What is wrong, where, and what to do: in both languages, or in English alone. */
    readonly detail?: string | InBoth,
    readonly extras: {
      readonly errors?: readonly FieldProblem[];
      /** Seconds after which to try again. */
      readonly retryAfter?: number;
      /** Members of the document particular to it. */
      readonly members?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(typeof detail === 'object' ? detail.en : (detail ?? code));
    this.name = 'ApiProblem';
  }
}
