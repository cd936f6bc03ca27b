import {
  agency,
  AppealAnswerSchema,
  closed,
  endOfTime,
  enumOf,
  InstantSchema,
  nullable,
  plusHours,
  type AppealContext,
  type AppealState,
  type Instant,
  type KnownAppeal,
  type Shape,
} from '@penalty-ledger/ledger';
import {
  appealPages,
  openAppeals,
  type AppealRow,
  type AppealsWanted,
  type PagePlace,
  type ReadModels,
} from '@penalty-ledger/projections';
import { Type } from '@sinclair/typebox';
import type { QueryError } from '../queries.js';
import type { ReaderContext } from '../reader-context.js';
import { agencyRows, withDamaged } from './agency-rows.js';
import { cursorOf } from './cursor.js';
import {
  agencyRowsPageSchema,
  pageOf,
  sortedBy,
  sortedPage,
  type AgencyRowsPage,
  type ListPage,
  type PageQuery,
} from './list-page.js';
import type { ListSort } from './list-texts.js';

/** An appeal in a list, as known at K: its clocks, and what is due next. */
export type AppealEntry = Shape<typeof AppealEntrySchema>;
export const AppealEntrySchema = closed(
  {
    ...Type.Omit(AppealAnswerSchema, ['knownAt']).properties,
    due: nullable(
      closed({
        what: enumOf(['evidence', 'decision']),
        at: nullable(
          InstantSchema,
          'the first instant that is too late; null when the holiday calendar lacks the year',
        ),
      }),
      'what somebody has to do: the agency, whose evidence is due, or the platform, whose ' +
        'decision is; null once nothing is due',
    ),
  },
  { $id: 'AppealEntry' },
);
export const AppealPageSchema = agencyRowsPageSchema(AppealEntrySchema, 'AppealPage');

/**
 * The appeals to list, and their order. Sorted by `due`, only those with something due are listed;
 * an unknown time comes last.
 */
export interface AppealListQuery extends PageQuery<ListSort<'appeals'>> {
  readonly agencyId?: string;
  readonly knownAt?: Instant;
  readonly state?: AppealState;
  /** Only those in which something is due before this instant, or was and is late. */
  readonly dueBefore?: Instant;
  /** Instead of `dueBefore`, in hours from now on. */
  readonly dueWithinHours?: number;
}

/** Lists appeals as known at `now`, which is no earlier than the last event. */
export function appealList({
  database,
}: Pick<ReadModels, 'database'>): (
  query: AppealListQuery,
  now: Instant,
  context: AppealContext,
) => ListPage<AppealEntry> {
  const [pages, open] = [appealPages(database), openAppeals(database)];
  return (query, now, context) => {
    const { sort = 'initiatedAt', limit } = query;
    const dueBefore =
      query.dueWithinHours === undefined ? query.dueBefore : plusHours(now, query.dueWithinHours);
    if (sortedBy(sort) !== 'due' && dueBefore === undefined) {
      const rows = pages({ ...wantedOf(query, sort, now), limit: limit + 1 });
      const entryOf = (row: AppealRow): AppealEntry =>
        entry(row.agencyId, factsOf(row), now, context);
      return pageOf(rows, limit, (row) => cursorOf(sort, initiationOf(row)), entryOf);
    }
    const rows = open(now, dueBefore ?? endOfTime, query.agencyId)
      .filter(({ stage }) => query.state === undefined || query.state === stage)
      .map((row): KnownRow => ({ agencyId: row.agencyId, facts: factsOf(row) }));
    return knownPage(rows, { ...query, dueBefore }, now, context);
  };
}

/**
 * Lists appeals as known at an earlier K, from the histories of their agencies: an index can follow
 * the recorded events, and not every K.
 */
