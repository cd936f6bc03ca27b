import type { InBoth } from '../../in-both.js';
import { byCodeUnit } from '../../canonical-json.js';
import { finding, type Finding } from '../../findings.js';
import type { AgencyCommandData, AgencyDecision } from '../commands.js';
import type { AgencyEvent, AgencyEventData } from '../events.js';
import { deductionOf, type AgencyHistory, type Appeal, type Deduction } from '../history.js';
import {
  appealOfExpulsion,
  appealStateAt,
  expulsionInitiateByOf,
  evidenceByOf,
  initiateByOf,
  lastChanceAppeal,
  appealStateTerms,
} from '../answers/appeal-state.js';
import { pointsAt, valuesAt } from '../answers/balance.js';
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
import { assessmentTwin, duplicateAssessment } from './assessment-twins.js';
import { sameActor } from './same-actor.js';
import { unlessPossible } from './entered-late.js';
import { isRevoked, standingAt } from '../answers/standing.js';
import { endOfTime, type Instant } from '../../instant.js';

type Initiate = AgencyCommandData['InitiateAppeal'];

/** The consequences of an appeal's kind and of the acts it names: its window, and its links. */
interface AppealGround {
  readonly initiateBy: AgencyEventData['AppealInitiated']['initiateBy'];
  readonly names: Pick<
    AgencyEventData['AppealInitiated'],
    'deductionIds' | 'expulsion' | 'pending'
  >;
}

export function initiateAppeal(
  data: Initiate,
  history: AgencyHistory,
  context: DecisionContext,
): AgencyDecision {
  const ground =
    data.expulsion === true
      ? (unlessPossible({ field: 'initiatedAt', at: data.initiatedAt }, context) ??
        expulsionGround(history, context))
      : deductionsGround(data, history, context);
  if ('rejected' in ground) return ground;
  const { now, zone, rulebooks } = context;
  const { initiatedAt = now } = data;
  const outOfTime = initiatedAt >= ground.initiateBy;
  const findings = outOfTime
    ? [
        finding('appeal_late', {
          en:
            `initiated at ${zone.format(initiatedAt)}, ` +
            `the window closed at ${zone.format(ground.initiateBy)}`,
          zh: `发起于 ${zone.format(initiatedAt)}，期限已于 ${zone.format(ground.initiateBy)} 届满`,
        }),
      ]
    : [];
  const rulebook = rulebooks.inForceAt(initiatedAt);
  return acceptedWith(
    findings,
    [
      {
        type: 'AppealInitiated',
        data: {
          agencyId: history.agencyId,
          appealId: data.appealId,
          kind: data.kind ?? 'ordinary',
          ...ground.names,
          initiateBy: ground.initiateBy,
          evidenceBy: evidenceByOf(initiatedAt, rulebook.document),
          outOfTime,
          ...withFindings(findings),
        },
        ...occurredAtOf(data.initiatedAt),
        rulebook: rulebook.reference,
        ...withPersonal({ grounds: data.grounds }),
      },
    ],
    context,
  );
}

