import { LedgerZone } from '@penalty-ledger/ledger';
import fc from 'fast-check';
import {
  CsvHeaderError,
  openSessionFile,
  type CsvOptions,
  type SessionFile,
  type SessionRow,
} from './csv-lines.js';
import { lineByteLimit, type ReadText } from './file-lines.js';
import { readLines } from './ndjson.js';

const header = 'sessionId,creatorId,startedAt,endedAt,contentVertical,newFollowers,views,sales';
const times = '2019-04-01T20:00:00+08:00,2019-04-01T20:40:00+08:00';

async function* inChunks(file: string | Uint8Array, size = 65_536): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(file);
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

function opened(
  file: string | Uint8Array,
  options: CsvOptions = {},
  chunk?: number,
): Promise<SessionFile> {
  return openSessionFile(inChunks(file, chunk), options);
}

async function rowsOf(
  file: string | Uint8Array,
  options?: CsvOptions,
  chunk?: number,
): Promise<SessionRow[]> {
  const rows: SessionRow[] = [];
  for await (const batch of (await opened(file, options, chunk)).rows) rows.push(...batch);
  return rows;
}

/** The data of each row, or what is wrong with it. */
function dataOf(rows: readonly ReadText[]): unknown[] {
  return rows.map((row) =>
    row.problem === undefined ? (row.value as { data: unknown }).data : row.problem,
  );
}

async function problemOf(file: string | Uint8Array, options?: CsvOptions): Promise<string> {
  const error: unknown = await opened(file, options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CsvHeaderError);
  return (error as CsvHeaderError).message;
}

const session = (sessionId: string, more: object = {}): object => ({
  sessionId,
  creatorId: 'c1',
  startedAt: '2019-04-01T20:00:00+08:00',
  endedAt: '2019-04-01T20:40:00+08:00',
  ...more,
});

describe('a row is a session', () => {
  it('says every field of its columns, and leaves out what is empty', async () => {
    const rows = await rowsOf(
      `${header}\ns1,c1,${times},美妆,12,3400,美妆=120000;食品=5\ns2,c1,${times},,0,,\n`,
    );
    expect(rows.map((row) => row.problem === undefined && row.value)).toEqual([
      {
        command: 'RecordSession',
        data: session('s1', {
          contentVertical: '美妆',
          newFollowers: 12,
          views: 3400,
          sales: [
            { vertical: '美妆', amountFen: 120000 },
            { vertical: '食品', amountFen: 5 },
          ],
        }),
      },
      { command: 'RecordSession', data: session('s2', { newFollowers: 0 }) },
    ]);
  });

  it('may stand in any order of columns, under headers of its own', async () => {
    const columns = new Map([
      ['sessionId', '场次ID'],
      ['startedAt', '开播'],
    ]);
    const rows = await rowsOf(
      'endedAt,场次ID,creatorId,开播\n2019-04-01T20:40:00+08:00,s1,c1,2019-04-01T20:00:00+08:00',
      {
        columns,
      },
    );
    expect(dataOf(rows)).toEqual([session('s1')]);
  });

  it('may say when it is and by whom, as a command line does', async () => {
    const [row] = await rowsOf(
      `at,by,${header}\n2019-05-01T09:00:00+08:00,officer-lin,s1,c1,${times},,,,\n`,
    );
    expect(row).toMatchObject({ value: { at: '2019-05-01T09:00:00+08:00', by: 'officer-lin' } });
  });

  it('keeps commas, quotes and newlines in quoted cells, and trims cells', async () => {
    const rows = await rowsOf(
      `${header}\n s1 ,c1,${times},"美妆, ""彩妆""\n护肤",,,\ns2,c1,${times},,,,\n`,
    );
    expect(dataOf(rows)).toEqual([
      session('s1', { contentVertical: '美妆, "彩妆"\n护肤' }),
      session('s2'),
    ]);
    expect(rows.map(({ line }) => line)).toEqual([2, 4]);
  });

  it('reads the same with a byte order mark, carriage returns, and in any chunks', async () => {
    const plain = `${header}\ns1,c1,${times},"美\n妆",,,\n\n,,,,,,,\ns2,c1,${times},,,,\n`;
    const windows = `\ufeff${plain.trimEnd().replaceAll('\n', '\r\n')}`;
    for (const file of [plain, windows]) {
      for (const chunk of [1, 7, 65_536]) {
        const rows = await rowsOf(file, {}, chunk);
        expect(dataOf(rows)).toEqual([session('s1', { contentVertical: '美\n妆' }), session('s2')]);
        expect(rows.map(({ line }) => line)).toEqual([2, 6]);
      }
    }
    expect([
      (await opened(plain)).hasByteOrderMark,
      (await opened(windows)).hasByteOrderMark,
    ]).toEqual([false, true]);
  });

  it('is read by the wall clock of the zone only when that is asked for', async () => {
    const zone = new LedgerZone('Asia/Shanghai', 'test');
    const file = (from: string, to: string): string =>
      `sessionId,creatorId,startedAt,endedAt\ns1,c1,${from},${to}\n`;
    const read = async (from: string, to: string): Promise<unknown[]> =>
      dataOf(await rowsOf(file(from, to), { localTimes: zone }));
    const start = (startedAt: string, endedAt: string): object[] => [
      session('s1', { startedAt, endedAt }),
    ];
    expect(await read('2019-04-01 20:00', '2019/4/1 20:40:30')).toEqual(
      start('2019-04-01T20:00:00.000+08:00', '2019-04-01T20:40:30.000+08:00'),
    );
    expect(await read('2019-04-01T20:00:00.5', '2019-04-01T12:40:00Z')).toEqual(
      start('2019-04-01T20:00:00.500+08:00', '2019-04-01T12:40:00Z'),
    );
    expect(await read('2019-02-30 20:00', '昨天')).toEqual(start('2019-02-30 20:00', '昨天'));
    expect(dataOf(await rowsOf(file('2019-04-01 20:00', '2019-04-01 20:40')))).toEqual(
      start('2019-04-01 20:00', '2019-04-01 20:40'),
    );
  });
});

