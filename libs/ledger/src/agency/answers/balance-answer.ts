import { AssumptionSchema, type Assumption } from '../../assumption.js';
import type { Instant } from '../../instant.js';
import {
  accountOf,
  assumptionsOf,
  firstAccountOf,
  isExpelling,
  unknownAccountText,
  type Account,
  type Rulebook,
  type Rulebooks,
} from '../../rulebook.js';
import { RulebookReferenceSchema } from '../../event.js';
import {
  closed,
  described,
  enumOf,
  IdSchema,
  InstantSchema,
  nullable,
  PeriodSchema,
  Type,
  type Shape,
} from '../../schema.js';
import type { LedgerZone } from '../../zone.js';
import { balanceAt, notCountedReasons, sumAt, type Balance } from './balance.js';
import type { AgencyHistory, Deduction } from '../history.js';
import { isAppealableAt, isContestedAt } from './appeal-state.js';
import { FindingCodeSchema } from '../../findings.js';
import { findingsAt } from './findings-at.js';
import { standingAt, type StandingAt } from './standing.js';
import { StandingSchema } from '../../standing.js';
import { ReachedMeasureSchema, scaleAssumptions, scaleFields, ScoreSchema } from './scale.js';
import { supportSum } from './support.js';

/** The question `balance` of interchange §3, with its defaults filled in. */
export interface BalanceQuery {
  readonly agencyId: string;
  readonly effectiveAt: Instant;
  readonly knownAt: Instant;
  /** The period whose sum is asked for; the period of `effectiveAt` unless given. */
  readonly period?: string;
  /** The account of the rulebook; its first unless given. */
  readonly account?: string;
}

/** The answer to `balance` (interchange §3); instants in the ledger's zone. */
export type BalanceAnswer = Shape<typeof BalanceAnswerSchema>;
export const BalanceAnswerSchema = closed(
  {
    agencyId: IdSchema,
    period: PeriodSchema,
    effectiveAt: InstantSchema,
    knownAt: InstantSchema,
    balance: Type.Integer(),
    threshold: Type.Integer(),
    standing: StandingSchema,
    pending: nullable(
      closed({ openedAt: InstantSchema, period: PeriodSchema, closesAt: InstantSchema }),
      'the pending expulsion; null when there is none',
    ),
    expulsion: nullable(
      closed({
        effectiveAt: InstantSchema,
        supported: Type.Boolean({ description: 'whether its sum still reaches the threshold' }),
      }),
      'the expulsion that holds; null when there is none',
    ),
    reentryFrom: nullable(InstantSchema, 'when an expelled agency may apply for re-entry'),
    contested: Type.Integer({
      description: 'what those of lines count that an appeal which is still open at K names',
    }),
    appealable: Type.Integer({
      description:
        'what those of lines count that no appeal names and whose ordinary window closes after E',
    }),
    ifUpheld: Type.Integer({ description: 'balance less contested' }),
    lines: Type.Array(
      closed({
        deductionId: IdSchema,
        points: Type.Integer({ description: 'as imposed or corrected' }),
        counts: Type.Integer({ description: 'after the last decision on it' }),
        effectiveAt: InstantSchema,
        running: Type.Integer({ description: 'the balance with this line and those before it' }),
      }),
      { description: 'what counts, in order of effectiveAt, then of deductionId' },
    ),
    notCounted: Type.Array(closed({ deductionId: IdSchema, reason: enumOf(notCountedReasons) }), {
      description: 'deductions known at K that do not count, each with the first reason',
    }),
    findings: Type.Array(FindingCodeSchema),
    assumptions: Type.Array(AssumptionSchema, {
      description: 'where the rules leave a choice, the one this answer rests on',
    }),
    rulebook: RulebookReferenceSchema,
    account: IdSchema,
    carriedOver: Type.Integer({
      description: 'what the account brings from the period before, already in balance',
    }),
    nodesReached: Type.Array(Type.Integer(), {
      description:
        'the rulebook’s nodes that the balance has reached, in points; `measures` has those that ' +
        'a falling score with its additions has reached',
    }),
    expels: Type.Optional(
      Type.Literal(false, {
        description: 'where no sum makes an expulsion pending; threshold is the gravest measure’s',
      }),
    ),
    scale: Type.Optional(described(ScoreSchema, 'what the platform shows, where its scale falls')),
    measures: Type.Optional(
      Type.Array(ReachedMeasureSchema, {
        description: 'the nodes reached, where the rulebook gives a scale or terms',
      }),
    ),
    accounts: Type.Optional(
      Type.Array(
        closed({ account: IdSchema, balance: Type.Integer(), threshold: Type.Integer() }),
        {
          description:
            'every account’s sum, where the rulebook has more than one; they are never added',
        },
      ),
    ),
    episode: Type.Integer({ description: '0 before the first admission, then 1, 2, …' }),
    timeZone: closed({ id: Type.String(), dataVersion: Type.String() }),
  },
  { $id: 'Balance' },
);

/**
 * The inputs of an answer besides the history: the rulebooks known at the query's K, and the
 * ledger's zone.
 */
export interface AnswerContext {
  readonly rulebooks: Rulebooks;
  readonly zone: LedgerZone;
}

/** Says whether anything about this agency was recorded at or before K. */
export function isKnownAt(history: AgencyHistory, knownAt: Instant): boolean {
  return history.admissions.some((admission) => admission.recordedAt <= knownAt);
}

