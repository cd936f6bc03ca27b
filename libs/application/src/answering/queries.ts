import {
  AttributionSchema,
  checkOf,
  closed,
  DateSchema,
  described,
  enumOf,
  IdSchema,
  InstantSchema,
  MonthSchema,
  parseInstant,
  PeriodSchema,
  RulebookSchema,
  StandingSchema,
  SentenceSchema,
  VerticalSchema,
  wanted,
  type Instant,
  type Shape,
  type InBoth,
} from '@penalty-ledger/ledger';
import { Type, type Static } from '@sinclair/typebox';

const object = <P extends Parameters<typeof closed>[0]>(query: string, properties: P) =>
  closed({ query: Type.Literal(query), ...properties });
const at = { effectiveAt: Type.Optional(InstantSchema), knownAt: Type.Optional(InstantSchema) };

/**
 * The queries of interchange §3; `explain`, which is `balance` with all its reasons; and look-ups
 * of what commands have made.
 */
export const querySchemas = {
  balance: object('balance', {
    agencyId: IdSchema,
    ...at,
    period: Type.Optional(PeriodSchema),
    account: Type.Optional(IdSchema),
  }),
  explain: object('explain', {
    agencyId: IdSchema,
    ...at,
    period: Type.Optional(PeriodSchema),
    account: Type.Optional(IdSchema),
  }),
  appeal: object('appeal', { appealId: IdSchema, knownAt: Type.Optional(InstantSchema) }),
  assessment: object('assessment', {
    agencyId: IdSchema,
    month: MonthSchema,
    knownAt: Type.Optional(InstantSchema),
  }),
  vertical: object('vertical', { month: MonthSchema, vertical: VerticalSchema, ...at }),
  complaint: object('complaint', { complaintId: IdSchema, knownAt: Type.Optional(InstantSchema) }),
  session: object('session', { sessionId: IdSchema, knownAt: Type.Optional(InstantSchema) }),
  slots: object('slots', { date: DateSchema, ...at }),
  themes: object('themes', { month: MonthSchema, knownAt: Type.Optional(InstantSchema) }),
  outlook: object('outlook', { agencyId: IdSchema }),
  agencies: object('agencies', {
    ...at,
    standing: Type.Optional(
      described(
        StandingSchema,
        wanted(
          '"not_admitted", "active", "pending_expulsion", "expelled" or "exited"',
          '"not_admitted"、"active"、"pending_expulsion"、"expelled" 或 "exited"',
        ),
      ),
    ),
  }),
  whatif: object('whatif', {
    agencyId: IdSchema,
    ...at,
    without: Type.Optional(Type.Array(IdSchema, { maxItems: 10_000 })),
    points: Type.Optional(
      Type.Record(IdSchema, Type.Integer({ minimum: 0, maximum: 1_000_000 }), {
        additionalProperties: false,
      }),
    ),
    attribution: Type.Optional(AttributionSchema),
    rulebook: Type.Optional(
      Type.Union(
        [
          IdSchema,
          closed({ id: IdSchema, rulebookVersion: IdSchema }),
          closed({ document: RulebookSchema }),
        ],
        {
          description: wanted(
            'a rulebook version, {"id","rulebookVersion"}, or {"document"}: a rulebook as ' +
              'PublishRulebook takes it',
            '规则版本、{"id","rulebookVersion"}，或 {"document"}：PublishRulebook 所接受的规则',
          ),
        },
      ),
    ),
  }),
} as const;

export type QueryName = keyof typeof querySchemas;

/** An error in place of an answer (interchange §3). */
export type QueryError = Shape<typeof QueryErrorSchema>;
export const QueryErrorSchema = closed({
  error: enumOf([
    'unknown_agency',
    'unknown_appeal',
    'unknown_complaint',
    'unknown_session',
    'unknown_rulebook',
    'invalid',
  ]),
  problem: Type.Optional(SentenceSchema('of `invalid`: what was wrong, and what is accepted')),
});

/** A checked query with its instants read; what was left out stays out. */
export type LedgerQuery = {
  [Name in QueryName]: ReadInstants<Static<(typeof querySchemas)[Name]>> & { readonly query: Name };
}[QueryName];

type ReadInstants<Query> = {
  readonly [Key in keyof Query]: Key extends 'effectiveAt' | 'knownAt' ? Instant : Query[Key];
};

const checks = new Map(
  Object.entries(querySchemas).map(([name, schema]) => [name, checkOf(schema, 'query')]),
);

export type ReadQuery =
  | { readonly problems: readonly InBoth[] }
  | { readonly problems?: undefined; readonly query: LedgerQuery };

/** Checks and reads one parsed query line. */
export function readQuery(value: unknown): ReadQuery {
  const name = (value as { query?: unknown } | null)?.query;
  const check = typeof name === 'string' ? checks.get(name) : undefined;
  if (check === undefined) {
    const names = [...checks.keys()];
    return {
      problems: [
        {
          en: `query.query: give one of ${names.join(', ')}`,
          zh: `query.query：须为以下之一：${names.join('、')}`,
        },
      ],
    };
  }
  const problems = check(value);
  if (problems.length > 0) return { problems };
  const query: Record<string, unknown> = { ...(value as object) };
  for (const field of ['effectiveAt', 'knownAt']) {
    const text = query[field];
    if (typeof text === 'string') query[field] = parseInstant(text);
  }
  return { query: query as unknown as LedgerQuery };
}
