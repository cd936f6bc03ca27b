import { ledgerZone, timeZoneDataVersion } from '@penalty-ledger/application/clock';
import { LedgerZone, type Instant } from '@penalty-ledger/ledger';
import { time } from './words.js';

const zone = new LedgerZone(ledgerZone, timeZoneDataVersion);

/** An instant of a ledger that is not open, in the zone of every ledger, with its name. */
export function inLedgerZone(instant: string): string {
  return `${time(zone.format(instant as Instant))} (${ledgerZone})`;
}
