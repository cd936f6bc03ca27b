import { closed, VerticalSchema, type LedgerZone, type Shape } from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';

/** A sale of a session, as the session itself has it. */
const Sale = closed({ vertical: VerticalSchema, amountFen: Type.Integer({ minimum: 0 }) });
const Value = Type.Union(
  [Type.String(), Type.Integer(), Type.Array(Sale, { maxItems: 200 }), Type.Null()],
  { description: 'null when there was none' },
);

/** A field that a correction named, before it and after. */
export type ChangedValue = Shape<typeof ChangedValueSchema>;
export const ChangedValueSchema = closed(
  { field: Type.String(), old: Value, new: Value },
  { $id: 'ChangedValue' },
);

const instants: readonly string[] = [
  'appealDeadline',
  'effectiveAt',
  'endedAt',
  'notifiedAt',
  'occurredAt',
  'startedAt',
];

/** Returns the fields of a correction with their values before and after, instants in a zone. */
export function changedValues(
  fields: readonly string[],
  before: object,
  after: object,
  zone: LedgerZone,
): ChangedValue[] {
  const valueIn = (values: object, field: string): ChangedValue['old'] => {
    const value = (values as Readonly<Record<string, ChangedValue['old'] | undefined>>)[field];
    if (value === undefined) return null;
    return instants.includes(field) && typeof value === 'string'
      ? zone.format(value as Parameters<LedgerZone['format']>[0])
      : value;
  };
  return fields.map((field) => ({
    field,
    old: valueIn(before, field),
    new: valueIn(after, field),
  }));
}
