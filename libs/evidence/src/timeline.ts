import {
  agency,
  type Account,
  type AgencyHistory,
  type Instant,
  type Standing,
} from '@penalty-ledger/ledger';
import type { NumberedEvent } from './deduction-details.js';

/** What the balance was at the instant an event was recorded, with what was known at that instant: a decision replayed, not only a state. */
export interface TimelineEntry {
  readonly about?: { readonly deductionId: string } | { readonly appealId: string };
  readonly balance: number;
  readonly recordedAt: Instant;
  readonly revision: number;
  readonly standing: Standing;
  readonly type: string;
}

const shown: ReadonlySet<string> = new Set([
  'AgencyAdmitted',
  'AgencyExited',
  'AgencyReadmitted',
  'DeductionImposed',
  'DeductionCorrected',
  'DeductionRevoked',
  'DeductionAdjusted',
  'DeductionReinstated',
  'AppealInitiated',
  'AppealEvidenceSubmitted',
  'AppealWithdrawn',
  'AppealDecided',
  'PendingExpulsionOpened',
  'PendingExpulsionLifted',
  'ExpulsionExecuted',
  'ExpulsionUnsupported',
  'ExpulsionRevoked',
  'ReentryApplied',
]);

/** The events of an agency's stream that its points and standing can change with, each with both at E = K = its recording. */
export function timelineOf(
  history: AgencyHistory,
  events: readonly NumberedEvent[],
  period: string,
  account: Account,
): TimelineEntry[] {
  return events
    .filter(({ type }) => shown.has(type))
    .map(({ data, recordedAt, revision, type }) => ({
      ...aboutOf(data),
      balance: agency.sumAt(history, {
        effectiveAt: recordedAt,
        knownAt: recordedAt,
        period,
        account,
      }),
      recordedAt,
      revision,
      standing: agency.standingAt(history, recordedAt, recordedAt).standing,
      type,
    }));
}

function aboutOf(data: object): Pick<TimelineEntry, 'about'> {
  const { deductionId, appealId } = data as {
    readonly deductionId?: string;
    readonly appealId?: string;
  };
  if (deductionId !== undefined) return { about: { deductionId } };
  return appealId === undefined ? {} : { about: { appealId } };
}
