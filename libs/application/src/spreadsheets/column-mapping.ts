import type { InBoth } from '@penalty-ledger/ledger';
import { shown } from '../printable.js';
import type { MoneyUnit } from './cell-numbers.js';
import type { DateOrder } from './cell-times.js';
import { narrow } from './cell-text.js';
import { SheetFileError } from './sheet-file-error.js';
import {
  requiredColumns,
  sheetKindNames,
  sheetKinds,
  type SheetColumn,
  type SheetKind,
} from './sheet-kinds.js';

/** The forms that a column's cells can be given, where a cell alone does not say it. */
export const columnForms = [
  'day/month/year',
  'month/day/year',
  'excel-1900',
  'excel-1904',
  'fen',
  'yuan',
  'ten thousand yuan',
  'exact',
] as const;
export type ColumnForm = (typeof columnForms)[number];

/** A column of a file: its title, and what it holds. */
export interface MappedColumn {
  readonly title: string;
  /** Missing for a column that is skipped. */
  readonly column: SheetColumn | undefined;
  readonly form?: ColumnForm;
  readonly unit?: MoneyUnit;
  readonly order?: DateOrder;
}

/** A kind of sheet, and the columns of a file in their order. */
export interface ColumnMapping {
  readonly kind: SheetKind;
  readonly columns: readonly MappedColumn[];
}

/** A column's entry in a columns file: a field, a field and its form, or null to skip it. */
export type ColumnChoice = string | null | { readonly field: string; readonly form?: string };

/** A columns file: which column of a file holds which field. */
export interface ColumnsFile {
  readonly kind: string;
  readonly columns: Readonly<Record<string, ColumnChoice>>;
}

/** The ways of saying what columns are. */
export interface ColumnOptions {
  readonly kind?: string;
  /** The header of a field's column, by field. */
  readonly columns?: ReadonlyMap<string, string>;
  readonly file?: ColumnsFile;
  /** Skips columns that hold no field; otherwise they are refused. */
  readonly ignoreColumns?: boolean;
}

/** The kind of sheet that the options name; sessions when they name none. */
export function kindOf({ kind, file }: ColumnOptions): SheetKind {
  if (kind !== undefined && file !== undefined && kind !== file.kind)
    throw new SheetFileError(
      {
        en: `the columns file is of ${shown(file.kind)}, and --kind is ${shown(kind)}`,
        zh: `列文件属于 ${shown(file.kind)}，而 --kind 为 ${shown(kind)}`,
      },
      { en: 'give one of the two', zh: '请只给出其一' },
    );
  const name = kind ?? file?.kind ?? 'sessions';
  const found = sheetKinds.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw new SheetFileError(
    { en: `${shown(name)} is not a kind of sheet`, zh: `${shown(name)} 不是表格种类` },
    {
      en: `give one of ${sheetKindNames.join(', ')}`,
      zh: `请给出以下之一：${sheetKindNames.join('、')}`,
    },
  );
}

/**
 * Finds the field of each column by its title, in Chinese or English.
 *
 * @throws SheetFileError when a column is missing, unknown, there twice, or the options name
 * an unknown field
 */
export function mapColumns(header: readonly string[], options: ColumnOptions): ColumnMapping {
  const kind = kindOf(options);
  const named = namedColumns(kind, options);
  const columns = header.map((title) => mappedColumn(title, kind, named, options));
  assertNoneTwice(columns);
  assertNoneMissing(columns, header, kind, options);
  assertNoneUnknown(columns, kind, named, options);
  return { kind, columns };
}

/** A columns file for a header, to be completed: `null` for a column that was not recognised. */
export function draftColumns(header: readonly string[], options: ColumnOptions): ColumnsFile {
  const kind = kindOf(options);
  const named = namedColumns(kind, options);
  const columns = header
    .filter((title) => title !== '')
    .map((title): [string, ColumnChoice] => {
      const { column, form } = mappedColumn(title, kind, named, options);
      if (column === undefined) return [title, null];
      return [title, form === undefined ? column.field : { field: column.field, form }];
    });
  return { kind: kind.name, columns: Object.fromEntries(columns) };
}

/** A title as it is compared: in any case and width, without spaces, signs and a unit. */
function keyOf(title: string): string {
  return withoutUnit(narrow(title).toLowerCase()).replaceAll(/[\s_\-*:]/g, '');
}

const units: readonly (readonly [MoneyUnit, RegExp])[] = [
  ['ten thousand yuan', /[([]万元[)\]]$/],
  ['yuan', /[([](?:元|人民币|yuan|cny|rmb)[)\]]$/],
  ['fen', /[([](?:分|fen)[)\]]$/],
];

function withoutUnit(title: string): string {
  return units.reduce((text, [, unit]) => text.replace(unit, ''), title.trim());
}

/** The unit of money in a title; the field's own name stands for fen, as in a command. */
function unitOf(title: string): MoneyUnit | undefined {
  if (title === 'sales') return 'fen';
  const text = narrow(title).toLowerCase().trim();
  return units.find(([, unit]) => unit.test(text))?.[0];
}

