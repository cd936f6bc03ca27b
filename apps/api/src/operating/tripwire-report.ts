import type { OpenedLedger } from '@penalty-ledger/application';
import { closed, type Shape } from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { codeOf } from './node-report.js';

/** The findings of an engine’s tripwires, for the public. */
export type TripwireReport = Shape<typeof TripwireReportSchema>;
export const TripwireReportSchema = closed({
  // What they are about is left out, because a stream is named for its agency.
  alarms: Type.Unsafe<Record<string, number>>({
    type: 'object',
    additionalProperties: { type: 'integer' },
    description: 'how many alarms there are of each code',
  }),
  lastFailure: Type.Optional(
    Type.String({
      description:
        'the code, or else the name, of the error for which the last look could not be made',
    }),
  ),
});

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
