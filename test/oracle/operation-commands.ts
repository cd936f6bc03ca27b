import { assess } from './assessments.js';
import { endOfMonth, registration } from './calendar.js';
import { answering, complaint, leadsTo } from './complaints.js';
import {
  agencyOf,
  belongsTo,
  overlapping,
  rosterChanges,
  session,
  type Session,
} from './creators.js';
import {
  ofType,
  type ComplaintFiled,
  type ComplaintOutcome,
  type Fact,
  type Sale,
} from './facts.js';
import { accepted, refused, type Line, type Verdict } from './line.js';
import { standingAt } from './questions.js';
import { minCreators } from './rules.js';
import {
  allocation,
  byCodePoint,
  holderOf,
  isBlackout,
  qualifiedCreators,
  verticalOf,
} from './support.js';

/**
 * Roster of creators, sessions, complaints, assessment and traffic support, checked in the order
 * listed.
 */
export function decideOperation(command: string, line: Line): Verdict {
  switch (command) {
    case 'BindCreator':
      return bindCreator(line);
    case 'UnbindCreator':
      return unbindCreator(line);
    case 'GrantExposureRight':
      return changeExposureRight(line, 'ExposureRightGranted');
    case 'WithdrawExposureRight':
      return changeExposureRight(line, 'ExposureRightWithdrawn');
    case 'RecordSession':
      return recordSession(line);
    case 'CorrectSession':
      return correctSession(line);
    case 'VoidSession':
      return voidSession(line);
    case 'FileComplaint':
      return fileComplaint(line);
    case 'CloseComplaint':
      return closeComplaint(line);
    case 'MergeComplaints':
      return mergeComplaints(line);
    case 'UnmergeComplaint':
      return unmergeComplaint(line);
    case 'ComputeAssessment':
      return computeAssessment(line);
    case 'RecordGrowthPost':
      return recordGrowthPost(line);
    case 'AllocateSlots':
      return allocateSlots(line);
    case 'WaiveSlot':
      return waiveSlot(line);
    case 'AssignSlot':
      return assignSlot(line);
    case 'ProposeTheme':
      return proposeTheme(line);
    case 'SelectTheme':
      return selectTheme(line);
    case 'DeclareBlackout':
      return accepted([{ type: 'BlackoutDeclared', agencyId: null, date: line.string('date') }]);
    default:
      return refused('invalid');
  }
}

// Roster

function isOutOfOrder(facts: readonly Fact[], creatorId: string, effectiveAt: number): boolean {
  return rosterChanges(facts, creatorId).some((change) => effectiveAt < change.effectiveAt);
}

function isAdmitted(facts: readonly Fact[], agencyId: string, e: number): boolean {
  return ['active', 'pending_expulsion'].includes(standingAt(facts, agencyId, e));
}

function bindCreator(line: Line): Verdict {
  const { facts } = line;
  const agencyId = line.string('agencyId');
  const creatorId = line.string('creatorId');
  const effectiveAt = line.instant('effectiveAt') ?? line.now;
  if (isOutOfOrder(facts, creatorId, effectiveAt)) return refused('time_order');
  if (!isAdmitted(facts, agencyId, effectiveAt)) return refused('not_admitted');
  if (agencyOf(facts, creatorId, effectiveAt) !== null) return refused('already_bound');
  return accepted([{ type: 'CreatorBound', agencyId, creatorId, effectiveAt }]);
}

function unbindCreator(line: Line): Verdict {
  const { facts } = line;
  const agencyId = line.string('agencyId');
  const creatorId = line.string('creatorId');
  const effectiveAt = line.instant('effectiveAt') ?? line.now;
  if (isOutOfOrder(facts, creatorId, effectiveAt)) return refused('time_order');
  if (agencyOf(facts, creatorId, effectiveAt) !== agencyId) return refused('not_bound');
  return accepted([{ type: 'CreatorUnbound', agencyId, creatorId, effectiveAt }]);
}

