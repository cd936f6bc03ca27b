import { plusDays, yearOf } from './calendar.js';
import { latestComputation } from './assessments.js';
import type { AppealOutcome, Fact, NewFact } from './facts.js';
import { ofType } from './facts.js';
import {
  admissions,
  appeal,
  appeals,
  appealState,
  decisionsOn,
  deduction,
  deductions,
  expulsionAt,
  expulsions,
  initiationWindow,
  isAdmittedOnce,
  pendingAt,
  reentryFrom,
  standingAt,
  sumOf,
  type Deduction,
  type Pending,
} from './questions.js';
import { accepted, refused, type Line, type Verdict } from './line.js';
import { decideOperation } from './operation-commands.js';
import { rulebookAt, threshold } from './rules.js';

/**
 * The commands: the checks of interchange §2 in the order listed, then their facts and findings.
 */

/** Findings of severity breach; an operator refuses an act that has one (rules §2). */
export const breaches: readonly string[] = [
  'tariff_mismatch',
  'appeal_worsened',
  'no_last_chance',
  'below_threshold',
  'reentry_early',
];

/**
 * Says whether a command is `invalid` for reasons beyond its shape that need no ledger: the future,
 * and contradictions.
 */
export function contradicts(command: string, line: Line): boolean {
  const { now } = line;
  const effectiveAt = line.instant('effectiveAt');
  const occurredAt = line.instant('occurredAt');
  const future = (instant: number | null): boolean => instant !== null && instant > now;
  switch (command) {
    case 'RecordDeduction':
      return (
        future(occurredAt) ||
        (occurredAt !== null && (effectiveAt ?? now) < occurredAt) ||
        (effectiveAt !== null && effectiveAt > plusDays(now, 366))
      );
    case 'RecordSession': {
      const startedAt = line.instant('startedAt') ?? now;
      const endedAt = line.instant('endedAt') ?? now;
      return endedAt <= startedAt || future(endedAt);
    }
    case 'CorrectSession': {
      const startedAt = line.instant('startedAt');
      const endedAt = line.instant('endedAt');
      return (
        future(startedAt) ||
        future(endedAt) ||
        (startedAt !== null && endedAt !== null && endedAt <= startedAt)
      );
    }
    case 'FileComplaint': // R 49
      return line.has('agencyId') === line.has('creatorId') || future(occurredAt);
    case 'MergeComplaints': // R 53
      return (line.data['from'] as readonly string[]).includes(line.string('into'));
    case 'RecordGrowthPost':
      return future(occurredAt);
    case 'ObservePlatformBalance': // R 5
      return future(line.instant('observedAt'));
    case 'CorrectDeduction':
      return future(occurredAt) || (effectiveAt !== null && effectiveAt > plusDays(now, 366));
    case 'InitiateAppeal':
      return (
        line.has('deductionIds') === line.has('expulsion') ||
        (line.data['kind'] === 'last_chance' && line.has('expulsion'))
      );
    case 'DecideAppeal':
      return (line.data['outcome'] === 'partly_upheld') !== line.has('adjustments');
    default:
      return future(effectiveAt);
  }
}

export function decide(command: string, line: Line): Verdict {
  const { agencyId } = line.data;
  if (
    command !== 'AdmitAgency' &&
    typeof agencyId === 'string' &&
    !isAdmittedOnce(line.facts, agencyId)
  )
    return refused('unknown_agency');
  switch (command) {
    case 'AdmitAgency':
      return admitAgency(line);
    case 'RecordExit':
      return recordExit(line);
    case 'RecordDeduction':
      return recordDeduction(line);
    case 'RecordRevocation':
      return recordRevocation(line);
    case 'RecordPartialRevocation':
      return recordPartialRevocation(line);
    case 'RecordReinstatement':
      return recordReinstatement(line);
    case 'CorrectDeduction':
      return correctDeduction(line);
    case 'InitiateAppeal':
      return initiateAppeal(line);
    case 'SubmitEvidence':
      return submitEvidence(line);
    case 'WithdrawAppeal':
      return withdrawAppeal(line);
    case 'DecideAppeal':
      return decideAppeal(line);
    case 'RecordExpulsion':
      return recordExpulsion(line);
    case 'RevokeExpulsion':
      return revokeExpulsion(line);
    case 'ApplyForReentry':
      return applyForReentry(line);
    case 'RecordReadmission':
      return recordReadmission(line);
    case 'ObservePlatformBalance':
      return observePlatformBalance(line);
    case 'RegisterEvidence': {
      const subject = line.data['subject'] as { kind: string; id: string }; // R 37
      if (subject.kind === 'agency' && !isAdmittedOnce(line.facts, subject.id))
        return refused('unknown_agency');
      return accepted([
        { type: 'EvidenceRegistered', agencyId: null, evidenceId: line.string('evidenceId') },
      ]);
    }
    default:
      return decideOperation(command, line);
  }
}

