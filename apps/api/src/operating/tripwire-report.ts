import type { OpenedLedger } from '@penalty-ledger/application';
import { codeOf } from './node-report.js';

/** What the tripwires of an engine found, as anybody may see it. */
export interface TripwireReport {
  /** How many alarms there are of each code; what they are about is left out, because a stream is named for its agency. */
  readonly alarms: Readonly<Record<string, number>>;
  /** The code, or else the name, of the error for which the last look could not be made; left out when it was. */
  readonly lastFailure?: string;
}

/** Sums up the last look. It is for people to put right: to take the node out of service would keep nothing safer. */
export function tripwireReport({
  alarms,
  lastFailure,
}: Pick<NonNullable<OpenedLedger['tripwires']>, 'alarms' | 'lastFailure'>): TripwireReport {
  const counts: Record<string, number> = {};
  for (const { code } of alarms) counts[code] = (counts[code] ?? 0) + 1;
  if (lastFailure === undefined) return { alarms: counts };
  return { alarms: counts, lastFailure: codeOf(lastFailure) };
}
