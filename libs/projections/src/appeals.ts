import {
  eventTypesOutside,
  handlersFor,
  ignoreEvent,
  type AgencyEventData,
  type Finding,
  type FindingCode,
  type Instant,
} from '@penalty-ledger/ledger';
import type { QueryDatabase } from './file/query-database.js';
import { pagesOf, type PageWanted } from './pages.js';
import type { Projection } from './projection.js';

/**
 * The stage of an appeal, as recorded. Whether an `initiated` one has lapsed depends on the time.
 */
export type AppealStage =
  | 'initiated'
  | 'evidence_submitted'
  | 'out_of_time'
  | 'withdrawn'
  | AgencyEventData['AppealDecided']['outcome'];

/**
 * An appeal in the list, with its clocks and everything a list says of it. Each act on it is there
 * with the instant at which it happened.
 */
export interface AppealRow {
  readonly appealId: string;
  readonly agencyId: string;
  readonly kind: AgencyEventData['AppealInitiated']['kind'];
  readonly recordedAt: Instant;
  readonly initiatedAt: Instant;
  readonly initiateBy: Instant;
  readonly evidenceBy: Instant;
  readonly outOfTime: boolean;
  readonly submittedAt: Instant | null;
  readonly withdrawnAt: Instant | null;
  readonly decidedAt: Instant | null;
  readonly outcome: AgencyEventData['AppealDecided']['outcome'] | null;
  readonly deductionIds: readonly string[];
  /** The expulsion it names, by its number in the agency's history. */
  readonly expulsion: number | null;
  /** Codes, of the initiation and then of the decision. */
  readonly findings: readonly FindingCode[];
  readonly decisionFindings: readonly FindingCode[];
  readonly stage: AppealStage;
}

