import {
  parseInstant,
  readCommandLine,
  type LedgerZone,
  type InBoth,
  type Sentence,
  placed,
  inEach,
  placeAndProblem,
} from '@penalty-ledger/ledger';
import { shown } from '../printable.js';
import type { ClauseNames } from './cell-clauses.js';
import { caseNoIn, idIn, idsIn } from './cell-ids.js';
import { countIn, pointsIn, salesIn } from './cell-numbers.js';
import { cleaned, labelIn, nameIn, narrow, textIn, type CellReading } from './cell-text.js';
import {
  dateForms,
  instantIn,
  isTimeAlone,
  monthIn,
  timeForms,
  yearIn,
  type SerialDays,
  type TimeReading,
} from './cell-times.js';
import type { ColumnMapping, MappedColumn } from './column-mapping.js';
import { isPartOf, type CellForm, type CommandName } from './sheet-kinds.js';

/** The cells of a row, and what is wrong with some of them by the file itself, by their index. */
export interface RowCells {
  readonly cells: readonly string[];
  readonly wrong?: ReadonlyMap<number, InBoth> | undefined;
}

/** The ways of reading a sheet's cells. */
export interface SheetReading {
  readonly zone: LedgerZone;
  /** The calendar of a workbook's serial numbers. */
  readonly serials?: SerialDays | undefined;
  readonly clauses: ClauseNames;
}

/** The command line of a row, or all that is wrong with it. */
export type RowReading =
  | { readonly value: unknown; readonly problems?: undefined }
  | { readonly problems: readonly InBoth[] };

interface FilledCell {
  readonly mapped: MappedColumn;
  readonly text: string;
}

/** Makes the command line of a row. An empty cell leaves its field out. */
export function readRow(
  row: RowCells,
  { kind, columns }: ColumnMapping,
  reading: SheetReading,
): RowReading {
  const problems: InBoth[] = [];
  const filled = new Map<string, FilledCell>();
  for (let index = 0; index < columns.length; index += 1) {
    const mapped = columns[index] as MappedColumn;
    const wrong = row.wrong?.get(index);
    const text = cleaned(row.cells[index] ?? '');
    if (mapped.column === undefined) {
      if (mapped.title === '' && text !== '')
        problems.push({
          en: `column ${String(index + 1)} has no title, and holds ${shown(text)}`,
          zh: `第 ${String(index + 1)} 列没有标题，却有内容 ${shown(text)}`,
        });
    } else if (wrong !== undefined) problems.push(placed(titleOf(mapped), wrong));
    else if (text !== '') filled.set(mapped.column.field, { mapped, text });
  }
  const command = commandOf(filled, kind, problems);
  if (command === undefined) return { problems };
  const line: Record<string, unknown> = { command };
  const data: Record<string, unknown> = {};
  const unread = new Set<string>();
  for (const { mapped, text } of filled.values()) {
    const { column } = mapped;
    if (column === undefined || column.field === 'action' || column.field === 'date') continue;
    const isData = column.path !== undefined;
    if (isData && !isPartOf(column, command)) {
      if (column.isLabel !== true)
        problems.push({
          en: `${titleOf(mapped)}: ${shown(text)} is not part of ${command}; leave it empty`,
          zh: `${titleOf(mapped)}：${shown(text)} 不属于 ${command}；请留空`,
        });
      continue;
    }
    const read = readCell(text, mapped, {
      ...reading,
      date: filled.get('date')?.text,
      before: column.field === 'endedAt' ? filled.get('startedAt')?.text : undefined,
    });
    if (read.problem !== undefined) {
      problems.push(placed(titleOf(mapped), read.problem));
      unread.add(placeOf(mapped));
    } else if (!isData) line[column.field] = read.value;
    else if (!put(data, column.path, read.value, column.basis))
      problems.push({
        en: `${titleOf(mapped)}: a deduction has one basis; leave all but one empty`,
        zh: `${titleOf(mapped)}：一次扣分只有一项事实依据；其余请留空`,
      });
  }
  const overMidnight = unsaidMidnight(data, filled);
  if (overMidnight !== undefined) problems.push(overMidnight);
  return checked({ ...line, data }, { columns, filled, unread, problems, command });
}