/** The choices for titles that the options name, each with its field. */
function namedColumns(
  kind: SheetKind,
  { columns = new Map(), file }: ColumnOptions,
): ReadonlyMap<string, ColumnChoice> {
  const choices = new Map<string, ColumnChoice>(Object.entries(file?.columns ?? {}));
  for (const choice of choices.values()) if (choice !== null) assertField(fieldOf(choice), kind);
  const given = new Map<string, string>();
  for (const [field, title] of columns) {
    assertField(field, kind);
    const other = given.get(title);
    if (other !== undefined)
      throw new SheetFileError(
        {
          en: `the column ${shown(title)} is named for ${other} and for ${field}`,
          zh: `列 ${shown(title)} 同时对应 ${other} 和 ${field}`,
        },
        { en: 'name it for one of the two', zh: '请只对应其一' },
      );
    given.set(title, field);
    choices.set(title, field);
  }
  return choices;
}

function fieldOf(choice: Exclude<ColumnChoice, null>): string {
  return typeof choice === 'string' ? choice : choice.field;
}

function assertField(field: string, kind: SheetKind): void {
  if (kind.columns.some((each) => each.field === field)) return;
  throw new SheetFileError(
    {
      en: `${shown(field)} is not a column of ${kind.name}`,
      zh: `${shown(field)} 不是 ${kind.name} 的列`,
    },
    {
      en: `give one of ${kind.columns.map((each) => each.field).join(', ')}`,
      zh: `请给出以下之一：${kind.columns.map((each) => each.field).join('、')}`,
    },
  );
}

function mappedColumn(
  title: string,
  kind: SheetKind,
  named: ReadonlyMap<string, ColumnChoice>,
  { columns }: ColumnOptions,
): MappedColumn {
  const choice = named.get(title);
  if (choice === null) return { title, column: undefined };
  const key = keyOf(title);
  const column =
    choice === undefined
      ? kind.columns.find(
          ({ field, titles }) =>
            columns?.has(field) !== true && [field, ...titles].some((each) => keyOf(each) === key),
        )
      : kind.columns.find(({ field }) => field === fieldOf(choice));
  const form = typeof choice === 'object' ? choice.form : undefined;
  return { title, column, ...formsOf(title, column, form) };
}

/** Reads a column's form. @throws SheetFileError when the column has no such form */
function formsOf(
  title: string,
  column: SheetColumn | undefined,
  given: string | undefined,
): Omit<MappedColumn, 'column' | 'title'> {
  const isMoney = column?.form === 'sales';
  if (given === undefined) {
    const unit = isMoney ? unitOf(title) : undefined;
    return unit === undefined ? {} : { unit };
  }
  const form = columnForms.find((each) => each === given);
  const taken = formsOfColumn(column);
  if (form === undefined || !taken.includes(form))
    throw new SheetFileError(
      {
        en: `the column ${shown(title)} cannot have the form ${shown(given)}`,
        zh: `列 ${shown(title)} 不能用形式 ${shown(given)}`,
      },
      taken.length === 0
        ? { en: 'leave the form out', zh: '请不写形式' }
        : { en: `give one of ${taken.join(', ')}`, zh: `请给出以下之一：${taken.join('、')}` },
    );
  if (form === 'fen' || form === 'yuan' || form === 'ten thousand yuan')
    return { form, unit: form };
  if (form === 'day/month/year' || form === 'month/day/year') return { form, order: form };
  return { form };
}

function formsOfColumn(column: SheetColumn | undefined): readonly ColumnForm[] {
  switch (column?.form) {
    case 'time':
    case 'moment':
    case 'date':
      return ['day/month/year', 'month/day/year', 'excel-1900', 'excel-1904'];
    case 'sales':
      return ['fen', 'yuan', 'ten thousand yuan'];
    case 'caseNo':
    case 'id':
    case 'ids':
      return ['exact'];
    default:
      return [];
  }
}

function assertNoneTwice(columns: readonly MappedColumn[]): void {
  const first = new Map<SheetColumn, string>();
  for (const { title, column } of columns) {
    if (column === undefined) continue;
    const other = first.get(column);
    if (other !== undefined)
      throw new SheetFileError(
        other === title
          ? { en: `the column ${shown(title)} appears twice`, zh: `列 ${shown(title)} 出现两次` }
          : {
              en: `the columns ${shown(other)} and ${shown(title)} both hold ${column.field}`,
              zh: `列 ${shown(other)} 和 ${shown(title)} 都是 ${column.field}`,
            },
        {
          en: 'remove one of the two, or say with --columns which one is read',
          zh: '请删除其一，或用 --columns 说明读取哪一列',
        },
      );
    first.set(column, title);
  }
}

