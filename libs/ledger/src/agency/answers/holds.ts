import type { InBoth } from '../../in-both.js';
import { endOfTime, laterOf, type Instant } from '../../instant.js';
import type { NounKind } from '../../nouns.js';
import type { Rulebooks } from '../../rulebook.js';
import {
  closed,
  described,
  enumOf,
  IdSchema,
  Type,
  UtcInstantSchema,
  type Shape,
} from '../../schema.js';
import type { LedgerZone } from '../../zone.js';
import type { AgencyHistory, Appeal, Deduction } from '../history.js';
import {
  appealOfExpulsion,
  expulsionInitiateByOf,
  initiateByOf,
  isOpenAt,
  lastChanceAppeal,
  openWindowOf,
} from './appeal-state.js';
import { pointsAt, valuesAt } from './balance.js';
import { complaintOfDeduction, headOf } from './complaint-state.js';
import { isRevoked } from './standing.js';

/** The reason why a subject's key must not be destroyed yet. */
export type HoldGround = Shape<typeof HoldGroundSchema>;
const HoldGroundSchema = enumOf(['legal_hold', 'open_appeal', 'open_window', 'retention']);

/** Each ground of a hold as people read it. */
export const holdGroundTerms: Readonly<Record<HoldGround, InBoth>> = {
  legal_hold: { en: 'legal hold', zh: '法律保留' },
  open_appeal: { en: 'open appeal', zh: '未结申诉' },
  open_window: { en: 'open window for an appeal', zh: '申诉期限未届满' },
  retention: { en: 'retention under Order 117', zh: '第 117 号令的保存期限' },
};

/** A record that a key must not be destroyed for. */
export type Hold = Shape<typeof HoldSchema>;
export const HoldSchema = closed({
  by: Type.Optional(described(IdSchema, 'who placed a legal hold')),
  ground: HoldGroundSchema,
  id: Type.String({ description: 'of the record that holds' }),
  kind: enumOf(
    ['hold', 'agency', 'appeal', 'complaint', 'deduction', 'measure', 'review', 'session'],
    'of the record that holds',
  ),
  until: Type.Optional(
    described(
      UtcInstantSchema,
      'the first instant at which it holds no more, if nothing more happens',
    ),
  ),
});

/** The scope a hold is asked about: everything of the agency, or what concerns one record. */
export interface HoldScope {
  readonly kind: string;
  readonly id: string;
  /** If given, only the appeals count that may turn on this creator. */
  readonly creatorId?: string;
}

export interface HoldContext {
  readonly rulebooks: Rulebooks;
  readonly zone: LedgerZone;
}

/**
 * The retention that Order 117 of 2026 asks for: from the end of a session or of a case, in years.
 * What ended before it came into force is not under it.
 */
const order117 = { inForceFrom: '2026-02-01', years: 3 } as const;

/**
 * The retention of a session or a case that ended at an instant, or has not ended; `undefined` when
 * it has none any more.
 */
export function retentionOf(
  end: Instant | undefined,
  now: Instant,
  zone: LedgerZone,
): Pick<Hold, 'until'> | undefined {
  const inForceFrom = zone.startOfDate(order117.inForceFrom);
  if (end === undefined) return now < inForceFrom ? undefined : {};
  if (end < inForceFrom) return undefined;
  const until = zone.endOfDayYearsAfter(end, order117.years);
  return until <= now ? undefined : { until };
}

/** The hold that lasts longest: the first without an end, else the first of those that end last. */
export function lastToEnd(holds: readonly Hold[]): Hold | undefined {
  return holds.reduce<Hold | undefined>(
    (last, hold) =>
      last === undefined || (hold.until ?? endOfTime) > (last.until ?? endOfTime) ? hold : last,
    undefined,
  );
}

/**
 * Lists what of an agency's history holds texts at `now` by itself: every open appeal, and
 * of the windows in which one may be initiated and of the cases under retention the one that lasts
 * longest.
 *
 * Appeals and windows hold too many texts rather than too few: those of the agency, its complaints
 * and its evidence, and of a creator whom they may turn on. A case is retained for what it
 * concerns.
 */
