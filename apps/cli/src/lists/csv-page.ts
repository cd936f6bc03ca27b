import { csvRow } from '@penalty-ledger/application';
import { Sentence, type LedgerSettings } from '@penalty-ledger/ledger';
import { saidIn } from '../terminal/language.js';

/** The members of a schema that this reads. */
interface Schema {
  readonly [member: string]: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
}

/**
 * Writes items as CSV with a column for each member of their schema: `due.at` for a member of a
 * member, and `name` and `name.withheld` for a text or why it is not shown. Each row of a
 * simulation says so in its last column, so that a copied row says it too. It is UTF-8 with a byte
 * order mark: without it a spreadsheet program may read another encoding.
 */
export function csvPage(
  entry: Schema,
  items: readonly object[],
  { simulation }: Pick<LedgerSettings, 'simulation'>,
): string {
  const columns = columnsOf(entry, []);
  const mark = simulation ? { simulation } : {};
  const header = [...columns.map((path) => path.join('.')), ...Object.keys(mark)];
  const rows = items.map((item) => [
    ...columns.map((path) => cellOf(valueAt(item, path))),
    ...Object.values(mark).map(cellOf),
  ]);
  return `\ufeff${[header, ...rows].map((row) => csvRow(row)).join('')}`;
}

function columnsOf(schema: Schema, path: readonly string[]): readonly (readonly string[])[] {
  const forms = schema.anyOf ?? [schema];
  const object = forms.find(({ properties }) => properties);
  if (object?.properties === undefined) return [path];
  const members = Object.entries(object.properties).flatMap(([name, member]) =>
    columnsOf(member, [...path, name]),
  );
  return forms.some(({ type }) => type === 'string') ? [path, ...members] : members;
}

function valueAt(item: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return item;
  return typeof item === 'object' && item !== null
    ? valueAt((item as Readonly<Record<string, unknown>>)[name], rest)
    : undefined;
}

/**
 * A list of texts with a space between two, and a list of anything else as JSON. The reason why a
 * text is not shown has a column of its own.
 */
function cellOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'object' && 'withheld' in value) return '';
  if (Array.isArray(value) && value.every(isText)) return value.map(textOf).join(' ');
  return isText(value) ? textOf(value) : JSON.stringify(value);
}

function isText(value: unknown): value is Sentence | string {
  return typeof value === 'string' || value instanceof Sentence;
}

function textOf(text: Sentence | string): string {
  return typeof text === 'string' ? text : saidIn(text);
}
