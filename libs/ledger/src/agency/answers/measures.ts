import { Sentence } from '../../in-both.js';
import { AssumptionSchema } from '../../assumption.js';
import { CalendarReferenceSchema } from '../../calendar.js';
import { byCodeUnit } from '../../canonical-json.js';
import { FindingCodeSchema } from '../../findings.js';
import type { Instant } from '../../instant.js';
import { assumptionsOf } from '../../rulebook.js';
import {
  closed,
  enumOf,
  IdSchema,
  InstantSchema,
  nullable,
  Type,
  type Shape,
} from '../../schema.js';
import type { LedgerZone } from '../../zone.js';
import { afterWorkingDays, type WorkingDaysLater } from '../../working-days.js';
import { measureKinds, reviewOutcomes } from '../events.js';
import type { AgencyHistory, Review } from '../history.js';
import type { AppealContext } from './appeal-answer.js';

/** A measure that the platform imposed, at (E, K). */
export type ImposedMeasure = Shape<typeof ImposedMeasureSchema>;
export const ImposedMeasureSchema = closed({
  measureId: IdSchema,
  kind: enumOf(measureKinds),
  effectiveAt: InstantSchema,
  recordedAt: InstantSchema,
  until: nullable(InstantSchema, 'the first instant after its term; null without a term'),
  liftedAt: nullable(InstantSchema, 'the instant from which it is lifted'),
  inForce: Type.Boolean({ description: 'whether it holds at effectiveAt' }),
  deductionId: nullable(IdSchema, 'the deduction that it follows'),
  automated: nullable(
    Type.Boolean(),
    'whether the platform said that no person took part; null when it said nothing',
  ),
});

/** A request that a person look at a decision, and its clock. */
export type HumanReview = Shape<typeof HumanReviewSchema>;
export const HumanReviewSchema = closed({
  reviewId: IdSchema,
  deductionId: nullable(IdSchema),
  measureId: nullable(IdSchema),
  requestedAt: InstantSchema,
  answerBy: nullable(InstantSchema, 'null when no holiday calendar has the year'),
  overdue: nullable(Type.Boolean(), 'a state and no outcome'),
  answeredAt: nullable(InstantSchema),
  outcome: nullable(enumOf(reviewOutcomes)),
  findings: Type.Array(FindingCodeSchema),
  assumptions: Type.Array(AssumptionSchema),
  calendars: Type.Array(CalendarReferenceSchema, {
    description: 'the holiday calendars that answerBy was counted by',
  }),
});

interface At {
  readonly effectiveAt: Instant;
  readonly knownAt: Instant;
}

/** The measures known at K, in order of effectiveAt, then of their recording. */
export function measuresAt(
  history: AgencyHistory,
  { effectiveAt, knownAt }: At,
  zone: LedgerZone,
): ImposedMeasure[] {
  const formatted = (instant: Instant | undefined): string | null =>
    instant === undefined ? null : zone.format(instant);
  return [...history.measures.values()]
    .filter(({ recordedAt }) => recordedAt <= knownAt)
    .sort((a, b) => byCodeUnit(a.effectiveAt, b.effectiveAt))
    .map((measure) => {
      const { lifted } = measure;
      const liftedAt =
        lifted !== undefined && lifted.recordedAt <= knownAt ? lifted.effectiveAt : undefined;
      const ends = [measure.until, liftedAt].filter((end) => end !== undefined);
      return {
        measureId: measure.measureId,
        kind: measure.kind,
        effectiveAt: zone.format(measure.effectiveAt),
        recordedAt: zone.format(measure.recordedAt),
        until: formatted(measure.until),
        liftedAt: formatted(liftedAt),
        inForce: measure.effectiveAt <= effectiveAt && ends.every((end) => effectiveAt < end),
        deductionId: measure.deductionId ?? null,
        automated: measure.automated ?? null,
      };
    });
}

/**
 * The first instant at which the answer to a request for human review is late. No source gives the
 * platform a term: that of a decision on an appeal stands for it, and is printed as assumed.
 */
export function reviewDueAt(
  { recordedAt }: Review,
  { zone, rulebooks, calendars }: AppealContext,
): WorkingDaysLater {
  const { value } = rulebooks.inForceAt(recordedAt).document.parameters.appealDecideWorkingDays;
  return afterWorkingDays(recordedAt, value, zone, calendars);
}

/** The requests for human review known at K. */
export function reviewsAt(
  history: AgencyHistory,
  knownAt: Instant,
  context: AppealContext,
): HumanReview[] {
  const { zone, rulebooks } = context;
  return [...history.reviews.values()]
    .filter(({ recordedAt }) => recordedAt <= knownAt)
    .map((review) => {
      const { reviewId, recordedAt, deductionId, measureId, answered } = review;
      const { document } = rulebooks.inForceAt(recordedAt);
      const due = reviewDueAt(review, context);
      const known = answered !== undefined && answered.recordedAt <= knownAt ? answered : undefined;
      return {
        reviewId,
        deductionId: deductionId ?? null,
        measureId: measureId ?? null,
        requestedAt: zone.format(recordedAt),
        answerBy: due.at === undefined ? null : zone.format(due.at),
        overdue: due.at === undefined ? null : known === undefined && knownAt >= due.at,
        answeredAt: known === undefined ? null : zone.format(known.recordedAt),
        outcome: known?.outcome ?? null,
        findings: (known?.findings ?? []).map(({ code }) => code),
        assumptions: [
          'humanReviewTerm=appealDecideWorkingDays',
          ...assumptionsOf(document, ['appealDecideWorkingDays']),
          ...(due.unknownYear === undefined
            ? []
            : [
                new Sentence({
                  en: `no holiday calendar for ${due.unknownYear}: answerBy is not guessed`,
                  zh: `没有 ${due.unknownYear} 年的节假日历：不推测答复期限 answerBy`,
                }),
              ]),
        ],
        calendars: [...due.calendars],
      };
    });
}
