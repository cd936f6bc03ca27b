import type { InBoth } from '../../in-both.js';
import { plusHours, type Instant } from '../../instant.js';
import type { AgencyCommand, AgencyCommandData } from '../commands.js';
import type { DecisionContext } from '../../decision.js';
import { accountOfAddition } from './addition-account.js';

type When = Pick<DecisionContext, 'now' | 'zone' | 'rulebooks'>;

/**
 * Finds what is malformed or contradictory in a command at the instant it arrives, without the
 * history; `undefined` if nothing. It runs first, because `invalid` is the first of the codes
 * (interchange §2).
 */
export function problemOfAgencyCommand(command: AgencyCommand, when: When): InBoth | undefined {
  switch (command.command) {
    case 'AdmitAgency':
    case 'RecordExit':
    case 'RecordExpulsion':
      return futureProblem({ effectiveAt: command.data.effectiveAt }, when);
    case 'LiftMeasure':
      return futureProblem({ effectiveAt: command.data.effectiveAt }, when);
    case 'RecordMeasure':
      return (
        futureProblem({ effectiveAt: command.data.effectiveAt }, when) ??
        termProblem(command.data, when)
      );
    case 'RecordAddition':
      return (
        futureProblem({ effectiveAt: command.data.effectiveAt }, when) ??
        accountOfAddition(command.data, when).problem
      );
    case 'RequestHumanReview':
      return reviewProblem(command.data);
    case 'RecordDeduction':
      return deductionProblem(
        { ...command.data, effectiveAt: command.data.effectiveAt ?? when.now },
        when,
      );
    case 'CorrectDeduction':
      return (
        futureProblem({ occurredAt: command.data.occurredAt }, when) ??
        aheadProblem(command.data.effectiveAt, when)
      );
    case 'ObservePlatformBalance':
      return futureProblem({ observedAt: command.data.observedAt }, when);
    case 'FileComplaint':
      return (
        complaintProblem(command.data) ??
        futureProblem({ occurredAt: command.data.occurredAt }, when)
      );
    case 'MergeComplaints':
      return mergeProblem(command.data);
    case 'RecordGrowthPost':
      return futureProblem({ occurredAt: command.data.occurredAt }, when);
    case 'InitiateAppeal':
      return initiateProblem(command.data);
    case 'DecideAppeal':
      return decideProblem(
        command.data,
        when.rulebooks.inForceAt(when.now).document.parameters.maxPoints.value,
      );
    default:
      return undefined;
  }
}

function termProblem(
  { kind, until, effectiveAt }: AgencyCommandData['RecordMeasure'],
  { now, zone }: When,
): InBoth | undefined {
  if (kind === 'streaming_banned_for_a_term' && until === undefined)
    return {
      en: 'data.until: streaming_banned_for_a_term has a term; give the first instant after it',
      zh: 'data.until：streaming_banned_for_a_term 有期限；请给出期满的时点',
    };
  const from = effectiveAt ?? now;
  return until === undefined || until > from
    ? undefined
    : {
        en: `data.until: ${zone.format(until)} is not after effectiveAt ${zone.format(from)}`,
        zh: `data.until：${zone.format(until)} 不晚于 effectiveAt ${zone.format(from)}`,
      };
}

function reviewProblem({
  deductionId,
  measureId,
}: AgencyCommandData['RequestHumanReview']): InBoth | undefined {
  return (deductionId === undefined) === (measureId === undefined)
    ? {
        en: 'data: give either deductionId or measureId',
        zh: 'data：deductionId 与 measureId 须给出其一，且只给其一',
      }
    : undefined;
}

/** The longest time ahead at which a deduction may take effect (interchange §2). */
const maxAheadHours = 366 * 24;

/**
 * Finds what is wrong with the instants and points of a deduction at `now`, for any agency;
 * `undefined` if nothing.
 */