/** The list of appeals: by agency, by stage, and by the deadline that is next. */
export const appeals: Projection = {
  name: 'appeals',
  projectionVersion: 3,
  tables: `
    CREATE TABLE appeals (
      appealId TEXT PRIMARY KEY,
      agencyId TEXT NOT NULL,
      kind TEXT NOT NULL,
      recordedAt TEXT NOT NULL,
      initiatedAt TEXT NOT NULL,
      initiateBy TEXT NOT NULL,
      evidenceBy TEXT NOT NULL,
      outOfTime INTEGER NOT NULL,
      submittedAt TEXT,
      withdrawnAt TEXT,
      decidedAt TEXT,
      outcome TEXT,
      deductionIds TEXT NOT NULL,
      expulsion INTEGER,
      findings TEXT NOT NULL,
      decisionFindings TEXT NOT NULL,
      -- In the order of stateOfKnown.
      stage TEXT NOT NULL GENERATED ALWAYS AS (CASE
        WHEN outcome IS NOT NULL THEN outcome
        WHEN withdrawnAt IS NOT NULL THEN 'withdrawn'
        WHEN outOfTime THEN 'out_of_time'
        WHEN submittedAt IS NOT NULL THEN 'evidence_submitted'
        ELSE 'initiated' END) VIRTUAL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX appealsByAgency ON appeals (agencyId, initiatedAt);
    CREATE INDEX appealsByInitiation ON appeals (initiatedAt);
    CREATE INDEX appealsByStage ON appeals (stage, initiatedAt);
    -- Whoever asks for open windows reads no window that has closed.
    CREATE INDEX appealsAwaitingEvidence ON appeals (evidenceBy) WHERE stage = 'initiated';`,
  digestQuery: 'SELECT * FROM appeals ORDER BY appealId',
  prepare(database) {
    const insert = database.prepare(
      'INSERT INTO appeals VALUES ' +
        "(?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL, NULL, ?, ?, ?, '[]')",
    );
    const evidence = database.prepare('UPDATE appeals SET submittedAt = ? WHERE appealId = ?');
    const withdraw = database.prepare('UPDATE appeals SET withdrawnAt = ? WHERE appealId = ?');
    const decide = database.prepare(
      'UPDATE appeals SET decidedAt = ?, outcome = ?, decisionFindings = ? WHERE appealId = ?',
    );
    return {
      ...handlersFor(eventTypesOutside('agency'), ignoreEvent),
      AppealInitiated: ({ data, recordedAt, occurredAt = recordedAt }) => {
        const {
          appealId,
          agencyId,
          kind,
          initiateBy,
          evidenceBy,
          deductionIds = [],
          expulsion = null,
        } = data;
        const clocks = [recordedAt, occurredAt, initiateBy, evidenceBy] as const;
        const named = [JSON.stringify(deductionIds), expulsion, codesIn(data.findings)] as const;
        insert.run(appealId, agencyId, kind, ...clocks, data.outOfTime ? 1 : 0, ...named);
      },
      AppealEvidenceSubmitted: ({ data, recordedAt, occurredAt = recordedAt }) => {
        evidence.run(occurredAt, data.appealId);
      },
      AppealWithdrawn: ({ data, recordedAt, occurredAt = recordedAt }) => {
        withdraw.run(occurredAt, data.appealId);
      },
      AppealDecided: ({ data, recordedAt, decidedAt = recordedAt }) => {
        decide.run(decidedAt, data.outcome, codesIn(data.findings), data.appealId);
      },
      AgencyAdmitted: ignoreEvent,
      AgencyExited: ignoreEvent,
      AgencyReadmitted: ignoreEvent,
      DeductionImposed: ignoreEvent,
      DeductionCorrected: ignoreEvent,
      DeductionRevoked: ignoreEvent,
      DeductionAdjusted: ignoreEvent,
      DeductionReinstated: ignoreEvent,
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
  },
};

function codesIn(findings: readonly Finding[] = []): string {
  return JSON.stringify(findings.map(({ code }) => code));
}

/** The appeals of an agency, in the order of their initiation. */
export function appealsOfAgency(
  database: QueryDatabase,
): (agencyId: string) => readonly AppealRow[] {
  const select = database.prepare(
    'SELECT * FROM appeals WHERE agencyId = ? ORDER BY initiatedAt, appealId',
  );
  return (agencyId) => select.all(agencyId).map(rowOf);
}

/** A filter on appeals: of one agency or all, at one stage or all. */
export interface AppealsWanted extends PageWanted {
  readonly agencyId?: string;
  readonly stage?: AppealStage;
  /**
   * For stage `initiated`: only appeals whose evidence window is open, or only those whose window
   * is closed, at this instant.
   */
  readonly window?: { readonly at: Instant; readonly is: 'open' | 'closed' };
}

/**
 * Appeals in the order of their initiation or its reverse, in pages. A page reads only one agency's
 * appeals, those at the stage, or its own rows.
 */
export function appealPages(
  database: QueryDatabase,
): (wanted: AppealsWanted) => readonly AppealRow[] {
  const page = pagesOf(database, { table: 'appeals', sortedBy: 'initiatedAt', id: 'appealId' });
  return ({ agencyId, stage, window, ...wanted }) => {
    const index =
      agencyId !== undefined
        ? 'appealsByAgency'
        : window?.is === 'open'
          ? 'appealsAwaitingEvidence'
          : stage !== undefined
            ? 'appealsByStage'
            : 'appealsByInitiation';
    const rows = page(wanted, index, [
      ...(agencyId === undefined ? [] : [{ sql: 'agencyId = ?', value: agencyId }]),
      ...(stage === undefined
        ? []
        : stage === 'initiated'
          ? [{ sql: "stage = 'initiated'" }]
          : [{ sql: 'stage = ?', value: stage }]),
      ...(window === undefined
        ? []
        : [{ sql: `evidenceBy ${window.is === 'open' ? '>' : '<='} ?`, value: window.at }]),
    ]);
    return rows.map(rowOf);
  };
}

/**
 * Every appeal that waits for an act, of one agency or of all. Either the agency's evidence window
 * is open at `at` and closes before `before`. Or the platform has had the evidence since before
 * `before` and has not decided. The cost depends on the number of open appeals, not of all appeals.
 */
export function openAppeals(
  database: QueryDatabase,
): (at: Instant, before: Instant, agencyId?: string) => readonly AppealRow[] {
  const select = (ofAgency: boolean) => {
    const [evidence, stage] = ofAgency ? ['ByAgency', 'ByAgency'] : ['AwaitingEvidence', 'ByStage'];
    const own = ofAgency ? ' AND agencyId = ?' : '';
    return database.prepare(`
      SELECT * FROM appeals INDEXED BY appeals${evidence}
        WHERE stage = 'initiated' AND evidenceBy > ? AND evidenceBy < ?${own}
      UNION ALL
      SELECT * FROM appeals INDEXED BY appeals${stage}
        WHERE stage = 'evidence_submitted' AND submittedAt < ?${own}`);
  };
  const [ofAll, ofOne] = [select(false), select(true)];
  return (at, before, agencyId) =>
    (agencyId === undefined
      ? ofAll.all(at, before, before)
      : ofOne.all(at, before, agencyId, before, agencyId)
    ).map(rowOf);
}

type StoredRow = Omit<AppealRow, 'outOfTime' | 'deductionIds' | 'findings' | 'decisionFindings'> & {
  readonly outOfTime: 0 | 1;
} & Readonly<Record<'deductionIds' | 'findings' | 'decisionFindings', string>>;

function rowOf(stored: unknown): AppealRow {
  const row = stored as StoredRow;
  return {
    ...row,
    outOfTime: row.outOfTime === 1,
    deductionIds: JSON.parse(row.deductionIds) as string[],
    findings: JSON.parse(row.findings) as FindingCode[],
    decisionFindings: JSON.parse(row.decisionFindings) as FindingCode[],
  };
}
