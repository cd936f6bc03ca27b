import type { Instant } from '../../instant.js';
import { accountOf, assumptionsOf, type Rulebook, type Rulebooks } from '../../rulebook.js';
import type { RulebookReference } from '../../event.js';
import type { LedgerZone } from '../../zone.js';
import { balanceAt, sumAt, type Balance, type NotCountedReason } from './balance.js';
import type { AgencyHistory } from '../history.js';
import type { FindingCode } from '../../findings.js';
import { findingsAt } from './findings-at.js';
import { standingAt, type StandingAt } from './standing.js';
import type { Standing } from '../../standing.js';
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
export interface BalanceAnswer {
  readonly agencyId: string;
  readonly period: string;
  readonly effectiveAt: string;
  readonly knownAt: string;
  readonly balance: number;
  readonly threshold: number;
  readonly standing: Standing;
  readonly pending: {
    readonly openedAt: string;
    readonly period: string;
    readonly closesAt: string;
  } | null;
  readonly expulsion: { readonly effectiveAt: string; readonly supported: boolean } | null;
  readonly reentryFrom: string | null;
  readonly lines: readonly {
    readonly deductionId: string;
    readonly points: number;
    readonly counts: number;
    readonly effectiveAt: string;
    readonly running: number;
  }[];
  readonly notCounted: readonly {
    readonly deductionId: string;
    readonly reason: NotCountedReason;
  }[];
  readonly findings: readonly FindingCode[];
  readonly assumptions: readonly string[];
  readonly rulebook: RulebookReference;
  readonly account: string;
  /** What the account brings from the period before, already in `balance`. */
  readonly carriedOver: number;
  /** The rulebook's nodes that the balance has reached. */
  readonly nodesReached: readonly number[];
  /** Every account's sum, where the rulebook has more than one; they are never added. */
  readonly accounts?: readonly {
    readonly account: string;
    readonly balance: number;
    readonly threshold: number;
  }[];
  readonly episode: number;
  readonly timeZone: { readonly id: string; readonly dataVersion: string };
}

/** What answers are made with: the rulebooks known at the query's K, and the ledger's zone. */
export interface AnswerContext {
  readonly rulebooks: Rulebooks;
  readonly zone: LedgerZone;
}

/** Whether anything of this agency was recorded at or before K. */
export function isKnownAt(history: AgencyHistory, knownAt: Instant): boolean {
  return history.admissions.some((admission) => admission.recordedAt <= knownAt);
}

/** Answers `balance`. The agency must be known at K ({@link isKnownAt}). */
export function balanceAnswer(
  history: AgencyHistory,
  query: BalanceQuery,
  context: AnswerContext,
): BalanceAnswer {
  const { zone } = context;
  const { effectiveAt, knownAt, period = zone.yearOf(effectiveAt) } = query;
  const { document, reference } = context.rulebooks.inForceAt(effectiveAt);
  const account = accountOf(document, query.account ?? '');
  const balance = balanceAt(history, { effectiveAt, knownAt, period, account });
  const standing = standingAt(history, effectiveAt, knownAt);
  return {
    agencyId: query.agencyId,
    period,
    effectiveAt: zone.format(effectiveAt),
    knownAt: zone.format(knownAt),
    balance: balance.balance,
    threshold: account.threshold,
    ...standingFields(history, standing, knownAt, zone),
    ...lineFields(balance, zone),
    findings: [...new Set(findingsAt(history, knownAt, period).map(({ code }) => code))],
    assumptions: assumptionsFor(document, standing),
    rulebook: reference,
    account: account.id,
    carriedOver: balance.carriedOver,
    nodesReached: account.nodes
      .map(({ points }) => points)
      .filter((points) => points <= balance.balance),
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

function assumptionsFor(document: Rulebook, { pending, expulsion }: StandingAt): string[] {
  return assumptionsOf(document, [
    'attribution',
    ...(pending === undefined ? [] : (['lastChanceDays'] as const)),
    ...(expulsion === undefined ? [] : (['banDays', 'banCount'] as const)),
  ]);
}

/** One entry of the answer to `agencies`. */
export interface AgencyEntry {
  readonly agencyId: string;
  readonly balance: number;
  readonly standing: Standing;
}

/** An agency's entry at (E, K). The agency must be known at K. */
export function agencyEntry(
  history: AgencyHistory,
  { effectiveAt, knownAt }: Pick<BalanceQuery, 'effectiveAt' | 'knownAt'>,
  { rulebooks, zone }: AnswerContext,
): AgencyEntry {
  const account = accountOf(rulebooks.inForceAt(effectiveAt).document, '');
  return {
    agencyId: history.agencyId,
    balance: sumAt(history, { effectiveAt, knownAt, period: zone.yearOf(effectiveAt), account }),
    standing: standingAt(history, effectiveAt, knownAt).standing,
  };
}