// Roster

function admitAgency(line: Line): Verdict {
  return accepted([
    {
      type: 'AgencyAdmitted',
      agencyId: line.string('agencyId'),
      effectiveAt: line.instant('effectiveAt') ?? line.now,
    },
  ]);
}

function recordExit(line: Line): Verdict {
  const { facts, now } = line;
  const agencyId = line.string('agencyId');
  const effectiveAt = line.instant('effectiveAt') ?? now;
  const rosterChanges = [
    ...admissions(facts, agencyId),
    ...ofType(facts, 'AgencyExited').filter((fact) => fact.agencyId === agencyId),
  ];
  if (rosterChanges.some((change) => effectiveAt < change.effectiveAt))
    return refused('time_order');
  if (!isAdmitted(line, agencyId, now)) return refused('not_admitted');
  return accepted([{ type: 'AgencyExited', agencyId, effectiveAt }]);
}

function isAdmitted(line: Line, agencyId: string, e: number): boolean {
  return ['active', 'pending_expulsion'].includes(standingAt(line.facts, agencyId, e));
}

// Deductions

function recordDeduction(line: Line): Verdict {
  const { facts, now, data } = line;
  const agencyId = line.string('agencyId');
  const deductionId = line.string('deductionId');
  const points = line.number('points');
  const clause = line.string('clause');
  const occurredAt = line.instant('occurredAt') ?? now;
  const effectiveAt = line.instant('effectiveAt') ?? now;
  const statedPeriod = line.optionalString('period');
  const assessmentMonth = monthOf(data['basis']);

  const { clauses } = rulebookAt(occurredAt);
  if (!Object.hasOwn(clauses, clause)) return refused('unknown_clause');
  if (!isAdmitted(line, agencyId, Math.min(effectiveAt, now))) return refused('not_admitted');
  const earlier = deductions(facts).filter((one) => one.agencyId === agencyId);
  if (
    assessmentMonth !== null &&
    earlier.some((one) => one.assessmentMonth === assessmentMonth && one.counts > 0)
  ) {
    return refused('duplicate_assessment');
  }

  const findings: string[] = [];
  const fixed = clauses[clause] ?? null;
  if (fixed !== null && fixed !== points) findings.push('tariff_mismatch');
  if (
    assessmentMonth !== null &&
    latestComputation(facts, agencyId, assessmentMonth)?.verdict === 'passed'
  ) {
    findings.push('assessment_disagrees');
  }
  if (
    earlier.some(
      (one) => one.clause === clause && one.occurredAt === occurredAt && one.points === points,
    )
  ) {
    findings.push('possible_duplicate');
  }
  const imposed: NewFact = {
    type: 'DeductionImposed',
    agencyId,
    deductionId,
    points,
    clause,
    occurredAt,
    effectiveAt,
    statedPeriod,
    notifiedAt: line.instant('notifiedAt'),
    appealDeadline: line.instant('appealDeadline'),
    assessmentMonth,
  };
  const period = statedPeriod ?? yearOf(effectiveAt);
  const withIt: readonly Fact[] = [
    ...facts,
    { ...imposed, seq: facts.length, recordedAt: now, by: line.by },
  ];
  if (
    period < yearOf(now) &&
    sumOf(facts, agencyId, now, period) < threshold &&
    sumOf(withIt, agencyId, now, period) >= threshold
  ) {
    findings.push('retroactive_threshold');
  }
  return accepted([imposed], findings);
}

function monthOf(basis: unknown): string | null {
  if (typeof basis !== 'object' || basis === null || !('month' in basis)) return null;
  return typeof basis.month === 'string' ? basis.month : null;
}

