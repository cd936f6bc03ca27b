import { closingOfNaturalDays, endOfMonth, startOfMonth } from './calendar.js';
import {
  belongsTo,
  boundAt,
  boundDuring,
  isEffective,
  overlapping,
  sessionsOf,
} from './creators.js';
import { ofType, type Assessment, type Fact } from './facts.js';
import { admissions, episodeAt, expulsions, standingAt } from './questions.js';
import {
  firstAssessedDay,
  minCreators,
  minEffectiveSessions,
  rulebookAt,
  type Rulebook,
} from './rules.js';

// Assessment of a month (rules §6)

export function assess(facts: readonly Fact[], agencyId: string, month: string): Assessment {
  const start = startOfMonth(month);
  const end = endOfMonth(month);
  const counts = (creatorIds: readonly string[]): { base: number; active: number } => ({
    base: creatorIds.length,
    active: creatorIds.filter(
      (id) => effectiveSessions(facts, agencyId, id, month) >= minEffectiveSessions,
    ).length,
  });
  const { base, active } = counts(boundAt(facts, agencyId, lastInstantOf(month)));
  const common = {
    base,
    active,
    anyTime: counts(boundDuring(facts, agencyId, start, end)),
    sessions: { overlapping: overlappingSessions(facts, agencyId, month) },
  };

  const governing = rulebookAt(start);
  const { rulebookVersion, rate } = governing;
  const whyNot = reasonsNotToAssess(facts, agencyId, month);
  if (whyNot.length > 0) {
    return {
      verdict: 'not_assessed',
      ...common,
      rate,
      reasons: whyNot,
      rulebookVersion,
      alternative: null,
    };
  }
  const reasons = reasonsToFail(base, active, governing);
  const verdict = reasons.length === 0 ? 'passed' : 'failed';
  const atEnd = reasonsToFail(base, active, rulebookAt(end)).length === 0 ? 'passed' : 'failed';
  return {
    verdict,
    ...common,
    rate,
    reasons,
    rulebookVersion,
    alternative: atEnd === verdict ? null : atEnd,
  };
}

/**
 * The state at 24:00 of the last day is that of the last instant before it, because a month is
 * half-open (R 43).
 */
export function lastInstantOf(month: string): number {
  return endOfMonth(month) - 1;
}

export function effectiveSessions(
  facts: readonly Fact[],
  agencyId: string,
  creatorId: string,
  month: string,
): number {
  return sessionsOf(facts, month).filter(
    (one) => one.creatorId === creatorId && isEffective(one) && belongsTo(facts, one) === agencyId,
  ).length;
}

/** Effective sessions of the month with the agency that overlap any other one (R 45). */
function overlappingSessions(facts: readonly Fact[], agencyId: string, month: string): number {
  return sessionsOf(facts, month).filter(
    (one) =>
      isEffective(one) && belongsTo(facts, one) === agencyId && overlapping(facts, one).length > 0,
  ).length;
}

function reasonsToFail(base: number, active: number, { rate }: Rulebook): Assessment['reasons'] {
  const activity = base > 0 && 100 * active < rate * base;
  return [
    ...(activity ? (['activity'] as const) : []),
    ...(base < minCreators ? (['headcount'] as const) : []),
  ];
}

function reasonsNotToAssess(
  facts: readonly Fact[],
  agencyId: string,
  month: string,
): Assessment['reasons'] {
  const last = lastInstantOf(month);
  const episode = episodeAt(facts, agencyId, last);
  const admission = admissions(facts, agencyId).find(({ seq }) => seq === episode);
  const newcomer =
    admission !== undefined &&
    startOfMonth(month) < closingOfNaturalDays(admission.effectiveAt, firstAssessedDay - 1);
  const standing = standingAt(facts, agencyId, last);
  const inactive = standing !== 'active' && standing !== 'pending_expulsion';
  const wronged = inactive || isMonthOfARevokedExpulsion(facts, agencyId, month);
  return [
    ...(newcomer ? (['newcomer'] as const) : []),
    ...(wronged ? (['not_active'] as const) : []),
  ];
}

/**
 * Months of a revoked expulsion: from that of its effectiveAt to that of its revocation, or of an
 * earlier readmission (R 44).
 */
function isMonthOfARevokedExpulsion(
  facts: readonly Fact[],
  agencyId: string,
  month: string,
): boolean {
  const start = startOfMonth(month);
  const end = endOfMonth(month);
  return ofType(facts, 'ExpulsionRevoked').some((revocation) => {
    const expulsion = expulsions(facts, agencyId).find(({ seq }) => seq === revocation.expulsion);
    if (expulsion === undefined) return false;
    const readmission = admissions(facts, agencyId).find(({ seq }) => seq > expulsion.seq);
    const until = Math.min(revocation.recordedAt, readmission?.effectiveAt ?? Infinity);
    return expulsion.effectiveAt < end && (start <= expulsion.effectiveAt || start < until);
  });
}

export function latestComputation(
  facts: readonly Fact[],
  agencyId: string,
  month: string,
): Assessment | undefined {
  return ofType(facts, 'AssessmentComputed').findLast(
    (fact) => fact.agencyId === agencyId && fact.month === month,
  )?.assessment;
}