export async function appealsThen(
  query: AppealListQuery & { readonly knownAt: Instant },
  reader: ReaderContext,
  context: AppealContext,
): Promise<AgencyRowsPage<AppealEntry> | QueryError> {
  const found = await agencyRows(query, reader, ({ agencyId, appeals }, { knownAt }) =>
    [...appeals.values()]
      .filter(({ recordedAt }) => recordedAt <= knownAt)
      .map((appeal): KnownRow => ({ agencyId, facts: agency.appealKnownAt(appeal, knownAt) })),
  );
  if ('error' in found) return found;
  const { knownAt } = reader.at(query);
  const { state, dueWithinHours } = query;
  const rows = found.rows.filter(
    ({ facts }) => state === undefined || agency.stateOfKnown(facts, knownAt) === state,
  );
  const dueBefore =
    dueWithinHours === undefined ? query.dueBefore : plusHours(knownAt, dueWithinHours);
  return withDamaged(knownPage(rows, { ...query, dueBefore }, knownAt, context), found.damaged);
}

/** An appeal and the acts on it that are known. */
interface KnownRow {
  readonly agencyId: string;
  readonly facts: KnownAppeal;
}

/** The page of appeals that are all at hand. */
function knownPage(
  known: readonly KnownRow[],
  {
    sort = 'initiatedAt',
    limit,
    after,
    dueBefore,
  }: Omit<AppealListQuery, 'dueBefore'> & { readonly dueBefore: Instant | undefined },
  knownAt: Instant,
  context: AppealContext,
): ListPage<AppealEntry> {
  const isByDue = sortedBy(sort) === 'due';
  const rows =
    isByDue || dueBefore !== undefined
      ? known.flatMap((row) => {
          const due = agency.appealDueAt(row.facts, knownAt, context);
          const at = due?.at ?? endOfTime;
          return due === undefined || (dueBefore !== undefined && at >= dueBefore)
            ? []
            : [{ ...row, at }];
        })
      : known.map((row) => ({ ...row, at: endOfTime }));
  return sortedPage(
    {
      rows,
      placeOf: ({ facts, at }) => ({
        key: isByDue ? at : facts.initiatedAt,
        id: facts.appealId,
      }),
      entryOf: ({ agencyId, facts }) => entry(agencyId, facts, knownAt, context),
    },
    { sort, limit, after },
  );
}

function initiationOf({ initiatedAt, appealId }: AppealRow): PagePlace {
  return { key: initiatedAt, id: appealId };
}

/** `initiated` and `lapsed` are one stage in what was recorded, and the clock tells them apart. */
function wantedOf(
  { agencyId, state, after, limit }: AppealListQuery,
  sort: string,
  now: Instant,
): AppealsWanted {
  const window = { at: now, is: state === 'lapsed' ? 'closed' : 'open' } as const;
  return {
    limit,
    descending: sort.startsWith('-'),
    ...(agencyId !== undefined && { agencyId }),
    ...(state !== undefined && { stage: state === 'lapsed' ? 'initiated' : state }),
    ...((state === 'initiated' || state === 'lapsed') && { window }),
    ...(after !== undefined && { after }),
  };
}

function entry(
  agencyId: string,
  facts: KnownAppeal,
  now: Instant,
  context: AppealContext,
): AppealEntry {
  const { knownAt: _, ...answer } = agency.answerOfAppeal(agencyId, facts, now, context);
  const due = agency.appealDueAt(facts, now, context);
  return {
    ...answer,
    due:
      due === undefined
        ? null
        : { what: due.what, at: due.at === undefined ? null : context.zone.format(due.at) },
  };
}

function factsOf(row: AppealRow): KnownAppeal {
  const { appealId, kind, deductionIds, initiateBy, evidenceBy, outOfTime, outcome } = row;
  const { recordedAt, initiatedAt, decidedAt } = row;
  const codes = row.findings.map((code) => ({ code }));
  return {
    ...{ appealId, kind, deductionIds, initiateBy, evidenceBy, outOfTime },
    ...{ recordedAt, initiatedAt, findings: codes },
    ...(row.expulsion !== null && { expulsion: row.expulsion }),
    ...(row.submittedAt !== null && { submittedAt: row.submittedAt }),
    ...(row.withdrawnAt !== null && { withdrawnAt: row.withdrawnAt }),
    ...(decidedAt !== null &&
      outcome !== null && {
        decided: {
          decidedAt,
          outcome,
          findings: row.decisionFindings.map((code) => ({ code })),
        },
      }),
  };
}
