import { agencyStream, shape, type UncheckedEvent } from '@penalty-ledger/ledger';
import type { PackStreams } from './pack-events.js';
import { documentsIn, itemsIn } from './registered-documents.js';

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

/** The records that concern a complainant, by id, as far as the streams were read. */
interface Concerned {
  readonly deductions: Set<unknown>;
  readonly appeals: Set<unknown>;
  readonly measures: Set<unknown>;
  readonly reviews: Set<unknown>;
  readonly evidence: Set<unknown>;
}

/** Everything that concerns a complainant. */
export function withheldFromOthers(streams: PackStreams, agencyId: string): Withheld {
  const events = new Set<string>();
  const files = new Set<string>();
  const concerned: Concerned = {
    deductions: new Set(),
    appeals: new Set(),
    measures: new Set(),
    reviews: new Set(),
    evidence: new Set(),
  };
  const withhold = (event: UncheckedEvent): void => {
    events.add(event.id);
    for (const { sha256 } of documentsIn(event)) files.add(sha256);
  };
  for (const { event } of streams.get(agencyStream(agencyId)) ?? [])
    if (isOfComplaint(event, concerned)) withhold(event);
  for (const chain of streams.values())
    for (const { event } of chain)
      if (event.type === 'EvidenceRegistered' && isAboutOne(event.data, concerned)) withhold(event);
  return { events, files };
}

/**
 * Says whether an event of the agency's stream tells of a complaint: it is about one, or about a
 * deduction that rests on one, or about an appeal, a measure or a review of such a deduction. An
 * expulsion rests on all deductions.
 */
function isOfComplaint({ data, type }: UncheckedEvent, concerned: Concerned): boolean {
  const { deductions, appeals, measures, reviews, evidence } = concerned;
  if (type === 'DeductionImposed' && restsOnComplaint(data)) note(deductions, data['deductionId']);
  const named = shape.listOf(() => true)(data['deductionIds']) ? data['deductionIds'] : [];
  const isOne =
    'complaintId' in data ||
    deductions.has(data['deductionId']) ||
    (named as readonly unknown[]).some((id) => deductions.has(id)) ||
    appeals.has(data['appealId']) ||
    measures.has(data['measureId']) ||
    reviews.has(data['reviewId']) ||
    (deductions.size > 0 && ('expulsion' in data || type === 'ExpulsionExecuted'));
  if (!isOne) return false;
  if (type === 'AppealInitiated') note(appeals, data['appealId']);
  if (type === 'MeasureImposed') note(measures, data['measureId']);
  if (type === 'HumanReviewRequested') note(reviews, data['reviewId']);
  for (const { evidenceId } of itemsIn(data)) note(evidence, evidenceId);
  return true;
}

/** Notes an id; what is no text identifies nothing. */
function note(ids: Set<unknown>, id: unknown): void {
  if (typeof id === 'string') ids.add(id);
}

function restsOnComplaint({ basis }: UncheckedEvent['data']): boolean {
  return shape.isObject(basis) && basis['kind'] === 'complaint';
}

function isAboutOne(
  { evidenceId, subject }: UncheckedEvent['data'],
  { deductions, appeals, evidence }: Concerned,
): boolean {
  if (evidence.has(evidenceId)) return true;
  if (!shape.isObject(subject)) return false;
  const { kind, id } = subject;
  return (
    kind === 'complaint' ||
    (kind === 'deduction' && deductions.has(id)) ||
    (kind === 'appeal' && appeals.has(id))
  );
}