/** A creator who was never bound may have the right too (R 40). */
function changeExposureRight(
  line: Line,
  type: 'ExposureRightGranted' | 'ExposureRightWithdrawn',
): Verdict {
  const creatorId = line.string('creatorId');
  const effectiveAt = line.instant('effectiveAt') ?? line.now;
  if (isOutOfOrder(line.facts, creatorId, effectiveAt)) return refused('time_order');
  return accepted([{ type, agencyId: null, creatorId, effectiveAt }]);
}

// Sessions

function recordSession(line: Line): Verdict {
  const { facts, now } = line;
  const creatorId = line.string('creatorId');
  const startedAt = line.instant('startedAt') ?? now;
  const agencyId = agencyOf(facts, creatorId, startedAt);
  if (agencyId === null) return refused('not_bound');
  if (!isAdmitted(facts, agencyId, startedAt)) return refused('not_admitted');
  const one = {
    sessionId: line.string('sessionId'),
    creatorId,
    startedAt,
    endedAt: line.instant('endedAt') ?? now,
  };
  return accepted(
    [
      {
        type: 'SessionRecorded',
        agencyId,
        ...one,
        contentVertical: line.optionalString('contentVertical'),
        sales: (line.data['sales'] ?? []) as readonly Sale[],
      },
    ],
    overlapping(facts, one).length > 0 ? ['overlapping_sessions'] : [],
  );
}

/** Decided by what the session becomes; a void one can be corrected and stays void (R 46). */
function correctSession(line: Line): Verdict {
  const { facts } = line;
  const one = session(facts, line.string('sessionId'));
  if (one === undefined) return refused('unknown_session');
  const startedAt = line.instant('startedAt');
  const endedAt = line.instant('endedAt');
  const becomes: Session = {
    ...one,
    startedAt: startedAt ?? one.startedAt,
    endedAt: endedAt ?? one.endedAt,
  };
  if (becomes.endedAt <= becomes.startedAt) return refused('invalid');
  const agencyId = belongsTo(facts, becomes);
  if (agencyId === null) return refused('not_bound');
  return accepted(
    [
      {
        type: 'SessionCorrected',
        agencyId,
        sessionId: one.sessionId,
        startedAt,
        endedAt,
        contentVertical: line.optionalString('contentVertical'),
        sales: (line.data['sales'] ?? null) as readonly Sale[] | null,
      },
    ],
    !one.isVoid && overlapping(facts, becomes).length > 0 ? ['overlapping_sessions'] : [],
  );
}

function voidSession(line: Line): Verdict {
  const one = session(line.facts, line.string('sessionId'));
  if (one === undefined) return refused('unknown_session');
  if (one.isVoid) return refused('already_void');
  return accepted([
    { type: 'SessionVoided', agencyId: belongsTo(line.facts, one), sessionId: one.sessionId },
  ]);
}

// Complaints

function fileComplaint(line: Line): Verdict {
  const agencyId = line.optionalString('agencyId');
  const named: ComplaintFiled['named'] =
    agencyId === null ? { creatorId: line.string('creatorId') } : { agencyId };
  const occurredAt = line.instant('occurredAt') ?? line.now;
  const answers = answering(line.facts, { named, occurredAt });
  if (answers === null) return refused('not_bound');
  const { kind } = line.data['complainant'] as { kind: string };
  const complaintId = line.string('complaintId');
  return accepted([
    {
      type: 'ComplaintFiled',
      agencyId: answers,
      complaintId,
      named,
      complainant: kind,
      occurredAt,
    },
  ]);
}

function closeComplaint(line: Line): Verdict {
  const one = complaint(line.facts, line.string('complaintId'));
  if (one === undefined) return refused('unknown_complaint');
  if (one.closed) return refused('complaint_closed');
  const { agencyId, complaintId } = one;
  const outcome = line.string('outcome') as ComplaintOutcome;
  return accepted([{ type: 'ComplaintClosed', agencyId, complaintId, outcome }]);
}

