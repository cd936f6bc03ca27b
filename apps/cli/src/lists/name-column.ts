import type { LedgerReader } from '@penalty-ledger/application';
import { said } from '../terminal/language.js';
import { inClear } from '../terminal/words.js';
import type { ListColumn } from './list-columns.js';

type OfAgency = { readonly agencyId: string };

/** The names of agencies as a column: they are sealed, and no list's items have them. */
export async function nameColumn(
  items: readonly OfAgency[],
  reader: LedgerReader,
): Promise<ListColumn<OfAgency>> {
  const names = new Map<string, string>();
  for (const { agencyId } of items)
    names.set(agencyId, inClear((await reader.nameOf(agencyId)) ?? ''));
  return {
    title: said('Name', '名称'),
    maxWidth: 40,
    cell: ({ agencyId }) => names.get(agencyId) ?? '',
  };
}
