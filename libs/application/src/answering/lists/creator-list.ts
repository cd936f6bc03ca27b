import {
  closed,
  creator,
  creatorStream,
  IdSchema,
  InstantSchema,
  nullable,
  readEvent,
  type CreatorHistory,
  type Instant,
  type Shape,
} from '@penalty-ledger/ledger';
import { creatorPages, type CreatorRow, type PagePlace } from '@penalty-ledger/projections';
import { Type } from '@sinclair/typebox';
import type { AskedAt, At, ReaderContext } from '../reader-context.js';
import { personalOf, shownText, textOf, type ShownText } from '../shown-texts.js';
import { cursorOf } from './cursor.js';
import { pageOf, pageSchema, type ListPage, type PageQuery } from './list-page.js';
import type { ListSort } from './list-texts.js';

/** A creator on an agency's roster at (E, K). */
export type CreatorEntry = Shape<typeof CreatorEntrySchema>;
export const CreatorEntrySchema = closed(
  {
    creatorId: IdSchema,
    agencyId: IdSchema,
    name: shownText(),
    from: InstantSchema,
    to: nullable(InstantSchema, 'when the binding ends, as known at K; null while it lasts'),
    exposureRight: Type.Boolean({ description: 'whether it has the exposure right at E' }),
  },
  { $id: 'CreatorEntry' },
);
export const CreatorPageSchema = pageSchema(CreatorEntrySchema, 'CreatorPage');

/** The creators to list, at which E and K, and their order. */
export interface CreatorListQuery extends AskedAt, PageQuery<ListSort<'creators'>> {
  readonly agencyId?: string;
}

/** Bindings that are read at once; those that do not hold at E are passed by. */
const rowsAtOnce = 200;

/**
 * Lists the creators bound at (E, K). A page reads the streams of its creators, and of those it
 * passes by because their binding does not hold at E.
 */
export function creatorList(
  reader: ReaderContext,
): (query: CreatorListQuery) => Promise<ListPage<CreatorEntry>> {
  const pages = creatorPages(reader.parts.readModels.database);
  return async ({ agencyId, sort = 'agencyId', limit, after, ...asked }) => {
    const at = reader.at(asked);
    const descending = sort.startsWith('-');
    const entries: CreatorEntry[] = [];
    let last = after === undefined ? undefined : rowAt(after);
    while (entries.length <= limit) {
      const rows = pages({
        ...{ knownAt: at.knownAt, descending, limit: rowsAtOnce },
        ...(agencyId !== undefined && { agencyId }),
        ...(last !== undefined && { after: last }),
      });
      for (const row of rows) {
        const entry = await entryOf(row, at, reader);
        if (entry !== undefined) entries.push(entry);
        if (entries.length > limit) break;
      }
      last = rows.at(-1);
      if (rows.length < rowsAtOnce) break;
    }
    return pageOf(
      entries,
      limit,
      (entry) => cursorOf(sort, { key: entry.agencyId, id: entry.creatorId }),
      (entry) => entry,
    );
  };
}

function rowAt({ key, id }: PagePlace): CreatorRow {
  return { agencyId: key, creatorId: id };
}

/** The entry of a creator, unless its binding to the agency does not hold at (E, K). */
async function entryOf(
  { agencyId, creatorId }: CreatorRow,
  { effectiveAt, knownAt }: At,
  reader: ReaderContext,
): Promise<CreatorEntry | undefined> {
  const history: CreatorHistory = await reader.states.creator(creatorId);
  const binding = creator
    .bindingsOf(history, knownAt)
    .find(
      ({ agencyId: to, from, to: end }) =>
        to === agencyId && from <= effectiveAt && (end === undefined || end > effectiveAt),
    );
  if (binding === undefined) return undefined;
  return {
    creatorId,
    agencyId,
    name: await creatorName(creatorId, knownAt, reader),
    from: reader.zone.format(binding.from),
    to: binding.to === undefined ? null : reader.zone.format(binding.to),
    exposureRight: creator.hasExposureRightAt(history, effectiveAt, knownAt),
  };
}

/** The last name that a creator was bound with by K. */
async function creatorName(
  creatorId: string,
  knownAt: Instant,
  { parts: { store, keys } }: ReaderContext,
): Promise<ShownText | null> {
  let name: ShownText | null = null;
  for await (const batch of store.readStream(creatorStream(creatorId)))
    for (const record of batch) {
      const event = readEvent(record);
      if (event.recordedAt > knownAt) return name;
      name = textOf(personalOf(event, keys), 'name') ?? name;
    }
  return name;
}
