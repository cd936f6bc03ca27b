import { AgencyEntrySchema, byCodeUnit, type AgencyEntry } from '@penalty-ledger/ledger';
import { agencyEntries } from '../agency-answers.js';
import type { LedgerQuery } from '../queries.js';
import type { ReaderContext } from '../reader-context.js';
import { CursorError, decode, encode } from './cursor.js';
import { withDamaged } from './agency-rows.js';
import { agencyRowsPageSchema, pageOf, type AgencyRowsPage } from './list-page.js';
import type { ListSort } from './list-texts.js';

/** A page of agencies, which names those that cannot be listed. */
export type AgencyPage = AgencyRowsPage<AgencyEntry>;
export const AgencyPageSchema = agencyRowsPageSchema(AgencyEntrySchema, 'AgencyPage');

/** The agency that a page ended with. */
export type AgencyPlace = Pick<AgencyEntry, 'agencyId' | 'balance'>;

/** The agencies to list, at which E and K, and their order. */
export interface AgencyListQuery extends Omit<
  Extract<LedgerQuery, { query: 'agencies' }>,
  'query'
> {
  /** Only those with at least so many points. */
  readonly minBalance?: number;
  readonly sort?: ListSort<'agencies'>;
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
  return withDamaged(
    pageOf(rest, limit, cursorOf, (entry) => entry),
    damaged,
  );
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

function comparing(sort: ListSort<'agencies'>): (a: AgencyPlace, b: AgencyPlace) => number {
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
