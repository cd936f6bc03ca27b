import type { InBoth } from '../../in-both.js';
import type { Instant } from '../../instant.js';
import { refused, type DecisionContext, type Refused } from '../../decision.js';
import { futureProblem } from './command-problem.js';

/** An act on an appeal: the instant its command states, and the first one it may state. */
interface StatedAct {
  readonly field: 'initiatedAt' | 'submittedAt' | 'withdrawnAt' | 'decidedAt';
  readonly at: Instant | undefined;
  readonly notBefore?: { readonly at: Instant; readonly what: InBoth };
}

/**
 * Refuses an instant at which an act on an appeal cannot have happened, and in an operator's ledger
 * each but a decision's (interchange §2, Entered late).
 */
export function unlessPossible(act: StatedAct, context: DecisionContext): Refused | undefined {
  const { field, at, notBefore } = act;
  if (at === undefined) return undefined;
  const { mode, zone } = context;
  if (mode === 'operator' && field !== 'decidedAt') {
    return refused('invalid', {
      en: `data.${field}: an operator's ledger records appeals as they happen; leave it out`,
      zh: `data.${field}：运营方账本在申诉发生时即记录；请删除该字段`,
    });
  }
  const problem = futureProblem({ [field]: at }, context);
  if (problem !== undefined) return refused('invalid', problem);
  if (notBefore === undefined || at >= notBefore.at) return undefined;
  return refused('invalid', {
    en:
      `data.${field}: ${zone.format(at)} is before ${notBefore.what.en} ` +
      `${zone.format(notBefore.at)}; it must not be earlier`,
    zh:
      `data.${field}：${zone.format(at)} 早于${notBefore.what.zh} ` +
      `${zone.format(notBefore.at)}；不得早于该时点`,
  });
}
