import { shape, type EventTypeIn, type UncheckedEvent } from '@penalty-ledger/ledger';
import { itemsIn } from './content/complaint-events.js';

/** A document that an event registers by its SHA-256. */
export interface RegisteredDocument {
  /** In hexadecimal. */
  readonly sha256: string;
  /** Its description in a registration or submission; left out for a notice or an observation. */
  readonly evidence?: {
    readonly evidenceId: string;
    readonly about: { readonly kind: string; readonly id: string };
    readonly mediaType: string;
  };
}

type Data = UncheckedEvent['data'];
type Documents = (data: Data) => readonly RegisteredDocument[];

/** Returns the documents that an event registers; members of another form are passed over. */
export function documentsIn({ type, data }: UncheckedEvent): readonly RegisteredDocument[] {
  return Object.hasOwn(documents, type) ? documents[type as keyof typeof documents](data) : [];
}

const none: Documents = () => [];

/** By type; the events of other streams of a pack register none. */
const documents: Readonly<Record<EventTypeIn<'agency' | 'evidence'>, Documents>> = {
  EvidenceRegistered: ({ subject, ...data }) =>
    shape.isObject(subject)
      ? described(data, textOf(subject['kind']), textOf(subject['id']))
      : named(data['sha256']),
  PlatformBalanceObserved: ({ sha256 }) => named(sha256),
  DeductionImposed: ({ noticeSha256 }) => named(noticeSha256),
  AppealEvidenceSubmitted: (data) =>
    itemsIn(data).flatMap((item) => described(item, 'appeal', textOf(data['appealId']))),
  AgencyAdmitted: none,
  AgencyExited: none,
  AgencyReadmitted: none,
  DeductionCorrected: none,
  DeductionRevoked: none,
  DeductionAdjusted: none,
  DeductionReinstated: none,
  AppealInitiated: none,
  AppealWithdrawn: none,
  AppealDecided: none,
  PendingExpulsionOpened: none,
  PendingExpulsionLifted: none,
  ExpulsionExecuted: none,
  ExpulsionUnsupported: none,
  ExpulsionRevoked: none,
  ReentryApplied: none,
  ComplaintFiled: none,
  ComplaintClosed: none,
  ComplaintsMerged: none,
  ComplaintUnmerged: none,
  GrowthPostRecorded: none,
  MeasureImposed: none,
  MeasureLifted: none,
  HumanReviewRequested: none,
  HumanReviewAnswered: none,
  AdditionGranted: none,
  AdditionRevoked: none,
  AssessmentComputed: none,
};

function named(sha256: unknown): readonly RegisteredDocument[] {
  return typeof sha256 === 'string' ? [{ sha256 }] : [];
}

function described(
  { evidenceId, mediaType, sha256 }: Data,
  kind: string,
  id: string,
): readonly RegisteredDocument[] {
  const about = { kind, id };
  const evidence = { evidenceId: textOf(evidenceId), about, mediaType: textOf(mediaType) };
  return named(sha256).map((document) => ({ ...document, evidence }));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