describe('a wrong row is refused alone', () => {
  const between = async (wrong: string): Promise<unknown> => {
    const rows = await rowsOf(`${header}\ns1,c1,${times},,,,\n${wrong}\ns3,c1,${times},,,,\n`);
    const found = dataOf(rows);
    expect(found.at(0)).toEqual(session('s1'));
    expect(found.at(-1)).toEqual(session('s3'));
    return found.slice(1, -1);
  };

  it.each([
    [
      'a number with a separator',
      `s2,c1,${times},,"1,200",,`,
      /^newFollowers: "1,200" is not a non-negative integer/,
    ],
    ['a broken number', `s2,c1,${times},,,12.5,`, /^views: "12.5" is not a non-negative integer/],
    ['a negative number', `s2,c1,${times},,-1,,`, /^newFollowers: "-1"/],
    [
      'a number beyond every integer',
      `s2,c1,${times},,,9007199254740993,`,
      /^views: "9007199254740993"/,
    ],
    ['sales in yuan', `s2,c1,${times},,,,美妆=12.50`, /^sales: "美妆=12.50" is not VERTICAL=FEN/],
    ['sales of nothing', `s2,c1,${times},,,,=5`, /^sales: "=5"/],
    ['two wrong cells', `s2,c1,${times},,x,y,`, /^newFollowers: .*; views: /],
    ['a cell too few', `s2,c1,${times},,,`, 'the row has 7 cells; the header has 8'],
    ['a cell too many', `s2,c1,${times},,,,,`, 'the row has 9 cells; the header has 8'],
    ['a quote within a cell', `s2,c1,${times},a"b"c,,,`, /^the row is not CSV/],
    [
      'text after a closing quote',
      `s2,c1,${times},"a"b,,,`,
      /^a quote is opened|^the row is not CSV/,
    ],
  ])('for %s', async (_, row, problem) => {
    expect(await between(row)).toEqual([expect.stringMatching(problem)]);
  });

  it('for an opening quote that is never closed, wherever the next quote stands', async () => {
    expect(await between(`"s2,c1,${times},,,,`)).toEqual(['a quote is opened and never closed']);
    expect(await between(`"s2,c1,${times},,,,\ns4,c1,${times},"美妆",,,`)).toEqual([
      'a quote is opened and never closed',
      session('s4', { contentVertical: '美妆' }),
    ]);
    expect(await between(`"s2,c1,${times},,,,\n"s4",c1,${times},a"b,,,`)).toEqual([
      'a quote is opened and not closed before the next',
      expect.stringMatching(/^a quote is opened|^the row is not CSV/),
    ]);
  });

  it('for a cell too long to be held, with a quote and without one', async () => {
    const huge = 'x'.repeat(lineByteLimit);
    expect(await between(`s2,c1,${times},${huge},,,`)).toEqual([
      expect.stringMatching(/^the line has \d+ bytes/),
    ]);
    expect(await between(`s2,c1,${times},"${huge}",,,`)).toEqual([
      expect.stringMatching(/^the line has \d+ bytes/),
    ]);
    const lines = `${'x'.repeat(999)}\n`.repeat(300);
    const found = (await between(`s2,c1,${times},"${lines}",,,`)) as string[];
    expect(found[0]).toBe('a quote is opened and not closed within 262144 bytes');
    expect(found.length).toBe(301);
    expect(found.at(-1)).toBe('a quote is opened and never closed');
  });

  it('for bytes that are not UTF-8', async () => {
    const file = Buffer.concat([
      Buffer.from(`${header}\ns1,c1,${times},`),
      Buffer.from([0xc3, 0xc0]),
      Buffer.from(`,,,\ns2,c1,${times},,,,\n`),
    ]);
    expect(dataOf(await rowsOf(file))).toEqual([
      'the row is not UTF-8; save the file as "CSV UTF-8"',
      session('s2'),
    ]);
  });
});

