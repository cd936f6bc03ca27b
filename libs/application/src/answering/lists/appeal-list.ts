import {
  agency,
  AppealAnswerSchema,
  byCodeUnit,
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
import { cursorOf } from './cursor.js';
import { pageOf, pageSchema, type ListPage, type PageQuery } from './list-page.js';

/** The orders of the list of appeals. */
export const appealSorts = ['initiatedAt', '-initiatedAt', 'due', '-due'] as const;

/** An appeal in a list, as known now: its clocks, and what is due next. */
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
export const AppealPageSchema = pageSchema(AppealEntrySchema, 'AppealPage');

/**
 * The appeals to list, and their order. Sorted by `due`, only those with something due are listed;
 * an unknown time comes last.
 */
export interface AppealListQuery extends PageQuery<(typeof appealSorts)[number]> {
  readonly agencyId?: string;
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
    const { sort = 'initiatedAt', limit, after } = query;
    const dueBefore =
      query.dueWithinHours === undefined ? query.dueBefore : plusHours(now, query.dueWithinHours);
    const isByDue = sort.endsWith('due');
    const entryOf = (row: AppealRow): AppealEntry => entry(row, now, context);
    if (!isByDue && dueBefore === undefined) {
      const rows = pages({ ...wantedOf(query, sort, now), limit: limit + 1 });
      return pageOf(rows, limit, (row) => cursorOf(sort, initiationOf(row)), entryOf);
    }
    const due = open(now, dueBefore ?? endOfTime, query.agencyId)
      .map((row) => ({ row, at: agency.appealDueAt(factsOf(row), now, context)?.at ?? endOfTime }))
      .filter(({ at }) => dueBefore === undefined || at < dueBefore)
      .filter(({ row }) => query.state === undefined || query.state === row.stage)
      .map(({ row, at }) => ({
        row,
        place: isByDue ? { key: at, id: row.appealId } : initiationOf(row),
      }));
    const sign = sort.startsWith('-') ? -1 : 1;
    const compare = (a: PagePlace, b: PagePlace): number =>
      sign * (byCodeUnit(a.key, b.key) || byCodeUnit(a.id, b.id));
    const rest = due
      .filter(({ place }) => after === undefined || compare(place, after) > 0)
      .sort((a, b) => compare(a.place, b.place));
    return pageOf(
      rest,
      limit,
      ({ place }) => cursorOf(sort, place),
      ({ row }) => entryOf(row),
    );
  };
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

function entry(row: AppealRow, now: Instant, context: AppealContext): AppealEntry {
  const facts = factsOf(row);
  const { knownAt: _, ...answer } = agency.answerOfAppeal(row.agencyId, facts, now, context);
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
