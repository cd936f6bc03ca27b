import { finding, type Finding } from '../../findings.js';

/** An act that a decision changes, and who recorded it. */
export interface Changed {
  readonly actor: string;
  readonly deductionId?: string;
  /** With neither it is an expulsion, which has no id. */
  readonly measureId?: string;
  /** True for the last decision on the deduction, false for the deduction itself. */
  readonly isDecision?: boolean;
}

/** Finds that the actor of a decision recorded what it changes (interchange §2, Appeals). */
export function sameActor(actor: string, changed: readonly Changed[]): Finding[] {
  const own = changed.filter((each) => each.actor === actor);
  if (own.length === 0) return [];
  const named = own.map(wordsOf);
  return [finding('same_actor', `who records the decision also recorded ${named.join(', ')}`)];
}

function wordsOf({ deductionId, measureId, isDecision = false }: Changed): string {
  if (measureId !== undefined) return `"${measureId}"`;
  if (deductionId === undefined) return 'the expulsion';
  return isDecision ? `the last decision on "${deductionId}"` : `"${deductionId}"`;
}