export function deductionProblem(
  deduction: {
    readonly points: number;
    readonly occurredAt: Instant;
    readonly effectiveAt: Instant;
  },
  { now, zone, rulebooks }: When,
): InBoth | undefined {
  const { points, occurredAt, effectiveAt } = deduction;
  if (occurredAt > now)
    return {
      en:
        `data.occurredAt: ${zone.format(occurredAt)} is in the future; ` +
        `it must not be after ${zone.format(now)}`,
      zh: `data.occurredAt：${zone.format(occurredAt)} 晚于当前；不得晚于 ${zone.format(now)}`,
    };
  if (effectiveAt < occurredAt)
    return {
      en:
        `data.effectiveAt: ${zone.format(effectiveAt)} is before ` +
        `occurredAt ${zone.format(occurredAt)}`,
      zh:
        `data.effectiveAt：${zone.format(effectiveAt)} 早于 occurredAt ` + zone.format(occurredAt),
    };
  const ahead = aheadProblem(effectiveAt, { now, zone });
  if (ahead !== undefined) return ahead;
  const { minPoints, maxPoints } = rulebooks.inForceAt(occurredAt).document.parameters;
  if (points < minPoints.value || points > maxPoints.value) {
    return {
      en:
        `data.points: ${String(points)} is not ` +
        `from ${String(minPoints.value)} to ${String(maxPoints.value)}`,
      zh:
        `data.points：${String(points)} 不在 ${String(minPoints.value)} 至 ` +
        `${String(maxPoints.value)} 之间`,
    };
  }
  return undefined;
}

function aheadProblem(
  effectiveAt: Instant | undefined,
  { now, zone }: Pick<When, 'now' | 'zone'>,
): InBoth | undefined {
  if (effectiveAt === undefined || effectiveAt <= now) return undefined;
  return effectiveAt > plusHours(now, maxAheadHours)
    ? {
        en: `data.effectiveAt: ${zone.format(effectiveAt)} is more than 366 days ahead`,
        zh: `data.effectiveAt：${zone.format(effectiveAt)} 晚于当前 366 天以上`,
      }
    : undefined;
}

/** Finds an instant that must not be in the future, and is. */
export function futureProblem(
  instants: Readonly<Record<string, Instant | undefined>>,
  { now, zone }: When,
): InBoth | undefined {
  for (const [field, instant] of Object.entries(instants)) {
    if (instant !== undefined && instant > now) {
      return {
        en:
          `data.${field}: ${zone.format(instant)} is in the future; ` +
          `it must not be after ${zone.format(now)}`,
        zh: `data.${field}：${zone.format(instant)} 晚于当前；不得晚于 ${zone.format(now)}`,
      };
    }
  }
  return undefined;
}

function complaintProblem({
  agencyId,
  creatorId,
}: AgencyCommandData['FileComplaint']): InBoth | undefined {
  return (agencyId === undefined) === (creatorId === undefined)
    ? {
        en: 'data: name either agencyId or creatorId, one of the two',
        zh: 'data：agencyId 与 creatorId 须给出其一，且只给其一',
      }
    : undefined;
}

function mergeProblem({ into, from }: AgencyCommandData['MergeComplaints']): InBoth | undefined {
  return from.includes(into)
    ? {
        en: `data.from: "${into}" cannot be merged into itself`,
        zh: `data.from："${into}" 不能并入自身`,
      }
    : undefined;
}

function initiateProblem({
  kind,
  deductionIds,
  expulsion,
}: AgencyCommandData['InitiateAppeal']): InBoth | undefined {
  if ((deductionIds === undefined) === (expulsion === undefined)) {
    return {
      en: 'data: name either deductionIds or expulsion, one of the two',
      zh: 'data：deductionIds 与 expulsion 须给出其一，且只给其一',
    };
  }
  if (kind === 'last_chance' && deductionIds === undefined)
    return {
      en: 'data.deductionIds: a last_chance appeal names deductions',
      zh: 'data.deductionIds：last_chance 申诉须写明扣分',
    };
  return undefined;
}

function decideProblem(
  { outcome, adjustments }: AgencyCommandData['DecideAppeal'],
  maxPoints: number,
): InBoth | undefined {
  if ((outcome === 'partly_upheld') !== (adjustments !== undefined)) {
    return {
      en: 'data.adjustments: give them with the outcome "partly_upheld", and only then',
      zh: 'data.adjustments：结果为 "partly_upheld" 时须给出，且仅在此时给出',
    };
  }
  if (
    new Set(adjustments?.map(({ deductionId }) => deductionId)).size < (adjustments?.length ?? 0)
  ) {
    return {
      en: 'data.adjustments: a deduction is named twice',
      zh: 'data.adjustments：有扣分重复写明',
    };
  }
  const excess = adjustments?.find(({ points }) => points > maxPoints);
  return excess === undefined
    ? undefined
    : {
        en: `data.adjustments: ${String(excess.points)} points is more than ${String(maxPoints)}`,
        zh: `data.adjustments：${String(excess.points)} 分高于上限 ${String(maxPoints)} 分`,
      };
}
