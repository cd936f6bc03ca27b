import { standingTerms } from '../../standing.js';
import type { InBoth } from '../../in-both.js';
import { finding, type Finding } from '../../findings.js';
import { earlierOf, type Instant, endOfTime } from '../../instant.js';
import {
  accountOf,
  clauseOf,
  firstAccountOf,
  isExpelling,
  type KnownRulebook,
} from '../../rulebook.js';
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
  type Refused,
} from '../../decision.js';
import { standingAt } from '../answers/standing.js';
import { periodOf } from '../answers/period.js';
import { assessmentTwin, duplicateAssessment } from './assessment-twins.js';
import { sameActor } from './same-actor.js';

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
  const misplaced = unlessAdmitted(history, effectiveAt, context);
  if (misplaced !== undefined) return misplaced;
  const twin = assessmentTwin(history, { ...(basis !== undefined && { basis }) });
  if (twin !== undefined) return duplicateAssessment(twin);
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
    ...(data.automated !== undefined && { automated: data.automated }),
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
        ...withPersonal({
          caseNo: data.notice?.caseNo,
          noticeText: data.notice?.text,
          statement: data.statement,
        }),
      },
    ],
    context,
  );
}

/** Refuses what changes points and takes effect where nothing may stand (rules §4). */
export function unlessAdmitted(
  history: AgencyHistory,
  effectiveAt: Instant,
  { now, zone }: DecisionContext,
  what: InBoth = { en: 'a deduction', zh: '扣分' },
): Refused | undefined {
  const at = earlierOf(effectiveAt, now);
  const { standing } = standingAt(history, at, endOfTime);
  if (standing === 'active' || standing === 'pending_expulsion') return undefined;
  return refused('not_admitted', {
    en:
      `agency "${history.agencyId}" is ${standing} at ${zone.format(at)}; ` +
      `only ${what.en} effective while it is admitted counts`,
    zh:
      `机构 "${history.agencyId}" 在 ${zone.format(at)} ` +
      `的身份为${standingTerms[standing].zh}；只有在册期间生效的${what.zh}才计入`,
  });
}

function unknownClause(clause: string, { document, reference }: KnownRulebook): InBoth {
  const clauses = document.clauses.map((each) => each.id);
  const [en, zh] = [clauses.join(', '), clauses.join('、')];
  const { id, rulebookVersion } = reference;
  return {
    en: `data.clause: "${clause}" is not in ${id} ${rulebookVersion}, which has ${en}`,
    zh: `data.clause："${clause}" 不在 ${id} ${rulebookVersion} 中；其条款有 ${zh}`,
  };
}