/**
 * Answers `balance`. The agency must be known at K ({@link isKnownAt}).
 *
 * @throws RangeError when the rulebook in force at E lacks the account
 */
export function balanceAnswer(
  history: AgencyHistory,
  query: BalanceQuery,
  context: AnswerContext,
): BalanceAnswer {
  const { zone } = context;
  const { effectiveAt, knownAt, period = zone.yearOf(effectiveAt) } = query;
  const { document, reference } = context.rulebooks.inForceAt(effectiveAt);
  const account = accountFor(document, query.account);
  const question = { effectiveAt, knownAt, period, account };
  const balance = balanceAt(history, question);
  const standing = standingAt(history, effectiveAt, knownAt);
  return {
    agencyId: query.agencyId,
    period,
    effectiveAt: zone.format(effectiveAt),
    knownAt: zone.format(knownAt),
    balance: balance.balance,
    threshold: account.threshold,
    ...standingFields(history, standing, knownAt, zone),
    ...appealFields(history, balance, { effectiveAt, knownAt }, context),
    ...lineFields(balance, zone),
    findings: [...new Set(findingsAt(history, question).map(({ code }) => code))],
    assumptions: [...assumptionsFor(document, standing), ...scaleAssumptions(account)],
    rulebook: reference,
    account: account.id,
    carriedOver: balance.carriedOver,
    nodesReached: account.nodes
      .map(({ points }) => points)
      .filter((points) => points <= balance.balance),
    ...(!isExpelling(account) && { expels: false as const }),
    ...scaleFields(history, account, balance, question, zone),
    ...(document.accounts.length > 1 && {
      accounts: document.accounts.map((each) => ({
        account: each.id,
        balance: sumAt(history, { effectiveAt, knownAt, period, account: each }),
        threshold: each.threshold,
      })),
    }),
    episode: standing.episode,
    timeZone: { id: zone.id, dataVersion: zone.dataVersion },
  };
}

function accountFor(document: Rulebook, named: string | undefined): Account {
  if (named === undefined) return firstAccountOf(document);
  const account = accountOf(document, named);
  if (account === undefined) throw new RangeError(unknownAccountText(document, named).en);
  return account;
}

function standingFields(
  history: AgencyHistory,
  { standing, pending, expulsion }: StandingAt,
  knownAt: Instant,
  zone: LedgerZone,
) {
  return {
    standing,
    pending:
      pending === undefined
        ? null
        : {
            openedAt: zone.format(pending.openedAt),
            period: pending.period,
            closesAt: zone.format(pending.closesAt),
          },
    expulsion:
      expulsion === undefined
        ? null
        : {
            effectiveAt: zone.format(expulsion.effectiveAt),
            supported:
              supportSum(history, history.expulsions.indexOf(expulsion), knownAt) >=
              expulsion.threshold,
          },
    reentryFrom: expulsion === undefined ? null : zone.format(expulsion.reentryFrom),
  };
}

/** The points that open appeals, and appeals that are still possible, are about. */
function appealFields(
  history: AgencyHistory,
  { balance, lines }: Balance,
  at: Pick<BalanceQuery, 'effectiveAt' | 'knownAt'>,
  context: AnswerContext,
): Pick<BalanceAnswer, 'contested' | 'appealable' | 'ifUpheld'> {
  const { knownAt } = at;
  const countOf = (isMeant: (deduction: Deduction) => boolean): number =>
    lines.reduce((sum, { deduction, counts }) => (isMeant(deduction) ? sum + counts : sum), 0);
  const contested = countOf((deduction) => isContestedAt(deduction, history, knownAt));
  const appealable = countOf((deduction) => isAppealableAt(deduction, history, at, context));
  return { contested, appealable, ifUpheld: balance - contested };
}

function lineFields({ lines, notCounted }: Balance, zone: LedgerZone) {
  return {
    lines: lines.map(({ deduction, values, counts, running }) => ({
      deductionId: deduction.deductionId,
      points: values.points,
      counts,
      effectiveAt: zone.format(values.effectiveAt),
      running,
    })),
    notCounted: notCounted.map(({ deduction, reason }) => ({
      deductionId: deduction.deductionId,
      reason,
    })),
  };
}

function assumptionsFor(document: Rulebook, { pending, expulsion }: StandingAt): Assumption[] {
  return assumptionsOf(document, [
    'attribution',
    ...(pending === undefined ? [] : (['lastChanceDays'] as const)),
    ...(expulsion === undefined ? [] : (['banDays', 'banCount'] as const)),
  ]);
}

/** One entry of the answer to `agencies`. */
export type AgencyEntry = Shape<typeof AgencyEntrySchema>;
export const AgencyEntrySchema = closed(
  { agencyId: IdSchema, balance: Type.Integer(), standing: StandingSchema },
  { $id: 'AgencyEntry' },
);

/** An agency's entry at (E, K). The agency must be known at K. */
export function agencyEntry(
  history: AgencyHistory,
  { effectiveAt, knownAt }: Pick<BalanceQuery, 'effectiveAt' | 'knownAt'>,
  { rulebooks, zone }: AnswerContext,
): AgencyEntry {
  const account = firstAccountOf(rulebooks.inForceAt(effectiveAt).document);
  return {
    agencyId: history.agencyId,
    balance: sumAt(history, { effectiveAt, knownAt, period: zone.yearOf(effectiveAt), account }),
    standing: standingAt(history, effectiveAt, knownAt).standing,
  };
}
