import { AssumptionSchema } from '../assumption.js';
import { assessmentReasons, assessmentVerdicts } from '../agency/events.js';
import type { AgencyHistory } from '../agency/history.js';
import type { AnswerContext } from '../agency/answers/balance-answer.js';
import { RulebookReferenceSchema } from '../event.js';
import type { Instant } from '../instant.js';
import { assumptionsOf } from '../rulebook.js';
import {
  closed,
  enumOf,
  IdSchema,
  InstantSchema,
  MonthSchema,
  nullable,
  Sha256Schema,
  Type,
  type Shape,
} from '../schema.js';
import { assessmentAt } from '../agency/answers/assessment-at.js';
import type { AssessedCreator } from './assessment.js';
import { InactiveCreatorSchema, rosterOfMonth } from './inactive-creators.js';

/** The question `assessment` of interchange §3, with its default filled in. */
export interface AssessmentQuery {
  readonly agencyId: string;
  readonly month: string;
  readonly knownAt: Instant;
}

/**
 * The answer to `assessment`: the latest computation known at K. If the month was not computed by
 * then, everything else is null or empty.
 */
export type AssessmentAnswer = Shape<typeof AssessmentAnswerSchema>;
export const AssessmentAnswerSchema = closed(
  {
    agencyId: IdSchema,
    month: MonthSchema,
    knownAt: InstantSchema,
    verdict: enumOf([...assessmentVerdicts, 'not_computed']),
    base: nullable(Type.Integer(), 'creators bound at the end of the month'),
    active: nullable(Type.Integer(), 'those of the base that were active'),
    rate: nullable(Type.Integer(), 'the percentage of the base that must be active'),
    reasons: Type.Array(enumOf(assessmentReasons)),
    rulebookVersion: nullable(IdSchema),
    anyTime: nullable(
      closed({ base: Type.Integer(), active: Type.Integer() }),
      'the same of those bound at any time in the month',
    ),
    alternative: nullable(
      enumOf(assessmentVerdicts),
      'the verdict under the version in force at the end of the month, when it is another one',
    ),
    alternativeVersion: nullable(IdSchema, 'the version that gives the alternative'),
    headcountMin: nullable(Type.Integer()),
    minSessions: nullable(Type.Integer()),
    exposed: nullable(Type.Integer(), 'those of the base with the exposure right (浮现权)'),
    sessions: nullable(
      closed({
        count: Type.Integer(),
        effective: Type.Integer(),
        overlapping: Type.Integer({
          description: 'those of the effective ones that overlap another session of their creator',
        }),
        sha256: Sha256Schema,
      }),
      'the sessions the figures rest on, and the hash of their ids',
    ),
    inactive: Type.Array(InactiveCreatorSchema, {
      description:
        'creators of the base below the minimum of effective sessions, by id, as known at K; ' +
        'those with no session are dead accounts (E-40)',
    }),
    current: nullable(
      Type.Boolean(),
      'whether the roster and the sessions known at K are still those the figures rest on; ' +
        'if not, the month can be computed anew',
    ),
    computedAt: nullable(InstantSchema),
    computations: Type.Array(
      closed({
        computedAt: InstantSchema,
        verdict: enumOf(assessmentVerdicts),
        changed: Type.Array(Type.String(), {
          description: 'members that differ from the computation before',
        }),
      }),
      { description: 'every computation of the month known at K, the oldest first' },
    ),
    assumptions: Type.Array(AssumptionSchema),
    rulebook: nullable(RulebookReferenceSchema),
  },
  { $id: 'Assessment' },
);

/**
 * Answers `assessment`. The agency must be known at K (`isKnownAt`).
 *
 * @param creators as for `computeAssessment`, as known at K; unused for a month not computed by
 * then
 */
export function assessmentAnswer(
  history: AgencyHistory,
  { agencyId, month, knownAt }: AssessmentQuery,
  { zone, rulebooks }: AnswerContext,
  creators: readonly AssessedCreator[],
): AssessmentAnswer {
  const latest = assessmentAt(history, month, knownAt);
  const { computed, rulebook } = latest ?? {};
  const document = rulebook && rulebooks.find(rulebook.id, rulebook.rulebookVersion)?.document;
  const minutes = document?.parameters.effectiveSessionMinutes.value;
  const roster =
    computed === undefined || minutes === undefined
      ? undefined
      : rosterOfMonth(computed, creators, { knownAt, minutes, zone });
  return {
    agencyId,
    month,
    knownAt: zone.format(knownAt),
    verdict: computed?.verdict ?? 'not_computed',
    base: computed?.base ?? null,
    active: computed?.active ?? null,
    rate: computed?.rate ?? null,
    reasons: computed?.reasons ?? [],
    rulebookVersion: rulebook?.rulebookVersion ?? null,
    anyTime: computed?.anyTime ?? null,
    alternative: computed?.alternative?.verdict ?? null,
    alternativeVersion: computed?.alternative?.rulebook.rulebookVersion ?? null,
    headcountMin: computed?.headcountMin ?? null,
    minSessions: computed?.minSessions ?? null,
    exposed: computed?.exposed ?? null,
    sessions: computed?.sessions ?? null,
    inactive: roster?.inactive ?? [],
    current: roster?.current ?? null,
    computedAt: latest === undefined ? null : zone.format(latest.recordedAt),
    computations: (history.assessments.get(month) ?? [])
      .filter(({ recordedAt }) => recordedAt <= knownAt)
      .map(({ recordedAt, computed: { verdict, changed = [] } }) => ({
        computedAt: zone.format(recordedAt),
        verdict,
        changed,
      })),
    assumptions: [
      ...(document === undefined
        ? []
        : assumptionsOf(document, ['activityMinEffectiveSessions', 'newcomerDays'])),
      // E-31: that a month's duty is known when it starts is ours to say.
      ...(computed?.alternative === undefined
        ? []
        : ['assessmentRulebook=inForceAtMonthStart' as const]),
    ],
    rulebook: rulebook ?? null,
  };
}
