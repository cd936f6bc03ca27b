import { endOfTime } from '../../instant.js';
import type { AgencyCommandData, AgencyDecision } from '../commands.js';
import type { AgencyHistory } from '../history.js';
import { mergedIntoAt, complaintStateTerms } from '../answers/complaint-state.js';
import { accepted, refused, withPersonal, type Refused } from '../../decision.js';

/**
 * Files a complaint with the agency that answers for it: the one it names, or the one its creator
 * was bound to at `occurredAt`. The caller finds that agency, and refuses with {@link notBound}
 * when there is none.
 */
export function fileComplaint(
  data: AgencyCommandData['FileComplaint'],
  { agencyId }: AgencyHistory,
): AgencyDecision {
  const { complaintId, complainant, creatorId, occurredAt, subject, caseNo } = data;
  return accepted({
    type: 'ComplaintFiled',
    data: {
      agencyId,
      complaintId,
      complainantKind: complainant.kind,
      ...(creatorId !== undefined && { creatorId }),
    },
    occurredAt,
    ...withPersonal({ caseNo, complainantId: complainant.id, subject }),
  });
}

export function closeComplaint(
  data: AgencyCommandData['CloseComplaint'],
  history: AgencyHistory,
): AgencyDecision {
  const { complaintId, outcome, reason } = data;
  const complaint = history.complaints.get(complaintId);
  if (complaint === undefined) return unknownComplaint(complaintId);
  if (complaint.closed !== undefined)
    return refused('complaint_closed', {
      en: `complaint "${complaintId}" is ${complaint.closed.outcome} already`,
      zh: `投诉 "${complaintId}" 已有结果：${complaintStateTerms[complaint.closed.outcome].zh}`,
    });
  return accepted({
    type: 'ComplaintClosed',
    data: { agencyId: history.agencyId, complaintId, outcome },
    ...withPersonal({ reason }),
  });
}

/** Another agency's complaint is not in this history, and so unknown here. */
export function mergeComplaints(
  data: AgencyCommandData['MergeComplaints'],
  history: AgencyHistory,
): AgencyDecision {
  const { into, from } = data;
  const missing = [into, ...from].find((complaintId) => !history.complaints.has(complaintId));
  if (missing !== undefined) return unknownComplaint(missing);
  // A complaint that leads back to itself would have nothing to stand for it.
  const circle = from.find((complaintId) => leadsTo(history, into, complaintId));
  if (circle !== undefined)
    return refused('invalid', {
      en: `data.from: "${into}" is merged into "${circle}"; undo that first`,
      zh: `data.from："${into}" 已并入 "${circle}"；请先撤销该合并`,
    });
  return accepted({ type: 'ComplaintsMerged', data: { agencyId: history.agencyId, from, into } });
}

export function unmergeComplaint(
  data: AgencyCommandData['UnmergeComplaint'],
  history: AgencyHistory,
): AgencyDecision {
  const { complaintId } = data;
  const complaint = history.complaints.get(complaintId);
  if (complaint === undefined) return unknownComplaint(complaintId);
  const from = mergedIntoAt(complaint, endOfTime);
  if (from === undefined)
    return refused('not_merged', {
      en: `complaint "${complaintId}" is merged into no other`,
      zh: `投诉 "${complaintId}" 未并入其他投诉`,
    });
  return accepted({
    type: 'ComplaintUnmerged',
    data: { agencyId: history.agencyId, complaintId, from },
  });
}

/** Says whether the merges of one complaint pass through another. */
function leadsTo(history: AgencyHistory, complaintId: string, other: string): boolean {
  if (complaintId === other) return true;
  const complaint = history.complaints.get(complaintId);
  const into = complaint === undefined ? undefined : mergedIntoAt(complaint, endOfTime);
  return into !== undefined && leadsTo(history, into, other);
}

function unknownComplaint(complaintId: string): Refused {
  return refused('unknown_complaint', {
    en: `no complaint "${complaintId}" was filed with this agency`,
    zh: `该机构没有投诉 "${complaintId}"`,
  });
}
