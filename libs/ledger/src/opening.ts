import { sameInBoth } from './in-both.js';
import { ForeignEventError, type LedgerEvent } from './events.js';
import type { LedgerSettings } from './ledger.js';

/**
 * Returns how a ledger was opened: the data of the first event of its own stream.
 *
 * @throws ForeignEventError when that event is of another type
 */
export function settingsIn(first: LedgerEvent): LedgerSettings {
  if (first.type !== 'LedgerOpened') throw new ForeignEventError(first, sameInBoth('LedgerOpened'));
  return first.data;
}
