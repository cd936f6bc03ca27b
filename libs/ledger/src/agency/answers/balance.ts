import { byCodeUnit } from '../../canonical-json.js';
import type { Instant } from '../../instant.js';
import type { Account } from '../../rulebook.js';
import type { AgencyHistory, Deduction, DeductionValues } from '../history.js';
import { pointsBetween } from '../point-changes.js';
import { episodeStartAt } from './standing.js';

/** A sum to compute: E, K, the period and the account (rules §4). */
export interface BalanceQuestion {
  readonly effectiveAt: Instant;
  readonly knownAt: Instant;
  readonly period: string;
  readonly account: Pick<Account, 'id' | 'carryOver'>;
}

/**
 * The reason why a deduction known at K does not count at (E, K). The first that applies, in this
 * order (interchange §3).
 */
export const notCountedReasons = [
  'revoked',
  'scheduled',
  'other_episode',
  'cleared_by_reset',
  'other_account',
] as const;

export type NotCountedReason = (typeof notCountedReasons)[number];

export interface CountedLine {
  readonly deduction: Deduction;
  readonly values: DeductionValues;
  readonly counts: number;
  /** The balance with this line and those before it. */
  readonly running: number;
}

export interface Balance {
  readonly balance: number;
  /** The points carried over from the period before; 0 when the rulebook has no carry-over. */
  readonly carriedOver: number;
  /** In order of `effectiveAt`, then of deductionId. */
  readonly lines: readonly CountedLine[];
  readonly notCounted: readonly {
    readonly deduction: Deduction;
    readonly values: DeductionValues;
    readonly reason: NotCountedReason;
  }[];
}

/**
 * A deduction's values as known at K: those of the last correction of our typing known by then,
 * else as imposed.
 */
export function valuesAt(deduction: Deduction, knownAt: Instant): DeductionValues {
  const { corrections, imposed } = deduction;
  if (corrections.length === 0) return imposed;
  return corrections.findLast((correction) => correction.recordedAt <= knownAt)?.values ?? imposed;
}

/**
 * The points a deduction counts for at K, after the last decision on it recorded at or before K
 * (rules §4).
 */
export function pointsAt(deduction: Deduction, knownAt: Instant): number {
  const { decisions } = deduction;
  const decision =
    decisions.length === 0
      ? undefined
      : decisions.findLast(({ recordedAt }) => recordedAt <= knownAt);
  return decision === undefined ? valuesAt(deduction, knownAt).points : decision.points;
}

/**
 * `balance(agency, E, K)`: the sum over the deductions recorded at or before K, with `effectiveAt
 * <= E`, of the requested period and of the admission episode that holds at E. The sum is not
 * clamped. The order of recording plays no part.
 */
export function balanceAt(history: AgencyHistory, question: BalanceQuestion): Balance {
  const known = [...history.deductions.values()]
    .filter((deduction) => deduction.recordedAt <= question.knownAt)
    .map((deduction) => ({ deduction, values: valuesAt(deduction, question.knownAt) }))
    .sort(
      (a, b) =>
        byCodeUnit(a.values.effectiveAt, b.values.effectiveAt) ||
        byCodeUnit(a.deduction.deductionId, b.deduction.deductionId),
    );
  const isCounted = countingAt(history, question);
  const carriedOver = carriedOverAt(history, question);
  const lines: CountedLine[] = [];
  const notCounted: Balance['notCounted'][number][] = [];
  let running = carriedOver;
  for (const { deduction, values } of known) {
    const counts = pointsAt(deduction, question.knownAt);
    const reason = isCounted(values, counts);
    if (reason === undefined) {
      running += counts;
      lines.push({ deduction, values, counts, running });
    } else {
      notCounted.push({ deduction, values, reason });
    }
  }
  return { balance: running, carriedOver, lines, notCounted };
}

/** The sum of {@link balanceAt} without its lines. */
export function sumAt(history: AgencyHistory, question: BalanceQuestion): number {
  return carriedOverAt(history, question) + newPointsAt(history, question);
}

