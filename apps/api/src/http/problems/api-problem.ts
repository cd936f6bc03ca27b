import type { InBoth } from '../language.js';
import type { PointedProblem } from './validation-problems.js';
import type { ProblemCode } from './problem-document.js';

/**
 * Refuses a request with a code of the catalogue. The filter makes the document, in the sender's
 * language.
 */
export class ApiProblem extends Error {
  constructor(
    readonly code: ProblemCode,
    /** Says what is wrong, where, and what to do. */
    readonly detail?: InBoth,
    readonly extras: {
      readonly errors?: readonly PointedProblem[];
      /** Seconds after which to try again. */
      readonly retryAfter?: number;
      /** Members of the document particular to it. */
      readonly members?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(detail?.en ?? code);
    this.name = 'ApiProblem';
  }
}
