import { csvRow, type OutlookAnswer, type OutlookPage } from '@penalty-ledger/application';

const inactiveColumns = [
  'agencyId',
  'asOf',
  'month',
  'creatorId',
  'sessions',
  'effectiveSessions',
  'missing',
  'startBefore',
  'canBeActive',
  'exposed',
  'dead',
] as const;

/** The inactive creators of an outlook as CSV, under the names of the answer's members. */
export function inactiveCsv({ agencyId, asOf, assessment }: OutlookAnswer): string {
  const { month, inactive } = assessment;
  return csvOf(
    inactiveColumns,
    inactive.map((each) => ({ agencyId, asOf, month, ...each })),
  );
}

const outlookColumns = [
  'agencyId',
  'asOf',
  'month',
  'prospect',
  'active',
  'base',
  'rate',
  'missingActive',
  'missingCreators',
  'streamBefore',
  'possibleBefore',
  'balance',
  'threshold',
  'left',
] as const;

/** A page of outlooks as CSV, under the names of their members. */
export function outlooksCsv({ items }: OutlookPage): string {
  return csvOf(outlookColumns, items);
}

type Cell = string | number | boolean | null;

function csvOf<Column extends string>(
  columns: readonly Column[],
  rows: readonly Readonly<Record<Column, Cell>>[],
): string {
  const cells = rows.map((row) => columns.map((column) => String(row[column] ?? '')));
  return [columns, ...cells].map((row) => csvRow(row)).join('');
}