function recordRevocation(line: Line): Verdict {
  const one = deduction(line.facts, line.string('deductionId'));
  if (one === undefined) return refused('unknown_deduction');
  if (one.counts === 0) return refused('already_revoked');
  return accepted([adjusted(one, 0)], sameActor(one.by, line));
}

function recordPartialRevocation(line: Line): Verdict {
  const one = deduction(line.facts, line.string('deductionId'));
  if (one === undefined) return refused('unknown_deduction');
  if (line.number('points') >= one.counts) return refused('not_lower');
  return accepted([adjusted(one, line.number('points'))], sameActor(one.by, line));
}

function recordReinstatement(line: Line): Verdict {
  const one = deduction(line.facts, line.string('deductionId'));
  if (one === undefined) return refused('unknown_deduction');
  const points = line.optionalNumber('points') ?? one.points;
  if (points > one.points) return refused('exceeds_original');
  if (points <= one.counts) return refused('not_higher');
  if (deductions(line.facts).some((each) => isTwin(each, one) && each.counts > 0))
    return refused('duplicate_assessment');
  const { agencyId, deductionId } = one;
  const undone = decisionsOn(line.facts, deductionId).at(-1) ?? one;
  return accepted(
    [{ type: 'DeductionReinstated', agencyId, deductionId, points }],
    sameActor(undone.by, line),
  );
}

/** Two deductions of one agency and assessment month. */
function isTwin(one: Deduction, other: Deduction): boolean {
  return (
    one.deductionId !== other.deductionId &&
    one.agencyId === other.agencyId &&
    one.assessmentMonth !== null &&
    one.assessmentMonth === other.assessmentMonth
  );
}

function sameActor(by: string, line: Line): string[] {
  return by === line.by ? ['same_actor'] : [];
}

function adjusted({ agencyId, deductionId }: Deduction, points: number): NewFact {
  return points === 0
    ? { type: 'DeductionRevoked', agencyId, deductionId, points: 0 }
    : { type: 'DeductionAdjusted', agencyId, deductionId, points };
}

function correctDeduction(line: Line): Verdict {
  const one = deduction(line.facts, line.string('deductionId'));
  if (one === undefined) return refused('unknown_deduction');
  const points = line.optionalNumber('points');
  const clause = line.optionalString('clause');
  const occurredAt = line.instant('occurredAt');
  const effectiveAt = line.instant('effectiveAt');
  // What it becomes may not contradict itself, name what does not exist, or stand where none may
  // (R 11).
  const becomes = {
    clause: clause ?? one.clause,
    occurredAt: occurredAt ?? one.occurredAt,
    effectiveAt: effectiveAt ?? one.effectiveAt,
  };
  if (becomes.effectiveAt < becomes.occurredAt) return refused('invalid');
  if (!Object.hasOwn(rulebookAt(becomes.occurredAt).clauses, becomes.clause))
    return refused('unknown_clause');
  if (effectiveAt !== null && !isAdmitted(line, one.agencyId, Math.min(effectiveAt, line.now)))
    return refused('not_admitted');
  return accepted([
    {
      type: 'DeductionCorrected',
      agencyId: one.agencyId,
      deductionId: one.deductionId,
      points,
      clause,
      occurredAt,
      effectiveAt,
      statedPeriod: line.optionalString('period'),
      notifiedAt: line.instant('notifiedAt'),
      appealDeadline: line.instant('appealDeadline'),
    },
  ]);
}

// Appeals

function initiateAppeal(line: Line): Verdict {
  const { facts, now } = line;
  const agencyId = line.string('agencyId');
  const kind = line.data['kind'] === 'last_chance' ? 'last_chance' : 'ordinary';
  const deductionIds = strings(line.data['deductionIds']);
  const named = deductionIds.map((id) => deduction(facts, id));
  if (named.some((one) => one?.agencyId !== agencyId)) return refused('unknown_deduction');
  const occurred = named.map((one) => one?.occurredAt ?? 0);
  if (cannotBe(line, 'initiatedAt', Math.max(0, ...occurred))) return refused('invalid');
  const pending = kind === 'last_chance' ? pendingAt(facts, agencyId, now) : undefined;
  if (kind === 'last_chance' && pending === undefined) return refused('no_pending_expulsion');
  const expulsion = line.has('expulsion') ? unrevokedExpulsion(facts, agencyId) : undefined;
  if (line.has('expulsion') && expulsion === undefined) return refused('not_expelled');

  const earlier = appeals(facts);
  const used =
    expulsion !== undefined
      ? earlier.some((one) => one.expulsion === expulsion.seq)
      : pending !== undefined
        ? earlier.some((one) => one.pending === pending.seq)
        : earlier.some((one) => one.deductionIds.some((id) => deductionIds.includes(id)));
  if (used) return refused('already_appealed');
  if (named.some((one) => one?.counts === 0)) return refused('already_revoked');

  const initiated = {
    agencyId,
    deductionIds,
    expulsion: expulsion?.seq ?? null,
    pending: pending?.seq ?? null,
  };
  const initiateBy = initiationWindow(facts, initiated);
  const initiatedAt = line.instant('initiatedAt') ?? now;
  const appealId = line.string('appealId');
  return accepted(
    [{ type: 'AppealInitiated', appealId, kind, ...initiated, initiatedAt, initiateBy }],
    initiatedAt >= initiateBy ? ['appeal_late'] : [],
  );
}

