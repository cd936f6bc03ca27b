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

/** The deductions that fall due after `after`, in order of time, then of agency and deduction. */
export function scheduledAfter(database: QueryDatabase): (after: Instant) => readonly Scheduled[] {
  const select = database.prepare(
    'SELECT agencyId, deductionId, effectiveAt FROM schedule WHERE effectiveAt > ? ' +
      'ORDER BY effectiveAt, agencyId, deductionId',
  );
  return (after) => {
    const rows: unknown[] = select.all(after);
    return rows as Scheduled[];
  };
}
