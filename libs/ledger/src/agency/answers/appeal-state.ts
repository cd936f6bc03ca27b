import type { InBoth } from '../../in-both.js';
import { epochMsOf, plusHours, type Instant } from '../../instant.js';
import type { Finding } from '../../findings.js';
import type { Rulebook, Rulebooks } from '../../rulebook.js';
import type { LedgerZone } from '../../zone.js';
import {
  appealOf,
  type AgencyHistory,
  type Appeal,
  type Deduction,
  type Expulsion,
  type PendingExpulsion,
} from '../history.js';
import { appealOutcomes, type AppealOutcome } from '../events.js';
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

/** Each state of an appeal as people read it. */
export const appealStateTerms: Readonly<Record<AppealState, InBoth>> = {
  initiated: { en: 'initiated, evidence outstanding', zh: '已发起，待举证' },
  evidence_submitted: { en: 'evidence submitted, decision outstanding', zh: '已举证，待裁定' },
  lapsed: { en: 'lapsed: no evidence in time', zh: '逾期失效：未按时举证' },
  out_of_time: { en: 'out of time: initiated too late', zh: '逾期申诉：发起过晚' },
  withdrawn: { en: 'withdrawn', zh: '已撤回' },
  upheld: { en: 'upheld', zh: '申诉成立' },
  partly_upheld: { en: 'partly upheld', zh: '部分成立' },
  rejected: { en: 'rejected', zh: '驳回' },
  inadmissible: { en: 'inadmissible', zh: '不予受理' },
};

type Initiation = Omit<Appeal, 'evidence' | 'withdrawn' | 'decided'>;

/** An appeal with the acts on it that were recorded by K, each when it happened. */
export interface KnownAppeal extends Omit<Initiation, 'findings'> {
  readonly findings: readonly Pick<Finding, 'code'>[];
  readonly submittedAt?: Instant;
  readonly withdrawnAt?: Instant;
  readonly decided?: {
    readonly decidedAt: Instant;
    readonly outcome: AppealOutcome;
    readonly findings: readonly Pick<Finding, 'code'>[];
  };
}

/** Returns an appeal without the acts on it that were recorded after K. */
export function appealKnownAt(appeal: Appeal, knownAt: Instant): KnownAppeal {
  const { evidence, withdrawn, decided, ...initiation } = appeal;
  const isKnown = (act: { readonly recordedAt: Instant }): boolean => act.recordedAt <= knownAt;
  return {
    ...initiation,
    ...(evidence !== undefined && isKnown(evidence) && { submittedAt: evidence.submittedAt }),
    ...(withdrawn !== undefined && isKnown(withdrawn) && { withdrawnAt: withdrawn.withdrawnAt }),
    ...(decided !== undefined && isKnown(decided) && { decided }),
  };
}

/** An appeal's state as known at K. */
export function appealStateAt(appeal: Appeal, knownAt: Instant): AppealState {
  return stateOfKnown(appealKnownAt(appeal, knownAt), knownAt);
}

/**
 * The state of an appeal that is known at K. Without evidence known, it has lapsed once its
 * evidence window has closed (rules §7; interchange §2, Entered late).
 */
export function stateOfKnown(
  appeal: Pick<KnownAppeal, 'decided' | 'withdrawnAt' | 'outOfTime' | 'submittedAt' | 'evidenceBy'>,
  knownAt: Instant,
): AppealState {
  if (appeal.decided !== undefined) return appeal.decided.outcome;
  if (appeal.withdrawnAt !== undefined) return 'withdrawn';
  if (appeal.outOfTime) return 'out_of_time';
  if (appeal.submittedAt !== undefined) return 'evidence_submitted';
  return knownAt >= appeal.evidenceBy ? 'lapsed' : 'initiated';
}

/** Says whether an appeal waits for evidence or for a decision, as known at K. */
export function isOpenAt(appeal: Appeal, knownAt: Instant): boolean {
  const state = appealStateAt(appeal, knownAt);
  return state === 'initiated' || state === 'evidence_submitted';
}

/** Says whether an appeal recorded by K names a deduction. */
export function isAppealedAt(
  { appealIds }: Deduction,
  history: AgencyHistory,
  knownAt: Instant,
): boolean {
  return appealIds.some((id) => appealOf(history, id).recordedAt <= knownAt);
}