/** An act on an appeal that cannot have happened when it says so (R 66). */
function cannotBe(line: Line, key: string, notBefore: number): boolean {
  const stated = line.instant(key);
  if (stated === null) return false;
  const mayBeStated = line.mode === 'observer' || key === 'decidedAt';
  return !mayBeStated || stated > line.now || stated < notBefore;
}

function strings(value: unknown): string[] {
  return Array.isArray(value)
    ? value.filter((item): item is string => typeof item === 'string')
    : [];
}

function unrevokedExpulsion(facts: readonly Fact[], agencyId: string) {
  return expulsions(facts, agencyId).findLast((expulsion) => !expulsion.revoked);
}

function submitEvidence(line: Line): Verdict {
  const one = appeal(line.facts, line.string('appealId'));
  if (one === undefined) return refused('unknown_appeal');
  if (cannotBe(line, 'submittedAt', one.initiatedAt)) return refused('invalid');
  if (one.outcome !== null || one.withdrawn || one.late) return refused('appeal_closed');
  if (one.hasEvidence) return refused('evidence_already_submitted');
  if ((line.instant('submittedAt') ?? line.now) >= one.evidenceBy)
    return refused('evidence_window_closed');
  return accepted([
    { type: 'AppealEvidenceSubmitted', agencyId: one.agencyId, appealId: one.appealId },
  ]);
}

function withdrawAppeal(line: Line): Verdict {
  const one = appeal(line.facts, line.string('appealId'));
  if (one === undefined) return refused('unknown_appeal');
  if (cannotBe(line, 'withdrawnAt', one.initiatedAt)) return refused('invalid');
  if (one.outcome !== null || one.withdrawn) return refused('appeal_closed');
  return accepted([{ type: 'AppealWithdrawn', agencyId: one.agencyId, appealId: one.appealId }]);
}

function decideAppeal(line: Line): Verdict {
  const { facts } = line;
  const one = appeal(facts, line.string('appealId'));
  if (one === undefined) return refused('unknown_appeal');
  if (cannotBe(line, 'decidedAt', one.initiatedAt)) return refused('invalid');
  if (one.outcome !== null || one.withdrawn) return refused('appeal_closed');
  const adjustments = adjustmentsOf(line.data['adjustments']);
  if (adjustments.some(({ deductionId }) => !one.deductionIds.includes(deductionId)))
    return refused('unknown_deduction');

  const named = deductions(facts).filter(({ deductionId }) =>
    one.deductionIds.includes(deductionId),
  );
  const countsNow = (deductionId: string): number =>
    named.find((each) => each.deductionId === deductionId)?.counts ?? 0;
  if (adjustments.some(({ deductionId, points }) => points === countsNow(deductionId)))
    return refused('not_lower');
  const countsThen = (each: Deduction): number =>
    adjustments.find(({ deductionId }) => deductionId === each.deductionId)?.points ?? each.counts;
  const raised = named.filter((each) => each.counts === 0 && countsThen(each) > 0);
  const counting = deductions(facts).filter((each) => countsThen(each) > 0);
  if (raised.some((each) => counting.some((other) => isTwin(each, other))))
    return refused('duplicate_assessment');

  const findings: string[] = [];
  if (adjustments.some(({ deductionId, points }) => points > countsNow(deductionId)))
    findings.push('appeal_worsened');
  if (named.some((each) => each.by === line.by)) findings.push('same_actor');

  const outcome = line.string('outcome') as AppealOutcome;
  const inOrder = one.deductionIds.flatMap((id) => named.filter((each) => each.deductionId === id));
  const changes: NewFact[] = inOrder.flatMap((each) => {
    const points =
      outcome === 'upheld'
        ? 0
        : adjustments.find(({ deductionId }) => deductionId === each.deductionId)?.points;
    return points === undefined || points === each.counts ? [] : [adjusted(each, points)];
  });
  const expulsion = expulsions(facts, one.agencyId).find(
    ({ seq, revoked }) => seq === one.expulsion && !revoked,
  );
  if (outcome === 'upheld' && expulsion !== undefined) {
    changes.push({ type: 'ExpulsionRevoked', agencyId: one.agencyId, expulsion: expulsion.seq });
  }
  return accepted(
    [
      { type: 'AppealDecided', agencyId: one.agencyId, appealId: one.appealId, outcome },
      ...changes,
    ],
    findings,
  );
}

