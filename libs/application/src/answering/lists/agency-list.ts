import {
  AgencyEntrySchema,
  byCodeUnit,
  closed,
  IdSchema,
  type AgencyEntry,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { agencyEntries } from '../agency-answers.js';
import type { LedgerQuery } from '../queries.js';
import type { ReaderContext } from '../reader-context.js';
import { CursorError, decode, encode } from './cursor.js';
import { pageOf, pageSchema, type ListPage } from './list-page.js';

/** The orders of the list of agencies. */
export const agencySorts = ['agencyId', '-agencyId', 'balance', '-balance'] as const;

export const AgencyPageSchema = closed(
  {
    ...pageSchema(AgencyEntrySchema, 'AgencyPage').properties,
    damaged: Type.Optional(
      Type.Array(IdSchema, {
        description: 'agencies that are not listed because their events are damaged, on every page',
      }),
    ),
  },
  { $id: 'AgencyPage' },
);

/** A page of agencies, which names those that cannot be listed. */
export interface AgencyPage extends ListPage<AgencyEntry> {
  /** Left out where there are none. */
  readonly damaged?: readonly string[];
}

/** The agency that a page ended with. */
export type AgencyPlace = Pick<AgencyEntry, 'agencyId' | 'balance'>;

/** The agencies to list, at which E and K, and their order. */
export interface AgencyListQuery extends Omit<
  Extract<LedgerQuery, { query: 'agencies' }>,
  'query'
> {
  /** Only those with at least so many points. */
  readonly minBalance?: number;
  readonly sort?: (typeof agencySorts)[number];
  readonly limit: number;
  readonly after?: AgencyPlace;
}

/** Lists agencies with balance and standing. Every agency's history is folded for it. */
export async function agencyList(
  { minBalance = -Infinity, sort = 'agencyId', limit, after, ...query }: AgencyListQuery,
  reader: ReaderContext,
): Promise<AgencyPage> {
  const compare = comparing(sort);
  const entries: AgencyEntry[] = [];
  const damaged: string[] = [];
  for (const entry of await agencyEntries({ query: 'agencies', ...query }, reader)) {
    if ('error' in entry) damaged.push(entry.agencyId);
    else entries.push(entry);
  }
  const rest = entries
    .filter(({ balance }) => balance >= minBalance)
    .filter((entry) => after === undefined || compare(entry, after) > 0)
    .sort(compare);
  const cursorOf = ({ agencyId, balance }: AgencyEntry): string => encode([agencyId, balance]);
  const page = pageOf(rest, limit, cursorOf, (entry) => entry);
  return damaged.length === 0 ? page : { ...page, damaged };
}

/**
 * Reads the cursor of a page of agencies.
 *
 * @throws CursorError when the text is not such a cursor
 */
export function readAgencyCursor(cursor: unknown): AgencyPlace {
  const [agencyId, balance] = decode(cursor);
  if (typeof agencyId !== 'string' || typeof balance !== 'number') throw new CursorError();
  return { agencyId, balance };
}

function comparing(sort: (typeof agencySorts)[number]): (a: AgencyPlace, b: AgencyPlace) => number {
  const byId = (a: AgencyPlace, b: AgencyPlace): number => byCodeUnit(a.agencyId, b.agencyId);
  switch (sort) {
    case 'agencyId':
      return byId;
    case '-agencyId':
      return (a, b) => byId(b, a);
    case 'balance':
      return (a, b) => a.balance - b.balance || byId(a, b);
    case '-balance':
      return (a, b) => b.balance - a.balance || byId(a, b);
  }
}