export function holdsOf(
  history: AgencyHistory,
  scope: HoldScope,
  now: Instant,
  context: HoldContext,
): Hold[] {
  const { creatorId } = scope;
  const lasting = [
    lastToEnd(windowsOpen(history, creatorId, now, context)),
    lastToEnd(retentions(history, scope, now, context)),
  ];
  return [...openAppeals(history, creatorId, now), ...lasting.filter((hold) => hold !== undefined)];
}

/** The appeals that are open at `now`: those without evidence end when their window closes. */
function openAppeals(history: AgencyHistory, creatorId: string | undefined, now: Instant): Hold[] {
  return [...history.appeals.values()]
    .filter((appeal) => isOpenAt(appeal, now) && mayTurnOn(appeal, creatorId, history))
    .map(({ appealId, evidence, evidenceBy }) => ({
      ground: 'open_appeal',
      id: appealId,
      kind: 'appeal',
      ...(evidence === undefined && { until: evidenceBy }),
    }));
}

/** Tells whether an appeal may turn on a creator: it names a deduction for it, or the expulsion. */
function mayTurnOn(
  { deductionIds }: Appeal,
  creatorId: string | undefined,
  { deductions }: AgencyHistory,
): boolean {
  return (
    creatorId === undefined ||
    deductionIds.length === 0 ||
    deductionIds.some((id) => deductions.get(id)?.creatorId === creatorId)
  );
}

/** The windows in which an appeal may be initiated from `now` on. */
function windowsOpen(
  history: AgencyHistory,
  creatorId: string | undefined,
  now: Instant,
  context: HoldContext,
): Hold[] {
  const { agencyId, deductions, expulsions, pendings } = history;
  const at = { effectiveAt: now, knownAt: endOfTime };
  const ofDeductions = [...deductions.values()]
    .filter((each) => creatorId === undefined || each.creatorId === creatorId)
    .filter(isAppealable)
    .flatMap((each) => {
      const until = openWindowOf(each, at, context);
      return until === undefined ? [] : [openWindow('deduction', each.deductionId, until)];
    });
  const lastChances = pendings
    .filter((each) => each.ended === undefined && lastChanceAppeal(history, each) === undefined)
    .map(({ closesAt }) => openWindow('agency', agencyId, closesAt));
  const ofExpulsions = expulsions.flatMap((each, number) =>
    isRevoked(each, endOfTime) || appealOfExpulsion(history, number) !== undefined
      ? []
      : [
          openWindow(
            'agency',
            agencyId,
            expulsionInitiateByOf(each, context.rulebooks, context.zone),
          ),
        ],
  );
  return [...ofDeductions, ...lastChances, ...ofExpulsions].filter(
    ({ until = endOfTime }) => until > now,
  );
}

/** Tells whether a deduction counts and no appeal named it, whatever its window. */
function isAppealable(deduction: Deduction): boolean {
  return deduction.appealIds.length === 0 && pointsAt(deduction, endOfTime) > 0;
}

function openWindow(kind: 'agency' | 'deduction', id: string, until: Instant): Hold {
  return { ground: 'open_window', id, kind, until };
}

/** A case, and the records that it concerns. */
interface Case extends Pick<Hold, 'kind' | 'id'> {
  /** Gives its end, if it has ended or its end is known. Civil calendars take some 50 µs. */
  readonly end: () => Instant | undefined;
  readonly concerns: readonly string[];
}

function retentions(
  history: AgencyHistory,
  scope: HoldScope,
  now: Instant,
  context: HoldContext,
): Hold[] {
  const about = `${scope.kind}:${scope.id}`;
  return casesOf(history, now, context).flatMap(({ kind, id, end, concerns }) => {
    const isMeant = scope.kind === 'agency' || concerns.includes(about);
    const retained = isMeant ? retentionOf(end(), now, context.zone) : undefined;
    return retained === undefined ? [] : [{ ground: 'retention', id, kind, ...retained }];
  });
}

