import {
  agency,
  byCodeUnit,
  type AgencyHistory,
  type AppealState,
  type Basis,
  type Deduction,
  type Instant,
  type RecordedAgencyEvent,
  type RulebookReference,
} from '@penalty-ledger/ledger';

/** A deduction with everything a reader asks of it: where from, by whom, since when, and what was decided on it. */
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

/** An event of the agency's stream, with its place there. */
export type NumberedEvent = RecordedAgencyEvent & {
  readonly id: string;
  readonly revision: number;
};

interface Asked {
  readonly period: string;
  readonly account: string;
  readonly then: Instant;
  readonly now: Instant;
}

/** The deductions of a period and account, by their values then or now, in the order of their ids; with their values now. */
export function deductionsOf(
  history: AgencyHistory,
  events: readonly NumberedEvent[],
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

/** Of one deduction: the events that imposed it, corrected it and decided on it, in order. */
interface Revisions {
  readonly imposed: NumberedEvent & { readonly type: 'DeductionImposed' };
  readonly corrected: number[];
  readonly decided: number[];
}

function revisionsOf(events: readonly NumberedEvent[]): ReadonlyMap<string, Revisions> {
  const found = new Map<string, Revisions>();
  for (const event of events) {
    if (event.type === 'DeductionImposed') {
      found.set(event.data.deductionId, { imposed: event, corrected: [], decided: [] });
    } else if (event.type === 'DeductionCorrected') {
      found.get(event.data.deductionId)?.corrected.push(event.revision);
    } else if (
      event.type === 'DeductionRevoked' ||
      event.type === 'DeductionAdjusted' ||
      event.type === 'DeductionReinstated'
    ) {
      found.get(event.data.deductionId)?.decided.push(event.revision);
    }
  }
  return found;
}

function detailOf(
  deduction: Deduction,
  history: AgencyHistory,
  revisions: Revisions | undefined,
  now: Instant,
): DeductionDetail {
  const { clause, effectiveAt, occurredAt, period, points, rulebook } = agency.valuesAt(
    deduction,
    now,
  );
  const { actor, basis, creatorId, deductionId, notifiedAt, recordedAt } = deduction;
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
    decisions: deduction.decisions.map((decision, at) => ({
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
