import { closingOfNaturalDays, plusHours, yearOf } from './calendar.js';
import { ofType, type AppealOutcome, type Fact } from './facts.js';
import { banDays, evidenceHours, initiateDays, lastChanceDays, threshold } from './rules.js';

/**
 * Every question of the rulebook, answered by scanning. `facts` always holds the known facts, so
 * the caller filters by K; E is an argument. "R n" names a reading of the specification in
 * readings.md.
 */

// Deductions (rules §4)

export type Attribution = 'effectiveAt' | 'occurredAt' | 'assessmentMonthEnd';

export interface Deduction {
  readonly seq: number;
  readonly deductionId: string;
  readonly agencyId: string;
  readonly recordedAt: number;
  readonly by: string;
  /** As imposed, with our corrections. */
  readonly points: number;
  /** After the last decision on it. */
  readonly counts: number;
  readonly clause: string;
  readonly occurredAt: number;
  readonly effectiveAt: number;
  readonly period: string;
  readonly notifiedAt: number | null;
  readonly appealDeadline: number | null;
  readonly assessmentMonth: string | null;
}

/** The changes that a what-if makes to the record (rules §11). */
export interface Change {
  readonly without: readonly string[];
  readonly points: Readonly<Record<string, number>>;
  readonly attribution: Attribution;
}

export const asRecorded: Change = { without: [], points: {}, attribution: 'effectiveAt' };

export function deductions(facts: readonly Fact[], change: Change = asRecorded): Deduction[] {
  return ofType(facts, 'DeductionImposed')
    .filter((imposed) => !change.without.includes(imposed.deductionId))
    .map((imposed) => {
      const { deductionId } = imposed;
      let { points, clause, occurredAt, effectiveAt, statedPeriod } = imposed;
      let { notifiedAt, appealDeadline } = imposed;
      for (const correction of ofType(facts, 'DeductionCorrected')) {
        if (correction.deductionId !== deductionId) continue;
        points = correction.points ?? points;
        clause = correction.clause ?? clause;
        occurredAt = correction.occurredAt ?? occurredAt;
        effectiveAt = correction.effectiveAt ?? effectiveAt;
        statedPeriod = correction.statedPeriod ?? statedPeriod;
        notifiedAt = correction.notifiedAt ?? notifiedAt;
        appealDeadline = correction.appealDeadline ?? appealDeadline;
      }
      points = Object.hasOwn(change.points, deductionId)
        ? (change.points[deductionId] ?? points)
        : points;
      const counts = lastDecision(facts, deductionId) ?? points;
      const attributed =
        change.attribution === 'occurredAt'
          ? yearOf(occurredAt)
          : change.attribution === 'assessmentMonthEnd' && imposed.assessmentMonth !== null
            ? imposed.assessmentMonth.slice(0, 4)
            : yearOf(effectiveAt);
      return {
        ...imposed,
        points,
        counts,
        clause,
        occurredAt,
        effectiveAt,
        notifiedAt,
        appealDeadline,
        period: statedPeriod ?? attributed,
      };
    });
}

/** The points set by the last decision recorded on it; null when there is none. */
function lastDecision(facts: readonly Fact[], deductionId: string): number | null {
  return decisionsOn(facts, deductionId).at(-1)?.points ?? null;
}

/** The decisions on a deduction, in the order they were recorded. */
export function decisionsOn(facts: readonly Fact[], deductionId: string) {
  const decisions = [
    ...ofType(facts, 'DeductionRevoked'),
    ...ofType(facts, 'DeductionAdjusted'),
    ...ofType(facts, 'DeductionReinstated'),
  ];
  return decisions
    .filter((decision) => decision.deductionId === deductionId)
    .toSorted((a, b) => a.seq - b.seq);
}

export function deduction(facts: readonly Fact[], deductionId: string): Deduction | undefined {
  return deductions(facts).find((one) => one.deductionId === deductionId);
}

// Episodes and the balance (rules §4, §5 "Ban")

export function isAdmittedOnce(facts: readonly Fact[], agencyId: string): boolean {
  return ofType(facts, 'AgencyAdmitted').some((fact) => fact.agencyId === agencyId);
}

export function admissions(facts: readonly Fact[], agencyId: string) {
  return [...ofType(facts, 'AgencyAdmitted'), ...ofType(facts, 'AgencyReadmitted')].filter(
    (fact) => fact.agencyId === agencyId,
  );
}

