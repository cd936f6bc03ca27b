/** A step of the specification that fails, with the problem it names. */
export class Problem extends Error {
  constructor(problem, message = '') {
    super(message);
    this.problem = problem;
  }
}

/** A step that cannot be checked, because a step it needs did not hold. */
export class Unchecked extends Error {}

/** Throws the problem unless something holds. */
export const must = (holds, problem, message) => {
  if (!holds) throw new Problem(problem, message);
};
