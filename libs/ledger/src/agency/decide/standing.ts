import { standingTerms } from '../../standing.js';
import { finding, type Finding } from '../../findings.js';
import { plusHours, type Instant, endOfTime } from '../../instant.js';
import { accountOf, firstAccountOf, type Rulebook } from '../../rulebook.js';
import type { LedgerZone } from '../../zone.js';
import type { AgencyCommandData, AgencyDecision } from '../commands.js';
import { expulsionOf, type AgencyHistory } from '../history.js';
import { hasLastChanceLeft, naturalDaysAfter } from '../answers/appeal-state.js';
import { sumAt } from '../answers/balance.js';
import { shownAt } from '../answers/scale.js';
import {
  accepted,
  acceptedWith,
  refused,
  withFindings,
  withPersonal,
  type DecisionContext,
} from '../../decision.js';
import { isRevoked, standingAt } from '../answers/standing.js';
import { sameActor } from './same-actor.js';

export function admitAgency(
  data: AgencyCommandData['AdmitAgency'],
  { now, legalPersonOf }: DecisionContext,
): AgencyDecision {
  const { agencyId, name, legalPersonId, effectiveAt = now } = data;
  return accepted({
    type: 'AgencyAdmitted',
    data: {
      agencyId,
      ...(legalPersonId !== undefined && { legalPerson: legalPersonOf(legalPersonId) }),
    },
    effectiveAt,
    ...withPersonal({ name }),
  });
}

export function recordExit(
  data: AgencyCommandData['RecordExit'],
  history: AgencyHistory,
  context: DecisionContext,
): AgencyDecision {
  const { now, zone } = context;
  const { agencyId, effectiveAt = now, reason } = data;
  const last = [...history.admissions, ...history.exits].reduce<Instant | undefined>(
    (latest, change) =>
      latest === undefined || change.effectiveAt > latest ? change.effectiveAt : latest,
    undefined,
  );
  if (last !== undefined && effectiveAt < last) {
    return refused('time_order', {
      en:
        `data.effectiveAt: ${zone.format(effectiveAt)} is before ` +
        `the agency's last roster change at ${zone.format(last)}`,
      zh:
        `data.effectiveAt：${zone.format(effectiveAt)} 早于该机构上一次绑定变动的时间 ` +
        zone.format(last),
    });
  }
  // Checked both now and then: neither an exit for a day inside a ban nor one of an agency expelled
  // since is possible (docs/decisions/standing.md).
  for (const instant of [effectiveAt, now]) {
    const { standing } = standingAt(history, instant, endOfTime);
    if (standing !== 'active' && standing !== 'pending_expulsion') {
      return refused('not_admitted', {
        en: `agency "${agencyId}" is ${standing} at ${zone.format(instant)}`,
        zh: `机构 "${agencyId}" 在 ${zone.format(instant)} 的身份为${standingTerms[standing].zh}`,
      });
    }
  }
  return accepted({
    type: 'AgencyExited',
    data: { agencyId },
    effectiveAt,
    ...withPersonal({ reason }),
  });
}

export function recordExpulsion(
  data: AgencyCommandData['RecordExpulsion'],
  history: AgencyHistory,
  context: DecisionContext,
): AgencyDecision {
  const { now, zone, rulebooks } = context;
  const { agencyId, effectiveAt = now } = data;
  const admitted = history.admissions.at(-1)?.effectiveAt ?? now;
  if (effectiveAt < admitted) {
    return refused('invalid', {
      en:
        `data.effectiveAt: ${zone.format(effectiveAt)} is before ` +
        `the admission at ${zone.format(admitted)}`,
      zh: `data.effectiveAt：${zone.format(effectiveAt)} 早于入驻时间 ${zone.format(admitted)}`,
    });
  }
  const { standing, pending } = standingAt(history, now, endOfTime);
  if (standing === 'expelled')
    return refused('already_expelled', {
      en: `agency "${agencyId}" is expelled already`,
      zh: `机构 "${agencyId}" 已清退`,
    });
  if (standing === 'not_admitted' || standing === 'exited')
    return refused('not_admitted', {
      en: `agency "${agencyId}" is ${standing}`,
      zh: `机构 "${agencyId}" 的身份为${standingTerms[standing].zh}`,
    });

  const rulebook = rulebooks.inForceAt(effectiveAt);
  const period = pending?.period ?? zone.yearOf(effectiveAt);
  const account =
    accountOf(rulebook.document, pending?.account ?? '') ?? firstAccountOf(rulebook.document);
  const balance = sumAt(history, { effectiveAt, knownAt: endOfTime, period, account });
  const findings: Finding[] = [];
  const below = balance < account.threshold;
  // A chance that was given with a pending expulsion that is over is not this one's.
  if (pending === undefined || hasLastChanceLeft(history, pending, now)) {
    findings.push(
      finding(
        'no_last_chance',
        pending === undefined
          ? {
              en: 'no pending expulsion is open, so there was no last chance',
              zh: '没有待清退状态，因此不存在最后申诉机会',
            }
          : {
              en:
                `the last chance is open until ${zone.format(pending.closesAt)} ` +
                'or its appeal is undecided',
              zh: `最后申诉机会至 ${zone.format(pending.closesAt)} 前有效，或其申诉尚未裁定`,
            },
      ),
    );
  }
  if (below) {
    findings.push(
      finding('below_threshold', {
        en: `${period} stands at ${String(balance)} points, threshold ${String(account.threshold)}`,
        zh: `${period} 年度累计 ${String(balance)} 分，清退线为 ${String(account.threshold)} 分`,
      }),
    );
  }
  return acceptedWith(
    findings,
    [
      {
        type: 'ExpulsionExecuted',
        data: {
          account: account.id,
          agencyId,
          balance,
          carryOver: account.carryOver,
          period,
          reentryFrom: reentryFromOf(effectiveAt, rulebook.document, zone),
          threshold: account.threshold,
          ...withFindings(findings),
        },
        effectiveAt,
        rulebook: rulebook.reference,
        ...withPersonal({ reason: data.reason }),
      },
    ],
    context,
  );
}

