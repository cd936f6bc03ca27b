import type { Finding } from '../../findings.js';
import type { Instant } from '../../instant.js';
import type { AgencyHistory } from '../history.js';
import { valuesAt, type BalanceQuestion } from './balance.js';
import { standingAt } from './standing.js';

/** A finding with the act it was stored with. */
export interface FindingAt extends Finding {
  readonly recordedAt: Instant;
  /** The act it concerns: `deduction d1`, `appeal p1`, `expulsion`, … */
  readonly about: string;
  /** The instant of an expulsion, which has no id. */
  readonly expelledAt?: Instant;
}

/**
 * The findings known at K that touch an agency's balance at (E, K), in the order they were
 * recorded: those of the period that is asked for, and those of the pending expulsion or the
 * expulsion that holds, with the period it rests on (rules §4).
 */
export function findingsAt(
  history: AgencyHistory,
  { effectiveAt, knownAt, period }: Pick<BalanceQuestion, 'effectiveAt' | 'knownAt' | 'period'>,
): FindingAt[] {
  const found: FindingAt[] = [];
  const add = (about: string, { recordedAt, findings }: Judged, expelledAt?: Instant): void => {
    if (recordedAt > knownAt) return;
    for (const each of findings)
      found.push({ ...each, recordedAt, about, ...(expelledAt !== undefined && { expelledAt }) });
  };
  const { pending, expulsion: holding } = standingAt(history, effectiveAt, knownAt);
  const periods = new Set([period, pending?.period, holding?.period]);
  const touches = (deductionId: string): boolean => {
    const deduction = history.deductions.get(deductionId);
    return deduction !== undefined && periods.has(valuesAt(deduction, knownAt).period);
  };
  for (const deduction of history.deductions.values()) {
    if (!touches(deduction.deductionId)) continue;
    for (const each of [deduction, ...deduction.decisions])
      add(`deduction ${deduction.deductionId}`, each);
  }
  for (const appeal of history.appeals.values()) {
    const names =
      appeal.expulsion === undefined ? undefined : history.expulsions[appeal.expulsion]?.period;
    const isOfExpulsion = names !== undefined && periods.has(names);
    if (!isOfExpulsion && !appeal.deductionIds.some(touches)) continue;
    add(`appeal ${appeal.appealId}`, appeal);
    if (appeal.decided !== undefined) add(`appeal ${appeal.appealId}`, appeal.decided);
  }
  for (const expulsion of history.expulsions) {
    if (!periods.has(expulsion.period)) continue;
    const { effectiveAt: expelledAt, revoked } = expulsion;
    add('expulsion', expulsion, expelledAt);
    if (revoked !== undefined) add('expulsion', revoked, expelledAt);
  }
  for (const each of history.readmissionFindings) add('readmission', each);
  for (const observation of history.observations)
    if (periods.has(observation.period)) add('observed balance', observation);
  return found.sort((a, b) =>
    a.recordedAt < b.recordedAt ? -1 : a.recordedAt > b.recordedAt ? 1 : 0,
  );
}

/** An act with the findings that were stored with it. */
interface Judged {
  readonly recordedAt: Instant;
  readonly findings: readonly Finding[];
}
