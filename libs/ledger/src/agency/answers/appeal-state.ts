import { plusHours, type Instant } from '../../instant.js';
import type { Rulebook } from '../../rulebook.js';
import type { LedgerZone } from '../../zone.js';
import type { AgencyHistory, Appeal, Deduction, PendingExpulsion } from '../history.js';
import { appealOutcomes } from '../events.js';
import { enumOf, type Shape } from '../../schema.js';
import { valuesAt } from './balance.js';

export type AppealState = Shape<typeof AppealStateSchema>;
export const AppealStateSchema = enumOf([
  'initiated',
  'evidence_submitted',
  'lapsed',
  'out_of_time',
  'withdrawn',
  ...appealOutcomes,
]);

/**
 * An appeal's state as known at K. Without evidence, it lapses when its evidence window closes
 * (rules §7).
 */
export function appealStateAt(
  appeal: Pick<Appeal, 'outOfTime' | 'evidenceAt' | 'evidenceBy' | 'withdrawnAt'> & {
    readonly decided?: Pick<NonNullable<Appeal['decided']>, 'recordedAt' | 'outcome'>;
  },
  knownAt: Instant,
): AppealState {
  if (appeal.decided !== undefined && appeal.decided.recordedAt <= knownAt)
    return appeal.decided.outcome;
  if (appeal.withdrawnAt !== undefined && appeal.withdrawnAt <= knownAt) return 'withdrawn';
  if (appeal.outOfTime) return 'out_of_time';
  if (appeal.evidenceAt !== undefined && appeal.evidenceAt <= knownAt) return 'evidence_submitted';
  return knownAt >= appeal.evidenceBy ? 'lapsed' : 'initiated';
}

/**
 * The instant from which initiating an ordinary appeal against a deduction is too late, by its
 * notice as known at K.
 *
 * @param rulebook in force at the deduction's `occurredAt`
 */
export function initiateByOf(
  deduction: Deduction,
  knownAt: Instant,
  rulebook: Rulebook,
  zone: LedgerZone,
): Instant {
  const { appealDeadline, notifiedAt = deduction.recordedAt } = valuesAt(deduction, knownAt);
  if (appealDeadline !== undefined) return appealDeadline;
  return naturalDaysAfter(notifiedAt, rulebook.parameters.appealInitiateDays.value, zone);
}

/**
 * The clock of rules §7: the first day is not counted, and the window closes at 24:00 of the last.
 */
export function naturalDaysAfter(instant: Instant, days: number, zone: LedgerZone): Instant {
  return zone.startOfDayAfter(instant, days + 1);
}

/** The instant from which evidence is too late: a number of elapsed hours after the initiation. */
export function evidenceByOf(initiatedAt: Instant, rulebook: Rulebook): Instant {
  return plusHours(initiatedAt, rulebook.parameters.appealEvidenceHours.value);
}

/** The last-chance appeal initiated under a pending expulsion, if there is one. */
export function lastChanceAppeal(
  history: AgencyHistory,
  pending: PendingExpulsion,
): Appeal | undefined {
  const number = history.pendings.indexOf(pending);
  return [...history.appeals.values()].find((appeal) => appeal.pending === number);
}

/**
 * Says whether an agency still has its last chance at `now`: its window is open and unused, or its
 * appeal is undecided. A decided, withdrawn or lapsed appeal has used the chance, even if the
 * window is still open (interchange §2, Expulsion).
 */
export function hasLastChanceLeft(
  history: AgencyHistory,
  pending: PendingExpulsion,
  now: Instant,
): boolean {
  const appeal = lastChanceAppeal(history, pending);
  if (appeal === undefined) return now < pending.closesAt;
  const state = appealStateAt(appeal, now);
  return state === 'initiated' || state === 'evidence_submitted';
}
