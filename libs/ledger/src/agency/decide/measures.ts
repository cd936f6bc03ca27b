import { nounTerms } from '../../nouns.js';
import { reviewOutcomeTerms } from '../events.js';
import {
  accepted,
  acceptedWith,
  refused,
  withFindings,
  withPersonal,
  type DecisionContext,
  type Refused,
} from '../../decision.js';
import type { AgencyCommandData, AgencyDecision } from '../commands.js';
import type { AgencyHistory, Review } from '../history.js';
import { sameActor, type Changed } from './same-actor.js';

/** Records a measure of the platform. It needs no admission: a measure may outlast one. */
export function recordMeasure(
  data: AgencyCommandData['RecordMeasure'],
  history: AgencyHistory,
  { now }: DecisionContext,
): AgencyDecision {
  const { measureId, agencyId, kind, deductionId, until, automated, effectiveAt = now } = data;
  if (deductionId !== undefined && !history.deductions.has(deductionId))
    return unknown('deduction', deductionId);
  return accepted({
    type: 'MeasureImposed',
    data: {
      agencyId,
      ...(automated !== undefined && { automated }),
      ...(deductionId !== undefined && { deductionId }),
      kind,
      measureId,
      ...(until !== undefined && { until }),
    },
    effectiveAt,
    ...withPersonal({ statement: data.statement }),
  });
}

export function liftMeasure(
  data: AgencyCommandData['LiftMeasure'],
  history: AgencyHistory,
  { now, zone }: DecisionContext,
): AgencyDecision {
  const { measureId, reason, effectiveAt = now } = data;
  const measure = history.measures.get(measureId);
  if (measure === undefined) return unknown('measure', measureId);
  if (measure.lifted !== undefined)
    return refused('already_lifted', {
      en: `measure "${measureId}" was lifted ${zone.format(measure.lifted.effectiveAt)}`,
      zh: `处置措施 "${measureId}" 已于 ${zone.format(measure.lifted.effectiveAt)} 解除`,
    });
  if (effectiveAt < measure.effectiveAt)
    return refused('invalid', {
      en:
        `data.effectiveAt: ${zone.format(effectiveAt)} is before the measure, ` +
        `which is effective from ${zone.format(measure.effectiveAt)}`,
      zh:
        `data.effectiveAt：${zone.format(effectiveAt)} 早于该处置措施；` +
        `其自 ${zone.format(measure.effectiveAt)} 起生效`,
    });
  return accepted({
    type: 'MeasureLifted',
    data: { agencyId: history.agencyId, measureId },
    effectiveAt,
    ...withPersonal({ reason }),
  });
}

export function requestHumanReview(
  data: AgencyCommandData['RequestHumanReview'],
  history: AgencyHistory,
): AgencyDecision {
  const { reviewId, agencyId, deductionId, measureId, reason } = data;
  if (deductionId !== undefined && !history.deductions.has(deductionId))
    return unknown('deduction', deductionId);
  if (measureId !== undefined && !history.measures.has(measureId))
    return unknown('measure', measureId);
  return accepted({
    type: 'HumanReviewRequested',
    data: {
      agencyId,
      ...(deductionId !== undefined && { deductionId }),
      ...(measureId !== undefined && { measureId }),
      reviewId,
    },
    ...withPersonal({ reason }),
  });
}

/**
 * Records a person's answer. Points change by a decision of their own, and a measure by its
 * lifting: the answer says that a person looked.
 */
export function answerHumanReview(
  data: AgencyCommandData['AnswerHumanReview'],
  history: AgencyHistory,
  context: DecisionContext,
): AgencyDecision {
  const { reviewId, outcome, reason } = data;
  const review = history.reviews.get(reviewId);
  if (review === undefined) return unknown('review', reviewId);
  if (review.answered !== undefined)
    return refused('review_closed', {
      en: `review "${reviewId}" is ${review.answered.outcome} already`,
      zh: `人工判定 "${reviewId}" 已有结论：${reviewOutcomeTerms[review.answered.outcome].zh}`,
    });
  const findings = sameActor(context.actor, reviewed(review, history));
  return acceptedWith(
    findings,
    [
      {
        type: 'HumanReviewAnswered',
        data: { agencyId: history.agencyId, ...withFindings(findings), outcome, reviewId },
        ...withPersonal({ reason }),
      },
    ],
    context,
  );
}

/** The deduction or the measure that a person is asked to look at. */
function reviewed({ deductionId, measureId }: Review, history: AgencyHistory): Changed[] {
  const deduction = history.deductions.get(deductionId ?? '');
  if (deduction !== undefined) return [deduction];
  const measure = history.measures.get(measureId ?? '');
  return measure === undefined ? [] : [measure];
}

function unknown(kind: 'deduction' | 'measure' | 'review', id: string): Refused {
  return refused(`unknown_${kind}`, {
    en: `no ${kind} "${id}" was recorded for the agency; check the id`,
    zh: `该机构没有记录${nounTerms[kind].zh} "${id}"；请核对编号`,
  });
}
