import type { InBoth } from './in-both.js';
import type { Assumption } from './assumption.js';
import { hash } from 'node:crypto';
import { Type, type Static } from '@sinclair/typebox';
import { canonicalJson } from './canonical-json.js';
import type { RulebookReference } from './event.js';
import { parseInstant, type Instant } from './instant.js';
import { IdSchema, InstantSchema, wanted } from './schema.js';

/** A line of text: where something stands. */
const Line = textOf(2_000);

function textOf(maxLength: number) {
  return Type.String({
    maxLength,
    description: wanted(
      `text of up to ${String(maxLength)} characters`,
      `不超过 ${String(maxLength)} 个字符的文本`,
    ),
  });
}

function inBothLanguages(maxLength: number) {
  return Type.Object(
    { en: textOf(maxLength), zh: textOf(maxLength) },
    { additionalProperties: false },
  );
}

/** The basis by which a deduction is attributed to a year. */
export const AttributionSchema = Type.Union(
  [Type.Literal('effectiveAt'), Type.Literal('occurredAt'), Type.Literal('assessmentMonthEnd')],
  {
    description: wanted(
      '"effectiveAt", "occurredAt" or "assessmentMonthEnd"',
      '"effectiveAt"、"occurredAt" 或 "assessmentMonthEnd"',
    ),
  },
);

/**
 * A number or choice of a rulebook, with its source. `assumed`: no source answers, so we declare it
 * (rules, first lines).
 */
const parameter = <T extends Parameters<typeof Type.Union>[0][number]>(value: T) =>
  Type.Object({ value, source: Line, assumed: Type.Boolean() }, { additionalProperties: false });

const Count = Type.Integer({
  minimum: 0,
  maximum: 1_000_000,
  description: wanted('an integer from 0 to 1,000,000', '0 至 1,000,000 的整数'),
});
const Points = Type.Integer({
  minimum: 1,
  maximum: 1_000_000,
  description: wanted('an integer from 1 to 1,000,000', '1 至 1,000,000 的整数'),
});
/** A hundred years, so that no deadline leaves the four digits of a year. */
const Days = Type.Integer({
  minimum: 0,
  maximum: 36_500,
  description: wanted('an integer from 0 to 36,500', '0 至 36,500 的整数'),
});
const Hours = Type.Integer({
  minimum: 0,
  maximum: 876_000,
  description: wanted('an integer from 0 to 876,000', '0 至 876,000 的整数'),
});

const Title = inBothLanguages(400);
const Wording = inBothLanguages(20_000);

const ParametersSchema = Type.Object(
  {
    /**
     * The instant of a deduction that determines its period, unless its notice states one (rules
     * §4).
     */
    attribution: parameter(AttributionSchema),
    minPoints: parameter(Count),
    maxPoints: parameter(Count),
    lastChanceDays: parameter(Days),
    appealInitiateDays: parameter(Days),
    appealEvidenceHours: parameter(Hours),
    appealDecideWorkingDays: parameter(Days),
    banDays: parameter(Days),
    banCount: parameter(
      Type.Union([Type.Literal('natural_days'), Type.Literal('elapsed_hours')], {
        description: wanted(
          '"natural_days" or "elapsed_hours"',
          '"natural_days" 或 "elapsed_hours"',
        ),
      }),
    ),
    activityRate: parameter(Count),
    activityMinEffectiveSessions: parameter(Count),
    effectiveSessionMinutes: parameter(Count),
    headcountMin: parameter(Count),
    newcomerDays: parameter(Days),
  },
  { additionalProperties: false },
);

/**
 * A scale that falls: the platform shows `start` less the points imposed. The ledger adds points on
 * every scale, so that one fold serves all (docs/decisions/scales.md).
 */
const ScaleSchema = Type.Object(
  {
    start: parameter(Points),
    /** The highest score there is. */
    cap: parameter(Points),
    /** The rhythm in which points are cleared: on 1 January, as in every account (rules §4). */
    reset: parameter(Type.Literal('yearly')),
  },
  { additionalProperties: false },
);

/** A sum at which a measure follows. */
const NodeSchema = Type.Object(
  {
    points: Points,
    measure: Title,
    /** The same place on a falling scale, as the source words it: "below 80", "at or below 80". */
    score: Type.Optional(
      Type.Object(
        {
          value: Count,
          bound: Type.Union([Type.Literal('at_or_below'), Type.Literal('below')], {
            description: wanted('"at_or_below" or "below"', '"at_or_below" 或 "below"'),
          }),
        },
        { additionalProperties: false },
      ),
    ),
    /** The natural days after which the measure ends; without it, it stays until it is lifted. */
    termDays: Type.Optional(parameter(Days)),
  },
  { additionalProperties: false },
);