/** Returns the last appeal recorded by K that names a deduction, if one does. */
export function lastAppealOf(
  { appealIds }: Deduction,
  history: AgencyHistory,
  knownAt: Instant,
): Appeal | undefined {
  return appealIds
    .map((id) => appealOf(history, id))
    .findLast(({ recordedAt }) => recordedAt <= knownAt);
}

/** Says whether an appeal recorded by K that is open then names a deduction. */
export function isContestedAt(
  { appealIds }: Deduction,
  history: AgencyHistory,
  knownAt: Instant,
): boolean {
  return appealIds
    .map((id) => appealOf(history, id))
    .some((appeal) => appeal.recordedAt <= knownAt && isOpenAt(appeal, knownAt));
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
 * Returns the instant at which the ordinary window of a deduction closes, as known at K;
 * `undefined` once it has closed at E.
 */
export function openWindowOf(
  deduction: Deduction,
  { effectiveAt, knownAt }: { readonly effectiveAt: Instant; readonly knownAt: Instant },
  { rulebooks, zone }: { readonly rulebooks: Rulebooks; readonly zone: LedgerZone },
): Instant | undefined {
  const values = valuesAt(deduction, knownAt);
  const { document } = rulebooks.inForceAt(values.occurredAt);
  const notice = { notifiedAt: deduction.recordedAt, ...values };
  if (isLongOver(notice, document.parameters.appealInitiateDays.value, effectiveAt))
    return undefined;
  const closesAt = initiateByOf(deduction, knownAt, document, zone);
  return closesAt > effectiveAt ? closesAt : undefined;
}

/** Says whether the ordinary window of a deduction closes after E, as known at K. */
function hasOpenWindow(
  deduction: Deduction,
  at: { readonly effectiveAt: Instant; readonly knownAt: Instant },
  context: { readonly rulebooks: Rulebooks; readonly zone: LedgerZone },
): boolean {
  const values = valuesAt(deduction, at.knownAt);
  const { document } = context.rulebooks.inForceAt(values.occurredAt);
  const notice = { notifiedAt: deduction.recordedAt, ...values };
  const days = document.parameters.appealInitiateDays.value;
  return (
    isLongOpen(notice, days, at.effectiveAt) || openWindowOf(deduction, at, context) !== undefined
  );
}

/** Says whether no appeal named a deduction by K, and its ordinary window closes after E. */
export function isAppealableAt(
  deduction: Deduction,
  history: AgencyHistory,
  at: { readonly effectiveAt: Instant; readonly knownAt: Instant },
  context: { readonly rulebooks: Rulebooks; readonly zone: LedgerZone },
): boolean {
  return !isAppealedAt(deduction, history, at.knownAt) && hasOpenWindow(deduction, at, context);
}

type Notice = { readonly appealDeadline?: Instant; readonly notifiedAt: Instant };

/**
 * Civil calendars cost more than the rest of a deduction, and nearly every deduction of a large
 * agency is long past its window: two days more than any zone can add.
 */
function isLongOver(notice: Notice, days: number, effectiveAt: Instant): boolean {
  return (
    notice.appealDeadline === undefined &&
    elapsedMs(notice.notifiedAt, effectiveAt) > (days + 3) * dayMs
  );
}

/** As {@link isLongOver}, of a window that is far from its end. */
function isLongOpen(notice: Notice, days: number, effectiveAt: Instant): boolean {
  return (
    notice.appealDeadline === undefined &&
    elapsedMs(notice.notifiedAt, effectiveAt) < (days - 2) * dayMs
  );
}

const dayMs = 86_400_000;

function elapsedMs(from: Instant, to: Instant): number {
  return epochMsOf(to) - epochMsOf(from);
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

/** The instant from which initiating an appeal against an expulsion is too late. */
export function expulsionInitiateByOf(
  { effectiveAt, recordedAt }: Expulsion,
  rulebooks: Rulebooks,
  zone: LedgerZone,
): Instant {
  const { appealInitiateDays } = rulebooks.inForceAt(effectiveAt).document.parameters;
  return naturalDaysAfter(recordedAt, appealInitiateDays.value, zone);
}

/** The appeal that named an expulsion, by its number, if one did. */
export function appealOfExpulsion(history: AgencyHistory, number: number): Appeal | undefined {
  return [...history.appeals.values()].find(({ expulsion }) => expulsion === number);
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
  return isOpenAt(appeal, now);
}
