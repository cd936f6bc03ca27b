import { agency } from '@penalty-ledger/ledger';
import { sourcesOf } from './agency-sources.js';
import { complaintWithTexts, type ComplaintWithTexts } from './explained-basis.js';
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
  const context = { complaints, knownAt, zone: reader.zone };
  return complaintWithTexts(history, query.complaintId, context) ?? { error: 'unknown_complaint' };
}

/**
 * Every complaint about an agency as known now, with its texts, in the order they were filed.
 * Reads the agency's stream once.
 */
export function complaintsOf(
  agencyId: string,
  reader: ReaderContext,
): Promise<readonly ComplaintWithTexts[] | QueryError> {
  return reader.ofAgency({ agencyId }, async (history, { knownAt }) => {
    const { complaints } = await sourcesOf(agencyId, reader.parts);
    const context = { complaints, knownAt, zone: reader.zone };
    return agency
      .complaintsAt(history, knownAt)
      .flatMap(({ complaintId }) => complaintWithTexts(history, complaintId, context) ?? []);
  });
}