function tariffFindings(tariff: number | null, points: number, clause: string): Finding[] {
  if (tariff === null || tariff === points) return [];
  return [
    finding('tariff_mismatch', {
      en: `clause "${clause}" costs ${String(tariff)} points, ${String(points)} were imposed`,
      zh: `条款 "${clause}" 规定扣 ${String(tariff)} 分，实际扣了 ${String(points)} 分`,
    }),
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
    finding('assessment_disagrees', {
      en:
        `we computed ${month} as passed: ` +
        `${String(computed.active)} of ${String(computed.base)} creators active`,
      zh:
        `我方测算 ${month} 达标：${String(computed.base)} 位达人中 ${String(computed.active)} ` +
        '位活跃',
    }),
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
        finding('possible_duplicate', {
          en: `deduction "${other.deductionId}" has the same clause, occurredAt and points`,
          zh: `扣分 "${other.deductionId}" 的条款、发生时间和分值均相同`,
        }),
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
  const { document } = rulebooks.inForceAt(now);
  const account = accountOf(document, terms.account) ?? firstAccountOf(document);
  if (!isExpelling(account)) return [];
  const before = sumAt(history, {
    effectiveAt: now,
    knownAt: endOfTime,
    period: terms.period,
    account,
  });
  if (before >= account.threshold || before + terms.points < account.threshold) return [];
  const detail = {
    en:
      `brings ${terms.period} from ${String(before)} ` +
      `to ${String(before + terms.points)} points, ` +
      `threshold ${String(account.threshold)}`,
    zh:
      `使 ${terms.period} 年度由 ${String(before)} 分增至 ${String(before + terms.points)} ` +
      `分，清退线为 ${String(account.threshold)} 分`,
  };
  return [finding('retroactive_threshold', detail)];
}

export function recordRevocation(
  data: AgencyCommandData['RecordRevocation'],
  history: AgencyHistory,
  context: DecisionContext,
): AgencyDecision {
  const { deductionId } = data;
  const found = namedDeduction(history, deductionId);
  if (found === undefined) return unknownDeduction(deductionId);
  if (found.counts === 0)
    return refused('already_revoked', {
      en: `deduction "${deductionId}" already counts 0`,
      zh: `扣分 "${deductionId}" 已计 0 分`,
    });
  const { agencyId } = history;
  const findings = sameActor(context.actor, [found.deduction]);
  return acceptedWith(
    findings,
    [
      {
        type: 'DeductionRevoked',
        data: { agencyId, deductionId, was: found.counts, ...withFindings(findings) },
        ...decidedAtOf(data),
        ...withPersonal({ reason: data.reason }),
      },
    ],
    context,
  );
}

export function recordPartialRevocation(
  data: AgencyCommandData['RecordPartialRevocation'],
  history: AgencyHistory,
  context: DecisionContext,
): AgencyDecision {
  const { deductionId, points } = data;
  const found = namedDeduction(history, deductionId);
  if (found === undefined) return unknownDeduction(deductionId);
  if (points >= found.counts) {
    return refused('not_lower', {
      en:
        `data.points: ${String(points)} is not below the ${String(found.counts)} ` +
        `that deduction "${deductionId}" counts now`,
      zh:
        `data.points：${String(points)} 不低于扣分 "${deductionId}" 目前所计的 ` +
        `${String(found.counts)} 分`,
    });
  }
  const { agencyId } = history;
  const findings = sameActor(context.actor, [found.deduction]);
  return acceptedWith(
    findings,
    [
      {
        type: 'DeductionAdjusted',
        data: { agencyId, deductionId, points, was: found.counts, ...withFindings(findings) },
        ...decidedAtOf(data),
        ...withPersonal({ reason: data.reason }),
      },
    ],
    context,
  );
}

export function recordReinstatement(
  data: AgencyCommandData['RecordReinstatement'],
  history: AgencyHistory,
  context: DecisionContext,
): AgencyDecision {
  const { deductionId } = data;
  const found = namedDeduction(history, deductionId);
  if (found === undefined) return unknownDeduction(deductionId);
  const original = valuesAt(found.deduction, endOfTime).points;
  const { points = original } = data;
  if (points > original) {
    return refused('exceeds_original', {
      en: `data.points: ${String(points)} is more than the ${String(original)} imposed`,
      zh: `data.points：${String(points)} 高于原扣的 ${String(original)} 分`,
    });
  }
  if (points <= found.counts) {
    return refused('not_higher', {
      en:
        `data.points: ${String(points)} is not above the ${String(found.counts)} ` +
        `that deduction "${deductionId}" counts now`,
      zh:
        `data.points：${String(points)} 不高于扣分 "${deductionId}" 目前所计的 ` +
        `${String(found.counts)} 分`,
    });
  }
  const twin = assessmentTwin(history, found.deduction);
  if (twin !== undefined) return duplicateAssessment(twin);
  const { agencyId } = history;
  const undone = found.deduction.decisions.at(-1);
  const { actor } = undone ?? found.deduction;
  const findings = sameActor(context.actor, [
    { actor, deductionId, isDecision: undone !== undefined },
  ]);
  return acceptedWith(
    findings,
    [
      {
        type: 'DeductionReinstated',
        data: { agencyId, deductionId, points, was: found.counts, ...withFindings(findings) },
        ...decidedAtOf(data),
        ...withPersonal({ reason: data.reason }),
      },
    ],
    context,
  );
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
  const { points, occurredAt, effectiveAt, notifiedAt, appealDeadline } = { ...before, ...changes };
  const problem = deductionProblem({ points, occurredAt, effectiveAt }, context);
  if (problem !== undefined) return refused('invalid', problem);
  const rulebook = context.rulebooks.inForceAt(occurredAt);
  const clause = clauseOf(rulebook.document, changes.clause ?? before.clause);
  const isJudgedAnew = changes.clause !== undefined || changes.occurredAt !== undefined;
  if (clause === undefined && isJudgedAnew)
    return refused('unknown_clause', unknownClause(changes.clause ?? before.clause, rulebook));
  const misplaced =
    changes.effectiveAt === undefined ? undefined : unlessAdmitted(history, effectiveAt, context);
  if (misplaced !== undefined) return misplaced;
  const stated = changes.period ?? (before.periodStated ? before.period : undefined);
  const { basis } = found.deduction;
  return accepted({
    type: 'DeductionCorrected',
    data: {
      agencyId: history.agencyId,
      deductionId,
      account: clause?.account ?? before.account,
      ...(appealDeadline !== undefined && { appealDeadline }),
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
    ...(notifiedAt !== undefined && { notifiedAt }),
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
  return refused('unknown_deduction', {
    en: `no deduction "${deductionId}" was recorded`,
    zh: `没有记录扣分 "${deductionId}"`,
  });
}
