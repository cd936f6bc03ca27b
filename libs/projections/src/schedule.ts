import type { AgencyEventData, Instant } from '@penalty-ledger/ledger';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import type { Projection } from './projection.js';

/** A deduction that was recorded before it took effect: the clock has to stop there (rules §5). */
export interface Scheduled {
  readonly agencyId: string;
  readonly deductionId: string;
  readonly effectiveAt: Instant;
}

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
    return (event) => {
      if (event.type !== 'DeductionImposed' && event.type !== 'DeductionCorrected') return;
      const { agencyId, deductionId } = event.data as AgencyEventData['DeductionCorrected'];
      const effectiveAt = event.effectiveAt ?? event.recordedAt;
      if (effectiveAt > event.recordedAt) put.run(deductionId, agencyId, effectiveAt);
      else if (event.type === 'DeductionCorrected') remove.run(deductionId);
    };
  },
};

/** What falls due after `after`, in order of time, then of agency and deduction. */
export function scheduledAfter(
  database: DatabaseSyncInstance,
): (after: Instant) => readonly Scheduled[] {
  const select = database.prepare(
    'SELECT agencyId, deductionId, effectiveAt FROM schedule WHERE effectiveAt > ? ORDER BY effectiveAt, agencyId, deductionId',
  );
  return (after) => {
    const rows: unknown[] = select.all(after);
    return rows as Scheduled[];
  };
}