/** Points of one kind. Points of different accounts are never added (E-33). */
const AccountSchema = Type.Object(
  {
    id: IdSchema,
    title: Title,
    /** At or over this sum an agency's expulsion is pending (rules §5). */
    threshold: Points,
    /** Sums at which a measure follows, ascending; the last one is usually the threshold. */
    nodes: Type.Array(NodeSchema, { maxItems: 100 }),
    scale: Type.Optional(ScaleSchema),
    /** False where no sum makes an expulsion pending; `threshold` is then the gravest measure's. */
    expels: Type.Optional(parameter(Type.Boolean())),
    /**
     * If the points newly imposed in a period reach `atLeast`, the next period starts with `as`;
     * else it starts with 0.
     */
    carryOver: Type.Union([
      Type.Null(),
      Type.Object({ atLeast: Points, as: Points }, { additionalProperties: false }),
    ]),
  },
  { additionalProperties: false },
);

const ClauseSchema = Type.Object(
  {
    id: IdSchema,
    account: IdSchema,
    /** The tariff: the points the clause costs, or null where it fixes none. */
    points: Type.Union([Type.Null(), Points]),
    title: Title,
    text: Wording,
  },
  { additionalProperties: false },
);

/** The document `PublishRulebook` takes (rules §10); specified in `docs/spec/rulebook.md`. */
export const RulebookSchema = Type.Object(
  {
    id: IdSchema,
    rulebookVersion: IdSchema,
    title: Title,
    announcedAt: InstantSchema,
    effectiveFrom: InstantSchema,
    /** The id and version this one corrects or replaces, if it says so. */
    supersedes: Type.Optional(
      Type.Object({ id: IdSchema, rulebookVersion: IdSchema }, { additionalProperties: false }),
    ),
    sources: Type.Array(
      Type.Object({ title: Line, locator: Line }, { additionalProperties: false }),
      {
        maxItems: 100,
      },
    ),
    accounts: Type.Array(AccountSchema, { minItems: 1, maxItems: 50 }),
    clauses: Type.Array(ClauseSchema, { minItems: 1, maxItems: 1_000 }),
    parameters: ParametersSchema,
  },
  { additionalProperties: false },
);

export type Rulebook = Static<typeof RulebookSchema>;
export type Account = Rulebook['accounts'][number];
export type Clause = Rulebook['clauses'][number];
export type Attribution = Rulebook['parameters']['attribution']['value'];

/**
 * The maximum size of a rulebook's canonical JSON, in bytes. It is stored in one event, and every
 * ledger reads it when it opens.
 */
export const rulebookByteLimit = 200_000;

/** SHA-256 of a rulebook's canonical JSON, hexadecimal. */
export function rulebookHash(rulebook: Rulebook): string {
  return hash('sha256', canonicalJson(rulebook), 'hex');
}

/** Finds the contradictions in a rulebook that its schema cannot express, each with its place. */
export function rulebookProblems({ accounts, clauses, parameters }: Rulebook): readonly InBoth[] {
  const accountIds = accounts.map(({ id }) => id);
  const known = new Set(accountIds);
  const { minPoints, maxPoints } = parameters;
  return [
    ...repeated(accountIds).map((id) => ({
      en: `accounts: two have the same id "${id}"`,
      zh: `accounts：有两个 id 同为 "${id}"`,
    })),
    ...repeated(clauses.map(({ id }) => id)).map((id) => ({
      en: `clauses: two have the same id "${id}"`,
      zh: `clauses：有两个 id 同为 "${id}"`,
    })),
    ...clauses
      .filter(({ account }) => !known.has(account))
      .map(({ id, account }) => ({
        en: `clauses: "${id}" names the account "${account}", which the rulebook does not have`,
        zh: `clauses："${id}" 写明的计分账户 "${account}" 不在本规则中`,
      })),
    ...accounts.flatMap((account) => {
      const problem = scaleProblem(account);
      return problem === undefined
        ? []
        : [
            {
              en: `accounts: "${account.id}" ${problem.en}`,
              zh: `accounts："${account.id}" ${problem.zh}`,
            },
          ];
    }),
    ...(minPoints.value < 1 || minPoints.value > maxPoints.value
      ? [
          {
            en: 'parameters: minPoints must be from 1 to maxPoints',
            zh: 'parameters：minPoints 须在 1 至 maxPoints 之间',
          },
        ]
      : []),
  ];
}

function repeated(ids: readonly string[]): readonly string[] {
  return [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))];
}

function scaleProblem(account: Account): InBoth | undefined {
  const { scale, nodes } = account;
  if (scale === undefined)
    return nodes.some(({ score }) => score !== undefined)
      ? {
          en: 'has a node with a score and no scale; add the scale, or leave the score out',
          zh: '有节点写了 score 而没有递减计分（scale）；请补充 scale，或删除 score',
        }
      : undefined;
  const { start, cap } = scale;
  if (cap.value < start.value)
    return {
      en:
        `has a scale that starts at ${String(start.value)}, above its cap ` +
        `${String(cap.value)}; start must not be above the cap`,
      zh:
        `的递减计分（scale）起始值 ${String(start.value)} 高于上限 ${String(cap.value)}；` +
        '起始值不得高于上限',
    };
  if (takesAdditions(account) && isExpelling(account))
    return {
      en:
        `has a cap ${String(cap.value)} above its start ${String(start.value)}, and expels; ` +
        'a threshold is compared with deductions alone; ' +
        'set expels to false, or the cap to the start',
      zh:
        `的上限 ${String(cap.value)} 高于起始值 ${String(start.value)}，又会清退；` +
        '清退线只与扣分相比；请将 expels 设为 false，或将上限设为起始值',
    };
  for (const { points, score } of nodes) {
    if (score === undefined) continue;
    const expected = start.value - score.value + (score.bound === 'below' ? 1 : 0);
    if (points !== expected)
      return {
        en:
          `has a node at ${String(points)} points, and its score is reached at ` +
          `${String(expected)}: start less the score, and one more for "below"`,
        zh:
          `有 ${String(points)} 分的节点，而其 score 应在 ${String(expected)} 分达到：` +
          '即起始值减 score，“below”再加一',
      };
  }
  return undefined;
}

