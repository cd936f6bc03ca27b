import type { Instant } from '../../instant.js';
import type { LedgerZone } from '../../zone.js';
import type { ComplainantKind } from '../events.js';
import { complaintOf, type AgencyHistory } from '../history.js';
import { pointsAt, valuesAt } from './balance.js';
import {
  complaintsAt,
  complaintStateAt,
  deductionsOfComplaint,
  mergedIntoAt,
  type ComplaintState,
} from './complaint-state.js';

/** The answer to `complaint`: what became of it, and what it cost. */
export interface ComplaintAnswer {
  readonly complaintId: string;
  /** The agency that answers for it. */
  readonly agencyId: string;
  readonly knownAt: string;
  /** The creator complained of, for whom the agency answers jointly. */
  readonly creatorId: string | null;
  readonly complainantKind: ComplainantKind;
  readonly occurredAt: string;
  readonly filedAt: string;
  readonly state: ComplaintState;
  /** When it was closed itself; null too when it ended with the complaint it is merged into. */
  readonly closedAt: string | null;
  readonly mergedInto: string | null;
  /** The complaints merged into this one. */
  readonly merged: readonly string[];
  /**
   * What rests on it, or on a complaint merged with it: the violation that was found (its clause, and when it occurred) and the deduction imposed for
   * it. `complaintId` is the one the deduction names.
   */
  readonly deductions: readonly {
    readonly deductionId: string;
    readonly complaintId: string;
    readonly clause: string;
    readonly occurredAt: string;
    readonly points: number;
    readonly counts: number;
  }[];
}

/** Answers `complaint`; `undefined` when it is not known at K. */
export function complaintAnswer(
  history: AgencyHistory,
  query: { readonly complaintId: string; readonly knownAt: Instant },
  { zone }: { readonly zone: LedgerZone },
): ComplaintAnswer | undefined {
  const { knownAt } = query;
  const complaint = complaintOf(history, query.complaintId);
  if (complaint.recordedAt > knownAt) return undefined;
  const { complaintId, complainantKind, closed } = complaint;
  return {
    complaintId,
    agencyId: history.agencyId,
    knownAt: zone.format(knownAt),
    creatorId: complaint.creatorId ?? null,
    complainantKind,
    occurredAt: zone.format(complaint.occurredAt),
    filedAt: zone.format(complaint.recordedAt),
    state: complaintStateAt(history, complaint, knownAt),
    closedAt:
      closed !== undefined && closed.recordedAt <= knownAt ? zone.format(closed.recordedAt) : null,
    mergedInto: mergedIntoAt(complaint, knownAt) ?? null,
    merged: complaintsAt(history, knownAt)
      .filter((other) => mergedIntoAt(other, knownAt) === complaintId)
      .map((other) => other.complaintId),
    deductions: deductionsOfComplaint(history, complaint, knownAt).map((deduction) => {
      const { clause, occurredAt, points } = valuesAt(deduction, knownAt);
      return {
        deductionId: deduction.deductionId,
        complaintId:
          deduction.basis?.kind === 'complaint' ? deduction.basis.complaintId : complaintId,
        clause,
        occurredAt: zone.format(occurredAt),
        points,
        counts: pointsAt(deduction, knownAt),
      };
    }),
  };
}
