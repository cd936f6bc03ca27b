import { plusHours, type Instant } from '../../instant.js';
import type { AgencyCommand, AgencyCommandData } from '../commands.js';
import type { DecisionContext } from '../../decision.js';
import { accountOf, firstAccountOf, takesAdditions, unknownAccountText } from '../../rulebook.js';

type When = Pick<DecisionContext, 'now' | 'zone' | 'rulebooks'>;

/**
 * Finds what is malformed or contradictory in a command at the instant it arrives, without the
 * history; `undefined` if nothing. It runs first, because `invalid` is the first of the codes
 * (interchange §2).
 */
export function problemOfAgencyCommand(command: AgencyCommand, when: When): string | undefined {
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
        additionProblem(command.data, when)
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

function additionProblem(
  { account: named, effectiveAt }: AgencyCommandData['RecordAddition'],
  { now, rulebooks }: When,
): string | undefined {
  const { document } = rulebooks.inForceAt(effectiveAt ?? now);
  const account = named === undefined ? firstAccountOf(document) : accountOf(document, named);
  if (account === undefined) return `data.account: ${unknownAccountText(document, named ?? '')}`;
  return takesAdditions(account)
    ? undefined
    : `data.account: "${account.id}" of rulebook ${document.id} ${document.rulebookVersion} ` +
        'takes no additions; only an account whose scale has a cap above its start does';
}

function termProblem(
  { kind, until, effectiveAt }: AgencyCommandData['RecordMeasure'],
  { now, zone }: When,
): string | undefined {
  if (kind === 'streaming_banned_for_a_term' && until === undefined)
    return 'data.until: streaming_banned_for_a_term has a term; give the first instant after it';
  const from = effectiveAt ?? now;
  return until === undefined || until > from
    ? undefined
    : `data.until: ${zone.format(until)} is not after effectiveAt ${zone.format(from)}`;
}

function reviewProblem({
  deductionId,
  measureId,
}: AgencyCommandData['RequestHumanReview']): string | undefined {
  return (deductionId === undefined) === (measureId === undefined)
    ? 'data: give either deductionId or measureId'
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
): string | undefined {
  const { points, occurredAt, effectiveAt } = deduction;
  if (occurredAt > now)
    return (
      `data.occurredAt: ${zone.format(occurredAt)} is in the future; ` +
      `it must not be after ${zone.format(now)}`
    );
  if (effectiveAt < occurredAt)
    return (
      `data.effectiveAt: ${zone.format(effectiveAt)} is before ` +
      `occurredAt ${zone.format(occurredAt)}`
    );
  const ahead = aheadProblem(effectiveAt, { now, zone });
  if (ahead !== undefined) return ahead;
  const { minPoints, maxPoints } = rulebooks.inForceAt(occurredAt).document.parameters;
  if (points < minPoints.value || points > maxPoints.value) {
    return (
      `data.points: ${String(points)} is not ` +
      `from ${String(minPoints.value)} to ${String(maxPoints.value)}`
    );
  }
  return undefined;
}

function aheadProblem(
  effectiveAt: Instant | undefined,
  { now, zone }: Pick<When, 'now' | 'zone'>,
): string | undefined {
  if (effectiveAt === undefined || effectiveAt <= now) return undefined;
  return effectiveAt > plusHours(now, maxAheadHours)
    ? `data.effectiveAt: ${zone.format(effectiveAt)} is more than 366 days ahead`
    : undefined;
}

/** Finds an instant that must not be in the future, and is. */
export function futureProblem(
  instants: Readonly<Record<string, Instant | undefined>>,
  { now, zone }: When,
): string | undefined {
  for (const [field, instant] of Object.entries(instants)) {
    if (instant !== undefined && instant > now) {
      return (
        `data.${field}: ${zone.format(instant)} is in the future; ` +
        `it must not be after ${zone.format(now)}`
      );
    }
  }
  return undefined;
}

function complaintProblem({
  agencyId,
  creatorId,
}: AgencyCommandData['FileComplaint']): string | undefined {
  return (agencyId === undefined) === (creatorId === undefined)
    ? 'data: name either agencyId or creatorId, one of the two'
    : undefined;
}

function mergeProblem({ into, from }: AgencyCommandData['MergeComplaints']): string | undefined {
  return from.includes(into) ? `data.from: "${into}" cannot be merged into itself` : undefined;
}

function initiateProblem({
  kind,
  deductionIds,
  expulsion,
}: AgencyCommandData['InitiateAppeal']): string | undefined {
  if ((deductionIds === undefined) === (expulsion === undefined)) {
    return 'data: name either deductionIds or expulsion, one of the two';
  }
  if (kind === 'last_chance' && deductionIds === undefined)
    return 'data.deductionIds: a last_chance appeal names deductions';
  return undefined;
}

function decideProblem(
  { outcome, adjustments }: AgencyCommandData['DecideAppeal'],
  maxPoints: number,
): string | undefined {
  if ((outcome === 'partly_upheld') !== (adjustments !== undefined)) {
    return 'data.adjustments: give them with the outcome "partly_upheld", and only then';
  }
  if (
    new Set(adjustments?.map(({ deductionId }) => deductionId)).size < (adjustments?.length ?? 0)
  ) {
    return 'data.adjustments: a deduction is named twice';
  }
  const excess = adjustments?.find(({ points }) => points > maxPoints);
  return excess === undefined
    ? undefined
    : `data.adjustments: ${String(excess.points)} points is more than ${String(maxPoints)}`;
}
