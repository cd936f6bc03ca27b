import type { Instant } from '../instant.js';
import { accountOf } from '../rulebook.js';
import type { AgencyEvent } from './agency-events.js';
import { everything, type AgencyHistory } from './agency-history.js';
import { naturalDaysAfter } from './appeals.js';
import { sumAt } from './balance.js';
import type { DecisionContext } from './decision.js';
import { isRevoked, standingAt } from './standing.js';

type When = Pick<DecisionContext, 'now' | 'zone' | 'rulebooks'>;

/** The unrevoked expulsions, by number, whose period's sum, at their `effectiveAt` and as known now, reaches the threshold (rulebook §5). */
export function supportedExpulsions(history: AgencyHistory): ReadonlySet<number> {
  const supported = new Set<number>();
  for (const [number, expulsion] of history.expulsions.entries()) {
    if (
      !isRevoked(expulsion, everything) &&
      supportSum(history, number, everything) >= expulsion.threshold
    )
      supported.add(number);
  }
  return supported;
}

/** The sum an expulsion rests on, at its `effectiveAt` and as known at `knownAt`. */
export function supportSum(history: AgencyHistory, number: number, knownAt: Instant): number {
  const expulsion = history.expulsions[number];
  if (expulsion === undefined) return 0;
  const { effectiveAt, period, account } = expulsion;
  return sumAt(history, { effectiveAt, knownAt, period, account });
}

/**
 * What follows by arithmetic from what was just recorded, one event at a time: ask again after folding the answer, until there is none.
 * In this order: a pending expulsion is lifted, an expulsion loses its support, a pending expulsion opens (rulebook §5).
 *
 * @param history with the events just recorded folded in
 * @param supportedBefore {@link supportedExpulsions} before they were
 */
export function consequence(
  history: AgencyHistory,
  supportedBefore: ReadonlySet<number>,
  when: When,
): AgencyEvent | undefined {
  return lifted(history, when) ?? unsupported(history, supportedBefore) ?? opened(history, when);
}

function lifted(history: AgencyHistory, { now, rulebooks }: When): AgencyEvent | undefined {
  const { pending } = standingAt(history, now, everything);
  if (pending === undefined) return undefined;
  const rulebook = rulebooks.inForceAt(now);
  const account = accountOf(rulebook.document, pending.account);
  const { period } = pending;
  const balance = sumAt(history, { effectiveAt: now, knownAt: everything, period, account });
  if (balance >= account.threshold) return undefined;
  const { agencyId } = history;
  return {
    type: 'PendingExpulsionLifted',
    data: { account: account.id, agencyId, balance, period, threshold: account.threshold },
    effectiveAt: now,
    rulebook: rulebook.reference,
  };
}

function unsupported(
  history: AgencyHistory,
  supportedBefore: ReadonlySet<number>,
): AgencyEvent | undefined {
  const supportedNow = supportedExpulsions(history);
  for (const number of supportedBefore) {
    const expulsion = history.expulsions[number];
    if (
      expulsion === undefined ||
      expulsion.unsupportedAt !== undefined ||
      isRevoked(expulsion, everything)
    )
      continue;
    if (supportedNow.has(number)) continue;
    const balance = supportSum(history, number, everything);
    return {
      type: 'ExpulsionUnsupported',
      data: { agencyId: history.agencyId, balance, expulsion: number },
    };
  }
  return undefined;
}

function opened(history: AgencyHistory, { now, zone, rulebooks }: When): AgencyEvent | undefined {
  if (standingAt(history, now, everything).standing !== 'active') return undefined;
  const { document, reference } = rulebooks.inForceAt(now);
  const period = zone.yearOf(now);
  for (const account of document.accounts) {
    // Most agencies are far from it, and all that was ever imposed is a bound that needs no sum.
    if (history.pointsEver + (account.carryOver?.as ?? 0) < account.threshold) continue;
    const balance = sumAt(history, { effectiveAt: now, knownAt: everything, period, account });
    if (balance < account.threshold) continue;
    return {
      type: 'PendingExpulsionOpened',
      data: {
        account: account.id,
        agencyId: history.agencyId,
        balance,
        closesAt: naturalDaysAfter(now, document.parameters.lastChanceDays.value, zone),
        period,
        threshold: account.threshold,
      },
      effectiveAt: now,
      rulebook: reference,
    };
  }
  return undefined;
}
