import type { Assumption } from '../../assumption.js';
import { byCodeUnit } from '../../canonical-json.js';
import { endOfTime, type Instant } from '../../instant.js';
import type { Account } from '../../rulebook.js';
import {
  closed,
  enumOf,
  IdSchema,
  InstantSchema,
  nullable,
  Type,
  type Shape,
} from '../../schema.js';
import type { LedgerZone } from '../../zone.js';
import type { Addition, AgencyHistory } from '../history.js';
import { naturalDaysAfter } from './appeal-state.js';
import {
  balanceAt,
  countingAt,
  notCountedReasons,
  type Balance,
  type BalanceQuestion,
  type NotCountedReason,
} from './balance.js';

/** An addition known at K, and what it adds to the score at (E, K). */
export const AdditionAtSchema = closed({
  additionId: IdSchema,
  points: Type.Integer({ description: 'as recorded' }),
  counts: Type.Integer({ description: 'what of it raised the score, up to the cap' }),
  effectiveAt: InstantSchema,
  notCounted: nullable(enumOf(notCountedReasons), 'the first reason; null when it counts'),
});
export type AdditionAt = Shape<typeof AdditionAtSchema>;

/** The score that a platform with a falling scale shows. */
export const ScoreSchema = closed({
  score: Type.Integer({ description: 'start less the balance, and what was added' }),
  start: Type.Integer(),
  cap: Type.Integer({ description: 'the highest score there is' }),
  additions: Type.Array(AdditionAtSchema, {
    description: 'those known at K, in order of effectiveAt, then of additionId',
  }),
});

/** A measure whose node the score or the sum has reached: what the rules say, not an act. */
export const ReachedMeasureSchema = closed({
  points: Type.Integer({ description: 'the node' }),
  measure: closed({ en: Type.String(), zh: Type.String() }),
  from: InstantSchema,
  until: nullable(InstantSchema, 'the first instant after its term; null without a term'),
  inForce: Type.Boolean({ description: 'whether the term has not ended at effectiveAt' }),
});
export type ReachedMeasure = Shape<typeof ReachedMeasureSchema>;

export interface ScaleFields {
  readonly scale?: Shape<typeof ScoreSchema>;
  readonly measures?: readonly ReachedMeasure[];
}

/**
 * The members of a balance that only some rulebooks have: the score, and measures with terms. An
 * account without a scale and without terms has none of them, and its answer stays as it was.
 */
export function scaleFields(
  history: AgencyHistory,
  account: Account,
  balance: Balance,
  question: BalanceQuestion,
  zone: LedgerZone,
): ScaleFields {
  const { scale, nodes } = account;
  if (scale === undefined && nodes.every(({ termDays }) => termDays === undefined)) return {};
  const [start, cap] = [scale?.start.value ?? 0, scale?.cap.value ?? 0];
  const additions = scale === undefined ? [] : additionsAt(history, question);
  const beginning = zone.startOfYear(Number(question.period));
  const { path, counts } = pathOf({ start, cap }, beginning, balance, additions);
  const lost = path.at(-1)?.lost ?? 0;
  return {
    ...(scale !== undefined && {
      scale: {
        score: start - lost,
        start,
        cap,
        additions: additions.map(({ addition, notCounted }) => ({
          additionId: addition.additionId,
          points: addition.points,
          counts: counts.get(addition) ?? 0,
          effectiveAt: zone.format(addition.effectiveAt),
          notCounted: notCounted ?? null,
        })),
      },
    }),
    measures: nodes
      .filter(({ points }) => points <= lost)
      .map((node) => reachedMeasure(node, path, question.effectiveAt, zone)),
  };
}

/** The number that the platform shows: the score of a falling scale, else the balance. */
export function shownAt(
  history: AgencyHistory,
  account: Account,
  question: BalanceQuestion,
  zone: LedgerZone,
): number {
  const balance = balanceAt(history, question);
  return scaleFields(history, account, balance, question, zone).scale?.score ?? balance.balance;
}

