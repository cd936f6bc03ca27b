import { epochMsOf, instantOf, parseInstant, type LedgerZone } from '@penalty-ledger/ledger';

/**
 * The meaning of a column of a file of sessions: a field of `RecordSession`, or one of its command
 * line.
 */
export const sessionFields = [
  'sessionId',
  'creatorId',
  'startedAt',
  'endedAt',
  'contentVertical',
  'newFollowers',
  'views',
  'sales',
  'at',
  'by',
] as const;

export type SessionField = (typeof sessionFields)[number];

export const requiredFields: readonly SessionField[] = [
  'sessionId',
  'creatorId',
  'startedAt',
  'endedAt',
];

/** The options of reading cells. */
export interface CellReading {
  /** The zone in which times without an offset are read; without it they are refused. */
  readonly localTimes?: LedgerZone;
}

/** The content of a row, or its problems, cell by cell. */
export type RowReading =
  | { readonly value: unknown; readonly problems?: undefined }
  | { readonly problems: readonly string[] };

/** The `RecordSession` line of a row. The field of an empty cell is left out. */
export function readSessionRow(
  cells: ReadonlyMap<SessionField, string>,
  reading: CellReading,
): RowReading {
  const problems: string[] = [];
  const line: Record<string, unknown> = { command: 'RecordSession' };
  const data: Record<string, unknown> = {};
  for (const [field, cell] of cells) {
    if (cell === '') continue;
    const read = readCell(field, cell, reading);
    if ('problem' in read) problems.push(`${field}: ${read.problem}`);
    else if (field === 'at' || field === 'by') line[field] = read.value;
    else data[field] = read.value;
  }
  return problems.length > 0 ? { problems } : { value: { ...line, data } };
}

type Read = { readonly value: unknown } | { readonly problem: string };

function readCell(field: SessionField, cell: string, { localTimes }: CellReading): Read {
  switch (field) {
    case 'newFollowers':
    case 'views':
      return countIn(cell);
    case 'sales':
      return salesIn(cell);
    case 'startedAt':
    case 'endedAt':
    case 'at':
      return { value: localTimes === undefined ? cell : (withOffset(cell, localTimes) ?? cell) };
    default:
      return { value: cell };
  }
}

function countIn(cell: string): Read {
  const number = /^\d{1,16}$/.test(cell) ? Number(cell) : NaN;
  return Number.isSafeInteger(number)
    ? { value: number }
    : { problem: `"${shortened(cell)}" is no whole number from 0 on; write digits alone: 1200` };
}

/** `beauty=120000;food=5000`: fen by vertical. A name may hold an equals sign, since the last one counts. */
function salesIn(cell: string): Read {
  const sales: { vertical: string; amountFen: number }[] = [];
  for (const sale of cell.split(';')) {
    const [, vertical, amount] = /^\s*(.*\S)\s*=\s*(\d{1,16})\s*$/s.exec(sale) ?? [];
    const amountFen = Number(amount);
    if (vertical === undefined || !Number.isSafeInteger(amountFen))
      return { problem: `"${shortened(sale)}" is no VERTICAL=FEN; write beauty=120000;food=5000` };
    sales.push({ vertical, amountFen });
  }
  return { value: sales };
}

const localTime =
  /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})[T ](\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,3})?)?$/;

/**
 * A time of the wall clock as an instant with the zone's offset; `undefined` for another form, or
 * with an offset of its own.
 */
function withOffset(cell: string, zone: LedgerZone): string | undefined {
  const [, year, month, day, hour, minute, second = '00', fraction = ''] =
    localTime.exec(cell) ?? [];
  if (
    year === undefined ||
    month === undefined ||
    day === undefined ||
    hour === undefined ||
    minute === undefined
  )
    return undefined;
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const local = `${date}T${hour.padStart(2, '0')}:${minute}:${second}${fraction.padEnd(4, fraction === '' ? '.000' : '0')}`;
  const asUtc = parseInstant(`${local}Z`);
  if (asUtc === undefined) return undefined;
  // The offset a day before and after is that of the time itself, or the clocks changed in between and one of the two shows it.
  for (const days of [0, -1, 1]) {
    const text = `${local}${zone.format(instantOf(epochMsOf(asUtc) + days * dayMs)).slice(-6)}`;
    const instant = parseInstant(text);
    if (instant !== undefined && zone.format(instant) === text) return text;
  }
  return undefined;
}

const dayMs = 86_400_000;

function shortened(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}
