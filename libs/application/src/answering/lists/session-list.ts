import type { AnswerContext, Instant } from '@penalty-ledger/ledger';
import { sessionPages, type ReadModels, type SessionsWanted } from '@penalty-ledger/projections';
import { sessionAnswer, type SessionAnswer } from '../session-answer.js';
import { pageOf, type ListPage } from './list-page.js';

/** A session in a list, as known now; voided ones are listed too. */
export type SessionEntry = Omit<SessionAnswer, 'knownAt'>;

/** Which sessions are listed, in the order of their start. */
export type SessionListQuery = SessionsWanted;

/** Lists sessions as known at `now`, which is no earlier than the last event. */
export function sessionList({
  database,
}: Pick<ReadModels, 'database'>): (
  query: SessionListQuery,
  now: Instant,
  context: AnswerContext,
) => ListPage<SessionEntry> {
  const pages = sessionPages(database);
  return (query, now, context) => {
    const { limit } = query;
    return pageOf(
      pages({ ...query, limit: limit + 1 }),
      limit,
      ({ startedAt, sessionId }) => ({ key: startedAt, id: sessionId }),
      (session) => {
        const { knownAt: _, ...entry } = sessionAnswer(session, now, context);
        return entry;
      },
    );
  };
}