/**
 * The first instant of a possible readmission (rules §5, Ban): the day of expulsion is not counted.
 */
export function reentryFromOf(
  expelledAt: Instant,
  { parameters }: Rulebook,
  zone: LedgerZone,
): Instant {
  return parameters.banCount.value === 'natural_days'
    ? naturalDaysAfter(expelledAt, parameters.banDays.value, zone)
    : plusHours(expelledAt, parameters.banDays.value * 24);
}

export function revokeExpulsion(
  data: AgencyCommandData['RevokeExpulsion'],
  history: AgencyHistory,
  context: DecisionContext,
): AgencyDecision {
  const { agencyId } = data;
  const expulsion = history.expulsions.findLastIndex(
    (candidate) => !isRevoked(candidate, endOfTime),
  );
  if (expulsion === -1)
    return refused('not_expelled', {
      en: `agency "${agencyId}" has no expulsion that is not revoked`,
      zh: `机构 "${agencyId}" 没有未撤销的清退`,
    });
  const { actor } = expulsionOf(history, expulsion);
  const findings = sameActor(context.actor, [{ actor }]);
  return acceptedWith(
    findings,
    [
      {
        type: 'ExpulsionRevoked',
        data: { agencyId, expulsion, ...withFindings(findings) },
        ...withPersonal({ reason: data.reason }),
      },
    ],
    context,
  );
}

export function applyForReentry(history: AgencyHistory, { now }: DecisionContext): AgencyDecision {
  const { expulsion, standing } = standingAt(history, now, endOfTime);
  if (expulsion === undefined)
    return refused('not_expelled', {
      en: `agency "${history.agencyId}" is ${standing}`,
      zh: `机构 "${history.agencyId}" 的身份为${standingTerms[standing].zh}`,
    });
  const { reentryFrom } = expulsion;
  return accepted({
    type: 'ReentryApplied',
    data: { admissible: now >= reentryFrom, agencyId: history.agencyId, reentryFrom },
  });
}

export function recordReadmission(
  history: AgencyHistory,
  context: DecisionContext,
): AgencyDecision {
  const { now, zone } = context;
  const { agencyId } = history;
  const { standing, expulsion } = standingAt(history, now, endOfTime);
  if (standing !== 'expelled' && standing !== 'exited')
    return refused('not_expelled', {
      en: `agency "${agencyId}" is ${standing}`,
      zh: `机构 "${agencyId}" 的身份为${standingTerms[standing].zh}`,
    });
  const findings =
    expulsion !== undefined && now < expulsion.reentryFrom
      ? [
          finding('reentry_early', {
            en: `the ban ends at ${zone.format(expulsion.reentryFrom)}`,
            zh: `禁止再入驻期至 ${zone.format(expulsion.reentryFrom)} 结束`,
          }),
        ]
      : [];
  return acceptedWith(
    findings,
    [{ type: 'AgencyReadmitted', data: { agencyId, ...withFindings(findings) }, effectiveAt: now }],
    context,
  );
}

export function observePlatformBalance(
  data: AgencyCommandData['ObservePlatformBalance'],
  history: AgencyHistory,
  context: DecisionContext,
): AgencyDecision {
  const { zone, rulebooks } = context;
  const { agencyId, balance, observedAt, sha256 } = data;
  const rulebook = rulebooks.inForceAt(observedAt);
  const period = zone.yearOf(observedAt);
  const account = firstAccountOf(rulebook.document);
  const question = { effectiveAt: observedAt, knownAt: endOfTime, period, account };
  const computed = shownAt(history, account, question, zone);
  const findings =
    computed === balance
      ? []
      : [
          finding('balance_mismatch', {
            en: `the platform showed ${String(balance)}, the ledger computes ${String(computed)}`,
            zh: `平台显示 ${String(balance)} 分，账本计算为 ${String(computed)} 分`,
          }),
        ];
  return acceptedWith(
    findings,
    [
      {
        type: 'PlatformBalanceObserved',
        data: {
          account: account.id,
          agencyId,
          balance,
          computed,
          period,
          ...(sha256 !== undefined && { sha256 }),
          ...withFindings(findings),
        },
        occurredAt: observedAt,
        rulebook: rulebook.reference,
      },
    ],
    context,
  );
}
