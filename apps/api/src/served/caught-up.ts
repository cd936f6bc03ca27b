import { positionIn, type Parameters } from '../http/parameters.js';
import type { ServedLedger } from './served-ledger.js';

/**
 * Waits for the position in `atLeast`, if one is given.
 *
 * @throws ApiProblem `invalid`, `not_caught_up`
 */
export async function caughtUp(ledger: ServedLedger, { atLeast }: Parameters): Promise<void> {
  const position = positionIn(atLeast, 'atLeast');
  if (position !== undefined) await ledger.waitFor(position);
}
