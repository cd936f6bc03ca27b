import {
  eventTypesOutside,
  handlersFor,
  ignoreEvent,
  type AgencyEventData,
  type Instant,
} from '@penalty-ledger/ledger';
import type { QueryDatabase } from './file/query-database.js';
import { pagesOf, type PageWanted } from './pages.js';
import type { Projection } from './projection.js';

/** A complaint in the list. What it says is sealed in its event. */
export interface ComplaintRow {
  readonly complaintId: string;
  readonly agencyId: string;
  readonly creatorId: string | null;
  readonly complainantKind: AgencyEventData['ComplaintFiled']['complainantKind'];
  readonly occurredAt: Instant;
  readonly filedAt: Instant;
  /** As it was closed itself; null too while it stands or falls with another. */
  readonly closedAt: Instant | null;
  readonly outcome: AgencyEventData['ComplaintClosed']['outcome'] | null;
  readonly mergedInto: string | null;
  /** As it was closed itself, else that of the complaint it is merged into. */
  readonly state: 'open' | AgencyEventData['ComplaintClosed']['outcome'];
}

/** The list of complaints, each in the state that its merges give it. */
export const complaints: Projection = {
  name: 'complaints',
  projectionVersion: 1,
  tables: `
    CREATE TABLE complaints (
      complaintId TEXT PRIMARY KEY,
      agencyId TEXT NOT NULL,
      creatorId TEXT,
      complainantKind TEXT NOT NULL,
      occurredAt TEXT NOT NULL,
      filedAt TEXT NOT NULL,
      closedAt TEXT,
      outcome TEXT,
      mergedInto TEXT,
      state TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX complaintsByAgency ON complaints (agencyId, filedAt);
    CREATE INDEX complaintsByCreator ON complaints (creatorId, filedAt) WHERE creatorId IS NOT NULL;
    CREATE INDEX complaintsByState ON complaints (state, filedAt);
    CREATE INDEX complaintsByFiling ON complaints (filedAt);
    CREATE INDEX complaintsMerged ON complaints (mergedInto) WHERE mergedInto IS NOT NULL;`,
  digestQuery: 'SELECT * FROM complaints ORDER BY complaintId',
  prepare(database) {
    const insert = database.prepare(
      "INSERT INTO complaints VALUES (?, ?, ?, ?, ?, ?, NULL, NULL, NULL, 'open')",
    );
    const close = database.prepare(
      'UPDATE complaints SET closedAt = ?, outcome = ? WHERE complaintId = ?',
    );
    const merge = database.prepare('UPDATE complaints SET mergedInto = ? WHERE complaintId = ?');
    const settle = database.prepare(`
      WITH RECURSIVE standing(complaintId) AS (
        SELECT ?2
        UNION
        SELECT merged.complaintId
        FROM standing CROSS JOIN complaints AS merged INDEXED BY complaintsMerged
          ON merged.mergedInto = standing.complaintId AND merged.mergedInto IS NOT NULL
            AND merged.outcome IS NULL)
      UPDATE complaints SET state = ?1 WHERE complaintId IN (SELECT complaintId FROM standing)`);
    const select = database.prepare('SELECT state, outcome FROM complaints WHERE complaintId = ?');
    const find = (complaintId: string) =>
      select.get(complaintId) as Pick<ComplaintRow, 'state' | 'outcome'> | undefined;
    /**
     * Sets the state of a complaint and of all complaints merged with it; one that was closed
     * itself keeps its own.
     */
    const give = (complaintId: string, state: ComplaintRow['state']): void => {
      if (find(complaintId)?.outcome === null) settle.run(state, complaintId);
    };
    return {
      ...handlersFor(eventTypesOutside('agency'), ignoreEvent),
      ComplaintFiled: ({ data, recordedAt, occurredAt = recordedAt }) => {
        const { complaintId, agencyId, creatorId = null, complainantKind } = data;
        insert.run(complaintId, agencyId, creatorId, complainantKind, occurredAt, recordedAt);
      },
      ComplaintClosed: ({ data: { complaintId, outcome }, recordedAt }) => {
        give(complaintId, outcome);
        close.run(recordedAt, outcome, complaintId);
      },
      ComplaintsMerged: ({ data: { from, into } }) => {
        for (const complaintId of from) {
          merge.run(into, complaintId);
          give(complaintId, find(into)?.state ?? 'open');
        }
      },
      ComplaintUnmerged: ({ data: { complaintId } }) => {
        merge.run(null, complaintId);
        give(complaintId, 'open');
      },
      AgencyAdmitted: ignoreEvent,
      AgencyExited: ignoreEvent,
      AgencyReadmitted: ignoreEvent,
      DeductionImposed: ignoreEvent,
      DeductionCorrected: ignoreEvent,
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
      GrowthPostRecorded: ignoreEvent,
      MeasureImposed: ignoreEvent,
      MeasureLifted: ignoreEvent,
      HumanReviewRequested: ignoreEvent,
      HumanReviewAnswered: ignoreEvent,
      AdditionGranted: ignoreEvent,
      AdditionRevoked: ignoreEvent,
      AssessmentComputed: ignoreEvent,
    };
  },
};

/**
 * A filter on complaints: of one agency, about one creator, in one state, filed from one instant up
 * to, but not including, another; or all.
 */
export interface ComplaintsWanted extends PageWanted {
  readonly agencyId?: string;
  readonly creatorId?: string;
  readonly state?: ComplaintRow['state'];
  readonly filed?: { readonly from: Instant; readonly to: Instant };
}

/**
 * Complaints in the order of their filing or its reverse, in pages. A page reads only the
 * complaints of one creator, agency, state or time, or only its own rows.
 */
export function complaintPages(
  database: QueryDatabase,
): (wanted: ComplaintsWanted) => readonly ComplaintRow[] {
  const page = pagesOf(database, { table: 'complaints', sortedBy: 'filedAt', id: 'complaintId' });
  return ({ agencyId, creatorId, state, filed, ...wanted }) => {
    const index =
      creatorId !== undefined
        ? 'complaintsByCreator'
        : agencyId !== undefined
          ? 'complaintsByAgency'
          : state !== undefined
            ? 'complaintsByState'
            : 'complaintsByFiling';
    return page(wanted, index, [
      ...(creatorId === undefined ? [] : [{ sql: 'creatorId = ?', value: creatorId }]),
      ...(agencyId === undefined ? [] : [{ sql: 'agencyId = ?', value: agencyId }]),
      ...(state === undefined ? [] : [{ sql: 'state = ?', value: state }]),
      ...(filed === undefined
        ? []
        : [
            { sql: 'filedAt >= ?', value: filed.from },
            { sql: 'filedAt < ?', value: filed.to },
          ]),
    ]) as readonly ComplaintRow[];
  };
}
