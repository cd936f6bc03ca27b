import {
  eventTypes,
  eventTypesOutside,
  handleEvent,
  handlersFor,
  ignoreEvent,
  type EventHandlers,
  type EventOf,
  type EventType,
  type Instant,
  type LedgerEvent,
} from '@penalty-ledger/ledger';
import type { QueryDatabase } from './file/query-database.js';
import type { Projection } from './projection.js';

/** A deduction that was recorded before it took effect: the clock has to stop there (rules §5). */
export interface Scheduled {
  readonly agencyId: string;
  readonly deductionId: string;
  readonly effectiveAt: Instant;
}

/** The instant at which a deduction takes effect, according to an event. */
export interface ScheduleChange extends Scheduled {
  /** It takes effect later than this was recorded: the clock has to stop there. */
  readonly isScheduled: boolean;
  /** Another instant may have been recorded before. */
  readonly isCorrection: boolean;
}

/** Returns what an event changes in the schedule; `undefined` for nearly every event. */
export function scheduleChangeOf(event: LedgerEvent): ScheduleChange | undefined {
  return handleEvent(scheduleChanges, event);
}

function changeBy(event: EventOf<'DeductionImposed' | 'DeductionCorrected'>): ScheduleChange {
  const { agencyId, deductionId } = event.data;
  const { recordedAt, effectiveAt = recordedAt } = event;
  const isScheduled = effectiveAt > recordedAt;
  const isCorrection = event.type === 'DeductionCorrected';
  return { agencyId, deductionId, effectiveAt, isScheduled, isCorrection };
}

const scheduleChanges: EventHandlers<EventType, ScheduleChange | undefined> = {
  ...handlersFor(eventTypesOutside('agency'), ignoreEvent),
  DeductionImposed: changeBy,
  DeductionCorrected: changeBy,
  AgencyAdmitted: ignoreEvent,
  AgencyExited: ignoreEvent,
  AgencyReadmitted: ignoreEvent,
  DeductionRevoked: ignoreEvent,
  DeductionAdjusted: ignoreEvent,
  DeductionReinstated: ignoreEvent,
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

/** Deductions that take, or took, effect after they were recorded. */
export const schedule: Projection = {
  name: 'schedule',
  projectionVersion: 1,
  tables: `
    CREATE TABLE schedule (
      deductionId TEXT PRIMARY KEY,
      agencyId TEXT NOT NULL,
      effectiveAt TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX scheduleByTime ON schedule (effectiveAt);`,
  digestQuery: 'SELECT deductionId, agencyId, effectiveAt FROM schedule ORDER BY deductionId',
  prepare(database) {
    const put = database.prepare('INSERT OR REPLACE INTO schedule VALUES (?, ?, ?)');
    const remove = database.prepare('DELETE FROM schedule WHERE deductionId = ?');
    return handlersFor(eventTypes, (event) => {
      const change = scheduleChangeOf(event);
      if (change === undefined) return;
      const { deductionId, agencyId, effectiveAt, isScheduled, isCorrection } = change;
      if (isScheduled) put.run(deductionId, agencyId, effectiveAt);
      else if (isCorrection) remove.run(deductionId);
    });
  },
};

/**
 * The deductions that the clock has not passed yet, in the order in which it will: of time, then of
 * agency and deduction.
 *
 * @param clock the last instant at which anything was recorded: what fell due by then was passed
 * @param last the deduction that was passed last, when nothing was recorded since: the process that
 * wrote may have ended before it passed those after it
 */
export function scheduledAfter(
  database: QueryDatabase,
): (clock: Instant, last?: Scheduled) => readonly Scheduled[] {
  const select = database.prepare(
    'SELECT agencyId, deductionId, effectiveAt FROM schedule ' +
      'WHERE effectiveAt > ? OR (effectiveAt, agencyId, deductionId) > (?, ?, ?) ' +
      'ORDER BY effectiveAt, agencyId, deductionId',
  );
  return (clock, last) => {
    const { agencyId, deductionId, effectiveAt } = last ?? {};
    const from = [effectiveAt ?? null, agencyId ?? null, deductionId ?? null] as const;
    const rows: unknown[] = select.all(clock, ...from);
    return rows as Scheduled[];
  };
}
