import {
  closed,
  described,
  InstantSchema,
  type Instant,
  type LedgerZone,
  type Shape,
} from '@penalty-ledger/ledger';
import {
  deadlinesOf,
  DeadlineSchema,
  inOrderOfTime,
  type Deadline,
  type DeadlineKind,
} from '../deadlines.js';
import type { QueryError } from '../queries.js';
import type { AskedAt, ReaderContext } from '../reader-context.js';
import { agencyRows, withDamaged, type AgencyRows } from './agency-rows.js';
import {
  agencyRowsPageSchema,
  sortedPage,
  type AgencyRowsPage,
  type PageQuery,
} from './list-page.js';
import type { ListSort } from './list-texts.js';

/** The deadlines to list: those that fall after E, as known at K. */
export interface DeadlineFilter extends AskedAt {
  readonly agencyId?: string;
  readonly kind?: DeadlineKind;
  /** Only those that fall before this instant. */
  readonly before?: Instant;
}

export type DeadlineListQuery = DeadlineFilter & PageQuery<ListSort<'deadlines'>>;

/** A deadline in a list, with its instants in the ledger's zone. */
export type DeadlineEntry = Shape<typeof DeadlineEntrySchema>;
export const DeadlineEntrySchema = closed(
  {
    ...DeadlineSchema.properties,
    at: described(InstantSchema, String(DeadlineSchema.properties.at.description)),
    knownSince: described(InstantSchema, String(DeadlineSchema.properties.knownSince.description)),
  },
  { $id: 'Deadline' },
);
export const DeadlinePageSchema = agencyRowsPageSchema(DeadlineEntrySchema, 'DeadlinePage');

/** Gives the deadlines of one agency, or of all but the damaged ones, in the order of time. */
export async function everyDeadline(
  filter: DeadlineFilter,
  reader: ReaderContext,
): Promise<readonly Deadline[] | QueryError> {
  const found = await deadlineRows(filter, reader);
  return 'error' in found ? found : [...found.rows].sort(inOrderOfTime);
}

/** Lists the deadlines of one agency, or of all. */
export async function deadlineList(
  { sort = 'at', limit, after, ...filter }: DeadlineListQuery,
  reader: ReaderContext,
): Promise<AgencyRowsPage<DeadlineEntry> | QueryError> {
  const found = await deadlineRows(filter, reader);
  if ('error' in found) return found;
  const { rows, damaged } = found;
  const page = sortedPage(
    {
      rows,
      placeOf: ({ at, uid }) => ({ key: at, id: uid }),
      entryOf: (deadline) => entryOf(deadline, reader.zone),
    },
    { sort, limit, after },
  );
  return withDamaged(page, damaged);
}

async function deadlineRows(
  { kind, before, ...asked }: DeadlineFilter,
  reader: ReaderContext,
): Promise<AgencyRows<Deadline> | QueryError> {
  const found = await agencyRows(asked, reader, deadlinesOf);
  if ('error' in found) return found;
  const rows = found.rows.filter(
    (each) =>
      (kind === undefined || each.kind === kind) && (before === undefined || each.at < before),
  );
  return { ...found, rows };
}

function entryOf({ at, knownSince, ...deadline }: Deadline, zone: LedgerZone): DeadlineEntry {
  return { ...deadline, at: zone.format(at), knownSince: zone.format(knownSince) };
}
