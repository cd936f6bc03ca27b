import { finding, type Finding } from '../../findings.js';
import { earlierOf, type Instant, endOfTime } from '../../instant.js';
import { accountOf, clauseOf, type KnownRulebook } from '../../rulebook.js';
import { assessmentAt } from '../answers/assessment-at.js';
import type { AgencyCommandData, AgencyDecision } from '../commands.js';
import type { AgencyEventData, Basis, DeductionTerms } from '../events.js';
import type { AgencyHistory, Deduction } from '../history.js';
import { deductionProblem } from './command-problem.js';
import { pointsAt, sumAt, valuesAt } from '../answers/balance.js';
import {
  accepted,
  acceptedWith,
  decidedAtOf,
  refused,
  withFindings,
  withPersonal,
  type DecisionContext,
} from '../../decision.js';
import { standingAt } from '../answers/standing.js';
import { periodOf } from '../answers/period.js';

export function recordDeduction(
  data: AgencyCommandData['RecordDeduction'],
  history: AgencyHistory,
  context: DecisionContext,
): AgencyDecision {
  const { now, zone, rulebooks } = context;
  const { deductionId, agencyId, points, occurredAt, effectiveAt = now, basis } = data;
  const rulebook = rulebooks.inForceAt(occurredAt);
  const clause = clauseOf(rulebook.document, data.clause);
  if (clause === undefined) return refused('unknown_clause', unknownClause(data.clause, rulebook));
  const { standing } = standingAt(history, earlierOf(effectiveAt, now), endOfTime);
  if (standing !== 'active' && standing !== 'pending_expulsion') {
    const when = zone.format(earlierOf(effectiveAt, now));
    return refused(
      'not_admitted',
      `agency "${agencyId}" is ${standing} at ${when}; ` +
        'only a deduction effective while it is admitted counts',
    );
  }
  const twin = basis?.kind === 'assessment' ? assessmentDeduction(history, basis.month) : undefined;
  if (twin !== undefined) {
    return refused(
      'duplicate_assessment',
      `deduction "${twin.deductionId}" already stands for the same agency and month; ` +
        'revoke it first',
    );
  }
  const terms: DeductionTerms = {
    account: clause.account,
    clause: clause.id,
    period: periodOf(
      { stated: data.period, occurredAt, effectiveAt, basis },
      rulebook.document.parameters.attribution.value,
      zone,
    ),
    periodStated: data.period !== undefined,
    points,
  };
  const findings = [
    ...tariffFindings(clause.points, points, clause.id),
    ...disagreementFindings(history, basis),
    ...duplicateFindings(history, terms, occurredAt),
    ...retroactiveFindings(history, terms, effectiveAt, context),
  ];
  const imposed: AgencyEventData['DeductionImposed'] = {
    ...terms,
    agencyId,
    deductionId,
    ...(data.appealDeadline !== undefined && { appealDeadline: data.appealDeadline }),
    ...(basis !== undefined && { basis }),
    ...(data.creatorId !== undefined && { creatorId: data.creatorId }),
    ...(data.notice?.sha256 !== undefined && { noticeSha256: data.notice.sha256 }),
    ...withFindings(findings),
  };
  return acceptedWith(
    findings,
    [
      {
        type: 'DeductionImposed',
        data: imposed,
        occurredAt,
        effectiveAt,
        ...(data.decidedAt !== undefined && { decidedAt: data.decidedAt }),
        ...(data.notifiedAt !== undefined && { notifiedAt: data.notifiedAt }),
        rulebook: rulebook.reference,
        ...withPersonal({ caseNo: data.notice?.caseNo, noticeText: data.notice?.text }),
      },
    ],
    context,
  );
}

function unknownClause(clause: string, { document, reference }: KnownRulebook): string {
  const clauses = document.clauses.map(({ id }) => id).join(', ');
  const { id, rulebookVersion } = reference;
  return `data.clause: "${clause}" is not in ${id} ${rulebookVersion}, which has ${clauses}`;
}

/** The deduction of an assessment month that still counts, if there is one (E-42). */
function assessmentDeduction(history: AgencyHistory, month: string): Deduction | undefined {
  return [...history.deductions.values()].find(
    (deduction) =>
      deduction.basis?.kind === 'assessment' &&
      deduction.basis.month === month &&
      pointsAt(deduction, endOfTime) > 0,
  );
}

function tariffFindings(tariff: number | null, points: number, clause: string): Finding[] {
  if (tariff === null || tariff === points) return [];
  return [
    finding(
      'tariff_mismatch',
      `clause "${clause}" costs ${String(tariff)} points, ${String(points)} were imposed`,
    ),
  ];
}

/**
 * A charge by the platform for a month that we computed as passed. It is the platform's act, so we
 * record it with a finding (E-44).
 */
function disagreementFindings(history: AgencyHistory, basis: Basis | undefined): Finding[] {
  if (basis?.kind !== 'assessment') return [];
  const { month } = basis;
  const { computed } = assessmentAt(history, month, endOfTime) ?? {};
  if (computed?.verdict !== 'passed') return [];
  return [
    finding(
      'assessment_disagrees',
      `we computed ${month} as passed: ` +
        `${String(computed.active)} of ${String(computed.base)} creators active`,
    ),
  ];
}

function duplicateFindings(
  history: AgencyHistory,
  terms: DeductionTerms,
  occurredAt: Instant,
): Finding[] {
  for (const other of history.byOccurrence.get(occurredAt) ?? []) {
    const { points, occurredAt: otherwise, clause } = valuesAt(other, endOfTime);
    if (points === terms.points && otherwise === occurredAt && clause === terms.clause) {
      return [
        finding(
          'possible_duplicate',
          `deduction "${other.deductionId}" has the same clause, occurredAt and points`,
        ),
      ];
    }
  }
  return [];
}

