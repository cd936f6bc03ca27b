import { instantOf, ledgerZone, type Instant } from '@penalty-ledger/ledger';

/** The source of time: the system in a real ledger, the command lines in a simulation. */
export interface Clock {
  now(): Instant;
}

/** The machine's clock: the only place in the program that reads it. */
export const systemClock: Clock = { now: () => instantOf(Date.now()) };

/** The version of the time-zone data this process runs with (IANA, `2024b`). */
export const timeZoneDataVersion = process.versions['tz'] ?? 'unknown';

export { ledgerZone };
