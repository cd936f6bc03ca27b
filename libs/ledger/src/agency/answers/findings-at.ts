import { nounTerms } from '../../nouns.js';
import type { InBoth } from '../../in-both.js';
import type { Finding } from '../../findings.js';
import type { Instant } from '../../instant.js';
import type { AgencyHistory } from '../history.js';
import { valuesAt, type BalanceQuestion } from './balance.js';
import { standingAt } from './standing.js';

/** A finding with the act it was stored with. */
export interface FindingAt extends Finding {
  readonly recordedAt: Instant;
  /** The act it concerns: `deduction d1`, `appeal p1`, `expulsion`, … */
  readonly about: InBoth;
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
  const add = (about: InBoth, { recordedAt, findings }: Judged, expelledAt?: Instant): void => {
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
    // Few deductions have any, and an agency may have thousands.
    const judged = [deduction, ...deduction.decisions].filter(
      ({ findings }) => findings.length > 0,
    );
    if (judged.length === 0 || !touches(deduction.deductionId)) continue;
    for (const each of judged) add(aboutThe('deduction', deduction.deductionId), each);
  }
  for (const appeal of history.appeals.values()) {
    const names =
      appeal.expulsion === undefined ? undefined : history.expulsions[appeal.expulsion]?.period;
    const isOfExpulsion = names !== undefined && periods.has(names);
    if (!isOfExpulsion && !appeal.deductionIds.some(touches)) continue;
    add(aboutThe('appeal', appeal.appealId), appeal);
    if (appeal.decided !== undefined) add(aboutThe('appeal', appeal.appealId), appeal.decided);
  }
  for (const expulsion of history.expulsions) {
    if (!periods.has(expulsion.period)) continue;
    const { effectiveAt: expelledAt, revoked } = expulsion;
    add(expelling, expulsion, expelledAt);
    if (revoked !== undefined) add(expelling, revoked, expelledAt);
  }
  for (const each of history.readmissionFindings) add(readmitting, each);
  for (const observation of history.observations)
    if (periods.has(observation.period)) add(observing, observation);
  return found.sort((a, b) =>
    a.recordedAt < b.recordedAt ? -1 : a.recordedAt > b.recordedAt ? 1 : 0,
  );
}

const expelling = { en: 'expulsion', zh: '清退' };
const readmitting = { en: 'readmission', zh: '再入驻' };
const observing = { en: 'observed balance', zh: '平台显示的分数' };

function aboutThe(kind: 'appeal' | 'deduction', id: string): InBoth {
  const { en, zh } = nounTerms[kind];
  return { en: `${en} ${id}`, zh: `${zh} ${id}` };
}

/** An act with the findings that were stored with it. */
interface Judged {
  readonly recordedAt: Instant;
  readonly findings: readonly Finding[];
}
