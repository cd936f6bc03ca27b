/** Data of an event whose form nobody has checked. */
export type AnyData = Readonly<Record<string, unknown>>;

/** The members of an event that are read here. */
export interface EventLike {
  readonly id: string;
  readonly type: string;
  readonly data: AnyData;
}

/** The records that concern a complainant, by id, as far as the events were read. */
interface Concerned {
  readonly deductions: Set<unknown>;
  readonly appeals: Set<unknown>;
  readonly measures: Set<unknown>;
  readonly reviews: Set<unknown>;
  readonly evidence: Set<unknown>;
}

/**
 * The ids of the events that tell of a complaint (`docs/spec/evidence-pack.md`, "Redaction").
 *
 * @param agency the events of the agency's stream, in order
 * @param others those of the evidence's streams
 */
export function complaintEvents(
  agency: readonly EventLike[],
  others: readonly EventLike[],
): ReadonlySet<string> {
  const concerned: Concerned = {
    deductions: new Set(),
    appeals: new Set(),
    measures: new Set(),
    reviews: new Set(),
    evidence: new Set(),
  };
  const found = new Set<string>();
  for (const event of agency) if (isOfComplaint(event, concerned)) found.add(event.id);
  for (const { id, type, data } of others)
    if (type === 'EvidenceRegistered' && isAboutOne(data, concerned)) found.add(id);
  return found;
}

/** Returns the items of a submission of evidence that are objects. */
export function itemsIn({ items }: AnyData): readonly AnyData[] {
  return Array.isArray(items) ? (items as readonly unknown[]).filter(isRecord) : [];
}

export function isRecord(value: unknown): value is AnyData {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Says whether an event of the agency's stream tells of a complaint: it is about one, or about a
 * deduction that rests on one, or about an appeal, a measure or a review of such a deduction. An
 * expulsion rests on all deductions.
 */
function isOfComplaint({ data, type }: EventLike, concerned: Concerned): boolean {
  const { deductions, appeals, measures, reviews, evidence } = concerned;
  if (type === 'DeductionImposed' && restsOnComplaint(data)) note(deductions, data['deductionId']);
  const ids = data['deductionIds'];
  const isOne =
    'complaintId' in data ||
    deductions.has(data['deductionId']) ||
    (Array.isArray(ids) && ids.some((id) => deductions.has(id))) ||
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

function restsOnComplaint({ basis }: AnyData): boolean {
  return isRecord(basis) && basis['kind'] === 'complaint';
}

function isAboutOne(
  { evidenceId, subject }: AnyData,
  { deductions, appeals, evidence }: Concerned,
): boolean {
  if (evidence.has(evidenceId)) return true;
  if (!isRecord(subject)) return false;
  const { kind, id } = subject;
  return (
    kind === 'complaint' ||
    (kind === 'deduction' && deductions.has(id)) ||
    (kind === 'appeal' && appeals.has(id))
  );
}