function deductionsGround(
  data: Initiate,
  history: AgencyHistory,
  context: DecisionContext,
): AppealGround | Refused {
  const { now, zone, rulebooks } = context;
  const deductionIds = data.deductionIds ?? [];
  const stranger = deductionIds.find((id) => !history.deductions.has(id));
  if (stranger !== undefined)
    return refused('unknown_deduction', {
      en: `agency "${data.agencyId}" has no deduction "${stranger}"`,
      zh: `机构 "${data.agencyId}" 没有扣分 "${stranger}"`,
    });
  const named = deductionIds.map((id) => deductionOf(history, id));
  const notBefore = lastOccurrence(named);
  const impossible = unlessPossible(
    { field: 'initiatedAt', at: data.initiatedAt, ...(notBefore && { notBefore }) },
    context,
  );
  if (impossible !== undefined) return impossible;
  const revoked = named.find((deduction) => pointsAt(deduction, endOfTime) === 0);
  const alreadyRevoked = (): Refused =>
    refused('already_revoked', {
      en: `deduction "${revoked?.deductionId ?? ''}" counts 0; there is nothing to appeal`,
      zh: `扣分 "${revoked?.deductionId ?? ''}" 计 0 分，无可申诉`,
    });

  if (data.kind === 'last_chance') {
    const { pending } = standingAt(history, now, endOfTime);
    if (pending === undefined)
      return refused('no_pending_expulsion', {
        en: `agency "${data.agencyId}" has no pending expulsion`,
        zh: `机构 "${data.agencyId}" 没有待清退状态`,
      });
    const earlier = lastChanceAppeal(history, pending);
    if (earlier !== undefined)
      return refused('already_appealed', {
        en: `appeal "${earlier.appealId}" took the last chance of this pending expulsion`,
        zh: `申诉 "${earlier.appealId}" 已用去本次待清退的最后申诉机会`,
      });
    if (revoked !== undefined) return alreadyRevoked();
    return {
      initiateBy: pending.closesAt,
      names: { deductionIds, pending: history.pendings.indexOf(pending) },
    };
  }
  const appealed = named.find((deduction) => deduction.appealIds.length > 0);
  if (appealed !== undefined) {
    return refused('already_appealed', {
      en:
        `appeal "${appealed.appealIds[0] ?? ''}" already named deduction ` +
        `"${appealed.deductionId}"`,
      zh: `申诉 "${appealed.appealIds[0] ?? ''}" 已针对扣分 "${appealed.deductionId}"`,
    });
  }
  if (revoked !== undefined) return alreadyRevoked();
  const windows = named.map((deduction) =>
    initiateByOf(
      deduction,
      endOfTime,
      rulebooks.inForceAt(valuesAt(deduction, endOfTime).occurredAt).document,
      zone,
    ),
  );
  // An appeal is in time only if it is for each deduction it names (docs/decisions/appeals.md).
  return {
    initiateBy: windows.reduce((earliest, next) => (next < earliest ? next : earliest)),
    names: { deductionIds },
  };
}

/** Returns the last `occurredAt` of the deductions an appeal names. */
function lastOccurrence(
  named: readonly Deduction[],
): { readonly at: Instant; readonly what: InBoth } | undefined {
  const occurrences = named.map((deduction) => ({
    at: valuesAt(deduction, endOfTime).occurredAt,
    what: {
      en: `the occurredAt of deduction "${deduction.deductionId}"`,
      zh: `扣分 "${deduction.deductionId}" 的发生时间`,
    },
  }));
  return occurrences.sort((a, b) => byCodeUnit(b.at, a.at))[0];
}

function expulsionGround(
  history: AgencyHistory,
  { zone, rulebooks }: DecisionContext,
): AppealGround | Refused {
  const number = history.expulsions.findLastIndex((candidate) => !isRevoked(candidate, endOfTime));
  const expulsion = history.expulsions[number];
  if (expulsion === undefined)
    return refused('not_expelled', {
      en: `agency "${history.agencyId}" has no expulsion to appeal`,
      zh: `机构 "${history.agencyId}" 没有可申诉的清退`,
    });
  const earlier = appealOfExpulsion(history, number);
  if (earlier !== undefined)
    return refused('already_appealed', {
      en: `appeal "${earlier.appealId}" already named this expulsion`,
      zh: `申诉 "${earlier.appealId}" 已针对本次清退`,
    });
  return {
    initiateBy: expulsionInitiateByOf(expulsion, rulebooks, zone),
    names: { expulsion: number },
  };
}

export function submitEvidence(
  data: AgencyCommandData['SubmitEvidence'],
  history: AgencyHistory,
  context: DecisionContext,
): AgencyDecision {
  const { now, zone } = context;
  const appeal = history.appeals.get(data.appealId);
  if (appeal === undefined) return unknownAppeal(data.appealId);
  const impossible = unlessAfter(appeal, 'submittedAt', data.submittedAt, context);
  if (impossible !== undefined) return impossible;
  if (isClosed(appeal) || appeal.outOfTime) return appealClosed(appeal, context);
  if (appeal.evidence !== undefined) {
    return refused('evidence_already_submitted', {
      en:
        `evidence for appeal "${appeal.appealId}" was submitted at ` +
        `${zone.format(appeal.evidence.submittedAt)}; it is submitted once`,
      zh:
        `申诉 "${appeal.appealId}" 已于 ${zone.format(appeal.evidence.submittedAt)} 举证；` +
        '举证只有一次',
    });
  }
  const { submittedAt = now } = data;
  if (submittedAt >= appeal.evidenceBy) {
    return refused('evidence_window_closed', {
      en:
        `evidence for appeal "${appeal.appealId}" was due before ` +
        `${zone.format(appeal.evidenceBy)}; it came at ${zone.format(submittedAt)}`,
      zh:
        `申诉 "${appeal.appealId}" 须在 ${zone.format(appeal.evidenceBy)} 前举证；` +
        `实际于 ${zone.format(submittedAt)} 举证`,
    });
  }
  return accepted({
    type: 'AppealEvidenceSubmitted',
    data: {
      agencyId: history.agencyId,
      appealId: appeal.appealId,
      items: data.items.map(({ title: _sealed, ...item }) => item),
    },
    ...occurredAtOf(data.submittedAt),
    ...withPersonal({ titles: data.items.map(({ title }) => title) }),
  });
}