function casesOf(history: AgencyHistory, now: Instant, context: HoldContext): Case[] {
  const { agencyId, appeals, complaints, deductions, expulsions, measures, reviews } = history;
  const caseOf = (
    kind: Hold['kind'] & NounKind,
    id: string,
    end: () => Instant | undefined,
    concerns: readonly string[],
  ): Case => ({ kind, id, end, concerns: [`${kind}:${id}`, ...concerns] });
  const concernsOf = (deductionId: string | undefined): readonly string[] => {
    const deduction = deductions.get(deductionId ?? '');
    return deduction === undefined ? [] : concernsOfDeduction(deduction, history);
  };
  return [
    ...[...deductions.values()].map((each) =>
      caseOf(
        'deduction',
        each.deductionId,
        () => endOfDeduction(each, context),
        concernsOf(each.deductionId),
      ),
    ),
    ...[...appeals.values()].map((each) =>
      caseOf(
        'appeal',
        each.appealId,
        () => endOfAppeal(each, now),
        each.deductionIds.flatMap(concernsOf),
      ),
    ),
    ...[...complaints.values()].map((each) => {
      const { closed } = each.closed === undefined ? headOf(history, each, endOfTime) : each;
      const about = each.creatorId === undefined ? [] : [`creator:${each.creatorId}`];
      return caseOf('complaint', each.complaintId, () => closed?.recordedAt, about);
    }),
    ...[...measures.values()].map(({ measureId, deductionId, effectiveAt, lifted }) =>
      caseOf(
        'measure',
        measureId,
        () => lifted?.effectiveAt ?? effectiveAt,
        concernsOf(deductionId),
      ),
    ),
    ...[...reviews.values()].map(({ reviewId, deductionId, measureId, answered }) =>
      caseOf('review', reviewId, () => answered?.recordedAt, [
        ...(measureId === undefined ? [] : [`measure:${measureId}`]),
        ...concernsOf(deductionId ?? measures.get(measureId ?? '')?.deductionId),
      ]),
    ),
    ...expulsions.map((each, number) =>
      caseOf(
        'agency',
        agencyId,
        () =>
          each.revoked?.recordedAt ??
          (appealOfExpulsion(history, number) !== undefined
            ? each.recordedAt
            : expulsionInitiateByOf(each, context.rulebooks, context.zone)),
        [],
      ),
    ),
  ];
}

/** The records that a deduction concerns: itself, its creator, and the complaint it rests on. */
function concernsOfDeduction(deduction: Deduction, history: AgencyHistory): string[] {
  const { deductionId, creatorId } = deduction;
  const complaint = complaintOfDeduction(history, deduction, endOfTime);
  return [
    `deduction:${deductionId}`,
    ...(creatorId === undefined ? [] : [`creator:${creatorId}`]),
    ...(complaint === undefined ? [] : [`complaint:${complaint.complaintId}`]),
  ];
}

/** A deduction's case ends with its window, or with the last decision; its appeals are cases. */
function endOfDeduction(deduction: Deduction, { rulebooks, zone }: HoldContext): Instant {
  const decided = deduction.decisions.reduce<Instant>(
    (last, { recordedAt }) => laterOf(last, recordedAt),
    valuesAt(deduction, endOfTime).effectiveAt,
  );
  if (!isAppealable(deduction)) return decided;
  const { document } = rulebooks.inForceAt(valuesAt(deduction, endOfTime).occurredAt);
  return laterOf(decided, initiateByOf(deduction, endOfTime, document, zone));
}

function endOfAppeal(appeal: Appeal, now: Instant): Instant | undefined {
  if (isOpenAt(appeal, now)) return undefined;
  const { decided, withdrawn, outOfTime, initiatedAt, evidenceBy } = appeal;
  return decided?.decidedAt ?? withdrawn?.withdrawnAt ?? (outOfTime ? initiatedAt : evidenceBy);
}
