import type { FieldProblem } from './validation-problems.js';
import type { ProblemCode } from './problem-document.js';

/** Refuses a request with a code of the catalogue. The filter makes the document of it, in the language of whoever asked. */
export class ApiProblem extends Error {
  constructor(
    readonly code: ProblemCode,
    readonly detail?: string,
    readonly extras: {
      readonly errors?: readonly FieldProblem[];
      /** Seconds after which to try again. */
      readonly retryAfter?: number;
      /** Members of the document particular to it. */
      readonly members?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(detail ?? code);
    this.name = 'ApiProblem';
  }
}
