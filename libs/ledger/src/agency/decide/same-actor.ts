import { sameInBoth } from '../../in-both.js';
import type { InBoth } from '../../in-both.js';
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
  return [
    finding('same_actor', {
      en: `who records the decision also recorded ${named.map(({ en }) => en).join(', ')}`,
      zh: `作出裁定记录的操作人也记录了${named.map(({ zh }) => zh).join('、')}`,
    }),
  ];
}

function wordsOf({ deductionId, measureId, isDecision = false }: Changed): InBoth {
  if (measureId !== undefined) return sameInBoth(`"${measureId}"`);
  if (deductionId === undefined) return { en: 'the expulsion', zh: '清退' };
  return isDecision
    ? { en: `the last decision on "${deductionId}"`, zh: `对 "${deductionId}" 的上一次裁定` }
    : sameInBoth(`"${deductionId}"`);
}