export function withdrawAppeal(
  data: AgencyCommandData['WithdrawAppeal'],
  history: AgencyHistory,
  context: DecisionContext,
): AgencyDecision {
  const appeal = history.appeals.get(data.appealId);
  if (appeal === undefined) return unknownAppeal(data.appealId);
  const impossible = unlessAfter(appeal, 'withdrawnAt', data.withdrawnAt, context);
  if (impossible !== undefined) return impossible;
  if (isClosed(appeal)) return appealClosed(appeal, context);
  return accepted({
    type: 'AppealWithdrawn',
    data: { agencyId: history.agencyId, appealId: appeal.appealId },
    ...occurredAtOf(data.withdrawnAt),
    ...withPersonal({ reason: data.reason }),
  });
}

type Decide = AgencyCommandData['DecideAppeal'];

export function decideAppeal(
  data: Decide,
  history: AgencyHistory,
  context: DecisionContext,
): AgencyDecision {
  const appeal = history.appeals.get(data.appealId);
  if (appeal === undefined) return unknownAppeal(data.appealId);
  const impossible = unlessAfter(appeal, 'decidedAt', data.decidedAt, context);
  if (impossible !== undefined) return impossible;
  if (isClosed(appeal)) return appealClosed(appeal, context);
  const changes = adjustmentsOf(data, appeal, history);
  const stranger = changes.find(({ deductionId }) => !appeal.deductionIds.includes(deductionId));
  if (stranger !== undefined)
    return refused('unknown_deduction', {
      en: `appeal "${appeal.appealId}" does not name deduction "${stranger.deductionId}"`,
      zh: `申诉 "${appeal.appealId}" 未针对扣分 "${stranger.deductionId}"`,
    });
  const same = changes.find(({ points, was }) => points === was);
  if (same !== undefined) {
    return refused('not_lower', {
      en:
        `deduction "${same.deductionId}" already counts ${String(same.points)}; ` +
        'an adjustment changes it',
      zh: `扣分 "${same.deductionId}" 已计 ${String(same.points)} 分；调整须改变分值`,
    });
  }
  const twins = twinsAfter(changes, history);
  if (twins !== undefined) return twins;
  const findings = [
    ...worsenedFindings(changes),
    ...sameActorFindings(appeal, history, context.actor),
  ];
  const { agencyId } = history;
  const { appealId } = appeal;
  const decided: AgencyEvent = {
    type: 'AppealDecided',
    data: { agencyId, appealId, outcome: data.outcome, ...withFindings(findings) },
    ...decidedAtOf(data),
    ...withPersonal({ reason: data.reason }),
  };
  return acceptedWith(
    findings,
    [
      decided,
      ...changes.map((change) => adjustmentEvent(change, agencyId, data)),
      ...expulsionEvents(data, appeal, history),
    ],
    context,
  );
}

interface Adjustment {
  readonly deductionId: string;
  readonly points: number;
  readonly was: number;
}

/**
 * Decides the deductions an appeal names, in its order. `upheld` revokes each that still counts;
 * `partly_upheld` sets the points each keeps.
 */
function adjustmentsOf(data: Decide, appeal: Appeal, history: AgencyHistory): Adjustment[] {
  const countsNow = (deductionId: string): number => {
    const deduction = history.deductions.get(deductionId);
    return deduction === undefined ? 0 : pointsAt(deduction, endOfTime);
  };
  if (data.outcome === 'upheld') {
    return appeal.deductionIds
      .map((deductionId) => ({ deductionId, points: 0, was: countsNow(deductionId) }))
      .filter(({ was }) => was > 0);
  }
  const place = (deductionId: string): number => appeal.deductionIds.indexOf(deductionId);
  return (data.adjustments ?? [])
    .map(({ deductionId, points }) => ({ deductionId, points, was: countsNow(deductionId) }))
    .sort((a, b) => place(a.deductionId) - place(b.deductionId));
}

