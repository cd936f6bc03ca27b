import { endOfTime } from '../../instant.js';
import { accountOf, firstAccountOf, isExpelling } from '../../rulebook.js';
import type { AgencyEvent } from '../events.js';
import type { AgencyHistory } from '../history.js';
import { naturalDaysAfter } from '../answers/appeal-state.js';
import { sumAt } from '../answers/balance.js';
import type { DecisionContext } from '../../decision.js';
import { isRevoked, standingAt } from '../answers/standing.js';
import { supportedExpulsions, supportSum } from '../answers/support.js';

type When = Pick<DecisionContext, 'now' | 'zone' | 'rulebooks'>;

/**
 * Returns the next event that follows by arithmetic from the events just recorded. Callers fold it
 * and call again until there is none. In this order: a pending expulsion is lifted, an expulsion
 * loses its support, a pending expulsion opens (rules §5).
 *
 * @param history with the events just recorded folded in
 * @param supportedBefore {@link supportedExpulsions} before they were folded in
 */
export function consequence(
  history: AgencyHistory,
  supportedBefore: ReadonlySet<number>,
  when: When,
): AgencyEvent | undefined {
  return lifted(history, when) ?? unsupported(history, supportedBefore) ?? opened(history, when);
}

function lifted(history: AgencyHistory, { now, rulebooks }: When): AgencyEvent | undefined {
  const { pending } = standingAt(history, now, endOfTime);
  if (pending === undefined) return undefined;
  const rulebook = rulebooks.inForceAt(now);
  const account =
    accountOf(rulebook.document, pending.account) ?? firstAccountOf(rulebook.document);
  const { period } = pending;
  const balance = sumAt(history, { effectiveAt: now, knownAt: endOfTime, period, account });
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
      isRevoked(expulsion, endOfTime)
    )
      continue;
    if (supportedNow.has(number)) continue;
    const balance = supportSum(history, number, endOfTime);
    return {
      type: 'ExpulsionUnsupported',
      data: { agencyId: history.agencyId, balance, expulsion: number },
    };
  }
  return undefined;
}

function opened(history: AgencyHistory, { now, zone, rulebooks }: When): AgencyEvent | undefined {
  if (standingAt(history, now, endOfTime).standing !== 'active') return undefined;
  const { document, reference } = rulebooks.inForceAt(now);
  const period = zone.yearOf(now);
  for (const account of document.accounts) {
    if (!isExpelling(account)) continue;
    // Most agencies are far from it, and all that was ever imposed is a bound that needs no sum.
    if (history.pointsEver + (account.carryOver?.as ?? 0) < account.threshold) continue;
    const balance = sumAt(history, { effectiveAt: now, knownAt: endOfTime, period, account });
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
