import { hash } from 'node:crypto';
import type {
  AgencyEvent,
  AgencyEventData,
  AssessmentReason,
  AssessmentVerdict,
} from '../agency/events.js';
import type { AgencyHistory } from '../agency/history.js';
import type { DecisionContext } from '../decision.js';
import { standingAt } from '../agency/answers/standing.js';
import { byCodeUnit, canonicalJson } from '../canonical-json.js';
import {
  agencyOfCreatorAt,
  bindingsOf,
  hasExposureRightAt,
  type CreatorHistory,
} from '../creator/creator.js';
import { earlierOf, epochMsOf, instantOf, type Instant, endOfTime } from '../instant.js';
import type { KnownRulebook, Rulebooks } from '../rulebook.js';
import { IdSchema, MonthSchema, Type } from '../schema.js';
import { countOverlapping } from '../session/overlaps.js';
import { isEffective } from '../session/session.js';
import type { LedgerZone } from '../zone.js';
import { assessmentAt } from '../agency/answers/assessment-at.js';
import { isAdmitted } from '../standing.js';

/** Computes a month's assessment (rules §6) for one agency, or for all. It imposes nothing. */
export const commandSchema = Type.Object(
  { month: MonthSchema, agencyId: Type.Optional(IdSchema) },
  { additionalProperties: false },
);

export interface ComputeAssessment {
  readonly command: 'ComputeAssessment';
  readonly data: { readonly month: string; readonly agencyId?: string };
}

/**
 * Says whether a month can be computed at `now`; else the command is refused with `month_not_over`.
 */
export function isMonthOver(month: string, now: Instant, zone: LedgerZone): boolean {
  return now >= zone.endOfMonth(month);
}

/** A session as an assessment sees it: as it stands now, and not void. */
export interface AssessedSession {
  readonly sessionId: string;
  readonly corrections: number;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
}

/** A creator with its sessions, those recorded for other agencies included. */
export interface AssessedCreator {
  readonly creator: CreatorHistory;
  readonly sessions: readonly AssessedSession[];
}

/**
 * Computes a month that is over, from everything recorded so far. A session counts for the agency
 * its creator was bound to at its start, as known now. The knowledge at the time of recording plays
 * no part, so the order of recording does not matter.
 *
 * @param history the agency's
 * @param creators at least every creator that was bound to the agency at any time in the month,
 * each with at least its sessions that start in the month and those that overlap one of them;
 * others, and other sessions, change nothing
 */
export function computeAssessment(
  month: string,
  history: AgencyHistory,
  creators: readonly AssessedCreator[],
  context: Pick<DecisionContext, 'zone' | 'rulebooks'>,
): AgencyEvent {
  const { computed, rulebook } = assess(month, history, creators, context);
  return computedEvent(computed, rulebook, history);
}

/**
 * Computes again what a recorded assessment says beyond its own counts: the terms of the rulebook
 * in force, the verdict with its reasons, and what changed. The counts, and the answer of another
 * rulebook, rest on creators and sessions.
 */
export function assessedAgain(
  recorded: Computed,
  history: AgencyHistory,
  { zone, rulebooks }: Pick<DecisionContext, 'zone' | 'rulebooks'>,
): AgencyEvent {
  const span = spanOf(recorded.month, zone);
  const rulebook = rulebooks.inForceAt(span.start);
  const { changed: _changed, ...counts } = recorded;
  const computed: Computed = {
    ...counts,
    agencyId: history.agencyId,
    ...termsOf(rulebook),
    ...judged(recorded, rulebook, history, span, zone),
  };
  return computedEvent(computed, rulebook, history);
}

function computedEvent(
  computed: Computed,
  rulebook: KnownRulebook,
  history: AgencyHistory,
): AgencyEvent {
  const before = assessmentAt(history, computed.month, endOfTime);
  return {
    type: 'AssessmentComputed',
    data:
      before === undefined
        ? computed
        : {
            ...computed,
            changed: changesBetween(
              { ...before.computed, rulebook: before.rulebook },
              { ...computed, rulebook: rulebook.reference },
            ),
          },
    rulebook: rulebook.reference,
  };
}

/** The terms of a rulebook that an assessment names. */
function termsOf({
  document: { parameters },
}: KnownRulebook): Pick<Computed, 'headcountMin' | 'minSessions' | 'rate'> {
  return {
    headcountMin: parameters.headcountMin.value,
    minSessions: parameters.activityMinEffectiveSessions.value,
    rate: parameters.activityRate.value,
  };
}

type Computed = AgencyEventData['AssessmentComputed'];

/**
 * The figures of a month from everything recorded so far, with the rulebook they rest on. A month
 * that is not over ends with them if nothing more happens.
 */
export interface AssessedMonth {
  readonly computed: Computed;
  readonly rulebook: KnownRulebook;
  /** The creators that were bound to the agency at any time in the month. */
  readonly bound: readonly BoundCreator[];
}

