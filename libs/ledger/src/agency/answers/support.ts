import { endOfTime, type Instant } from '../../instant.js';
import type { AgencyHistory } from '../history.js';
import { sumAt } from './balance.js';
import { isRevoked } from './standing.js';

/**
 * The unrevoked expulsions that are supported, by number: the period's sum at their `effectiveAt`,
 * as known now, reaches the threshold (rules §5).
 */
export function supportedExpulsions(history: AgencyHistory): ReadonlySet<number> {
  const supported = new Set<number>();
  for (const [number, expulsion] of history.expulsions.entries()) {
    if (
      !isRevoked(expulsion, endOfTime) &&
      supportSum(history, number, endOfTime) >= expulsion.threshold
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