interface KnownAddition {
  readonly addition: Addition;
  readonly notCounted: NotCountedReason | undefined;
}

function additionsAt(history: AgencyHistory, question: BalanceQuestion): readonly KnownAddition[] {
  const { knownAt } = question;
  const notCountedOf = countingAt(history, question);
  return [...history.additions.values()]
    .filter(({ recordedAt }) => recordedAt <= knownAt)
    .sort(
      (a, b) => byCodeUnit(a.effectiveAt, b.effectiveAt) || byCodeUnit(a.additionId, b.additionId),
    )
    .map((addition) => {
      const { revoked } = addition;
      const isRevoked = revoked !== undefined && revoked.recordedAt <= knownAt;
      return { addition, notCounted: notCountedOf(addition, isRevoked ? 0 : addition.points) };
    });
}

/** The points below the start, from an instant on. */
interface Step {
  readonly at: Instant;
  readonly lost: number;
}

/**
 * Walks through a year in order of effect. What an addition brings above the cap is lost. Of one
 * instant deductions come first, so that an addition is not cut short by their order.
 */
function pathOf(
  { start, cap }: { readonly start: number; readonly cap: number },
  beginning: Instant,
  { lines, carriedOver }: Balance,
  additions: readonly KnownAddition[],
): { readonly path: readonly Step[]; readonly counts: ReadonlyMap<Addition, number> } {
  const changes: readonly (Step & { readonly addition?: Addition })[] = [
    ...lines.map(({ values, counts }) => ({ at: values.effectiveAt, lost: counts })),
    ...additions
      .filter(({ notCounted }) => notCounted === undefined)
      .map(({ addition }) => ({ at: addition.effectiveAt, lost: -addition.points, addition })),
  ];
  const path: Step[] = [{ at: beginning, lost: carriedOver }];
  const counts = new Map<Addition, number>();
  let lost = carriedOver;
  for (const { at, lost: more, addition } of changes.toSorted((a, b) => byCodeUnit(a.at, b.at))) {
    const before = lost;
    lost = addition === undefined ? lost + more : Math.max(lost + more, start - cap);
    if (addition !== undefined) counts.set(addition, before - lost);
    path.push({ at, lost });
  }
  return { path, counts };
}

/**
 * A measure runs from the change that reaches its node; later ones do not begin it anew, unless an
 * addition has lifted the score above the node in between.
 */
function reachedMeasure(
  { points, measure, termDays }: Account['nodes'][number],
  path: readonly Step[],
  effectiveAt: Instant,
  zone: LedgerZone,
): ReachedMeasure {
  // What was carried over reached it when the year began.
  const before = path.findLastIndex(({ lost }) => lost < points);
  const from = path[before + 1]?.at ?? effectiveAt;
  const until = termDays === undefined ? undefined : naturalDaysAfter(from, termDays.value, zone);
  return {
    points,
    measure,
    from: zone.format(from),
    until: until === undefined ? null : zone.format(until),
    inForce: effectiveAt < (until ?? endOfTime),
  };
}

const scaleParts = ['start', 'cap', 'reset'] as const;

/** "name=value" for each assumption of an account's scale and terms. */
export function scaleAssumptions({ id, scale, nodes, expels }: Account): Assumption[] {
  return [
    ...scaleParts.flatMap((name) =>
      scale === undefined ? [] : [[`${id}.${name}`, scale[name]] as const],
    ),
    ...(expels === undefined ? [] : [[`${id}.expels`, expels] as const]),
    ...nodes.flatMap(({ points, termDays }) =>
      termDays === undefined ? [] : [[`${id}.${String(points)}.termDays`, termDays] as const],
    ),
  ].flatMap(([name, { assumed, value }]) => (assumed ? [`${name}=${String(value)}` as const] : []));
}