describe('the header says what the columns are', () => {
  it('and a file without rows is a file', async () => {
    expect(await rowsOf(header)).toEqual([]);
    expect(await rowsOf(`${header}\r\n\r\n`)).toEqual([]);
  });

  it('and is missed in an empty file', async () => {
    expect(await problemOf('')).toBe('the file is empty');
    expect(await problemOf('\ufeff\n\n')).toBe('the file is empty');
  });

  it.each([
    [
      'a required column is missing',
      'sessionId,startedAt,endedAt',
      {},
      /^missing from the header: "creatorId"; the columns are/,
    ],
    [
      'a column named for a field is missing',
      header,
      { columns: new Map([['views', '观看']]) },
      /^missing .*"观看" \(views\)/,
    ],
    ['a column stands twice', `${header},views`, {}, 'the column "views" appears twice'],
    [
      'a column is unknown',
      `${header},标题,note`,
      {},
      /^unknown in the header: "标题", "note"; a session has/,
    ],
    [
      'a field is unknown',
      header,
      { columns: new Map([['id', 'sessionId']]) },
      '"id" is not a field of a session',
    ],
    [
      'a column is given to two fields',
      header,
      {
        columns: new Map([
          ['startedAt', 'time'],
          ['endedAt', 'time'],
        ]),
      },
      'the column "time" is named for startedAt and for endedAt',
    ],
    [
      'a required column is given away',
      header,
      { columns: new Map([['views', 'creatorId']]) },
      /^missing from the header: "creatorId"/,
    ],
    ['it is no CSV', 'session"Id,creatorId', {}, /^the header cannot be read/],
  ])('and nothing is read when %s', async (_, file, options, problem) => {
    expect(await problemOf(`${file}\n`, options)).toEqual(expect.stringMatching(problem));
  });

  it('and passes over unknown columns when that is asked for', async () => {
    const rows = await rowsOf(`note,${header},note\na,s1,c1,${times},,,,,b\n`, {
      ignoreColumns: true,
    });
    expect(dataOf(rows)).toEqual([session('s1')]);
  });

  it('and passes over what a report of refused rows has added', async () => {
    const file = await opened(
      `${header},line,code,message\ns1,c1,${times},,,,,7,invalid,"why, then"\n`,
    );
    expect(file.header.join(',')).toBe(header);
    const { value } = (await file.rows.next()) as { value: SessionRow[] };
    expect(dataOf(value)).toEqual([session('s1')]);
    expect(value[0]?.cells?.length).toBe(8);
  });
});

const name = fc
  .string({
    minLength: 1,
    maxLength: 8,
    unit: fc.constantFrom('美', '妆', 'a', ',', '"', '\n', '=', ' '),
  })
  .filter((text) => text.trim() === text);
const amount = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const sessions = fc.array(
  fc.record(
    {
      contentVertical: name,
      newFollowers: amount,
      views: amount,
      sales: fc.array(fc.record({ vertical: name, amountFen: amount }), {
        minLength: 1,
        maxLength: 3,
      }),
    },
    { requiredKeys: [] },
  ),
  { maxLength: 6 },
);

it('gives the same command lines as NDJSON of the same sessions', async () => {
  const cell = (text: string): string =>
    /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  await fc.assert(
    fc.asyncProperty(sessions, fc.integer({ min: 1, max: 90 }), async (list, chunk) => {
      const lines = list.map((more, index) => ({
        command: 'RecordSession',
        data: session(`s${String(index)}`, more),
      }));
      const csv = list.map(
        ({ contentVertical = '', newFollowers = '', views = '', sales = [] }, index) =>
          [
            ...[`s${String(index)}`, 'c1', ...times.split(',')],
            ...[contentVertical, String(newFollowers), String(views)],
            sales.map(({ vertical, amountFen }) => `${vertical}=${String(amountFen)}`).join(';'),
          ]
            .map(cell)
            .join(','),
      );
      const ndjson: ReadText[] = [];
      for await (const batch of readLines(
        inChunks(lines.map((line) => `${JSON.stringify(line)}\n`).join('')),
      ))
        ndjson.push(...batch);
      const rows = await rowsOf([header, ...csv, ''].join('\n'), {}, chunk);
      expect(dataOf(rows)).toEqual(dataOf(ndjson));
    }),
    { numRuns: 60 },
  );
});
