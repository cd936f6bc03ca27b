/**
 * The recorded facts, in order. A fact never changes; every question is answered by scanning the
 * list.
 */

export type NewFact =
  | { type: 'AgencyAdmitted'; agencyId: string; effectiveAt: number }
  | { type: 'AgencyExited'; agencyId: string; effectiveAt: number }
  | DeductionImposed
  | { type: 'DeductionRevoked'; agencyId: string; deductionId: string; points: 0 }
  | { type: 'DeductionAdjusted'; agencyId: string; deductionId: string; points: number }
  | { type: 'DeductionReinstated'; agencyId: string; deductionId: string; points: number }
  | DeductionCorrected
  | AppealInitiated
  | { type: 'AppealEvidenceSubmitted'; agencyId: string; appealId: string }
  | { type: 'AppealWithdrawn'; agencyId: string; appealId: string }
  | { type: 'AppealDecided'; agencyId: string; appealId: string; outcome: AppealOutcome }
  | { type: 'PendingExpulsionOpened'; agencyId: string; period: string; balance: number }
  | { type: 'PendingExpulsionLifted'; agencyId: string }
  | { type: 'ExpulsionExecuted'; agencyId: string; effectiveAt: number; period: string }
  | { type: 'ExpulsionUnsupported'; agencyId: string; expulsion: number }
  | { type: 'ExpulsionRevoked'; agencyId: string; expulsion: number }
  | { type: 'ReentryApplied'; agencyId: string }
  | { type: 'AgencyReadmitted'; agencyId: string; effectiveAt: number }
  | { type: 'PlatformBalanceObserved'; agencyId: string; balance: number; observedAt: number }
  /** Evidence has a subject, not an agency. */
  | { type: 'EvidenceRegistered'; agencyId: null; evidenceId: string }
  | Operation;

/**
 * Phase 2. `agencyId` is the agency of the event and serves the checks of points only (R 65). The
 * agency that a session or a complaint concerns is computed anew each time.
 */
export type Operation =
  | { type: 'CreatorBound'; agencyId: string; creatorId: string; effectiveAt: number }
  | { type: 'CreatorUnbound'; agencyId: string; creatorId: string; effectiveAt: number }
  | { type: 'ExposureRightGranted'; agencyId: null; creatorId: string; effectiveAt: number }
  | { type: 'ExposureRightWithdrawn'; agencyId: null; creatorId: string; effectiveAt: number }
  | SessionRecorded
  | SessionCorrected
  | { type: 'SessionVoided'; agencyId: string | null; sessionId: string }
  | ComplaintFiled
  | {
      type: 'ComplaintClosed';
      agencyId: string | null;
      complaintId: string;
      outcome: ComplaintOutcome;
    }
  | { type: 'ComplaintsMerged'; agencyId: string | null; into: string; from: readonly string[] }
  | { type: 'ComplaintUnmerged'; agencyId: string | null; complaintId: string }
  | { type: 'AssessmentComputed'; agencyId: string; month: string; assessment: Assessment }
  | { type: 'GrowthPostRecorded'; agencyId: string; postId: string; occurredAt: number }
  | {
      type: 'SlotsAllocated';
      agencyId: null;
      date: string;
      vertical: string;
      month: string;
      ranking: readonly string[];
    }
  | { type: 'SlotWaived'; agencyId: string; date: string; hour: number }
  | {
      type: 'SlotAssigned';
      agencyId: string;
      date: string;
      hour: number;
      creatorIds: readonly string[];
    }
  | { type: 'ThemeProposed'; agencyId: string; proposalId: string; month: string }
  | { type: 'ThemeSelected'; agencyId: string; proposalId: string }
  | { type: 'BlackoutDeclared'; agencyId: null; date: string };

export interface Sale {
  readonly vertical: string;
  readonly amountFen: number;
}

export interface SessionRecorded {
  type: 'SessionRecorded';
  agencyId: string | null;
  sessionId: string;
  creatorId: string;
  startedAt: number;
  endedAt: number;
  contentVertical: string | null;
  sales: readonly Sale[];
}

export interface SessionCorrected {
  type: 'SessionCorrected';
  agencyId: string | null;
  sessionId: string;
  startedAt: number | null;
  endedAt: number | null;
  contentVertical: string | null;
  sales: readonly Sale[] | null;
}

export type ComplaintOutcome = 'upheld' | 'dismissed' | 'withdrawn';

export interface ComplaintFiled {
  type: 'ComplaintFiled';
  agencyId: string | null;
  complaintId: string;
  /** Either the agency named, or the creator. */
  named: { readonly agencyId: string } | { readonly creatorId: string };
  complainant: string;
  occurredAt: number;
}

export interface Assessment {
  readonly verdict: 'passed' | 'failed' | 'not_assessed';
  readonly base: number;
  readonly active: number;
  readonly rate: number;
  readonly reasons: readonly ('activity' | 'headcount' | 'newcomer' | 'not_active')[];
  readonly rulebookVersion: string;
  readonly anyTime: { readonly base: number; readonly active: number };
  readonly alternative: 'passed' | 'failed' | null;
  readonly sessions: { readonly overlapping: number };
}

export interface DeductionImposed {
  type: 'DeductionImposed';
  agencyId: string;
  deductionId: string;
  points: number;
  clause: string;
  occurredAt: number;
  effectiveAt: number;
  /** The period stated in the notice, if any. */
  statedPeriod: string | null;
  notifiedAt: number | null;
  appealDeadline: number | null;
  assessmentMonth: string | null;
}

export interface DeductionCorrected {
  type: 'DeductionCorrected';
  agencyId: string;
  deductionId: string;
  points: number | null;
  clause: string | null;
  occurredAt: number | null;
  effectiveAt: number | null;
  statedPeriod: string | null;
  notifiedAt: number | null;
  appealDeadline: number | null;
}

export interface AppealInitiated {
  type: 'AppealInitiated';
  agencyId: string;
  appealId: string;
  kind: 'ordinary' | 'last_chance';
  deductionIds: readonly string[];
  /** `seq` of the expulsion appealed against, if it is one. */
  expulsion: number | null;
  /** `seq` of the pending expulsion whose last chance this is, if it is one. */
  pending: number | null;
  /** The instant stated, else that of its recording. */
  initiatedAt: number;
  /** The end of its window, as it was known when it was recorded. */
  initiateBy: number;
}

export type AppealOutcome = 'upheld' | 'partly_upheld' | 'rejected' | 'inadmissible';

/** `seq` is the place in the list; `recordedAt` is the ledger's clock, never decreasing. */
export type Fact = NewFact & {
  readonly seq: number;
  readonly recordedAt: number;
  readonly by: string;
};

export type FactOf<T extends NewFact['type']> = Extract<Fact, { type: T }>;

/** Lists are never changed, so each is sorted by type once. */
const sortedByType = new WeakMap<readonly Fact[], Map<string, Fact[]>>();

export function ofType<T extends NewFact['type']>(
  facts: readonly Fact[],
  type: T,
): readonly FactOf<T>[] {
  let sorted = sortedByType.get(facts);
  if (sorted === undefined) {
    sorted = new Map<string, Fact[]>();
    for (const fact of facts) {
      const alike = sorted.get(fact.type);
      if (alike === undefined) sorted.set(fact.type, [fact]);
      else alike.push(fact);
    }
    sortedByType.set(facts, sorted);
  }
  return (sorted.get(type) ?? []) as FactOf<T>[];
}

/** The facts known at K: recorded at or before it (rules §3). */
export function knownAt(facts: readonly Fact[], k: number): Fact[] {
  return facts.filter((fact) => fact.recordedAt <= k);
}