/** The problem of an end that has no date of its own and is not later than its start. */
function unsaidMidnight(
  { startedAt, endedAt }: Readonly<Record<string, unknown>>,
  filled: ReadonlyMap<string, FilledCell>,
): InBoth | undefined {
  const [start, end] = [filled.get('startedAt'), filled.get('endedAt')];
  if (start === undefined || end === undefined || !isTimeAlone(end.text)) return undefined;
  const [from, to] = [startedAt, endedAt].map((each) =>
    typeof each === 'string' ? parseInstant(each) : undefined,
  );
  if (from === undefined || to === undefined || to > from) return undefined;
  return {
    en:
      `${titleOf(end.mapped)}: ${shown(end.text)} is not later than ${titleOf(start.mapped)} ` +
      `${shown(start.text)}; for the next day write ${shown(`次日 ${end.text}`)}, or its date too`,
    zh:
      `${titleOf(end.mapped)}：${shown(end.text)} 不晚于${titleOf(start.mapped)} ` +
      `${shown(start.text)}；次日请写作 ${shown(`次日 ${end.text}`)}，或写上日期`,
  };
}

function commandOf(
  filled: ReadonlyMap<string, FilledCell>,
  kind: ColumnMapping['kind'],
  problems: InBoth[],
): CommandName | undefined {
  const action = filled.get('action');
  if (action === undefined) return kind.usual((field) => filled.has(field));
  const read = labelIn(action.text, kind.actions);
  if (read.problem === undefined) return read.value as CommandName;
  problems.push(placed(titleOf(action.mapped), read.problem));
  return undefined;
}

/** The title of a column, in the person's own words. */
function titleOf({ title }: MappedColumn): string {
  return /^[\p{L}\p{N}_ ()（）-]{1,60}$/u.test(title) ? title : shown(title);
}

function readCell(
  text: string,
  { column, form: given, unit, order }: MappedColumn,
  { zone, serials, clauses, date, before }: SheetReading & Pick<TimeReading, 'before' | 'date'>,
): CellReading<unknown> {
  const form = column?.form ?? 'text';
  if (typeof form === 'object') return labelIn(text, form);
  switch (form) {
    case 'id':
      return idIn(text, given === 'exact');
    case 'ids':
      return idsIn(text, given === 'exact');
    case 'caseNo':
      return caseNoIn(text, given === 'exact');
    case 'clause':
      return clauses.read(text);
    case 'name':
      return nameIn(text);
    case 'text':
      return textIn(text);
    case 'count':
      return countIn(text);
    case 'points':
      return pointsIn(text);
    case 'sales':
      return salesIn(text, unit);
    case 'time':
    case 'moment':
    case 'date': {
      const times: TimeReading = {
        zone,
        order,
        serials: given === 'excel-1900' ? 1900 : given === 'excel-1904' ? 1904 : serials,
        needsTime: form === 'moment',
        date,
        before,
      };
      return instantIn(text, times);
    }
    case 'month':
      return monthIn(text);
    case 'year':
      return yearIn(text);
    case 'hash':
      return { value: narrow(text).toLowerCase() };
    case 'yes':
      return readYes(text);
    case 'yesOrNo':
      return readYesOrNo(text);
    case 'adjustments':
      return adjustmentsIn(text);
  }
}

const yes: readonly string[] = ['yes', 'true', '是', '1'];
const no: readonly string[] = ['no', 'false', '否', '0'];

function readYesOrNo(text: string): CellReading<boolean> {
  const given = narrow(text).toLowerCase();
  if (yes.includes(given) || no.includes(given)) return { value: yes.includes(given) };
  return {
    problem: {
      en: `${shown(text)} is not one of yes, no, 是, 否; or leave it empty`,
      zh: `${shown(text)} 不是 yes、no、是、否 之一；或请留空`,
    },
  };
}

function readYes(text: string): CellReading<true> {
  return yes.includes(narrow(text).toLowerCase())
    ? { value: true }
    : {
        problem: {
          en: `${shown(text)} is not one of yes, true, 是; or leave it empty`,
          zh: `${shown(text)} 不是 yes、true、是 之一；或请留空`,
        },
      };
}

/** Reads points by deduction: `d1=20;d2=0`, `d1=20分`. */
function adjustmentsIn(text: string): CellReading<unknown> {
  const adjustments: unknown[] = [];
  for (const part of narrow(text).split(/[;,、\n]/)) {
    const [deductionId = '', points = ''] = part.split('=', 2).map((each) => each.trim());
    const id = idIn(deductionId);
    if (id.problem !== undefined) return id;
    const counted = pointsIn(points);
    if (deductionId === '' || counted.problem !== undefined)
      return {
        problem: {
          en: `${shown(part)} is not DEDUCTION=POINTS; write d1=20;d2=0`,
          zh: `${shown(part)} 不是“扣分=分值”；请写作 d1=20;d2=0`,
        },
      };
    adjustments.push({ deductionId, points: counted.value });
  }
  return { value: adjustments };
}

