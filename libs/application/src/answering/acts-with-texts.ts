import {
  agency,
  closed,
  InstantSchema,
  nullable,
  type AgencyHistory,
  type Instant,
  type LedgerZone,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import type { ActSource, AgencySources } from './agency-sources.js';
import {
  shownText,
  statementOf,
  StatementTextSchema,
  textOf,
  type ShownText,
} from './shown-texts.js';

/** A measure that the platform imposed, with its texts and those of its lifting. */
export type MeasureWithTexts = Shape<typeof MeasureWithTextsSchema>;
export const MeasureWithTextsSchema = closed({
  ...agency.ImposedMeasureSchema.properties,
  recordedBy: Type.String(),
  statement: StatementTextSchema,
  lifting: nullable(
    closed({
      recordedAt: InstantSchema,
      by: Type.String(),
      reason: shownText(),
    }),
    'null until it is lifted; liftedAt has the instant from which it is',
  ),
});

export function measureWithTexts(
  measure: agency.ImposedMeasure,
  history: AgencyHistory,
  { measures }: AgencySources,
  zone: LedgerZone,
): MeasureWithTexts {
  const source = measures.get(measure.measureId);
  const lifted = history.measures.get(measure.measureId)?.lifted;
  const isLifted = measure.liftedAt !== null && lifted !== undefined;
  return {
    ...measure,
    recordedBy: source?.begun.by ?? '',
    statement: statementOf(source?.begun.personal),
    lifting:
      isLifted && source?.ended !== undefined
        ? { recordedAt: zone.format(lifted.recordedAt), ...reasonedAct(source.ended) }
        : null,
  };
}

/** A request for human review, with its text and that of its answer. */
export type ReviewWithTexts = Shape<typeof ReviewWithTextsSchema>;
export const ReviewWithTextsSchema = closed({
  ...agency.HumanReviewSchema.properties,
  requestedBy: Type.String(),
  reason: shownText('of the request; null without one'),
  answer: nullable(
    closed({ by: Type.String(), reason: shownText() }),
    'null until a person answered',
  ),
});

export function reviewWithTexts(
  review: agency.HumanReview,
  { reviews }: AgencySources,
): ReviewWithTexts {
  const source = reviews.get(review.reviewId);
  const answered = review.answeredAt === null ? undefined : source?.ended;
  return {
    ...review,
    requestedBy: source?.begun.by ?? '',
    reason: textOf(source?.begun.personal, 'reason'),
    answer: answered === undefined ? null : reasonedAct(answered),
  };
}

/** An addition to the score, with its text and that of its revocation. */
export type AdditionWithTexts = Shape<typeof AdditionWithTextsSchema>;
export const AdditionWithTextsSchema = closed({
  ...agency.AdditionAtSchema.properties,
  recordedAt: InstantSchema,
  recordedBy: Type.String(),
  reason: shownText('of the addition; null without one'),
  revocation: nullable(
    closed({
      recordedAt: InstantSchema,
      by: Type.String(),
      reason: shownText(),
    }),
    'null unless it was revoked by K',
  ),
});

export function additionWithTexts(
  addition: agency.AdditionAt,
  knownAt: Instant,
  history: AgencyHistory,
  { additions }: AgencySources,
  zone: LedgerZone,
): AdditionWithTexts {
  const { additionId } = addition;
  const source = additions.get(additionId);
  const { recordedAt, revoked } = agency.additionOf(history, additionId);
  return {
    ...addition,
    recordedAt: zone.format(recordedAt),
    recordedBy: source?.begun.by ?? '',
    reason: textOf(source?.begun.personal, 'reason'),
    revocation:
      revoked !== undefined && revoked.recordedAt <= knownAt && source?.ended !== undefined
        ? { recordedAt: zone.format(revoked.recordedAt), ...reasonedAct(source.ended) }
        : null,
  };
}

/** The recorder of an act, and the reason that was given with it. */
function reasonedAct({ by, personal }: ActSource): {
  readonly by: string;
  readonly reason: ShownText | null;
} {
  return { by, reason: textOf(personal, 'reason') };
}