function adjustmentsOf(value: unknown): { deductionId: string; points: number }[] {
  return Array.isArray(value) ? (value as { deductionId: string; points: number }[]) : [];
}

// Expulsion and return

function recordExpulsion(line: Line): Verdict {
  const { facts, now } = line;
  const agencyId = line.string('agencyId');
  const effectiveAt = line.instant('effectiveAt') ?? now;
  const admission = admissions(facts, agencyId).at(-1);
  // R 19
  if (admission !== undefined && effectiveAt < admission.effectiveAt) return refused('invalid');
  const standing = standingAt(facts, agencyId, now);
  if (standing === 'expelled') return refused('already_expelled');
  if (standing === 'not_admitted' || standing === 'exited') return refused('not_admitted');

  const pending = pendingAt(facts, agencyId, now);
  const period = pending?.period ?? yearOf(effectiveAt);
  const under = sumOf(facts, agencyId, effectiveAt, period) < threshold; // R 20
  const findings: string[] = [];
  if (pending === undefined || !lastChanceIsOver(facts, pending, now))
    findings.push('no_last_chance');
  if (under) findings.push('below_threshold');
  return accepted([{ type: 'ExpulsionExecuted', agencyId, effectiveAt, period }], findings);
}

/**
 * A decided, withdrawn or lapsed appeal uses up the last chance. Without an appeal in time it ends
 * when the window closes.
 */
function lastChanceIsOver(facts: readonly Fact[], pending: Pending, now: number): boolean {
  const chance = appeals(facts).find((one) => one.pending === pending.seq && !one.late);
  if (chance === undefined) return now >= pending.closesAt;
  return !['initiated', 'evidence_submitted'].includes(appealState(chance, now));
}

function revokeExpulsion(line: Line): Verdict {
  const agencyId = line.string('agencyId');
  const expulsion = unrevokedExpulsion(line.facts, agencyId);
  if (expulsion === undefined) return refused('not_expelled');
  return accepted(
    [{ type: 'ExpulsionRevoked', agencyId, expulsion: expulsion.seq }],
    sameActor(expulsion.by, line),
  );
}

function applyForReentry(line: Line): Verdict {
  const agencyId = line.string('agencyId');
  if (standingAt(line.facts, agencyId, line.now) !== 'expelled') return refused('not_expelled');
  return accepted([{ type: 'ReentryApplied', agencyId }]);
}

function recordReadmission(line: Line): Verdict {
  const { facts, now } = line;
  const agencyId = line.string('agencyId');
  if (!['expelled', 'exited'].includes(standingAt(facts, agencyId, now)))
    return refused('not_expelled');
  const expulsion = expulsionAt(facts, agencyId, now);
  const findings = expulsion !== undefined && now < reentryFrom(expulsion) ? ['reentry_early'] : [];
  return accepted([{ type: 'AgencyReadmitted', agencyId, effectiveAt: now }], findings);
}

// Observation

function observePlatformBalance(line: Line): Verdict {
  const agencyId = line.string('agencyId');
  const balance = line.number('balance');
  const observedAt = line.instant('observedAt') ?? line.now;
  const computed = sumOf(line.facts, agencyId, observedAt, yearOf(observedAt));
  return accepted(
    [{ type: 'PlatformBalanceObserved', agencyId, balance, observedAt }],
    computed === balance ? [] : ['balance_mismatch'],
  );
}