/**
 * A late entry that lifts an earlier period to the threshold opens no pending expulsion, but gives
 * a finding (rules §5, E-12).
 */
function retroactiveFindings(
  history: AgencyHistory,
  terms: DeductionTerms,
  effectiveAt: Instant,
  { now, zone, rulebooks }: DecisionContext,
): Finding[] {
  if (terms.period >= zone.yearOf(now) || effectiveAt > now) return [];
  const standing = standingAt(history, now, endOfTime);
  if (standingAt(history, effectiveAt, endOfTime).episode !== standing.episode) return [];
  const account = accountOf(rulebooks.inForceAt(now).document, terms.account);
  const before = sumAt(history, {
    effectiveAt: now,
    knownAt: endOfTime,
    period: terms.period,
    account,
  });
  if (before >= account.threshold || before + terms.points < account.threshold) return [];
  const detail =
    `brings ${terms.period} from ${String(before)} ` +
    `to ${String(before + terms.points)} points, ` +
    `threshold ${String(account.threshold)}`;
  return [finding('retroactive_threshold', detail)];
}

export function recordRevocation(
  data: AgencyCommandData['RecordRevocation'],
  history: AgencyHistory,
): AgencyDecision {
  const found = namedDeduction(history, data.deductionId);
  if (found === undefined) return unknownDeduction(data.deductionId);
  if (found.counts === 0)
    return refused('already_revoked', `deduction "${data.deductionId}" already counts 0`);
  const { agencyId } = history;
  return accepted({
    type: 'DeductionRevoked',
    data: { agencyId, deductionId: data.deductionId, was: found.counts },
    ...decidedAtOf(data),
    ...withPersonal({ reason: data.reason }),
  });
}

export function recordPartialRevocation(
  data: AgencyCommandData['RecordPartialRevocation'],
  history: AgencyHistory,
): AgencyDecision {
  const { deductionId, points } = data;
  const found = namedDeduction(history, deductionId);
  if (found === undefined) return unknownDeduction(deductionId);
  if (points >= found.counts) {
    return refused(
      'not_lower',
      `data.points: ${String(points)} is not below the ${String(found.counts)} ` +
        `that deduction "${deductionId}" counts now`,
    );
  }
  return accepted({
    type: 'DeductionAdjusted',
    data: { agencyId: history.agencyId, deductionId, points, was: found.counts },
    ...decidedAtOf(data),
    ...withPersonal({ reason: data.reason }),
  });
}

export function recordReinstatement(
  data: AgencyCommandData['RecordReinstatement'],
  history: AgencyHistory,
): AgencyDecision {
  const { deductionId } = data;
  const found = namedDeduction(history, deductionId);
  if (found === undefined) return unknownDeduction(deductionId);
  const original = valuesAt(found.deduction, endOfTime).points;
  const { points = original } = data;
  if (points > original) {
    return refused(
      'exceeds_original',
      `data.points: ${String(points)} is more than the ${String(original)} imposed`,
    );
  }
  if (points <= found.counts) {
    return refused(
      'not_higher',
      `data.points: ${String(points)} is not above the ${String(found.counts)} ` +
        `that deduction "${deductionId}" counts now`,
    );
  }
  return accepted({
    type: 'DeductionReinstated',
    data: { agencyId: history.agencyId, deductionId, points, was: found.counts },
    ...decidedAtOf(data),
    ...withPersonal({ reason: data.reason }),
  });
}

/** Corrects our own typing: the values hold from the start. It is not a revocation (E-24). */
export function correctDeduction(
  data: AgencyCommandData['CorrectDeduction'],
  history: AgencyHistory,
  context: DecisionContext,
): AgencyDecision {
  const { deductionId, reason, ...changes } = data;
  const found = namedDeduction(history, deductionId);
  if (found === undefined) return unknownDeduction(deductionId);
  const before = valuesAt(found.deduction, endOfTime);
  const { points, occurredAt, effectiveAt } = { ...before, ...changes };
  const problem = deductionProblem({ points, occurredAt, effectiveAt }, context);
  if (problem !== undefined) return refused('invalid', problem);
  const rulebook = context.rulebooks.inForceAt(occurredAt);
  const clause = clauseOf(rulebook.document, changes.clause ?? before.clause);
  if (clause === undefined && changes.clause !== undefined)
    return refused('invalid', unknownClause(changes.clause, rulebook));
  const stated = changes.period ?? (before.periodStated ? before.period : undefined);
  const { basis } = found.deduction;
  return accepted({
    type: 'DeductionCorrected',
    data: {
      agencyId: history.agencyId,
      deductionId,
      account: clause?.account ?? before.account,
      clause: clause?.id ?? before.clause,
      corrected: Object.keys(changes).sort(),
      period: periodOf(
        { stated, occurredAt, effectiveAt, basis },
        rulebook.document.parameters.attribution.value,
        context.zone,
      ),
      periodStated: stated !== undefined,
      points,
    },
    occurredAt,
    effectiveAt,
    rulebook: rulebook.reference,
    ...withPersonal({ reason }),
  });
}

function namedDeduction(
  history: AgencyHistory,
  deductionId: string,
): { readonly deduction: Deduction; readonly counts: number } | undefined {
  const deduction = history.deductions.get(deductionId);
  return deduction === undefined
    ? undefined
    : { deduction, counts: pointsAt(deduction, endOfTime) };
}

function unknownDeduction(deductionId: string): AgencyDecision {
  return refused('unknown_deduction', `no deduction "${deductionId}" was recorded`);
}