/** Puts a value at its place. False when another basis is there already. */
function put(
  data: Record<string, unknown>,
  path: readonly (number | string)[],
  value: unknown,
  basis: string | undefined,
): boolean {
  const [first = '', second, third] = path;
  if (second === undefined) {
    data[first] = value;
    return true;
  }
  if (third !== undefined) {
    const [item = {}] = (data[first] ?? []) as Record<string, unknown>[];
    data[first] = [{ ...item, [third]: value }];
    return true;
  }
  if (basis !== undefined && data[first] !== undefined) return false;
  const before = (data[first] ?? {}) as Record<string, unknown>;
  data[first] = { ...before, ...(basis !== undefined && { kind: basis }), [second]: value };
  return true;
}

function placeOf({ column }: MappedColumn): string {
  return ['data', ...(column?.path ?? [])].join('.');
}

interface Checking {
  readonly columns: readonly MappedColumn[];
  readonly filled: ReadonlyMap<string, FilledCell>;
  /** The places of cells that could not be read, and so are missing. */
  readonly unread: ReadonlySet<string>;
  readonly problems: readonly InBoth[];
  readonly command: CommandName;
}

/** Adds what the command's schema finds, each under the title of its column. */
function checked(
  value: unknown,
  { columns, filled, unread, problems, command }: Checking,
): RowReading {
  const found = readCommandLine(value).problems ?? [];
  if (found.length === 0 && problems.length === 0) return { value };
  const own = columns.filter(
    ({ column }) => column?.path !== undefined && isPartOf(column, command),
  );
  const named = found.flatMap((problem) => {
    const { place, what } = placeAndProblem(problem);
    if ([...unread].some((each) => isWithin(each, place) || isWithin(place, each))) return [];
    const [mapped] = own
      .filter((each) => isWithin(place, placeOf(each)))
      .sort((one, other) => placeOf(other).length - placeOf(one).length);
    if (mapped?.column === undefined) return [problem];
    const cell = filled.get(mapped.column.field);
    const text = formProblem(mapped.column.form, cell?.text) ?? what;
    const given = cell === undefined ? '' : `${shown(cell.text)} `;
    return [
      placed(
        titleOf(mapped),
        inEach(text, (half) => `${given}${half}`),
      ),
    ];
  });
  return { problems: [...problems, ...named] };
}

/**
 * The problem of a missing cell, or of one that its command does not take, in the forms of a sheet:
 * the schema would name those of JSON.
 */
function formProblem(form: CellForm, text: string | undefined): InBoth | undefined {
  if (form === 'id' || form === 'ids') {
    const taken = {
      en: 'at most 64 of A–Z a–z 0–9 . _ : -, such as zb-1',
      zh: '最多 64 个字符，限 A–Z a–z 0–9 . _ : -，如 zb-1',
    };
    return text === undefined
      ? { en: `missing; write an id of ${taken.en}`, zh: `缺少；请填写编号：${taken.zh}` }
      : { en: `is not an id; write ${taken.en}`, zh: `不是编号；请写作 ${taken.zh}` };
  }
  if (text !== undefined) return undefined;
  if (form === 'moment')
    return { en: `missing; write ${timeForms}`, zh: `缺少；请写作 ${timeForms}` };
  return form === 'time'
    ? { en: `missing; write ${dateForms}`, zh: `缺少；请写作 ${dateForms}` }
    : undefined;
}

/** A refusal by the rules, with the titles of columns in place of the fields it names. */
export function titled(message: InBoth, { columns }: ColumnMapping): Sentence {
  return inEach(message, (half) =>
    half.replaceAll(/\bdata(?:\.\w+)+/g, (place) => {
      const mapped = columns.find((each) => each.column !== undefined && placeOf(each) === place);
      return mapped === undefined ? place : titleOf(mapped);
    }),
  );
}

/** Says whether a place is another one or a part of it. */
function isWithin(place: string, outer: string): boolean {
  return place === outer || place.startsWith(`${outer}.`);
}

const totals = /^(?:合计|总计|小计|汇总|共计|(?:grand |sub)?totals?|sum)[:\s]*$/i;

/** Says whether a row is the sum of others: its first cell says so, and it has no id. */
export function isTotalRow(cells: readonly string[], { kind, columns }: ColumnMapping): boolean {
  const first = cells.find((cell) => cell.trim() !== '');
  if (first === undefined || !totals.test(narrow(cleaned(first)))) return false;
  const [idColumn] = kind.columns;
  const index = columns.findIndex(({ column }) => column?.field === idColumn?.field);
  const id = cells[index] ?? '';
  return id.trim() === '' || id === first;
}
