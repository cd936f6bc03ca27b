import { agency } from '@penalty-ledger/ledger';
import { sourcesOf } from './agency-sources.js';
import { complaintWithTexts, type ComplaintWithTexts } from './explained-basis.js';
import type { ListPage } from './lists/list-page.js';
import { recordedPage, type OfAgencyQuery } from './lists/recorded-list.js';
import type { LedgerQuery, QueryError } from './queries.js';
import type { ReaderContext } from './reader-context.js';

/** Answers `complaint`. */
export async function complaintOf(
  query: Extract<LedgerQuery, { query: 'complaint' }>,
  reader: ReaderContext,
): Promise<ComplaintWithTexts | QueryError> {
  const { knownAt } = reader.at(query);
  const agencyId = reader.agencyOf('complaint', query.complaintId);
  if (agencyId === undefined) return { error: 'unknown_complaint' };
  const history = await reader.states.agency(agencyId);
  const { complaints } = await sourcesOf(agencyId, reader.parts);
  const links = agency.complaintLinksAt(history, knownAt);
  const context = { complaints, knownAt, links, zone: reader.zone };
  return complaintWithTexts(history, query.complaintId, context) ?? { error: 'unknown_complaint' };
}

/**
 * A page of the complaints about an agency as known now, with their texts, in the order they were
 * filed. Reads the agency's stream once.
 */
export function complaintsOf(
  query: OfAgencyQuery,
  reader: ReaderContext,
): Promise<ListPage<ComplaintWithTexts> | QueryError> {
  const { agencyId } = query;
  return reader.ofAgency({ agencyId }, async (history, { knownAt }) => {
    const { complaints } = await sourcesOf(agencyId, reader.parts);
    const links = agency.complaintLinksAt(history, knownAt);
    const context = { complaints, knownAt, links, zone: reader.zone };
    const filed = agency.complaintsAt(history, knownAt);
    const { items, ...next } = recordedPage(filed, query, ({ complaintId }) => complaintId);
    const answers = items.flatMap(
      ({ complaintId }) => complaintWithTexts(history, complaintId, context) ?? [],
    );
    return { items: answers, ...next };
  });
}
