import {
  closed,
  earliestInstant,
  endOfTime,
  type AnswerContext,
  type Instant,
  type LedgerZone,
  type Shape,
} from '@penalty-ledger/ledger';
import { sessionPages, type ReadModels } from '@penalty-ledger/projections';
import { Type } from '@sinclair/typebox';
import { sessionAnswer, SessionAnswerSchema } from '../session-answer.js';
import { cursorOf } from './cursor.js';
import { pageOf, pageSchema, type ListPage, type PageQuery } from './list-page.js';
import type { ListSort } from './list-texts.js';

/** A session in a list, as known at K; voided ones are listed too. */
export type SessionEntry = Shape<typeof SessionEntrySchema>;
export const SessionEntrySchema = closed(Type.Omit(SessionAnswerSchema, ['knownAt']).properties, {
  $id: 'SessionEntry',
});
export const SessionPageSchema = pageSchema(SessionEntrySchema, 'SessionPage');

/** The sessions to list: of an agency, of a creator, of a creator while with an agency, or all. */
export interface SessionListQuery extends PageQuery<ListSort<'sessions'>>, StartedIn {
  readonly agencyId?: string;
  readonly creatorId?: string;
  readonly knownAt?: Instant;
}

/** The time in which the listed sessions started: any unless a field says less. */
export interface StartedIn {
  /** On this local date, `2019-04-01`. */
  readonly date?: string | undefined;
  /** Instead of `date`: at or after. */
  readonly from?: Instant | undefined;
  /** Instead of `date`: before. */
  readonly to?: Instant | undefined;
}

/** Lists sessions as known at K. */
export function sessionList({
  database,
}: Pick<ReadModels, 'database'>): (
  query: SessionListQuery,
  knownAt: Instant,
  context: AnswerContext,
) => ListPage<SessionEntry> {
  const pages = sessionPages(database);
  return ({ date, sort = 'startedAt', limit, ...query }, knownAt, context) => {
    const { from, to } = query;
    const wanted = {
      ...query,
      knownAt,
      ...startedIn({ date, from, to }, context.zone),
      descending: sort.startsWith('-'),
      limit: limit + 1,
    };
    return pageOf(
      pages(wanted),
      limit,
      ({ startedAt, sessionId }) => cursorOf(sort, { key: startedAt, id: sessionId }),
      (session) => {
        const { knownAt: _, ...entry } = sessionAnswer(session, knownAt, context);
        return entry;
      },
    );
  };
}

function startedIn(
  { date, from = earliestInstant, to = endOfTime }: StartedIn,
  zone: LedgerZone,
): { readonly from: Instant; readonly to: Instant } {
  if (date === undefined) return { from, to };
  const start = zone.startOfDate(date);
  return { from: start, to: zone.startOfDayAfter(start, 1) };
}
