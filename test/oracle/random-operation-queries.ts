import fc from 'fast-check';
import { formatInstant, monthOf, monthsAfter, parseInstant } from './calendar.js';
import { ofType } from './facts.js';
import { interestingInstants } from './interesting.js';
import type { Oracle } from './oracle.js';
import { verticals } from './random-operation-data.js';
import { buildQuery, queryChoice, type QueryChoice } from './random-queries.js';

/** An abstract query about an assessment or a vertical, or one of those that randomHistory asks. */
export type OperationQueryChoice =
  | { readonly kind: 'points'; readonly choice: QueryChoice }
  | {
      readonly kind: 'assessment';
      readonly pick: number;
      readonly computed: boolean;
      readonly agency: number;
      readonly knownAt: { readonly pick: number; readonly offset: number } | null;
      readonly malformed: boolean;
    }
  | {
      readonly kind: 'vertical';
      readonly pick: number;
      readonly vertical: number;
      readonly malformed: boolean;
    };

const malformed = fc.oneof(
  { weight: 40, arbitrary: fc.constant(false) },
  { weight: 1, arbitrary: fc.constant(true) },
);

export const operationQueryChoice: fc.Arbitrary<OperationQueryChoice> = fc.oneof(
  {
    weight: 2,
    arbitrary: queryChoice.map((choice): OperationQueryChoice => ({ kind: 'points', choice })),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('assessment' as const),
      pick: fc.nat(60),
      computed: fc.constantFrom(true, true, true, false),
      agency: fc.oneof(
        { weight: 20, arbitrary: fc.constantFrom(0, 0, 1, 1, 2, 3) },
        { weight: 1, arbitrary: fc.constant(9) },
      ),
      knownAt: fc.option(fc.record({ pick: fc.nat(400), offset: fc.constantFrom(0, 0, -1, 1) })),
      malformed,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('vertical' as const),
      pick: fc.nat(60),
      vertical: fc.constantFrom(0, 0, 0, 1, 1, 2, 3),
      malformed,
    }),
  },
);

export function buildOperationQuery(
  choice: OperationQueryChoice,
  oracle: Oracle,
): Readonly<Record<string, unknown>> {
  if (choice.kind === 'points') return buildQuery(choice.choice, oracle);
  const { facts } = oracle;
  const now = parseInstant(oracle.now) ?? 0;
  const first = facts[0]?.recordedAt ?? now;
  const months: string[] = [];
  for (
    let month = monthsAfter(monthOf(first), -1);
    month <= monthOf(now);
    month = monthsAfter(month, 1)
  ) {
    months.push(month);
  }
  const extra = choice.malformed ? { unforeseen: 1 } : {};
  if (choice.kind === 'vertical') {
    const sold = [
      ...new Set(ofType(facts, 'SessionRecorded').map(({ startedAt }) => monthOf(startedAt))),
    ];
    const ranked = ofType(facts, 'SlotsAllocated').filter(({ ranking }) => ranking.length > 0);
    const one = ranked[choice.pick % Math.max(ranked.length, 1)];
    if (one !== undefined && choice.vertical === 0) {
      return { query: 'vertical', month: one.month, vertical: one.vertical, ...extra };
    }
    const from = choice.pick % 5 === 0 || sold.length === 0 ? months : sold;
    return {
      query: 'vertical',
      month: from[choice.pick % from.length],
      vertical: verticals[choice.vertical],
      ...extra,
    };
  }
  const agencies = ofType(facts, 'AgencyAdmitted').map(({ agencyId }) => agencyId);
  const computed = ofType(facts, 'AssessmentComputed');
  const one = choice.computed ? computed[choice.pick % Math.max(computed.length, 1)] : undefined;
  const instants = interestingInstants(facts).filter((instant) => instant >= first);
  const known =
    choice.knownAt === null
      ? undefined
      : instants[choice.knownAt.pick % Math.max(instants.length, 1)];
  return {
    query: 'assessment',
    agencyId:
      choice.agency === 9
        ? 'a9'
        : (one?.agencyId ?? agencies[choice.agency % Math.max(agencies.length, 1)]),
    month: one?.month ?? months[choice.pick % months.length],
    ...(known === undefined
      ? {}
      : { knownAt: formatInstant(known + (choice.knownAt?.offset ?? 0)) }),
    ...extra,
  };
}
