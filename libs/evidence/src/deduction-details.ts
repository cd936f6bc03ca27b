import {
  agency,
  byCodeUnit,
  handleEvent,
  ignoreEvent,
  type AgencyHistory,
  type AppealState,
  type Basis,
  type Deduction,
  type EventHandlers,
  type EventOf,
  type EventTypeIn,
  type Instant,
  type RulebookReference,
  type StreamEvent,
} from '@penalty-ledger/ledger';

/**
 * A deduction with everything a reader needs: its origin, its recorder, its time and the decisions
 * on it.
 */
export interface DeductionDetail {
  readonly actor: string;
  readonly appeals: readonly {
    readonly appealId: string;
    readonly kind: string;
    readonly state: AppealState;
  }[];
  readonly basis?: Basis;
  readonly clause: string;
  readonly corrections: readonly { readonly recordedAt: Instant; readonly revision: number }[];
  readonly creatorId?: string;
  readonly decisions: readonly {
    readonly actor: string;
    readonly appealId?: string;
    readonly kind: string;
    readonly points: number;
    readonly recordedAt: Instant;
    readonly revision: number;
  }[];
  readonly deductionId: string;
  readonly effectiveAt: Instant;
  /** The id of the event that imposed it. */
  readonly eventId: string;
  readonly findings: readonly string[];
  readonly noticeSha256?: string;
  readonly notifiedAt?: Instant;
  readonly occurredAt: Instant;
  readonly period: string;
  readonly points: number;
  readonly recordedAt: Instant;
  readonly revision: number;
  readonly rulebook?: RulebookReference;
}

interface Asked {
  readonly period: string;
  readonly account: string;
  readonly then: Instant;
  readonly now: Instant;
}

/**
 * The deductions of a period and account, selected by their values then or now. They are in the
 * order of their ids, with their values now.
 */
export function deductionsOf(
  history: AgencyHistory,
  events: readonly StreamEvent<'agency'>[],
  { period, account, then, now }: Asked,
): DeductionDetail[] {
  const revisions = revisionsOf(events);
  return [...history.deductions.values()]
    .filter((deduction) =>
      [then, now].some((at) => {
        const values = agency.valuesAt(deduction, at);
        return deduction.recordedAt <= at && values.period === period && values.account === account;
      }),
    )
    .sort((a, b) => byCodeUnit(a.deductionId, b.deductionId))
    .map((deduction) => detailOf(deduction, history, revisions.get(deduction.deductionId), now));
}

/** The events that imposed, corrected and decided on one deduction, in order. */
interface Revisions {
  readonly imposed: EventOf<'DeductionImposed'>;
  readonly corrected: number[];
  readonly decided: number[];
}

function revisionsOf(events: readonly StreamEvent<'agency'>[]): ReadonlyMap<string, Revisions> {
  const found = new Map<string, Revisions>();
  const decided = (
    event: EventOf<'DeductionRevoked' | 'DeductionAdjusted' | 'DeductionReinstated'>,
  ): void => {
    found.get(event.data.deductionId)?.decided.push(event.revision);
  };
  const handlers: EventHandlers<EventTypeIn<'agency'>> = {
    DeductionImposed: (event) => {
      found.set(event.data.deductionId, { imposed: event, corrected: [], decided: [] });
    },
    DeductionCorrected: ({ data, revision }) => {
      found.get(data.deductionId)?.corrected.push(revision);
    },
    DeductionRevoked: decided,
    DeductionAdjusted: decided,
    DeductionReinstated: decided,
    AgencyAdmitted: ignoreEvent,
    AgencyExited: ignoreEvent,
    AgencyReadmitted: ignoreEvent,
    AppealInitiated: ignoreEvent,
    AppealEvidenceSubmitted: ignoreEvent,
    AppealWithdrawn: ignoreEvent,
    AppealDecided: ignoreEvent,
    PendingExpulsionOpened: ignoreEvent,
    PendingExpulsionLifted: ignoreEvent,
    ExpulsionExecuted: ignoreEvent,
    ExpulsionUnsupported: ignoreEvent,
    ExpulsionRevoked: ignoreEvent,
    ReentryApplied: ignoreEvent,
    PlatformBalanceObserved: ignoreEvent,
    ComplaintFiled: ignoreEvent,
    ComplaintClosed: ignoreEvent,
    ComplaintsMerged: ignoreEvent,
    ComplaintUnmerged: ignoreEvent,
    GrowthPostRecorded: ignoreEvent,
    MeasureImposed: ignoreEvent,
    MeasureLifted: ignoreEvent,
    HumanReviewRequested: ignoreEvent,
    HumanReviewAnswered: ignoreEvent,
    AdditionGranted: ignoreEvent,
    AdditionRevoked: ignoreEvent,
    AssessmentComputed: ignoreEvent,
  };
  for (const event of events) handleEvent(handlers, event);
  return found;
}

function detailOf(
  deduction: Deduction,
  history: AgencyHistory,
  revisions: Revisions | undefined,
  now: Instant,
): DeductionDetail {
  const values = agency.valuesAt(deduction, now);
  const { clause, effectiveAt, notifiedAt, occurredAt, period, points, rulebook } = values;
  const { actor, basis, creatorId, deductionId, recordedAt } = deduction;
  const noticeSha256 = revisions?.imposed.data.noticeSha256;
  return {
    actor,
    appeals: deduction.appealIds.flatMap((appealId) => {
      const appeal = history.appeals.get(appealId);
      return appeal === undefined
        ? []
        : [{ appealId, kind: appeal.kind, state: agency.appealStateAt(appeal, now) }];
    }),
    ...(basis !== undefined && { basis }),
    clause,
    corrections: deduction.corrections.map((correction, at) => ({
      recordedAt: correction.recordedAt,
      revision: revisions?.corrected[at] ?? 0,
    })),
    ...(creatorId !== undefined && { creatorId }),
    decisions: deduction.decisions.map(({ findings: _, ...decision }, at) => ({
      ...decision,
      revision: revisions?.decided[at] ?? 0,
    })),
    deductionId,
    effectiveAt,
    eventId: revisions?.imposed.id ?? '',
    findings: deduction.findings.map(({ code }) => code),
    ...(noticeSha256 !== undefined && { noticeSha256 }),
    ...(notifiedAt !== undefined && { notifiedAt }),
    occurredAt,
    period,
    points,
    recordedAt,
    revision: revisions?.imposed.revision ?? 0,
    ...(rulebook !== undefined && { rulebook }),
  };
}
