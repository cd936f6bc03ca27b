import type { Finding } from '../../findings.js';
import type { Instant } from '../../instant.js';
import type { AgencyHistory } from '../history.js';
import { valuesAt } from './balance.js';

/** A finding with the act it was stored with. */
export interface FindingAt extends Finding {
  readonly recordedAt: Instant;
  /** The act it concerns: `deduction d1`, `appeal p1`, `expulsion 0`, … */
  readonly about: string;
}

/**
 * The findings known at K that touch an agency's balance in a period, in the order they were
 * recorded.
 */
export function findingsAt(history: AgencyHistory, knownAt: Instant, period: string): FindingAt[] {
  const found: FindingAt[] = [];
  const add = (recordedAt: Instant, about: string, findings: readonly Finding[]): void => {
    if (recordedAt <= knownAt)
      for (const each of findings) found.push({ ...each, recordedAt, about });
  };
  const touches = (deductionId: string): boolean => {
    const deduction = history.deductions.get(deductionId);
    return deduction !== undefined && valuesAt(deduction, knownAt).period === period;
  };
  for (const deduction of history.deductions.values()) {
    if (touches(deduction.deductionId))
      add(deduction.recordedAt, `deduction ${deduction.deductionId}`, deduction.findings);
  }
  for (const appeal of history.appeals.values()) {
    const names =
      appeal.expulsion === undefined ? undefined : history.expulsions[appeal.expulsion]?.period;
    if (names !== period && !appeal.deductionIds.some(touches)) continue;
    add(appeal.recordedAt, `appeal ${appeal.appealId}`, appeal.findings);
    if (appeal.decided !== undefined)
      add(appeal.decided.recordedAt, `appeal ${appeal.appealId}`, appeal.decided.findings);
  }
  for (const [number, expulsion] of history.expulsions.entries()) {
    if (expulsion.period === period)
      add(expulsion.recordedAt, `expulsion ${String(number)}`, expulsion.findings);
  }
  for (const { recordedAt, findings } of history.readmissionFindings)
    add(recordedAt, 'readmission', findings);
  for (const observation of history.observations) {
    if (observation.period === period)
      add(observation.recordedAt, 'observed balance', observation.findings);
  }
  return found.sort((a, b) =>
    a.recordedAt < b.recordedAt ? -1 : a.recordedAt > b.recordedAt ? 1 : 0,
  );
}