/** As {@link computeAssessment}, also of a month that is not over. */
export function assess(
  month: string,
  history: AgencyHistory,
  creators: readonly AssessedCreator[],
  { zone, rulebooks }: { readonly zone: LedgerZone; readonly rulebooks: Rulebooks },
): AssessedMonth {
  const span = spanOf(month, zone);
  const bound = creators.flatMap((each) => boundCreator(each, history.agencyId, span) ?? []);
  const rulebook = rulebooks.inForceAt(span.start);
  const figures = figuresUnder(rulebook, history, bound, span, zone);
  const other = rulebooks.inForceAt(span.lastInstant);
  const alternative =
    other === rulebook ? figures : figuresUnder(other, history, bound, span, zone);
  const { parameters } = rulebook.document;
  const sessions = bound.flatMap((each) => each.sessions);
  const computed: Computed = {
    active: figures.active,
    agencyId: history.agencyId,
    ...(alternative.verdict !== figures.verdict && {
      alternative: {
        reasons: alternative.reasons,
        rulebook: other.reference,
        verdict: alternative.verdict,
      },
    }),
    anyTime: { active: figures.anyTimeActive, base: bound.length },
    base: figures.base,
    exposed: bound.filter(({ inBase, exposed }) => inBase && exposed).length,
    ...termsOf(rulebook),
    month,
    reasons: figures.reasons,
    sessions: {
      count: sessions.length,
      effective: figures.effective,
      overlapping: overlappingOf(bound, parameters.effectiveSessionMinutes.value),
      sha256: sessionsHash(sessions),
    },
    verdict: figures.verdict,
  };
  return { computed, rulebook, bound };
}

/**
 * A month, half-open: from `start`, before `end`. What holds "at its end" holds at the last instant
 * in it (docs/decisions/assessment.md).
 */
export interface Span {
  readonly start: Instant;
  readonly lastInstant: Instant;
  readonly end: Instant;
}

export function spanOf(month: string, zone: LedgerZone): Span {
  const end = zone.endOfMonth(month);
  return { start: zone.startOfMonth(month), lastInstant: instantOf(epochMsOf(end) - 1), end };
}

/**
 * A creator that was bound to the agency at some time in the month, with its sessions of the month
 * with that agency.
 */
export interface BoundCreator {
  readonly creatorId: string;
  /** Bound to the agency at the end of the month. */
  readonly inBase: boolean;
  readonly exposed: boolean;
  readonly sessions: readonly AssessedSession[];
  /** Those sessions, and at least all that overlap one of them, whatever month or agency. */
  readonly known: readonly AssessedSession[];
}

/**
 * Counts the effective sessions of a month that overlap another session of their creator, effective
 * or not, whatever its month and agency (rules §6, Overlaps).
 */
export function overlappingOf(bound: readonly BoundCreator[], minutes: number): number {
  let count = 0;
  for (const { sessions, known } of bound)
    count += countOverlapping(
      sessions.filter(({ startedAt, endedAt }) => isEffective(startedAt, endedAt, minutes)),
      known,
    );
  return count;
}

/**
 * The creator as it was bound in the month, by what is known at K; `undefined` when it was not
 * bound to the agency in it.
 */
export function boundCreator(
  { creator, sessions }: AssessedCreator,
  agencyId: string,
  { start, lastInstant, end }: Span,
  knownAt: Instant = endOfTime,
): BoundCreator | undefined {
  const atAnyTime = bindingsOf(creator, knownAt).some(
    (binding) =>
      binding.agencyId === agencyId &&
      binding.from < end &&
      (binding.to === undefined || start < binding.to),
  );
  if (!atAnyTime) return undefined;
  return {
    creatorId: creator.creatorId,
    inBase: agencyOfCreatorAt(creator, lastInstant, knownAt) === agencyId,
    exposed: hasExposureRightAt(creator, lastInstant, knownAt),
    sessions: sessions.filter(
      ({ startedAt }) =>
        start <= startedAt &&
        startedAt < end &&
        agencyOfCreatorAt(creator, startedAt, knownAt) === agencyId,
    ),
    known: sessions,
  };
}

/**
 * Judges a month as if a rulebook had been in force all the time, as known at K. Nothing is
 * recorded of it: it is part of a what-if.
 */
export function verdictUnder(
  rulebook: KnownRulebook,
  month: string,
  history: AgencyHistory,
  creators: readonly AssessedCreator[],
  { zone, knownAt }: { readonly zone: LedgerZone; readonly knownAt: Instant },
): AssessmentVerdict {
  const span = spanOf(month, zone);
  const bound = creators.flatMap(
    (each) => boundCreator(each, history.agencyId, span, knownAt) ?? [],
  );
  return figuresUnder(rulebook, history, bound, span, zone, knownAt).verdict;
}

interface Figures {
  readonly base: number;
  readonly active: number;
  readonly anyTimeActive: number;
  readonly effective: number;
  readonly verdict: AssessmentVerdict;
  readonly reasons: readonly AssessmentReason[];
}