/** The episode that holds at E, named by the `seq` of its admission: null before the first. */
export function episodeAt(facts: readonly Fact[], agencyId: string, e: number): number | null {
  const begun = admissions(facts, agencyId).filter((admission) => admission.effectiveAt <= e);
  return latest(begun)?.seq ?? null;
}

export type Reason = 'revoked' | 'scheduled' | 'other_episode' | 'cleared_by_reset';

/** Null when it counts, else the first reason that applies (interchange §3). */
export function whyNotCounted(
  facts: readonly Fact[],
  one: Deduction,
  e: number,
  period: string,
): Reason | null {
  if (one.counts === 0) return 'revoked';
  if (one.effectiveAt > e) return 'scheduled';
  const episode = episodeAt(facts, one.agencyId, e);
  if (episode === null || episode !== episodeAt(facts, one.agencyId, one.effectiveAt))
    return 'other_episode';
  if (one.period !== period) return 'cleared_by_reset';
  return null;
}

/** The sum of a period at E: `balance(agency, E, K)` when the period is that of E. */
export function sumOf(
  facts: readonly Fact[],
  agencyId: string,
  e: number,
  period: string,
  change: Change = asRecorded,
): number {
  return deductions(facts, change)
    .filter((one) => one.agencyId === agencyId && whyNotCounted(facts, one, e, period) === null)
    .reduce((sum, one) => sum + one.counts, 0);
}

// Standing (rules §5)

export type Standing = 'not_admitted' | 'active' | 'pending_expulsion' | 'expelled' | 'exited';

export interface Pending {
  readonly seq: number;
  readonly openedAt: number;
  readonly period: string;
  readonly closesAt: number;
  /** On the effective axis; null while it is open. */
  readonly endedAt: number | null;
}

/**
 * A pending expulsion ends when lifted, or when the expulsion or exit that followed it takes
 * effect.
 */
export function pendings(facts: readonly Fact[], agencyId: string): Pending[] {
  return ofType(facts, 'PendingExpulsionOpened')
    .filter((opened) => opened.agencyId === agencyId)
    .map((opened) => {
      const end = facts.find(
        (fact) =>
          fact.seq > opened.seq &&
          fact.agencyId === agencyId &&
          (fact.type === 'PendingExpulsionLifted' ||
            fact.type === 'ExpulsionExecuted' ||
            fact.type === 'AgencyExited'),
      );
      const endedAt =
        end === undefined ? null : 'effectiveAt' in end ? end.effectiveAt : end.recordedAt;
      return {
        seq: opened.seq,
        openedAt: opened.recordedAt,
        period: opened.period,
        closesAt: closingOfNaturalDays(opened.recordedAt, lastChanceDays),
        endedAt,
      };
    });
}

export interface Expulsion {
  readonly seq: number;
  readonly recordedAt: number;
  readonly effectiveAt: number;
  readonly period: string;
  readonly revoked: boolean;
  readonly by: string;
}

export function expulsions(facts: readonly Fact[], agencyId: string): Expulsion[] {
  const revocations = ofType(facts, 'ExpulsionRevoked');
  return ofType(facts, 'ExpulsionExecuted')
    .filter((fact) => fact.agencyId === agencyId)
    .map((fact) => ({
      ...fact,
      revoked: revocations.some((revocation) => revocation.expulsion === fact.seq),
    }));
}

/** Sum of its period, at its `effectiveAt`, as known (rules §5 "Support"). */
export function isSupported(
  facts: readonly Fact[],
  agencyId: string,
  expulsion: Expulsion,
): boolean {
  return sumOf(facts, agencyId, expulsion.effectiveAt, expulsion.period) >= threshold;
}

export function reentryFrom(expulsion: Expulsion): number {
  return closingOfNaturalDays(expulsion.effectiveAt, banDays);
}

/**
 * The last change of standing in effect at E. A revoked expulsion is void from the start and does
 * not count as a change.
 */
function lastChange(facts: readonly Fact[], agencyId: string, e: number) {
  const expelling = expulsions(facts, agencyId)
    .filter((expulsion) => !expulsion.revoked)
    .map(({ seq, effectiveAt }) => ({ seq, effectiveAt, to: 'expelled' as const }));
  const exiting = ofType(facts, 'AgencyExited')
    .filter((fact) => fact.agencyId === agencyId)
    .map(({ seq, effectiveAt }) => ({ seq, effectiveAt, to: 'exited' as const }));
  const admitting = admissions(facts, agencyId).map(({ seq, effectiveAt }) => ({
    seq,
    effectiveAt,
    to: 'active' as const,
  }));
  return latest(
    [...expelling, ...exiting, ...admitting].filter((change) => change.effectiveAt <= e),
  );
}