function newPointsAt(history: AgencyHistory, question: BalanceQuestion): number {
  if (history.points === undefined) return newPointsCounted(history, question);
  const { account, effectiveAt, knownAt, period } = question;
  const start = episodeStartAt(history, effectiveAt, knownAt);
  if (start === undefined) return 0;
  return pointsBetween(history.points, { period, account: account.id }, start, question);
}

/** The same from the deductions themselves. */
function newPointsCounted(history: AgencyHistory, question: BalanceQuestion): number {
  const isCounted = countingAt(history, question);
  let sum = 0;
  for (const deduction of history.deductions.values()) {
    if (deduction.recordedAt > question.knownAt) continue;
    const counts = pointsAt(deduction, question.knownAt);
    if (isCounted(valuesAt(deduction, question.knownAt), counts) === undefined) sum += counts;
  }
  return sum;
}

/**
 * {@link sumAt} for many instants E as known at one K. It puts the deductions in order once, and
 * then finds each sum by bisection.
 */
export function sumsAt(
  history: AgencyHistory,
  { account, knownAt, period }: Omit<BalanceQuestion, 'effectiveAt'>,
): (effectiveAt: Instant) => number {
  const { carryOver, id } = account;
  const ofPeriod = runningSum(history, { knownAt, period, account: id });
  const ofPeriodBefore =
    carryOver === null
      ? undefined
      : runningSum(history, { knownAt, period: periodBefore(period), account: id });
  return (effectiveAt) => {
    const start = episodeStartAt(history, effectiveAt, knownAt);
    const newPoints = (running: RunningSum): number =>
      start === undefined ? 0 : running(effectiveAt, 'included') - running(start, 'excluded');
    const carriedOver =
      carryOver !== null &&
      ofPeriodBefore !== undefined &&
      newPoints(ofPeriodBefore) >= carryOver.atLeast
        ? carryOver.as
        : 0;
    return carriedOver + newPoints(ofPeriod);
  };
}

/** The points that count from an instant or earlier. */
type RunningSum = (instant: Instant, itself: 'included' | 'excluded') => number;

function runningSum(
  history: AgencyHistory,
  { knownAt, period, account }: Pick<BalanceQuestion, 'knownAt' | 'period'> & { account: string },
): RunningSum {
  const lines: { readonly from: Instant; readonly counts: number }[] = [];
  for (const deduction of history.deductions.values()) {
    if (deduction.recordedAt > knownAt) continue;
    const values = valuesAt(deduction, knownAt);
    if (values.period === period && values.account === account)
      lines.push({ from: values.effectiveAt, counts: pointsAt(deduction, knownAt) });
  }
  lines.sort((a, b) => byCodeUnit(a.from, b.from));
  let sum = 0;
  const sums = lines.map(({ counts }) => (sum += counts));
  return (instant, itself) => {
    let [low, high] = [0, lines.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const from = lines[middle]?.from ?? instant;
      if (from < instant || (from === instant && itself === 'included')) low = middle + 1;
      else high = middle;
    }
    return sums[low - 1] ?? 0;
  };
}

/** Says of points known at K why they do not count, or `undefined` when they do. */
export function countingAt(history: AgencyHistory, question: BalanceQuestion) {
  const { effectiveAt, knownAt, period, account } = question;
  const start = episodeStartAt(history, effectiveAt, knownAt);
  return (
    values: Pick<DeductionValues, 'account' | 'effectiveAt' | 'period'>,
    counts: number,
  ): NotCountedReason | undefined => {
    if (counts === 0) return 'revoked';
    if (values.effectiveAt > effectiveAt) return 'scheduled';
    // Before the first admission no episode holds, so nothing counts.
    if (start === undefined || values.effectiveAt < start) return 'other_episode';
    if (values.period !== period) return 'cleared_by_reset';
    if (values.account !== account.id) return 'other_account';
    return undefined;
  };
}

/**
 * The points newly imposed in the period before decide alone, so a carried-over sum never feeds the
 * next one.
 */
function carriedOverAt(history: AgencyHistory, question: BalanceQuestion): number {
  const { carryOver } = question.account;
  if (carryOver === null) return 0;
  const period = periodBefore(question.period);
  return newPointsAt(history, { ...question, period }) >= carryOver.atLeast ? carryOver.as : 0;
}

function periodBefore(period: string): string {
  return String(Number(period) - 1);
}
