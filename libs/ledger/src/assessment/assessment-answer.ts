import type { AssessmentReason, AssessmentVerdict } from '../agency/events.js';
import type { AgencyHistory } from '../agency/history.js';
import type { AnswerContext } from '../agency/answers/balance-answer.js';
import type { RulebookReference } from '../event.js';
import type { Instant } from '../instant.js';
import { assumptionsOf } from '../rulebook.js';
import { assessmentAt } from '../agency/answers/assessment-at.js';
import type { AssessedCreator } from './assessment.js';
import { rosterOfMonth, type InactiveCreator } from './inactive-creators.js';

/** The question `assessment` of interchange §3, with its default filled in. */
export interface AssessmentQuery {
  readonly agencyId: string;
  readonly month: string;
  readonly knownAt: Instant;
}

/** The answer to `assessment`: the latest computation known at K. Of a month not computed by then everything else is null or empty. */
export interface AssessmentAnswer {
  readonly agencyId: string;
  readonly month: string;
  readonly knownAt: string;
  readonly verdict: AssessmentVerdict | 'not_computed';
  readonly base: number | null;
  readonly active: number | null;
  readonly rate: number | null;
  readonly reasons: readonly AssessmentReason[];
  readonly rulebookVersion: string | null;
  readonly anyTime: { readonly base: number; readonly active: number } | null;
  readonly alternative: AssessmentVerdict | null;
  /** The version that gives the alternative. */
  readonly alternativeVersion: string | null;
  readonly headcountMin: number | null;
  readonly minSessions: number | null;
  readonly exposed: number | null;
  readonly sessions: {
    readonly count: number;
    readonly effective: number;
    readonly sha256: string;
  } | null;
  /** Creators of the base below the minimum of effective sessions, by id, as known at K; those with no session are dead accounts (E-40). */
  readonly inactive: readonly InactiveCreator[];
  /** Whether the roster and the sessions known at K are still those the figures rest on; else the month can be computed anew. */
  readonly current: boolean | null;
  readonly computedAt: string | null;
  /** Every computation of the month known at K, the oldest first, with what it changed. */
  readonly computations: readonly {
    readonly computedAt: string;
    readonly verdict: AssessmentVerdict;
    readonly changed: readonly string[];
  }[];
  readonly assumptions: readonly string[];
  readonly rulebook: RulebookReference | null;
}

/**
 * Answers `assessment`. The agency must be known at K (`isKnownAt`).
 *
 * @param creators as for `computeAssessment`, as known at K; of no use for a month not computed by then
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
      ...(computed?.alternative === undefined ? [] : ['assessmentRulebook=inForceAtMonthStart']),
    ],
    rulebook: rulebook ?? null,
  };
}
