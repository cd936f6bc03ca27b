import { agencyOfStream, type AgencyHistory } from '@penalty-ledger/ledger';
import { appealsOfAgency } from '@penalty-ledger/projections';
import { appealSourceOf, sourcesOf } from './agency-sources.js';
import { appealWithTexts, type AppealWithTexts } from './appeal-with-texts.js';
import type { ListPage } from './lists/list-page.js';
import { recordedPage, type OfAgencyQuery } from './lists/recorded-list.js';
import type { LedgerQuery, QueryError } from './queries.js';
import type { ReaderContext } from './reader-context.js';

/** Answers `appeal`. */
export async function appealOf(
  query: Pick<Extract<LedgerQuery, { query: 'appeal' }>, 'appealId' | 'knownAt'>,
  reader: ReaderContext,
): Promise<AppealWithTexts | QueryError> {
  const { appealId } = query;
  const { knownAt } = reader.at(query);
  const place = reader.registered('appeal', appealId);
  const agencyId = place === undefined ? undefined : agencyOfStream(place.stream);
  if (place === undefined || agencyId === undefined) return { error: 'unknown_appeal' };
  const history = await reader.states.agency(agencyId);
  const source = await appealSourceOf(
    { agencyId, appealId, from: place.revision, acts: actsOf(history, appealId) },
    reader.parts,
  );
  const context = reader.answerContext(knownAt);
  const answer = appealWithTexts(history, { appealId, knownAt }, source, context);
  return answer ?? { error: 'unknown_appeal' };
}

/** The number of an appeal's acts, and of the points that its decision changed. */
function actsOf(history: AgencyHistory, appealId: string): number {
  const appeal = history.appeals.get(appealId);
  if (appeal === undefined) return 0;
  const { evidence, withdrawn, decided, deductionIds } = appeal;
  const acts = [appeal, evidence, withdrawn, decided].filter((act) => act !== undefined);
  const adjusted = deductionIds
    .flatMap((deductionId) => history.deductions.get(deductionId)?.decisions ?? [])
    .filter((decision) => decision.appealId === appealId);
  return acts.length + adjusted.length;
}

/**
 * Answers `appeal` for a page of an agency's appeals, in the order of their initiation. Reads the
 * agency's stream once.
 */
export function appealsOf(
  query: OfAgencyQuery,
  reader: ReaderContext,
): Promise<ListPage<AppealWithTexts> | QueryError> {
  const { agencyId } = query;
  return reader.ofAgency({ agencyId }, async (history, { knownAt }) => {
    const appeals = appealsOfAgency(reader.parts.readModels.database)(agencyId);
    const { items, ...next } = recordedPage(appeals, query, ({ appealId }) => appealId);
    const sources = await sourcesOf(agencyId, reader.parts);
    const context = reader.answerContext(knownAt);
    const answers = items.flatMap(
      ({ appealId }) =>
        appealWithTexts(history, { appealId, knownAt }, sources.appeals.get(appealId), context) ??
        [],
    );
    return { items: answers, ...next };
  });
}
