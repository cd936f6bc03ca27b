import {
  agency,
  rulebooks,
  type AppealAnswer,
  type AppealContext,
  type Instant,
} from '@penalty-ledger/ledger';
import { appealsOfAgency } from '@penalty-ledger/projections';
import type { ListPage } from './lists/list-page.js';
import { recordedPage, type OfAgencyQuery } from './lists/recorded-list.js';
import type { LedgerQuery, QueryError } from './queries.js';
import type { ReaderContext } from './reader-context.js';

/** Answers `appeal`. */
export async function appealOf(
  query: Pick<Extract<LedgerQuery, { query: 'appeal' }>, 'appealId' | 'knownAt'>,
  reader: ReaderContext,
): Promise<AppealAnswer | QueryError> {
  const { appealId } = query;
  const { knownAt } = reader.at(query);
  const agencyId = reader.agencyOf('appeal', appealId);
  if (agencyId === undefined) return { error: 'unknown_appeal' };
  const history = await reader.states.agency(agencyId);
  const answer = agency.appealAnswer(
    history,
    { appealId, knownAt },
    appealContext(knownAt, reader),
  );
  return answer ?? { error: 'unknown_appeal' };
}

/** Answers `appeal` for a page of an agency's appeals, in the order of their initiation. */
export async function appealsOf(
  query: OfAgencyQuery,
  reader: ReaderContext,
): Promise<ListPage<AppealAnswer | QueryError>> {
  const appeals = appealsOfAgency(reader.parts.readModels.database)(query.agencyId);
  const { items, ...next } = recordedPage(appeals, query, ({ appealId }) => appealId);
  const answers = await Promise.all(items.map(({ appealId }) => appealOf({ appealId }, reader)));
  return { items: answers, ...next };
}

/** The facts that the clocks of appeals depend on, as known at K. */
export function appealContext(knownAt: Instant, reader: ReaderContext): AppealContext {
  return {
    ...reader.answerContext(knownAt),
    calendars: rulebooks.calendarsAt(reader.states.register, knownAt),
  };
}
