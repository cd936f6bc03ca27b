import { monthOf } from './calendar.js';
import { agencyOf } from './creators.js';
import { ofType, type ComplaintFiled, type ComplaintOutcome, type Fact } from './facts.js';

// Complaints (rulebook §8)

export interface Complaint {
  readonly complaintId: string;
  /** The agency that answers: the one named, or the one its creator was bound to at `occurredAt`, as known (R 50). */
  readonly agencyId: string | null;
  readonly complainant: string;
  /** When it was filed is when it was recorded (R 51). */
  readonly month: string;
  readonly outcome: ComplaintOutcome | null;
  readonly mergedInto: string | null;
}

export function complaints(facts: readonly Fact[]): Complaint[] {
  return ofType(facts, 'ComplaintFiled').map((filed) => {
    const { complaintId, complainant, recordedAt } = filed;
    const closed = ofType(facts, 'ComplaintClosed').find((fact) => fact.complaintId === complaintId);
    return {
      complaintId,
      agencyId: answering(facts, filed),
      complainant,
      month: monthOf(recordedAt),
      outcome: closed?.outcome ?? null,
      mergedInto: mergedInto(facts, complaintId),
    };
  });
}

export function complaint(facts: readonly Fact[], complaintId: string): Complaint | undefined {
  return complaints(facts).find((one) => one.complaintId === complaintId);
}

export function answering(facts: readonly Fact[], filed: Pick<ComplaintFiled, 'named' | 'occurredAt'>): string | null {
  return 'agencyId' in filed.named ? filed.named.agencyId : agencyOf(facts, filed.named.creatorId, filed.occurredAt);
}

function mergedInto(facts: readonly Fact[], complaintId: string): string | null {
  const last = facts.findLast(
    (fact) =>
      (fact.type === 'ComplaintsMerged' && fact.from.includes(complaintId)) ||
      (fact.type === 'ComplaintUnmerged' && fact.complaintId === complaintId),
  );
  return last?.type === 'ComplaintsMerged' ? last.into : null;
}
