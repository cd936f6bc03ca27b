import { agencyStream, shape, type EventTypeIn, type UncheckedEvent } from '@penalty-ledger/ledger';
import type { PackStreams } from './pack-events.js';
import { documentsIn } from './registered-documents.js';

/**
 * Content that a redacted pack must not have: its reader may not learn who complained, or about
 * what (`docs/spec/evidence-pack.md`, "Redaction").
 */
export interface Withheld {
  /** Events whose texts are not disclosed, by id. */
  readonly events: ReadonlySet<string>;
  /** Files that are not attached, by SHA-256. */
  readonly files: ReadonlySet<string>;
}

/** @param deductions the ids of those that rest on a complaint, as far as the stream was read */
type Concerns = (data: UncheckedEvent['data'], deductions: Set<unknown>) => boolean;

const always: Concerns = () => true;
const never: Concerns = () => false;

/** Tells by its type whether an event concerns a complainant; those of other streams never do. */
const concerns: Readonly<Record<EventTypeIn<'agency' | 'evidence'>, Concerns>> = {
  EvidenceRegistered: ({ subject }) => shape.isObject(subject) && subject['kind'] === 'complaint',
  ComplaintFiled: always,
  ComplaintClosed: always,
  DeductionImposed: ({ basis, deductionId }, deductions) => {
    const restsOnComplaint = shape.isObject(basis) && basis['kind'] === 'complaint';
    if (restsOnComplaint) deductions.add(deductionId);
    return restsOnComplaint;
  },
  DeductionCorrected: ({ deductionId }, deductions) => deductions.has(deductionId),
  AgencyAdmitted: never,
  AgencyExited: never,
  AgencyReadmitted: never,
  DeductionRevoked: never,
  DeductionAdjusted: never,
  DeductionReinstated: never,
  AppealInitiated: never,
  AppealEvidenceSubmitted: never,
  AppealWithdrawn: never,
  AppealDecided: never,
  PendingExpulsionOpened: never,
  PendingExpulsionLifted: never,
  ExpulsionExecuted: never,
  ExpulsionUnsupported: never,
  ExpulsionRevoked: never,
  ReentryApplied: never,
  PlatformBalanceObserved: never,
  ComplaintsMerged: never,
  ComplaintUnmerged: never,
  GrowthPostRecorded: never,
  MeasureImposed: never,
  MeasureLifted: never,
  HumanReviewRequested: never,
  HumanReviewAnswered: never,
  AssessmentComputed: never,
};

/** Everything that concerns a complainant. */
export function withheldFromOthers(streams: PackStreams, agencyId: string): Withheld {
  const events = new Set<string>();
  const files = new Set<string>();
  const deductions = new Set<unknown>();
  for (const [stream, chain] of streams) {
    for (const { event } of chain) {
      const { data, id, type } = event;
      if (type !== 'EvidenceRegistered' && stream !== agencyStream(agencyId)) continue;
      if (!Object.hasOwn(concerns, type)) continue;
      if (!concerns[type as keyof typeof concerns](data, deductions)) continue;
      events.add(id);
      for (const { sha256 } of documentsIn(event)) files.add(sha256);
    }
  }
  return { events, files };
}
