import { monthOf } from './calendar.js';
import { agencyOf } from './creators.js';
import { ofType, type ComplaintFiled, type ComplaintOutcome, type Fact } from './facts.js';

// Complaints (rules §8)

export interface Complaint {
  readonly complaintId: string;
  /**
   * The agency that answers: the one named, or the one its creator was bound to at `occurredAt`, as
   * found when it was filed (R 51).
   */
  readonly agencyId: string | null;
  readonly complainant: string;
  /** The month of filing, which is the month of recording (R 52). */
  readonly month: string;
  readonly outcome: ComplaintOutcome | null;
  /** True when it was closed itself; the complaint it is merged into does not matter. */
  readonly closed: boolean;
  readonly mergedInto: string | null;
}

export function complaints(facts: readonly Fact[]): Complaint[] {
  return ofType(facts, 'ComplaintFiled').map((filed) => {
    const { complaintId, complainant, recordedAt } = filed;
    return {
      complaintId,
      agencyId: answering(
        facts.filter(({ seq }) => seq < filed.seq),
        filed,
      ),
      complainant,
      month: monthOf(recordedAt),
      outcome: outcomeOf(facts, complaintId),
      closed: ofType(facts, 'ComplaintClosed').some((fact) => fact.complaintId === complaintId),
      mergedInto: mergedInto(facts, complaintId),
    };
  });
}

export function complaint(facts: readonly Fact[], complaintId: string): Complaint | undefined {
  return complaints(facts).find((one) => one.complaintId === complaintId);
}

export function answering(
  facts: readonly Fact[],
  filed: Pick<ComplaintFiled, 'named' | 'occurredAt'>,
): string | null {
  return 'agencyId' in filed.named
    ? filed.named.agencyId
    : agencyOf(facts, filed.named.creatorId, filed.occurredAt);
}

/** As it was closed itself, else as the one it is merged into (R 53). */
function outcomeOf(facts: readonly Fact[], complaintId: string): ComplaintOutcome | null {
  const closed = ofType(facts, 'ComplaintClosed').find((fact) => fact.complaintId === complaintId);
  if (closed !== undefined) return closed.outcome;
  const into = mergedInto(facts, complaintId);
  return into === null ? null : outcomeOf(facts, into);
}

/** Says whether merges lead from one complaint to another. */
export function leadsTo(facts: readonly Fact[], from: string, to: string): boolean {
  if (from === to) return true;
  const into = mergedInto(facts, from);
  return into !== null && leadsTo(facts, into, to);
}

function mergedInto(facts: readonly Fact[], complaintId: string): string | null {
  const last = facts.findLast(
    (fact) =>
      (fact.type === 'ComplaintsMerged' && fact.from.includes(complaintId)) ||
      (fact.type === 'ComplaintUnmerged' && fact.complaintId === complaintId),
  );
  return last?.type === 'ComplaintsMerged' ? last.into : null;
}
