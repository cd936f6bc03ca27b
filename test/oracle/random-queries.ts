import fc from 'fast-check';
import { formatInstant, parseInstant, plusDays } from './calendar.js';
import { ofType, type Fact } from './facts.js';
import { interestingInstants } from './interesting.js';
import type { Oracle } from './oracle.js';

/** An abstract query; `buildQuery` gives it the ids and the instants of a history. */
export interface QueryChoice {
  readonly query: 'balance' | 'appeal' | 'agencies' | 'whatif';
  readonly agency: number;
  readonly ids: readonly number[];
  readonly effectiveAt: Moment;
  readonly knownAt: Moment;
  readonly period: string | null;
  readonly standing: string | null;
  readonly attribution: string | null;
  readonly points: number;
  readonly malformed: boolean;
}

/**
 * At one of the instants that matter or a millisecond beside it, or some days after now, or left
 * out.
 */
type Moment =
  | { readonly kind: 'absent' }
  | { readonly kind: 'instant'; readonly pick: number; readonly offset: number }
  | { readonly kind: 'ahead'; readonly days: number };

const moment: fc.Arbitrary<Moment> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Moment>({ kind: 'absent' }) },
  {
    weight: 6,
    arbitrary: fc
      .record({ pick: fc.nat(400), offset: fc.constantFrom(0, 0, -1, 1) })
      .map((at): Moment => ({ kind: 'instant', ...at })),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 400 }).map((days): Moment => ({ kind: 'ahead', days })),
  },
);

export const queryChoice: fc.Arbitrary<QueryChoice> = fc.record({
  query: fc.constantFrom(
    'balance',
    'balance',
    'balance',
    'balance',
    'appeal',
    'appeal',
    'agencies',
    'whatif',
    'whatif',
  ),
  agency: fc.constantFrom(0, 0, 0, 1, 1, 2, 3, 9),
  ids: fc.array(fc.nat(20), { maxLength: 3 }),
  effectiveAt: moment,
  knownAt: moment,
  period: fc.constantFrom(null, null, null, null, '2018', '2019', '2020', '2021'),
  standing: fc.constantFrom(
    null,
    null,
    null,
    'active',
    'pending_expulsion',
    'expelled',
    'exited',
    'not_admitted',
  ),
  attribution: fc.constantFrom(null, null, 'effectiveAt', 'occurredAt', 'assessmentMonthEnd'),
  points: fc.constantFrom(0, 20, 40, 41, 80, 120),
  malformed: fc.oneof(
    { weight: 40, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
});

export function buildQuery(choice: QueryChoice, oracle: Oracle): Readonly<Record<string, unknown>> {
  const { facts } = oracle;
  const agencies = ofType(facts, 'AgencyAdmitted').map((fact) => fact.agencyId);
  const agencyId =
    choice.agency === 9 ? 'a9' : (agencies[choice.agency % Math.max(agencies.length, 1)] ?? 'a1');
  const effectiveAt = given('effectiveAt', choice.effectiveAt, oracle);
  const knownAt = given('knownAt', choice.knownAt, oracle);
  const { query } = choice;
  const extra = choice.malformed ? { unforeseen: 1 } : {};
  switch (query) {
    case 'balance':
      return {
        query,
        agencyId,
        ...effectiveAt,
        ...knownAt,
        ...(choice.period === null ? {} : { period: choice.period }),
        ...extra,
      };
    case 'appeal':
      return { query, appealId: appealOf(facts, choice.ids[0] ?? 0), ...knownAt, ...extra };
    case 'agencies':
      return {
        query,
        ...effectiveAt,
        ...knownAt,
        ...(choice.standing === null ? {} : { standing: choice.standing }),
        ...extra,
      };
    case 'whatif':
      return {
        query,
        agencyId,
        ...effectiveAt,
        ...knownAt,
        ...changes(choice, deductionsOf(facts, agencyId)),
        ...extra,
      };
  }
}

function given(key: string, wanted: Moment, oracle: Oracle): Record<string, string> {
  const now = parseInstant(oracle.now) ?? 0;
  if (wanted.kind === 'absent') return {};
  if (wanted.kind === 'ahead') return { [key]: formatInstant(plusDays(now, wanted.days)) };
  const instants = interestingInstants(oracle.facts);
  const instant = instants[wanted.pick % Math.max(instants.length, 1)];
  return instant === undefined ? {} : { [key]: formatInstant(instant + wanted.offset) };
}

function appealOf(facts: readonly Fact[], index: number): string {
  const ids = ofType(facts, 'AppealInitiated').map((fact) => fact.appealId);
  return index === 20 ? 'p999' : (ids[index % Math.max(ids.length, 1)] ?? 'p1');
}

function deductionsOf(facts: readonly Fact[], agencyId: string): string[] {
  return ofType(facts, 'DeductionImposed')
    .filter((fact) => fact.agencyId === agencyId)
    .map((fact) => fact.deductionId);
}

function changes(choice: QueryChoice, ids: readonly string[]): Record<string, unknown> {
  const named = [
    ...new Set(choice.ids.flatMap((index) => ids[index % Math.max(ids.length, 1)] ?? [])),
  ];
  const [first, ...others] = named;
  return {
    ...(first === undefined || choice.attribution === 'occurredAt' ? {} : { without: [first] }),
    ...(others.length === 0
      ? {}
      : { points: Object.fromEntries(others.map((id) => [id, choice.points])) }),
    ...(choice.attribution === null ? {} : { attribution: choice.attribution }),
  };
}