function figuresUnder(
  rulebook: KnownRulebook,
  history: AgencyHistory,
  bound: readonly BoundCreator[],
  span: Span,
  zone: LedgerZone,
  knownAt: Instant = endOfTime,
): Figures {
  const { activityMinEffectiveSessions, effectiveSessionMinutes } = rulebook.document.parameters;
  let [base, active, anyTimeActive, effective] = [0, 0, 0, 0];
  for (const { inBase, sessions } of bound) {
    const long = effectiveOf(sessions, effectiveSessionMinutes.value);
    const isActive = long >= activityMinEffectiveSessions.value;
    effective += long;
    if (isActive) anyTimeActive += 1;
    if (inBase) base += 1;
    if (inBase && isActive) active += 1;
  }
  const counts = { base, active, anyTimeActive, effective };
  return { ...counts, ...judged(counts, rulebook, history, span, zone, knownAt) };
}

/** The verdict on a month under a rulebook, from the creators counted in it. */
function judged(
  counts: { readonly base: number; readonly active: number },
  rulebook: KnownRulebook,
  history: AgencyHistory,
  span: Span,
  zone: LedgerZone,
  knownAt: Instant = endOfTime,
): Pick<Figures, 'reasons' | 'verdict'> {
  const { newcomerDays } = rulebook.document.parameters;
  const exempt: AssessmentReason[] = [];
  if (isNewcomer(history, span, newcomerDays.value, zone, knownAt)) exempt.push('newcomer');
  if (!isActiveThroughout(history, span, knownAt)) exempt.push('not_active');
  if (exempt.length > 0) return { verdict: 'not_assessed', reasons: exempt };
  return verdictOf(counts, termsOf(rulebook));
}

/** Counts the effective sessions among some. */
export function effectiveOf(sessions: readonly AssessedSession[], minutes: number): number {
  let effective = 0;
  for (const { startedAt, endedAt } of sessions)
    if (isEffective(startedAt, endedAt, minutes)) effective += 1;
  return effective;
}

/** The verdict on a month that is assessed (rules §6). */
export function verdictOf(
  { base, active }: { readonly base: number; readonly active: number },
  { rate, headcountMin }: { readonly rate: number; readonly headcountMin: number },
): { readonly verdict: 'passed' | 'failed'; readonly reasons: readonly AssessmentReason[] } {
  // Integers on both sides, so that 16 of 23 does not pass as 70% (E-37). With an empty base both
  // are 0 and only the headcount fails (E-38).
  const failed: AssessmentReason[] = [];
  if (100 * active < rate * base) failed.push('activity');
  if (base < headcountMin) failed.push('headcount');
  return { verdict: failed.length === 0 ? 'passed' : 'failed', reasons: failed };
}

/**
 * Says whether the month starts within the newcomer's days of the episode that holds at its end.
 * Day 1 is the day after admission (E-43).
 */
function isNewcomer(
  history: AgencyHistory,
  { start, lastInstant }: Span,
  days: number,
  zone: LedgerZone,
  knownAt: Instant,
): boolean {
  const { episode } = standingAt(history, lastInstant, knownAt);
  const admission = history.admissions[episode - 1];
  return admission !== undefined && start < zone.startOfDayAfter(admission.effectiveAt, days + 1);
}

/**
 * Says whether the agency is admitted at the month's end and no revoked expulsion touched the
 * month. A revoked expulsion is void from the start and the agency was `active`. But it could not
 * act, so a month it touched is not held against it (rules §6).
 */
function isActiveThroughout(
  history: AgencyHistory,
  { start, lastInstant, end }: Span,
  knownAt: Instant,
): boolean {
  if (!isAdmitted(standingAt(history, lastInstant, knownAt).standing)) return false;
  return !history.expulsions.some(({ revoked, effectiveAt, episode }) => {
    if (revoked === undefined || revoked.recordedAt > knownAt) return false;
    const { recordedAt } = revoked;
    const until = earlierOf(recordedAt, history.admissions[episode]?.effectiveAt ?? recordedAt);
    return effectiveAt < end && (start <= effectiveAt || start < until);
  });
}

/**
 * The hash of the sessions a computation rests on: SHA-256 of one line for each, in order of the id
 * by code unit. A line is the session's id, a space, the number of its corrections in decimal, and
 * a line feed (docs/spec/event.md, "Roster and sessions").
 */
export function sessionsHash(
  sessions: readonly Pick<AssessedSession, 'corrections' | 'sessionId'>[],
): string {
  const lines = sessions
    .map(({ sessionId, corrections }) => ({ sessionId, corrections }))
    .sort((a, b) => byCodeUnit(a.sessionId, b.sessionId))
    .map(({ sessionId, corrections }) => `${sessionId} ${String(corrections)}\n`);
  return hash('sha256', lines.join(''), 'hex');
}

/** The names of what differs; `changed` itself says nothing of the month. */
function changesBetween(before: object, after: object): string[] {
  const value = (of: object, name: string): string =>
    canonicalJson([(of as Record<string, unknown>)[name] ?? null]);
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => name !== 'changed' && value(before, name) !== value(after, name))
    .sort(byCodeUnit);
}
