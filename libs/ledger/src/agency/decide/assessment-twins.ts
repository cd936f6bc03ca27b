import { refused, type Refused } from '../../decision.js';
import { endOfTime } from '../../instant.js';
import { pointsAt } from '../answers/balance.js';
import type { AgencyHistory, Deduction } from '../history.js';

/**
 * Finds another deduction of the same assessment month that counts: a month costs one (rules §6,
 * E-42).
 *
 * @param deduction the one that is to count; it may not be recorded yet
 * @param after the points that a decision gives some of them, by their ids
 */
export function assessmentTwin(
  history: AgencyHistory,
  deduction: Pick<Deduction, 'basis'> & Partial<Pick<Deduction, 'deductionId'>>,
  after: ReadonlyMap<string, number> = new Map(),
): Deduction | undefined {
  const { basis, deductionId } = deduction;
  if (basis?.kind !== 'assessment') return undefined;
  return [...history.deductions.values()].find(
    (other) =>
      other.deductionId !== deductionId &&
      other.basis?.kind === 'assessment' &&
      other.basis.month === basis.month &&
      (after.get(other.deductionId) ?? pointsAt(other, endOfTime)) > 0,
  );
}

export function duplicateAssessment(twin: Deduction): Refused {
  return refused('duplicate_assessment', {
    en:
      `deduction "${twin.deductionId}" already stands for the same agency and month; ` +
      'revoke it first',
    zh: `同一机构同一月份已有扣分 "${twin.deductionId}"；请先撤销该扣分`,
  });
}