export function pendingAt(
  facts: readonly Fact[],
  agencyId: string,
  e: number,
): Pending | undefined {
  if (lastChange(facts, agencyId, e)?.to !== 'active') return undefined;
  return pendings(facts, agencyId).findLast(
    (pending) => pending.openedAt <= e && (pending.endedAt === null || e < pending.endedAt),
  );
}

export function expulsionAt(
  facts: readonly Fact[],
  agencyId: string,
  e: number,
): Expulsion | undefined {
  const change = lastChange(facts, agencyId, e);
  if (change?.to !== 'expelled') return undefined;
  return expulsions(facts, agencyId).find((expulsion) => expulsion.seq === change.seq);
}

export function standingAt(facts: readonly Fact[], agencyId: string, e: number): Standing {
  const change = lastChange(facts, agencyId, e);
  if (change === undefined) return 'not_admitted';
  return pendingAt(facts, agencyId, e) !== undefined ? 'pending_expulsion' : change.to;
}

/** The last in effect; of several at one instant, the last recorded. */
function latest<T extends { readonly seq: number; readonly effectiveAt: number }>(
  changes: readonly T[],
): T | undefined {
  return changes.toSorted((a, b) => a.effectiveAt - b.effectiveAt || a.seq - b.seq).at(-1);
}

// Appeals (rules §7)

export type AppealState =
  'initiated' | 'evidence_submitted' | 'lapsed' | 'out_of_time' | 'withdrawn' | AppealOutcome;

export interface Appeal {
  readonly appealId: string;
  readonly agencyId: string;
  readonly kind: 'ordinary' | 'last_chance';
  readonly deductionIds: readonly string[];
  readonly expulsion: number | null;
  readonly pending: number | null;
  readonly initiatedAt: number;
  readonly initiateBy: number;
  readonly evidenceBy: number;
  readonly late: boolean;
  readonly hasEvidence: boolean;
  readonly withdrawn: boolean;
  readonly outcome: AppealOutcome | null;
}

export function appeals(facts: readonly Fact[]): Appeal[] {
  return ofType(facts, 'AppealInitiated').map((initiated) => {
    const { appealId } = initiated;
    const decision = ofType(facts, 'AppealDecided').find((fact) => fact.appealId === appealId);
    return {
      ...initiated,
      evidenceBy: plusHours(initiated.initiatedAt, evidenceHours),
      late: initiated.initiatedAt >= initiated.initiateBy,
      hasEvidence: ofType(facts, 'AppealEvidenceSubmitted').some(
        (fact) => fact.appealId === appealId,
      ),
      withdrawn: ofType(facts, 'AppealWithdrawn').some((fact) => fact.appealId === appealId),
      outcome: decision?.outcome ?? null,
    };
  });
}

export function appeal(facts: readonly Fact[], appealId: string): Appeal | undefined {
  return appeals(facts).find((one) => one.appealId === appealId);
}

/**
 * Returns the window to initiate an appeal. Of several deductions, the first to close decides (R
 * 14).
 */
export function initiationWindow(
  facts: readonly Fact[],
  named: {
    agencyId: string;
    deductionIds: readonly string[];
    expulsion: number | null;
    pending: number | null;
  },
): number {
  const pending = pendings(facts, named.agencyId).find((one) => one.seq === named.pending);
  if (pending !== undefined) return pending.closesAt;
  const expulsion = expulsions(facts, named.agencyId).find((one) => one.seq === named.expulsion);
  if (expulsion !== undefined) return closingOfNaturalDays(expulsion.recordedAt, initiateDays);
  return Math.min(
    ...deductions(facts)
      .filter((one) => named.deductionIds.includes(one.deductionId))
      .map(deductionWindow),
  );
}

export function deductionWindow(one: Deduction): number {
  return one.appealDeadline ?? closingOfNaturalDays(one.notifiedAt ?? one.recordedAt, initiateDays);
}

export function appealState(one: Appeal, at: number): AppealState {
  if (one.outcome !== null) return one.outcome;
  if (one.withdrawn) return 'withdrawn';
  if (one.late) return 'out_of_time';
  if (one.hasEvidence) return 'evidence_submitted';
  return at >= one.evidenceBy ? 'lapsed' : 'initiated';
}
