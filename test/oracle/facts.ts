/** What was recorded, in order. Nothing here is ever changed; every question is answered by scanning the list. */

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
  | { type: 'EvidenceRegistered'; agencyId: null; evidenceId: string };

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
}

export type AppealOutcome = 'upheld' | 'partly_upheld' | 'rejected' | 'inadmissible';

/** `seq` is the place in the list; `recordedAt` is the ledger's clock, never decreasing. */
export type Fact = NewFact & { readonly seq: number; readonly recordedAt: number; readonly by: string };

export type FactOf<T extends NewFact['type']> = Extract<Fact, { type: T }>;

export function ofType<T extends NewFact['type']>(facts: readonly Fact[], type: T): FactOf<T>[] {
  return facts.filter((fact): fact is FactOf<T> => fact.type === type);
}

/** What was known at K: recorded at or before it (rulebook §3). */
export function knownAt(facts: readonly Fact[], k: number): Fact[] {
  return facts.filter((fact) => fact.recordedAt <= k);
}
