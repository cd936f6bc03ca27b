import {
  agency,
  AppealAnswerSchema,
  closed,
  IdSchema,
  MediaTypeSchema,
  nullable,
  Sha256Schema,
  type AgencyHistory,
  type AppealContext,
  type Instant,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import type { AppealSource } from './agency-sources.js';
import { isWithheld, shownText, textOf } from './shown-texts.js';

/** An appeal with the texts sealed in the acts on it, and who recorded each act. */
export type AppealWithTexts = Shape<typeof AppealWithTextsSchema>;
export const AppealWithTextsSchema = closed(
  {
    ...AppealAnswerSchema.properties,
    initiatedBy: Type.String({ description: 'who recorded the initiation' }),
    grounds: shownText(),
    evidenceSubmittedBy: nullable(Type.String(), 'who recorded the evidence'),
    items: Type.Array(
      closed({
        evidenceId: IdSchema,
        title: shownText(),
        mediaType: MediaTypeSchema,
        sha256: Sha256Schema,
        bytes: Type.Optional(Type.Integer({ minimum: 0 })),
      }),
      { maxItems: 100, description: 'the evidence submitted; empty without any' },
    ),
    withdrawal: nullable(
      closed({ by: Type.String(), reason: shownText() }),
      'null unless it was withdrawn',
    ),
    decision: nullable(
      closed({
        by: Type.String(),
        reason: shownText(),
        adjustments: Type.Array(
          closed({
            deductionId: IdSchema,
            was: Type.Integer({ description: 'what it counted before' }),
            points: Type.Integer({ description: 'what it counts after' }),
          }),
          { description: 'what the decision changed, in the order of deductionIds' },
        ),
      }),
      'null unless it was decided',
    ),
    clocks: Type.Array(agency.AppealClockSchema, {
      maxItems: 3,
      description: 'in the order of the steps, each with the rule it rests on',
    }),
  },
  { $id: 'Appeal' },
);

/** Answers `appeal` with its texts; `undefined` when the appeal is not known at K. */
export function appealWithTexts(
  history: AgencyHistory,
  query: { readonly appealId: string; readonly knownAt: Instant },
  source: AppealSource | undefined,
  context: AppealContext,
): AppealWithTexts | undefined {
  const answer = agency.appealAnswer(history, query, context);
  if (answer === undefined) return undefined;
  if (source === undefined)
    throw new Error(`the stream of "${history.agencyId}" does not initiate "${query.appealId}"`);
  const { initiated } = source;
  const evidence = answer.evidenceSubmittedAt === null ? undefined : source.evidence;
  const withdrawn = answer.withdrawnAt === null ? undefined : source.withdrawn;
  const decided = answer.decidedAt === null ? undefined : source.decided;
  return {
    ...answer,
    initiatedBy: initiated.by,
    grounds: textOf(initiated.personal, 'grounds'),
    evidenceSubmittedBy: evidence?.by ?? null,
    items: evidence === undefined ? [] : itemsOf(evidence),
    withdrawal:
      withdrawn === undefined
        ? null
        : { by: withdrawn.by, reason: textOf(withdrawn.personal, 'reason') },
    decision:
      decided === undefined
        ? null
        : {
            by: decided.by,
            reason: textOf(decided.personal, 'reason'),
            adjustments: source.adjustments,
          },
    clocks: agency.appealClocks(history, query, context),
  };
}

/** The titles are sealed apart from the items, in their order. */
function itemsOf({
  items,
  personal,
}: NonNullable<AppealSource['evidence']>): AppealWithTexts['items'] {
  const titles: unknown = isWithheld(personal) ? undefined : personal?.['titles'];
  return items.map(({ evidenceId, mediaType, sha256, bytes }, index) => {
    const title: unknown = Array.isArray(titles) ? titles[index] : undefined;
    return {
      evidenceId,
      title: isWithheld(personal) ? personal.reason : typeof title === 'string' ? title : null,
      mediaType,
      sha256,
      ...(bytes !== undefined && { bytes }),
    };
  });
}
