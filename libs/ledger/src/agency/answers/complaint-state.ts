import { byCodeUnit } from '../../canonical-json.js';
import type { Instant } from '../../instant.js';
import type { InBoth } from '../../in-both.js';
import { enumOf, type Shape } from '../../schema.js';
import { complaintOutcomes } from '../events.js';
import { complaintOf, type AgencyHistory, type Complaint, type Deduction } from '../history.js';

/** `open`, or how it ended. */
export type ComplaintState = Shape<typeof ComplaintStateSchema>;
export const ComplaintStateSchema = enumOf(['open', ...complaintOutcomes]);

/** Each state of a complaint as people read it. */
export const complaintStateTerms: Readonly<Record<ComplaintState, InBoth>> = {
  open: { en: 'open', zh: '处理中' },
  upheld: { en: 'upheld', zh: '成立' },
  dismissed: { en: 'dismissed', zh: '不成立' },
  withdrawn: { en: 'withdrawn', zh: '已撤诉' },
};

/** The complaint that one is merged into at K, if it is. */
export function mergedIntoAt({ merges }: Complaint, knownAt: Instant): string | undefined {
  return merges.findLast(({ recordedAt }) => recordedAt <= knownAt)?.into ?? undefined;
}

/**
 * Follows a complaint's merges at K to the complaint that stands for it; an unmerged complaint
 * stands for itself.
 */
export function headOf(history: AgencyHistory, complaint: Complaint, knownAt: Instant): Complaint {
  const into = mergedIntoAt(complaint, knownAt);
  return into === undefined ? complaint : headOf(history, complaintOf(history, into), knownAt);
}

/** The state at K: as it was closed itself, else that of the complaint it is merged into. */
export function complaintStateAt(
  history: AgencyHistory,
  complaint: Complaint,
  knownAt: Instant,
): ComplaintState {
  if (complaint.closed !== undefined && complaint.closed.recordedAt <= knownAt)
    return complaint.closed.outcome;
  const into = mergedIntoAt(complaint, knownAt);
  return into === undefined
    ? 'open'
    : complaintStateAt(history, complaintOf(history, into), knownAt);
}

/** The links of an agency's complaints at K; found once, however many complaints are looked at. */
export interface ComplaintLinks {
  /** The ids of the complaints that are merged into one, in the order they were filed. */
  readonly mergedInto: (complaintId: string) => readonly string[];
  /**
   * The deductions that rest on a complaint, or on one it is merged with (E-55), in the order of
   * their ids. A closed complaint keeps them: a withdrawal revokes nothing (E-58).
   */
  readonly deductionsOf: (complaint: Complaint) => readonly Deduction[];
}

export function complaintLinksAt(history: AgencyHistory, knownAt: Instant): ComplaintLinks {
  const merged = new Map<string, string[]>();
  for (const complaint of complaintsAt(history, knownAt)) {
    const into = mergedIntoAt(complaint, knownAt);
    if (into !== undefined) addTo(merged, into, complaint.complaintId);
  }
  const resting = new Map<Complaint, Deduction[]>();
  for (const deduction of history.deductions.values()) {
    if (deduction.recordedAt > knownAt) continue;
    const complaint = complaintOfDeduction(history, deduction, knownAt);
    if (complaint !== undefined) addTo(resting, headOf(history, complaint, knownAt), deduction);
  }
  for (const deductions of resting.values())
    deductions.sort((a, b) => byCodeUnit(a.deductionId, b.deductionId));
  return {
    mergedInto: (complaintId) => merged.get(complaintId) ?? [],
    deductionsOf: (complaint) => resting.get(headOf(history, complaint, knownAt)) ?? [],
  };
}

function addTo<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/**
 * The complaint a deduction rests on, if it names one that this agency has at K. {@link headOf}
 * follows its merges.
 */
export function complaintOfDeduction(
  history: AgencyHistory,
  { basis }: Pick<Deduction, 'basis'>,
  knownAt: Instant,
): Complaint | undefined {
  if (basis?.kind !== 'complaint') return undefined;
  const complaint = history.complaints.get(basis.complaintId);
  return complaint !== undefined && complaint.recordedAt <= knownAt ? complaint : undefined;
}

/** The complaints known at K, in the order they were filed. */
export function complaintsAt(history: AgencyHistory, knownAt: Instant): Complaint[] {
  return [...history.complaints.values()].filter(({ recordedAt }) => recordedAt <= knownAt);
}
