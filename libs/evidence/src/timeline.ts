import {
  agency,
  type Account,
  type AgencyHistory,
  type EventOf,
  type EventTypeIn,
  type Instant,
  type Standing,
  type StreamEvent,
} from '@penalty-ledger/ledger';

/**
 * The balance at the instant an event was recorded, as known at that instant. It replays a decision
 * with what was known then.
 */
export interface TimelineEntry {
  readonly about?: { readonly deductionId: string } | { readonly appealId: string };
  readonly balance: number;
  readonly recordedAt: Instant;
  readonly revision: number;
  readonly standing: Standing;
  readonly type: ShownType;
}

/** The event types that points and standing can change with. */
const shown = {
  AgencyAdmitted: true,
  AgencyExited: true,
  AgencyReadmitted: true,
  DeductionImposed: true,
  DeductionCorrected: true,
  DeductionRevoked: true,
  DeductionAdjusted: true,
  DeductionReinstated: true,
  AppealInitiated: true,
  AppealEvidenceSubmitted: true,
  AppealWithdrawn: true,
  AppealDecided: true,
  PendingExpulsionOpened: true,
  PendingExpulsionLifted: true,
  ExpulsionExecuted: true,
  ExpulsionUnsupported: true,
  ExpulsionRevoked: true,
  ReentryApplied: true,
  PlatformBalanceObserved: false,
  ComplaintFiled: false,
  ComplaintClosed: false,
  ComplaintsMerged: false,
  ComplaintUnmerged: false,
  GrowthPostRecorded: false,
  MeasureImposed: false,
  MeasureLifted: false,
  HumanReviewRequested: false,
  HumanReviewAnswered: false,
  AdditionGranted: false,
  AdditionRevoked: false,
  AssessmentComputed: false,
} as const satisfies Readonly<Record<EventTypeIn<'agency'>, boolean>>;

/** The event types of the timeline. */
export type ShownType = {
  [Type in EventTypeIn<'agency'>]: (typeof shown)[Type] extends true ? Type : never;
}[EventTypeIn<'agency'>];

/**
 * The events of an agency's stream that can change its points or standing, each with balance and
 * standing at E = K = its recording.
 */
export function timelineOf(
  history: AgencyHistory,
  events: readonly StreamEvent<'agency'>[],
  period: string,
  account: Account,
): TimelineEntry[] {
  return events.filter(isShown).map(({ data, recordedAt, revision, type }) => ({
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

function isShown(event: StreamEvent<'agency'>): event is EventOf<ShownType> {
  return shown[event.type];
}

function aboutOf(data: EventOf<ShownType>['data']): Pick<TimelineEntry, 'about'> {
  if ('deductionId' in data) return { about: { deductionId: data.deductionId } };
  return 'appealId' in data ? { about: { appealId: data.appealId } } : {};
}
