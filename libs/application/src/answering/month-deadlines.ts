import {
  AgencyOutlookSchema,
  closed,
  type Instant,
  type Prospect,
  type Shape,
} from '@penalty-ledger/ledger';
import { everyOutlook, outlookOf, type Outlook } from './outlook.js';
import type { QueryError } from './queries.js';
import type { ReaderContext } from './reader-context.js';

const { properties: outlook } = AgencyOutlookSchema;
const { inactive: _inactive, unbinding: _unbinding, ...ofMonth } = outlook.assessment.properties;

/** The figures of a month so far, each with its rule and parameters, and without any creator. */
export type MonthFigures = Shape<typeof MonthFiguresSchema>;
export const MonthFiguresSchema = closed({
  asOf: outlook.asOf,
  ...ofMonth,
  assumptions: outlook.assumptions,
});

/** An agency's current month, while it is assessed and does not pass as it stands. */
export interface MonthDeadline {
  readonly agencyId: string;
  readonly month: string;
  readonly prospect: Extract<Prospect, 'within_reach' | 'needs_creators' | 'out_of_reach'>;
  readonly asOf: Instant;
  /** The first instant at which it is too late for what is needed; `undefined` once it is. */
  readonly at: Instant | undefined;
  /** The first instant after the month. */
  readonly endsAt: Instant;
  readonly figures: MonthFigures;
}

/** The current months of one agency or of all, in the order of the agencies' ids. */
export async function monthDeadlines(
  { agencyId }: { readonly agencyId?: string },
  reader: ReaderContext,
): Promise<readonly MonthDeadline[] | QueryError> {
  if (agencyId !== undefined) {
    const outlook = await outlookOf({ agencyId }, reader);
    return 'error' in outlook ? outlook : deadlinesIn(outlook);
  }
  const found: MonthDeadline[] = [];
  for await (const each of everyOutlook(reader, () => undefined)) found.push(...deadlinesIn(each));
  return found;
}

function deadlinesIn({ answer, now, month: known }: Outlook): readonly MonthDeadline[] {
  const { agencyId, asOf, assessment, assumptions } = answer;
  const { inactive: _inactive, unbinding: _unbinding, ...figures } = assessment;
  const { month, prospect } = figures;
  if (prospect === 'passing' || prospect === 'not_assessed') return [];
  return [
    {
      ...{ agencyId, month, prospect, asOf: now, at: known.actBefore, endsAt: known.end },
      figures: { asOf, ...figures, assumptions },
    },
  ];
}
