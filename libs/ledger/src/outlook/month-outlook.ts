import type { AgencyEventData, AssessmentReason, AssessmentVerdict } from '../agency/events.js';
import type { AgencyHistory } from '../agency/history.js';
import type { AnswerContext } from '../agency/answers/balance-answer.js';
import { byCodeUnit } from '../canonical-json.js';
import { epochMsOf, instantOf, type Instant } from '../instant.js';
import type { KnownRulebook } from '../rulebook.js';
import {
  assess,
  effectiveOf,
  spanOf,
  verdictOf,
  type AssessedCreator,
} from '../assessment/assessment.js';

/** The prospects of a month that is not over (docs/decisions/outlook.md). */
export const prospects = [
  'passing',
  'within_reach',
  'needs_creators',
  'out_of_reach',
  'not_assessed',
] as const;

export type Prospect = (typeof prospects)[number];

/** The base and its active creators as they would be, and the verdict on them. */
export interface SupposedMonth {
  readonly base: number;
  readonly active: number;
  readonly verdict: AssessmentVerdict;
  readonly reasons: readonly AssessmentReason[];
}

/** A creator of the base that is not active yet. */
export interface InactiveSoFar {
  readonly creatorId: string;
  readonly sessions: number;
  readonly effectiveSessions: number;
  readonly exposed: boolean;
  /** The effective sessions that it lacks. */
  readonly missing: number;
  /**
   * The first instant at which it is too late to begin them, one after another; `undefined` when
   * the whole month is too short for them.
   */
  readonly startBefore: Instant | undefined;
  readonly canBeActive: boolean;
}

/** The month that an instant lies in, as it ends if nothing more happens, and its prospects. */
export interface MonthOutlook {
  readonly computed: AgencyEventData['AssessmentComputed'];
  readonly rulebook: KnownRulebook;
  /** The first instant after the month. */
  readonly end: Instant;
  readonly prospect: Prospect;
  /** The active creators that the base of now lacks. */
  readonly missingActive: number;
  /** The creators that the headcount lacks. */
  readonly missingCreators: number;
  /** By the sessions they lack, then by id. */
  readonly inactive: readonly InactiveSoFar[];
  /**
   * The first instant at which the creators bound now can no longer make the month pass by
   * streaming alone; `undefined` when it passes as it is, or never could by that.
   */
  readonly streamBefore: Instant | undefined;
  /**
   * The first instant from which the month cannot pass whatever is streamed, bound and unbound;
   * `undefined` when that held from its start.
   */
  readonly possibleBefore: Instant | undefined;
  /**
   * That of the two which decides: `streamBefore` within reach, `possibleBefore` where it needs
   * creators; `undefined` when nothing has to be done or can be.
   */
  readonly actBefore: Instant | undefined;
  readonly deadAccounts: readonly string[];
  /** The month as it would be with one creator of the base unbound that is not active. */
  readonly oneUnbound: SupposedMonth | undefined;
  readonly deadUnbound: SupposedMonth | undefined;
  /** The fewest inactive creators to unbind so that it passes; `undefined` when none suffice. */
  readonly passesWithout: number | undefined;
}

/**
 * Looks ahead from `now` (E = K) to the end of the month it lies in.
 *
 * A creator streams one session after the other: overlapping ones count too, and each is a finding
 * (rules §6). Sessions that began before `now` count once they are recorded, so what is said of
 * later ones supposes that the earlier ones are known.
 *
 * @param creators as for `computeAssessment`
 */