/** Tells whether reaching an account's threshold makes an expulsion pending (rules §5). */
export function isExpelling({ expels }: Account): boolean {
  return expels?.value !== false;
}

/** Tells whether the platform can add points to an account's score: its cap is above its start. */
export function takesAdditions({ scale }: Account): boolean {
  return scale !== undefined && scale.cap.value > scale.start.value;
}

/** A rulebook as the ledger knows it: the document, its hash, and since when. */
export interface KnownRulebook {
  readonly document: Rulebook;
  readonly reference: RulebookReference;
  readonly effectiveFrom: Instant;
}

/** Hashes and indexes a rulebook document that {@link RulebookSchema} accepts. */
export function knownRulebook(document: Rulebook): KnownRulebook {
  const effectiveFrom = parseInstant(document.effectiveFrom);
  if (effectiveFrom === undefined)
    throw new TypeError(`effectiveFrom "${document.effectiveFrom}" is not an instant`);
  const { id, rulebookVersion } = document;
  return {
    document,
    effectiveFrom,
    reference: { id, rulebookVersion, sha256: rulebookHash(document) },
  };
}

/** Every rulebook the ledger may judge by. Immutable. */
export class Rulebooks {
  readonly #known: readonly KnownRulebook[];
  readonly #earliest: KnownRulebook;

  /** @param known in any order; of two with the same `effectiveFrom` the later given one holds */
  constructor(known: readonly KnownRulebook[]) {
    this.#known = known
      .map((rulebook, index) => ({ rulebook, index }))
      .sort((a, b) =>
        a.rulebook.effectiveFrom === b.rulebook.effectiveFrom
          ? a.index - b.index
          : a.rulebook.effectiveFrom < b.rulebook.effectiveFrom
            ? -1
            : 1,
      )
      .map(({ rulebook }) => rulebook);
    const [earliest] = this.#known;
    if (earliest === undefined) throw new RangeError('a ledger needs at least one rulebook');
    this.#earliest = earliest;
  }

  /**
   * In force at `instant`: the last with `effectiveFrom <= instant`, else the earliest (interchange
   * §2).
   */
  inForceAt(instant: Instant): KnownRulebook {
    for (let index = this.#known.length - 1; index > 0; index -= 1) {
      const rulebook = this.#known[index];
      if (rulebook !== undefined && rulebook.effectiveFrom <= instant) return rulebook;
    }
    return this.#earliest;
  }

  /** The rulebook of that name, if the ledger knows it. */
  find(id: string, rulebookVersion: string): KnownRulebook | undefined {
    return this.#known.find(
      ({ reference }) => reference.id === id && reference.rulebookVersion === rulebookVersion,
    );
  }

  get all(): readonly KnownRulebook[] {
    return this.#known;
  }
}

/** The clause of a rulebook, or undefined. */
export function clauseOf(rulebook: Rulebook, id: string): Clause | undefined {
  return rulebook.clauses.find((clause) => clause.id === id);
}

/** The account of a rulebook, or undefined. */
export function accountOf(rulebook: Rulebook, id: string): Account | undefined {
  return rulebook.accounts.find((account) => account.id === id);
}

/** The account that is meant where none is named. */
export function firstAccountOf(rulebook: Rulebook): Account {
  const [account] = rulebook.accounts;
  if (account === undefined) throw new TypeError(`rulebook "${rulebook.id}" has no accounts`);
  return account;
}

/** Says that a rulebook lacks an account, and which accounts it has. */
export function unknownAccountText(
  { id, rulebookVersion, accounts }: Rulebook,
  account: string,
): InBoth {
  const known = accounts.map((each) => each.id);
  const [en, zh] = [known.join(', '), known.join('、')];
  return {
    en: `rulebook "${id}" ${rulebookVersion} has no account "${account}"; its accounts: ${en}`,
    zh: `规则 "${id}" ${rulebookVersion} 没有计分账户 "${account}"；其计分账户有：${zh}`,
  };
}

/**
 * "name=value" for each named parameter without a source: printed wherever a result depends on it.
 */
export function assumptionsOf(
  rulebook: Rulebook,
  names: readonly (keyof Rulebook['parameters'])[],
): Assumption[] {
  return names
    .filter((name) => rulebook.parameters[name].assumed)
    .map((name) => `${name}=${String(rulebook.parameters[name].value)}` as const);
}
