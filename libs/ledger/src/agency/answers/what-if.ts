import { type Instant, endOfTime } from '../../instant.js';
import {
  AttributionSchema,
  clauseOf,
  firstAccountOf,
  type Account,
  type Attribution,
  type KnownRulebook,
} from '../../rulebook.js';
import { RulebookReferenceSchema } from '../../event.js';
import {
  closed,
  described,
  enumOf,
  IdSchema,
  InstantSchema,
  MonthSchema,
  nullable,
  PeriodSchema,
  Type,
  type Shape,
} from '../../schema.js';
import { assessmentVerdicts, type AssessmentVerdict } from '../events.js';
import {
  withDeductions,
  type AgencyHistory,
  type Deduction,
  type DeductionValues,
} from '../history.js';
import { assessmentAt } from './assessment-at.js';
import { countingAt, pointsAt, sumsAt, valuesAt, type BalanceQuestion } from './balance.js';
import type { AnswerContext, BalanceQuery } from './balance-answer.js';
import { periodOf } from './period.js';

/** The changes a what-if makes. Everything it does not name stays as recorded (rules §11). */
export interface Changes {
  /** Deductions left out. */
  readonly without?: readonly string[];
  /**
   * Replaces the values a deduction was imposed with; the points set by a decision stay as decided.
   */
  readonly points?: Readonly<Record<string, number>>;
  readonly attribution?: Attribution;
  /**
   * Replaces the recorded tariffs, accounts and threshold. A clause that is not in it keeps its
   * points.
   */
  readonly rulebook?: KnownRulebook;
}

const OutcomeSchema = closed({
  balance: Type.Integer(),
  thresholdReachedAt: nullable(
    InstantSchema,
    'the first instant in the period at which the balance reaches the threshold',
  ),
});

const VerdictSchema = enumOf(assessmentVerdicts);

const SuppositionSchema = closed({
  without: Type.Array(IdSchema),
  points: Type.Record(IdSchema, Type.Integer()),
  attribution: nullable(AttributionSchema),
  rulebook: nullable(RulebookReferenceSchema),
});

const JudgedAgainSchema = closed({
  month: MonthSchema,
  recorded: VerdictSchema,
  whatif: VerdictSchema,
  deductionIds: Type.Array(IdSchema, {
    description: 'the deductions that rest on this assessment; the balance keeps them',
  }),
});

/** The answer to `whatif` (interchange §3): a comparison, never history. */
export type WhatIfAnswer = Shape<typeof WhatIfAnswerSchema>;
export const WhatIfAnswerSchema = closed(
  {
    whatIf: Type.Literal(true),
    supposing: described(SuppositionSchema, 'the changes asked for'),
    agencyId: IdSchema,
    effectiveAt: InstantSchema,
    knownAt: InstantSchema,
    period: PeriodSchema,
    recorded: OutcomeSchema,
    whatif: OutcomeSchema,
    partsAt: nullable(
      InstantSchema,
      'the first instant in the period of E at which the two balances differ',
    ),
    differences: Type.Array(
      closed({ deductionId: IdSchema, recorded: Type.Integer(), whatif: Type.Integer() }),
      { description: 'what each deduction counts in the one and in the other, where they differ' },
    ),
    assessments: Type.Array(JudgedAgainSchema, {
      description:
        'the months computed for the year, and for the month before it, whose verdict under the ' +
        'other rulebook is another one',
    }),
    unknown: Type.Array(IdSchema, {
      description: 'ids named in the changes that are no deduction of the agency known at K',
    }),
  },
  { $id: 'WhatIf' },
);

type Outcome = WhatIfAnswer['recorded'];

/**
 * Answers `whatif`. The agency must be known at K.
 *
 * @param judgedAgain the verdicts under the other rulebook, by month; none without one
 */
export function whatIfAnswer(
  history: AgencyHistory,
  query: Pick<BalanceQuery, 'agencyId' | 'effectiveAt' | 'knownAt'>,
  changes: Changes,
  { rulebooks, zone }: AnswerContext,
  judgedAgain: ReadonlyMap<string, AssessmentVerdict> = new Map(),
): WhatIfAnswer {
  const { effectiveAt, knownAt } = query;
  const period = zone.yearOf(effectiveAt);
  const inForce = rulebooks.inForceAt(effectiveAt);
  const sideOf = (of: AgencyHistory, { document }: KnownRulebook): Side => {
    const account = firstAccountOf(document);
    return { history: of, account, sumAt: sumsAt(of, { knownAt, period, account }) };
  };
  const recorded = sideOf(history, inForce);
  const supposed = sideOf(
    supposedHistory(history, knownAt, changes, zone),
    changes.rulebook ?? inForce,
  );
  const turns = turningPoints(
    [recorded.history, supposed.history],
    knownAt,
    zone.startOfYear(Number(period)),
    zone.startOfYear(Number(period) + 1),
  );
  const outcome = (of: Side): Outcome => {
    const reached = turns.find((turn) => of.sumAt(turn) >= of.account.threshold);
    return {
      balance: of.sumAt(effectiveAt),
      thresholdReachedAt: reached === undefined ? null : zone.format(reached),
    };
  };
  const partsAt = turns.find((turn) => recorded.sumAt(turn) !== supposed.sumAt(turn));
  const named = [...(changes.without ?? []), ...Object.keys(changes.points ?? {})];
  return {
    whatIf: true,
    supposing: {
      without: [...(changes.without ?? [])],
      points: { ...changes.points },
      attribution: changes.attribution ?? null,
      rulebook: changes.rulebook?.reference ?? null,
    },
    agencyId: query.agencyId,
    effectiveAt: zone.format(effectiveAt),
    knownAt: zone.format(knownAt),
    period,
    recorded: outcome(recorded),
    whatif: outcome(supposed),
    partsAt: partsAt === undefined ? null : zone.format(partsAt),
    differences: differencesAt(recorded, supposed, { effectiveAt, knownAt, period }),
    assessments: differentVerdicts(history, knownAt, judgedAgain),
    unknown: [
      ...new Set(
        named.filter((id) => (history.deductions.get(id)?.recordedAt ?? endOfTime) > knownAt),
      ),
    ].sort(),
  };
}