function mergeComplaints(line: Line): Verdict {
  const into = complaint(line.facts, line.string('into'));
  const from = line.data['from'] as readonly string[];
  if (
    into === undefined ||
    from.some((id) => complaint(line.facts, id)?.agencyId !== into.agencyId)
  ) {
    return refused('unknown_complaint');
  }
  // A circle of merges (R 53).
  if (from.some((id) => leadsTo(line.facts, into.complaintId, id))) return refused('invalid');
  return accepted([
    { type: 'ComplaintsMerged', agencyId: into.agencyId, into: into.complaintId, from },
  ]);
}

function unmergeComplaint(line: Line): Verdict {
  const one = complaint(line.facts, line.string('complaintId'));
  if (one === undefined) return refused('unknown_complaint');
  if (one.mergedInto === null) return refused('not_merged');
  return accepted([
    { type: 'ComplaintUnmerged', agencyId: one.agencyId, complaintId: one.complaintId },
  ]);
}

// Assessment

function computeAssessment(line: Line): Verdict {
  const { facts, now } = line;
  const month = line.string('month');
  if (now < endOfMonth(month)) return refused('month_not_over');
  const one = line.optionalString('agencyId');
  const agencies =
    one === null ? ofType(facts, 'AgencyAdmitted').map(({ agencyId }) => agencyId) : [one];
  return accepted(
    agencies.toSorted(byCodePoint).map((agencyId) => ({
      type: 'AssessmentComputed',
      agencyId,
      month,
      assessment: assess(facts, agencyId, month),
    })),
  );
}

// Traffic support

function recordGrowthPost(line: Line): Verdict {
  const occurredAt = line.instant('occurredAt') ?? line.now;
  return accepted([
    {
      type: 'GrowthPostRecorded',
      agencyId: line.string('agencyId'),
      postId: line.string('postId'),
      occurredAt,
    },
  ]);
}

function allocateSlots(line: Line): Verdict {
  const { facts, now } = line;
  const date = line.string('date');
  const vertical = line.string('vertical');
  const month = line.string('month');
  if (isBlackout(facts, date)) return refused('blackout_date');
  if (allocation(facts, date) !== undefined) return refused('already_allocated');
  const ranking = verticalOf(facts, now, month, vertical).ranking.map(({ agencyId }) => agencyId);
  return accepted([{ type: 'SlotsAllocated', agencyId: null, date, vertical, month, ranking }]);
}

function waiveSlot(line: Line): Verdict {
  const date = line.string('date');
  const hour = line.number('hour');
  const agencyId = line.string('agencyId');
  if (holderOf(line.facts, date, hour) !== agencyId) return refused('no_slot');
  return accepted([{ type: 'SlotWaived', agencyId, date, hour }]);
}

function assignSlot(line: Line): Verdict {
  const { facts } = line;
  const date = line.string('date');
  const hour = line.number('hour');
  const agencyId = line.string('agencyId');
  const creatorIds = line.data['creatorIds'] as readonly string[];
  const allocated = allocation(facts, date);
  if (allocated === undefined || holderOf(facts, date, hour) !== agencyId)
    return refused('no_slot');
  if (creatorIds.length < minCreators) return refused('too_few_creators');
  const qualified = qualifiedCreators(facts, agencyId, allocated.month, allocated.vertical);
  if (creatorIds.some((id) => !qualified.includes(id))) return refused('not_qualified');
  return accepted([{ type: 'SlotAssigned', agencyId, date, hour, creatorIds }]);
}

function proposeTheme(line: Line): Verdict {
  const month = line.string('month');
  const { from, until } = registration(month);
  if (line.now < from || until <= line.now) return refused('registration_closed');
  const agencyId = line.string('agencyId');
  return accepted([
    { type: 'ThemeProposed', agencyId, proposalId: line.string('proposalId'), month },
  ]);
}

function selectTheme(line: Line): Verdict {
  const proposalId = line.string('proposalId');
  const proposal = ofType(line.facts, 'ThemeProposed').find(
    (fact) => fact.proposalId === proposalId,
  );
  if (proposal === undefined) return refused('unknown_proposal');
  return accepted([{ type: 'ThemeSelected', agencyId: proposal.agencyId, proposalId }]);
}
