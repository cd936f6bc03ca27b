import {
  agency,
  closed,
  described,
  enumOf,
  IdSchema,
  InstantSchema,
  nullable,
  type AgencyHistory,
  type AnswerContext,
  type Deduction,
  type Instant,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import type { QueryError } from '../queries.js';
import type { AskedAt, At, ReaderContext } from '../reader-context.js';
import { agencyRows, withDamaged } from './agency-rows.js';
import {
  agencyRowsPageSchema,
  sortedBy,
  sortedPage,
  type AgencyRowsPage,
  type PageQuery,
} from './list-page.js';
import type { ListSort } from './list-texts.js';

/**
 * `open`, or why an ordinary appeal against a deduction is not possible or comes too late: the
 * first reason that `InitiateAppeal` would meet (interchange §2, Appeals).
 */
export type AppealableStatus = Shape<typeof AppealableStatusSchema>;
export const AppealableStatusSchema = enumOf([
  'open',
  'already_appealed',
  'already_revoked',
  'window_closed',
]);

const BalancesSchema = closed({
  balance: Type.Integer(),
  thresholdReachedAt: nullable(InstantSchema, 'within the period of E; null when it is not'),
});

/** A deduction, the window of an ordinary appeal against it, and what that could change. */
export type AppealableEntry = Shape<typeof AppealableEntrySchema>;
export const AppealableEntrySchema = closed(
  {
    deductionId: IdSchema,
    agencyId: IdSchema,
    clause: Type.String(),
    counts: Type.Integer({ description: 'after the last decision on it, whatever the period' }),
    effectiveAt: InstantSchema,
    status: described(AppealableStatusSchema, '`open`, or the first reason why not'),
    until: described(InstantSchema, 'the first instant that is too late to initiate an appeal'),
    appealId: nullable(IdSchema, 'the last appeal that names it'),
    now: described(BalancesSchema, 'the agency’s balance at (E, K)'),
    ifUpheld: described(BalancesSchema, 'the same, had the deduction never counted'),
    changesAt: nullable(
      InstantSchema,
      'the first instant in the period of E at which the two balances differ',
    ),
  },
  { $id: 'Appealable' },
);
export const AppealablePageSchema = agencyRowsPageSchema(AppealableEntrySchema, 'AppealablePage');

/** The deductions to list, at which E and K, and their order. */
export interface AppealableListQuery extends AskedAt, PageQuery<ListSort<'appealable'>> {
  readonly agencyId?: string;
  readonly status?: AppealableStatus;
  /** Only those whose window ends before this instant. */
  readonly before?: Instant;
}

interface AppealableRow {
  readonly history: AgencyHistory;
  readonly deduction: Deduction;
  readonly effectiveAt: Instant;
  readonly until: Instant;
  readonly status: AppealableStatus;
}

/** Lists each deduction with whether it can be appealed at (E, K), and what an appeal changes. */
export async function appealableList(
  { sort = 'until', limit, after, status, before, ...asked }: AppealableListQuery,
  reader: ReaderContext,
): Promise<AgencyRowsPage<AppealableEntry> | QueryError> {
  const found = await agencyRows(asked, reader, appealableRows);
  if ('error' in found) return found;
  const rows = found.rows.filter(
    (row) =>
      (status === undefined || row.status === status) &&
      (before === undefined || row.until < before),
  );
  const at = reader.at(asked);
  const context = reader.answerContext(at.knownAt);
  const page = sortedPage(
    {
      rows,
      placeOf: (row) => ({ key: row[sortedBy(sort)], id: row.deduction.deductionId }),
      entryOf: (row) => entryOf(row, at, context),
    },
    { sort, limit, after },
  );
  return withDamaged(page, found.damaged);
}

function* appealableRows(
  history: AgencyHistory,
  at: At,
  context: AnswerContext,
): Generator<AppealableRow> {
  const { effectiveAt, knownAt } = at;
  for (const deduction of history.deductions.values()) {
    if (deduction.recordedAt > knownAt) continue;
    const values = agency.valuesAt(deduction, knownAt);
    const { document } = context.rulebooks.inForceAt(values.occurredAt);
    const until = agency.initiateByOf(deduction, knownAt, document, context.zone);
    const status = agency.isAppealedAt(deduction, history, knownAt)
      ? 'already_appealed'
      : agency.pointsAt(deduction, knownAt) === 0
        ? 'already_revoked'
        : until > effectiveAt
          ? 'open'
          : 'window_closed';
    yield { history, deduction, effectiveAt: values.effectiveAt, until, status };
  }
}

/** A what-if costs a look at the agency's whole period: it is asked only for what is shown. */
function entryOf(
  { history, deduction, effectiveAt, until, status }: AppealableRow,
  at: At,
  context: AnswerContext,
): AppealableEntry {
  const { deductionId } = deduction;
  const { agencyId } = history;
  const { recorded, whatif, partsAt } = agency.whatIfAnswer(
    history,
    { agencyId, ...at },
    { without: [deductionId] },
    context,
  );
  return {
    deductionId,
    agencyId,
    clause: agency.valuesAt(deduction, at.knownAt).clause,
    counts: agency.pointsAt(deduction, at.knownAt),
    effectiveAt: context.zone.format(effectiveAt),
    status,
    until: context.zone.format(until),
    appealId: agency.lastAppealOf(deduction, history, at.knownAt)?.appealId ?? null,
    now: recorded,
    ifUpheld: whatif,
    changesAt: partsAt,
  };
}