export function monthOutlook(
  history: AgencyHistory,
  creators: readonly AssessedCreator[],
  now: Instant,
  context: AnswerContext,
): MonthOutlook {
  const { zone } = context;
  const month = zone.monthOf(now);
  const { computed, rulebook, bound } = assess(month, history, creators, context);
  const { base, active, rate, headcountMin, minSessions } = computed;
  const span = spanOf(month, zone);
  const minutes = rulebook.document.parameters.effectiveSessionMinutes.value;
  const startBefore = (missing: number): Instant | undefined =>
    startOfSessionsBefore(span.end, span.start, missing, minutes);
  const counted = bound.map(({ sessions, ...creator }) => {
    const effectiveSessions = effectiveOf(sessions, minutes);
    const missing = Math.max(0, minSessions - effectiveSessions);
    return {
      ...creator,
      sessions: sessions.length,
      effectiveSessions,
      missing,
      startBefore: startBefore(missing),
    };
  });
  const inactive = counted
    .filter(({ inBase, missing }) => inBase && missing > 0)
    .map(({ creatorId, sessions, effectiveSessions, exposed, missing, startBefore: before }) => ({
      creatorId,
      sessions,
      effectiveSessions,
      exposed,
      missing,
      startBefore: before,
      canBeActive: before !== undefined && now < before,
    }))
    .sort((a, b) => a.missing - b.missing || byCodeUnit(a.creatorId, b.creatorId));
  const missingActive = Math.max(0, leastActive(rate, base) - active);
  const missingCreators = Math.max(0, headcountMin - base);
  const isPassing = missingActive === 0 && missingCreators === 0;
  const streamBefore =
    isPassing || missingCreators > 0 ? undefined : inactive[missingActive - 1]?.startBefore;
  const possibleBefore = lastPossible(
    leastActive(rate, headcountMin),
    headcountMin,
    counted.map((each) => each.startBefore),
    startBefore(minSessions),
    span.end,
  );
  const supposed = (unbound: number): SupposedMonth => {
    const counts = { base: base - unbound, active };
    if (computed.verdict !== 'not_assessed')
      return { ...counts, ...verdictOf(counts, { rate, headcountMin }) };
    return { ...counts, verdict: computed.verdict, reasons: computed.reasons };
  };
  const deadAccounts = inactive.filter(({ sessions }) => sessions === 0);
  const prospect = prospectOf(computed.verdict, now, streamBefore, possibleBefore);
  const without = Math.max(0, base - greatestBase(rate, active, base));
  return {
    computed,
    rulebook,
    end: span.end,
    prospect,
    missingActive,
    missingCreators,
    inactive,
    streamBefore,
    possibleBefore,
    actBefore: {
      passing: undefined,
      within_reach: streamBefore,
      needs_creators: possibleBefore,
      out_of_reach: undefined,
      not_assessed: undefined,
    }[prospect],
    deadAccounts: deadAccounts.map(({ creatorId }) => creatorId),
    oneUnbound: inactive.length === 0 ? undefined : supposed(1),
    deadUnbound: deadAccounts.length === 0 ? undefined : supposed(deadAccounts.length),
    passesWithout:
      without <= inactive.length && supposed(without).verdict === 'passed' ? without : undefined,
  };
}

/**
 * The first instant at which it is too late to begin so many effective sessions, one after another:
 * each belongs to the month it begins in, however late it ends (rules §6).
 */
function startOfSessionsBefore(
  end: Instant,
  monthStart: Instant,
  sessions: number,
  minutes: number,
): Instant | undefined {
  // Where the rules ask for no length, a session still ends later than it begins.
  const sessionMs = Math.max(1, minutes * 60_000);
  const beforeMs = epochMsOf(end) - Math.max(0, sessions - 1) * sessionMs;
  return beforeMs <= epochMsOf(monthStart) ? undefined : instantOf(beforeMs);
}

/** The fewest active creators with which `100 * active >= rate * base`, in integers. */
function leastActive(rate: number, base: number): number {
  const asked = rate * base;
  return (asked + ((100 - (asked % 100)) % 100)) / 100;
}

/** The greatest base up to `base` for which so many active creators suffice. */
function greatestBase(rate: number, active: number, base: number): number {
  if (rate === 0) return base;
  const [has, over] = [100 * active, (100 * active) % rate];
  return Math.min(base, (has - over) / rate);
}

/**
 * The first instant from which the month cannot pass with any roster. Creators can be bound and
 * unbound until the end, so the base may be any creators, dead accounts among them: the smallest
 * base that the headcount allows needs the fewest active creators.
 *
 * @param needed the active creators that this base needs
 * @param known when each creator bound in the month has to begin: bound again, it has its sessions
 * @param unknown when a creator has to begin that is bound for the first time
 */
function lastPossible(
  needed: number,
  headcountMin: number,
  known: readonly (Instant | undefined)[],
  unknown: Instant | undefined,
  end: Instant,
): Instant | undefined {
  if (needed > headcountMin) return undefined;
  if (needed === 0) return end;
  const latestFirst = known.filter((each) => each !== undefined).sort((a, b) => byCodeUnit(b, a));
  return latestFirst[needed - 1] ?? unknown;
}

function prospectOf(
  verdict: AssessmentVerdict,
  now: Instant,
  streamBefore: Instant | undefined,
  possibleBefore: Instant | undefined,
): Prospect {
  if (verdict === 'not_assessed') return 'not_assessed';
  if (verdict === 'passed') return 'passing';
  if (streamBefore !== undefined && now < streamBefore) return 'within_reach';
  return possibleBefore !== undefined && now < possibleBefore ? 'needs_creators' : 'out_of_reach';
}