function assertNoneMissing(
  columns: readonly MappedColumn[],
  header: readonly string[],
  kind: SheetKind,
  { columns: named = new Map<string, string>() }: ColumnOptions,
): void {
  const found = new Set(columns.map(({ column }) => column?.field));
  const missing = missingFields(kind, found);
  const lacking = [...missing, ...[...named.keys()].filter((field) => !found.has(field))];
  if (lacking.length === 0) return;
  const texts = [...new Set(lacking)].map((field) => {
    const title = named.get(field);
    return title === undefined ? shown(field) : `${shown(title)} (${field})`;
  });
  const isTitleOnly =
    header.filter((title) => title !== '').length === 1 &&
    columns.every(({ column }) => column === undefined);
  const others = sheetKinds.filter((each) => each !== kind && fits(each, header));
  throw new SheetFileError(
    {
      en: `missing from the header: ${texts.join(', ')}; the columns are ${listed(header).en}`,
      zh: `表头缺少：${texts.join('、')}；现有的列：${listed(header).zh}`,
    },
    others.length > 0
      ? {
          en:
            `the columns are those of ${kindsIn(others, ' or ')}: ` +
            `give --kind ${kindsIn(others, ' or ')}`,
          zh: `这些列属于 ${kindsIn(others, ' 或 ')}：请给出 --kind ${kindsIn(others, ' 或 ')}`,
        }
      : isTitleOnly
        ? {
            en: 'delete the rows above the header, which names the columns',
            zh: '请删除表头以上的行；表头写明各列的名称',
          }
        : {
            en: 'name the column of a field with --column, such as ' + exampleOf(kind, lacking),
            zh: `请用 --column 写明字段所在的列，如 ${exampleOf(kind, lacking)}`,
          },
  );
}

function kindsIn(kinds: readonly SheetKind[], or: string): string {
  return kinds.map(({ name }) => name).join(or);
}

/** An option that names the column of the first of the fields by a title of the field. */
function exampleOf(kind: SheetKind, fields: readonly string[]): string {
  const column = kind.columns.find(({ field }) => fields.includes(field));
  return column === undefined ? '' : `--column ${column.field}=${column.titles[0] ?? ''}`;
}

/** Required fields without a column. A sheet with actions has rows of several commands. */
function missingFields(kind: SheetKind, found: ReadonlySet<string | undefined>): string[] {
  const [first] = kind.columns;
  const required = found.has('action')
    ? first === undefined
      ? []
      : [first]
    : requiredColumns(
        kind,
        kind.usual((field) => found.has(field)),
      );
  return required.map(({ field }) => field).filter((field) => !found.has(field));
}

function fits(kind: SheetKind, header: readonly string[]): boolean {
  const found = new Set(
    header.map((title) => mappedColumn(title, kind, new Map(), {}).column?.field),
  );
  return missingFields(kind, found).length === 0;
}

function assertNoneUnknown(
  columns: readonly MappedColumn[],
  kind: SheetKind,
  named: ReadonlyMap<string, ColumnChoice>,
  { ignoreColumns }: ColumnOptions,
): void {
  if (ignoreColumns === true) return;
  const unknown = columns
    .filter(({ title, column }) => title !== '' && column === undefined && !named.has(title))
    .map(({ title }) => title);
  if (unknown.length === 0) return;
  throw new SheetFileError(
    {
      en:
        `unknown in the header: ${listed(unknown).en}; ` +
        `${kind.name} have ${kind.columns.map(({ field }) => field).join(', ')}`,
      zh:
        `表头中有未知的列：${listed(unknown).zh}；${kind.name} 的列有 ` +
        kind.columns.map(({ field }) => field).join('、'),
    },
    {
      en: 'name the field of a column with --column, or skip the rest with --ignore-columns',
      zh: '请用 --column 写明列的字段，或用 --ignore-columns 跳过其余的列',
    },
  );
}

const maxListed = 50;

function listed(titles: readonly string[]): InBoth {
  const first = titles.slice(0, maxListed).map((title) => shown(title));
  const rest = titles.length - first.length;
  return rest === 0
    ? { en: first.join(', '), zh: first.join('、') }
    : {
        en: `${first.join(', ')} and ${String(rest)} more`,
        zh: `${first.join('、')} 及另外 ${String(rest)} 个`,
      };
}

/** Reads a columns file. @throws SheetFileError when it is not one */
export function readColumnsFile(text: string): ColumnsFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (isColumnsFile(value)) return value;
  throw new SheetFileError(
    {
      en: 'the columns file is not {"kind": …, "columns": {TITLE: FIELD}}',
      zh: '列文件不是 {"kind": …, "columns": {标题: 字段}}',
    },
    {
      en: 'write one with --dry-run --columns FILE; a field is text, null, or {"field","form"}',
      zh: '请用 --dry-run --columns FILE 生成；字段为文本、null 或 {"field","form"}',
    },
  );
}

function isColumnsFile(value: unknown): value is ColumnsFile {
  if (!isRecord(value) || Object.keys(value).sort().join() !== 'columns,kind') return false;
  const { kind, columns } = value;
  return typeof kind === 'string' && isRecord(columns) && Object.values(columns).every(isChoice);
}

function isChoice(value: unknown): value is ColumnChoice {
  if (value === null || typeof value === 'string') return true;
  if (!isRecord(value) || typeof value['field'] !== 'string') return false;
  const { form = '' } = value;
  return (
    typeof form === 'string' && Object.keys(value).every((key) => /^(?:field|form)$/.test(key))
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
