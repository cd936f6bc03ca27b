import {
  agency,
  AppealStateSchema,
  closed,
  described,
  enumOf,
  FindingCodeSchema,
  IdSchema,
  InstantSchema,
  notCountedReasons,
  nullable,
  PeriodSchema,
  type AgencyHistory,
  type AnswerContext,
  type Deduction,
  type DeductionValues,
  type Instant,
  type LedgerZone,
  type NotCountedReason,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import type { QueryError } from '../queries.js';
import type { AskedAt, At, ReaderContext } from '../reader-context.js';
import { agencyRows, withDamaged } from './agency-rows.js';
import {
  agencyRowsPageSchema,
  numberKey,
  sortedBy,
  sortedPage,
  type AgencyRowsPage,
  type PageQuery,
} from './list-page.js';
import type { ListSort } from './list-texts.js';

/** `counts`, or the reason why a deduction does not count at (E, K). */
export type DeductionStatus = Shape<typeof DeductionStatusSchema>;
export const DeductionStatusSchema = enumOf(['counts', ...notCountedReasons]);

/** A deduction in a list, at (E, K). */
export type DeductionEntry = Shape<typeof DeductionEntrySchema>;
export const DeductionEntrySchema = closed(
  {
    deductionId: IdSchema,
    agencyId: IdSchema,
    creatorId: nullable(IdSchema),
    clause: Type.String(),
    points: Type.Integer({ description: 'as imposed or corrected' }),
    counts: Type.Integer({ description: 'in the balance of its account; 0 unless it counts' }),
    status: described(DeductionStatusSchema, '`counts`, or the first reason why it does not'),
    account: IdSchema,
    period: PeriodSchema,
    occurredAt: InstantSchema,
    effectiveAt: InstantSchema,
    recordedAt: InstantSchema,
    appealId: nullable(IdSchema, 'the last appeal that names it'),
    appealState: nullable(AppealStateSchema, 'of that appeal, at K'),
    findings: Type.Array(FindingCodeSchema, { description: 'of its imposition' }),
  },
  { $id: 'DeductionEntry' },
);
export const DeductionPageSchema = agencyRowsPageSchema(DeductionEntrySchema, 'DeductionPage');

/** The deductions to list, at which E and K, and their order. */
export interface DeductionListQuery extends AskedAt, PageQuery<ListSort<'deductions'>> {
  readonly agencyId?: string;
  readonly status?: DeductionStatus;
  readonly clause?: string;
  /** The year they belong to, `2019`. */
  readonly period?: string;
  /** In effect at or after. */
  readonly from?: Instant;
  /** In effect before. */
  readonly to?: Instant;
}

interface DeductionRow {
  readonly history: AgencyHistory;
  readonly deduction: Deduction;
  readonly values: DeductionValues;
  readonly counts: number;
  readonly status: DeductionStatus;
}

/** Lists the deductions of one agency, or of all, as each counts at (E, K). */
export async function deductionList(
  { sort = 'effectiveAt', limit, after, ...query }: DeductionListQuery,
  reader: ReaderContext,
): Promise<AgencyRowsPage<DeductionEntry> | QueryError> {
  const { status, clause, period, from, to } = query;
  const found = await agencyRows(query, reader, deductionRows);
  if ('error' in found) return found;
  const rows = found.rows.filter(
    (row) =>
      (status === undefined || row.status === status) &&
      (clause === undefined || row.values.clause === clause) &&
      (period === undefined || row.values.period === period) &&
      (from === undefined || row.values.effectiveAt >= from) &&
      (to === undefined || row.values.effectiveAt < to),
  );
  const { knownAt } = reader.at(query);
  const keys = {
    effectiveAt: ({ values }: DeductionRow) => values.effectiveAt,
    recordedAt: ({ deduction }: DeductionRow) => deduction.recordedAt,
    points: ({ values }: DeductionRow) => numberKey(values.points),
  };
  const page = sortedPage(
    {
      rows,
      placeOf: (row) => ({ key: keys[sortedBy(sort)](row), id: row.deduction.deductionId }),
      entryOf: (row) => entryOf(row, knownAt, reader.zone),
    },
    { sort, limit, after },
  );
  return withDamaged(page, found.damaged);
}

/** Every deduction known at K. With several accounts, each counts in its own. */
function* deductionRows(
  history: AgencyHistory,
  { effectiveAt, knownAt }: At,
  { rulebooks, zone }: AnswerContext,
): Generator<DeductionRow> {
  const { accounts } = rulebooks.inForceAt(effectiveAt).document;
  const period = zone.yearOf(effectiveAt);
  const left = new Map<
    string,
    {
      readonly deduction: Deduction;
      readonly values: DeductionValues;
      readonly reason: NotCountedReason;
    }
  >();
  const counted = new Set<string>();
  for (const account of accounts) {
    const { lines, notCounted } = agency.balanceAt(history, {
      ...{ effectiveAt, knownAt, period, account },
    });
    for (const { deduction, values, counts } of lines) {
      counted.add(deduction.deductionId);
      yield { history, deduction, values, counts, status: 'counts' };
    }
    for (const each of notCounted)
      if (!left.has(each.deduction.deductionId)) left.set(each.deduction.deductionId, each);
  }
  for (const [deductionId, { deduction, values, reason }] of left)
    if (!counted.has(deductionId)) yield { history, deduction, values, counts: 0, status: reason };
}

function entryOf(
  { history, deduction, values, counts, status }: DeductionRow,
  knownAt: Instant,
  zone: LedgerZone,
): DeductionEntry {
  const appeal = agency.lastAppealOf(deduction, history, knownAt);
  return {
    deductionId: deduction.deductionId,
    agencyId: history.agencyId,
    creatorId: deduction.creatorId ?? null,
    clause: values.clause,
    points: values.points,
    counts,
    status,
    account: values.account,
    period: values.period,
    occurredAt: zone.format(values.occurredAt),
    effectiveAt: zone.format(values.effectiveAt),
    recordedAt: zone.format(deduction.recordedAt),
    appealId: appeal?.appealId ?? null,
    appealState: appeal === undefined ? null : agency.appealStateAt(appeal, knownAt),
    findings: [...new Set(deduction.findings.map(({ code }) => code))],
  };
}
