import { epochMsOf, instantOf, parseInstant, type LedgerZone } from '@penalty-ledger/ledger';

/** The fields that a column can hold: those of `RecordSession`, and two of its command line. */
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

/** The options for reading cells. */
export interface CellReading {
  /** The zone in which times without an offset are read; without it they are refused. */
  readonly localTimes?: LedgerZone;
}

/** The line that a row stands for, or what is wrong with it, cell by cell. */
export type RowReading =
  | { readonly value: unknown; readonly problems?: undefined }
  | { readonly problems: readonly string[] };

/** Makes the `RecordSession` line of a row. An empty cell leaves its field out. */
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
    : { problem: `"${shortened(cell)}" is not a non-negative integer; use digits only` };
}

/** Reads fen by vertical: `beauty=120000;food=5000`. Of several equals signs the last counts. */
function salesIn(cell: string): Read {
  const sales: { vertical: string; amountFen: number }[] = [];
  for (const sale of cell.split(';')) {
    const equals = sale.lastIndexOf('=');
    const [vertical, amount] = [sale.slice(0, Math.max(equals, 0)), sale.slice(equals + 1)].map(
      (each) => each.trim(),
    ) as [string, string];
    const amountFen = /^\d{1,16}$/.test(amount) ? Number(amount) : NaN;
    if (vertical === '' || !Number.isSafeInteger(amountFen))
      return { problem: `"${shortened(sale)}" is not VERTICAL=FEN; write beauty=120000;food=5000` };
    sales.push({ vertical, amountFen });
  }
  return { value: sales };
}

const localTime =
  /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})[T ](\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,3})?)?$/;

/**
 * Gives a time of the wall clock the zone's offset; `undefined` for another text, and for a time
 * that has an offset.
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
  const millisecond = fraction.padEnd(4, fraction === '' ? '.000' : '0');
  const local = `${date}T${hour.padStart(2, '0')}:${minute}:${second}${millisecond}`;
  const asUtc = parseInstant(`${local}Z`);
  if (asUtc === undefined) return undefined;
  // The time's own offset is that of a day before or after, if the clocks changed in between.
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
