import { endOfTime, type Instant } from '../../instant.js';
import type { Account } from '../../rulebook.js';
import { closed, InstantSchema, nullable, Type, type Shape } from '../../schema.js';
import type { LedgerZone } from '../../zone.js';
import type { Balance } from './balance.js';
import { naturalDaysAfter } from './appeal-state.js';

/** The score that a platform with a falling scale shows. */
export const ScoreSchema = closed({
  score: Type.Integer({ description: 'start less the balance' }),
  start: Type.Integer(),
  cap: Type.Integer({ description: 'the highest score there is' }),
});

/** A measure whose node the balance has reached: what the rules say, not what the platform did. */
export const ReachedMeasureSchema = closed({
  points: Type.Integer({ description: 'the node' }),
  measure: closed({ en: Type.String(), zh: Type.String() }),
  from: InstantSchema,
  until: nullable(InstantSchema, 'the first instant after its term; null without a term'),
  inForce: Type.Boolean({ description: 'whether the term has not ended at effectiveAt' }),
});
export type ReachedMeasure = Shape<typeof ReachedMeasureSchema>;

interface When {
  readonly effectiveAt: Instant;
  readonly period: string;
  readonly zone: LedgerZone;
}

export interface ScaleFields {
  readonly scale?: Shape<typeof ScoreSchema>;
  readonly measures?: readonly ReachedMeasure[];
}

/**
 * The members of a balance that only some rulebooks have: the score, and measures with terms. An
 * account without a scale and without terms has none of them, and its answer stays as it was.
 */
export function scaleFields(account: Account, balance: Balance, when: When): ScaleFields {
  const { scale, nodes } = account;
  if (scale === undefined && nodes.every(({ termDays }) => termDays === undefined)) return {};
  return {
    ...(scale !== undefined && {
      scale: {
        score: scale.start.value - balance.balance,
        start: scale.start.value,
        cap: scale.cap.value,
      },
    }),
    measures: nodes
      .filter(({ points }) => points <= balance.balance)
      .map((node) => reachedMeasure(node, balance, when)),
  };
}

/** A measure runs from the deduction that reaches its node; later ones do not begin it anew. */
function reachedMeasure(
  { points, measure, termDays }: Account['nodes'][number],
  { lines }: Balance,
  { effectiveAt, period, zone }: When,
): ReachedMeasure {
  const line = lines.find(({ running }) => running >= points);
  // What was carried over reached it when the year began.
  const from = line?.values.effectiveAt ?? zone.startOfYear(Number(period));
  const until = termDays === undefined ? undefined : naturalDaysAfter(from, termDays.value, zone);
  return {
    points,
    measure,
    from: zone.format(from),
    until: until === undefined ? null : zone.format(until),
    inForce: effectiveAt < (until ?? endOfTime),
  };
}

/** "name=value" for each assumption of an account's scale and terms. */
export function scaleAssumptions({ id, scale, nodes, expels }: Account): string[] {
  return [
    ...Object.entries(scale ?? {}).map(([name, each]) => [`${id}.${name}`, each] as const),
    ...(expels === undefined ? [] : [[`${id}.expels`, expels] as const]),
    ...nodes.flatMap(({ points, termDays }) =>
      termDays === undefined ? [] : [[`${id}.${String(points)}.termDays`, termDays] as const],
    ),
  ].flatMap(([name, { assumed, value }]) => (assumed ? [`${name}=${String(value)}`] : []));
}