/**
 * The months of a year whose assessments a what-if judges again, as computed by K: those of the
 * year, and the month before it, for which points are deducted in it.
 */
export function assessedMonths(
  history: AgencyHistory,
  { effectiveAt, knownAt }: Pick<BalanceQuery, 'effectiveAt' | 'knownAt'>,
  zone: AnswerContext['zone'],
): readonly string[] {
  const year = zone.yearOf(effectiveAt);
  const first = `${String(Number(year) - 1)}-12`;
  return [...history.assessments.keys()]
    .filter((month) => first <= month && month <= `${year}-12`)
    .filter((month) => assessmentAt(history, month, knownAt) !== undefined)
    .sort();
}

function differentVerdicts(
  history: AgencyHistory,
  knownAt: Instant,
  judgedAgain: ReadonlyMap<string, AssessmentVerdict>,
): WhatIfAnswer['assessments'] {
  return [...judgedAgain].flatMap(([month, whatif]) => {
    const recorded = assessmentAt(history, month, knownAt)?.computed.verdict;
    if (recorded === undefined || recorded === whatif) return [];
    const deductionIds = [...history.deductions.values()]
      .filter(({ recordedAt }) => recordedAt <= knownAt)
      .filter(({ basis }) => basis?.kind === 'assessment' && basis.month === month)
      .map(({ deductionId }) => deductionId)
      .sort();
    return [{ month, recorded, whatif, deductionIds }];
  });
}

interface Side {
  readonly history: AgencyHistory;
  readonly account: Account;
  readonly sumAt: (effectiveAt: Instant) => number;
}

/** The history as it would have been: a copy, of which nothing is stored. */
export function supposedHistory(
  history: AgencyHistory,
  knownAt: Instant,
  changes: Changes,
  zone: AnswerContext['zone'],
): AgencyHistory {
  const left = [...history.deductions.values()].filter(
    ({ deductionId }) => changes.without?.includes(deductionId) !== true,
  );
  const deductions = new Map(
    left.map((deduction) => [
      deduction.deductionId,
      supposedDeduction(deduction, knownAt, changes, zone),
    ]),
  );
  return withDeductions(history, deductions);
}

function supposedDeduction(
  deduction: Deduction,
  knownAt: Instant,
  changes: Changes,
  zone: AnswerContext['zone'],
): Deduction {
  const values = valuesAt(deduction, knownAt);
  const clause =
    changes.rulebook === undefined ? undefined : clauseOf(changes.rulebook.document, values.clause);
  const attribution =
    changes.attribution ?? changes.rulebook?.document.parameters.attribution.value;
  const imposed: DeductionValues = {
    ...values,
    points: changes.points?.[deduction.deductionId] ?? clause?.points ?? values.points,
    account: clause?.account ?? values.account,
    period:
      attribution === undefined
        ? values.period
        : periodOf(
            {
              ...values,
              stated: values.periodStated ? values.period : undefined,
              basis: deduction.basis,
            },
            attribution,
            zone,
          ),
  };
  return { ...deduction, imposed, corrections: [] };
}

/**
 * Every instant of a period at which either balance can change, in order, its first instant
 * included.
 */
function turningPoints(
  histories: readonly AgencyHistory[],
  knownAt: Instant,
  from: Instant,
  to: Instant,
): Instant[] {
  const turns = new Set<Instant>([from]);
  for (const history of histories) {
    for (const { effectiveAt } of history.admissions) turns.add(effectiveAt);
    for (const deduction of history.deductions.values())
      turns.add(valuesAt(deduction, knownAt).effectiveAt);
  }
  return [...turns].filter((turn) => turn >= from && turn < to).sort();
}

function differencesAt(
  recorded: Side,
  supposed: Side,
  at: Omit<BalanceQuestion, 'account'>,
): WhatIfAnswer['differences'] {
  const countsOf = ({ history, account }: Side): ((deductionId: string) => number) => {
    const notCountedOf = countingAt(history, { ...at, account });
    return (deductionId) => {
      const deduction = history.deductions.get(deductionId);
      if (deduction === undefined || deduction.recordedAt > at.knownAt) return 0;
      const counts = pointsAt(deduction, at.knownAt);
      return notCountedOf(valuesAt(deduction, at.knownAt), counts) === undefined ? counts : 0;
    };
  };
  const [recordedOf, supposedOf] = [countsOf(recorded), countsOf(supposed)];
  return [...recorded.history.deductions.keys()]
    .sort()
    .map((deductionId) => ({
      deductionId,
      recorded: recordedOf(deductionId),
      whatif: supposedOf(deductionId),
    }))
    .filter((line) => line.recorded !== line.whatif);
}
