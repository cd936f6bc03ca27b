import type { LedgerReader } from '@penalty-ledger/application';
import { closed, described, instantOf, InstantSchema, type Shape } from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import type { Rebuilds } from './rebuilds.js';

/** The check of the read models while they are in use, as everyone may see it. */
export type ScrubReport = Shape<typeof ScrubReportSchema>;
export const ScrubReportSchema = closed(
  {
    pagesChecked: Type.Integer({
      description: 'pages that were compared with their sums since the start',
    }),
    lastPass: Type.Optional(
      described(InstantSchema, 'when every page was last compared; the opening compares them too'),
    ),
    rebuilds: Type.Integer({
      description: 'rebuilds of damaged read models since the start, that at the start included',
    }),
  },
  { description: 'the check of the read models while they are in use' },
);

/** Sums up the scrub. Damage needs nobody: the read models are rebuilt. */
export function scrubReport(
  { pagesChecked, lastPassAt }: LedgerReader['scrub'],
  { count }: Pick<Rebuilds, 'count'>,
): ScrubReport {
  return {
    pagesChecked,
    ...(lastPassAt !== undefined && { lastPass: instantOf(lastPassAt) }),
    rebuilds: count,
  };
}
