import type { OpenedLedger } from '@penalty-ledger/application';
import { codeOf } from './node-report.js';

/** The findings of an engine's tripwires, as anybody may see them. */
export interface TripwireReport {
  /**
   * The number of alarms by code. Their subjects are left out, because a stream is named for its
   * agency.
   */
  readonly alarms: Readonly<Record<string, number>>;
  /**
   * The code, or else the name, of the error that the last look failed with; left out when it
   * succeeded.
   */
  readonly lastFailure?: string;
}

/**
 * Sums up the last look. People put right what it found: taking the node out of service would make
 * nothing safer.
 */
export function tripwireReport({
  alarms,
  lastFailure,
}: Pick<NonNullable<OpenedLedger['tripwires']>, 'alarms' | 'lastFailure'>): TripwireReport {
  const counts: Record<string, number> = {};
  for (const { code } of alarms) counts[code] = (counts[code] ?? 0) + 1;
  if (lastFailure === undefined) return { alarms: counts };
  return { alarms: counts, lastFailure: codeOf(lastFailure) };
}