function adjustmentEvent(
  { deductionId, points, was }: Adjustment,
  agencyId: string,
  decision: Decide,
): AgencyEvent {
  const { appealId } = decision;
  return points === 0
    ? {
        type: 'DeductionRevoked',
        data: { agencyId, appealId, deductionId, was },
        ...decidedAtOf(decision),
      }
    : {
        type: 'DeductionAdjusted',
        data: { agencyId, appealId, deductionId, points, was },
        ...decidedAtOf(decision),
      };
}

function expulsionEvents(data: Decide, appeal: Appeal, history: AgencyHistory): AgencyEvent[] {
  if (data.outcome !== 'upheld' || appeal.expulsion === undefined) return [];
  const expulsion = history.expulsions[appeal.expulsion];
  if (expulsion === undefined || isRevoked(expulsion, endOfTime)) return [];
  const { agencyId } = history;
  return [
    {
      type: 'ExpulsionRevoked',
      data: { agencyId, appealId: appeal.appealId, expulsion: appeal.expulsion },
      ...decidedAtOf(data),
    },
  ];
}

function worsenedFindings(changes: readonly Adjustment[]): Finding[] {
  const worse = changes.filter(({ points, was }) => points > was);
  if (worse.length === 0) return [];
  const raised = worse.map(({ deductionId, points, was }) => ({
    en: `"${deductionId}" from ${String(was)} to ${String(points)}`,
    zh: `"${deductionId}" 由 ${String(was)} 分增至 ${String(points)} 分`,
  }));
  return [
    finding('appeal_worsened', {
      en: `the decision raises points: ${raised.map(({ en }) => en).join(', ')}`,
      zh: `裁定加重了扣分：${raised.map(({ zh }) => zh).join('、')}`,
    }),
  ];
}

/** Refuses adjustments after which two deductions of one assessment month count (rules §6). */
function twinsAfter(changes: readonly Adjustment[], history: AgencyHistory): Refused | undefined {
  const after = new Map(changes.map(({ deductionId, points }) => [deductionId, points]));
  for (const { deductionId, points, was } of changes) {
    if (was > 0 || points === 0) continue;
    const twin = assessmentTwin(history, deductionOf(history, deductionId), after);
    if (twin !== undefined) return duplicateAssessment(twin);
  }
  return undefined;
}

function sameActorFindings(appeal: Appeal, history: AgencyHistory, actor: string): Finding[] {
  return sameActor(
    actor,
    appeal.deductionIds.map((id) => deductionOf(history, id)),
  );
}

/** Refuses an instant at which a later act on an appeal cannot have happened. */
function unlessAfter(
  { appealId, initiatedAt }: Appeal,
  field: 'submittedAt' | 'withdrawnAt' | 'decidedAt',
  at: Instant | undefined,
  context: DecisionContext,
): Refused | undefined {
  const notBefore = {
    at: initiatedAt,
    what: { en: `the initiation of appeal "${appealId}"`, zh: `申诉 "${appealId}" 的发起时间` },
  };
  return unlessPossible({ field, at, notBefore }, context);
}

/** The member `occurredAt` of an event: left out when the command stated no instant. */
function occurredAtOf(stated: Instant | undefined): { readonly occurredAt?: Instant } {
  return stated === undefined ? {} : { occurredAt: stated };
}

function isClosed(appeal: Appeal): boolean {
  return appeal.decided !== undefined || appeal.withdrawn !== undefined;
}

function appealClosed(appeal: Appeal, { now }: Pick<DecisionContext, 'now'>): AgencyDecision {
  const state = appealStateAt(appeal, now);
  return refused('appeal_closed', {
    en: `appeal "${appeal.appealId}" is ${appealStateTerms[state].en}`,
    zh: `申诉 "${appeal.appealId}" 的状态为${appealStateTerms[state].zh}`,
  });
}

function unknownAppeal(appealId: string): AgencyDecision {
  return refused('unknown_appeal', {
    en: `no appeal "${appealId}" was initiated`,
    zh: `没有发起申诉 "${appealId}"`,
  });
}
