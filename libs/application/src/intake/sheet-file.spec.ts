import { aliMcn20190307, LedgerZone } from '@penalty-ledger/ledger';
import fc from 'fast-check';
import { SheetFileError } from '../spreadsheets/sheet-file-error.js';
import { lineByteLimit, type ReadText } from './file-lines.js';
import { readLines } from './ndjson.js';
import {
  readSheet,
  reportColumns,
  type SheetFile,
  type SheetLine,
  type SheetOptions,
} from './sheet-file.js';

const zone = new LedgerZone('Asia/Shanghai', 'test');
const header = 'sessionId,creatorId,startedAt,endedAt,contentVertical,newFollowers,views,sales';
const times = '2019-04-01T20:00:00+08:00,2019-04-01T20:40:00+08:00';

async function* inChunks(file: string | Uint8Array, size = 65_536): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(file);
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

function opened(
  file: string | Uint8Array,
  options: Partial<SheetOptions> = {},
  chunk?: number,
): Promise<SheetFile> {
  return readSheet(inChunks(file, chunk), { format: 'csv', zone, ...options });
}

async function rowsOf(
  file: string | Uint8Array,
  options?: Partial<SheetOptions>,
  chunk?: number,
): Promise<SheetLine[]> {
  const rows: SheetLine[] = [];
  for await (const batch of (await opened(file, options, chunk)).open().rows) rows.push(...batch);
  return rows;
}

/** The data of each row, or what is wrong with it. */
function dataOf(rows: readonly ReadText[]): unknown[] {
  return rows.map((row) =>
    row.problem === undefined ? (row.value as { data: unknown }).data : row.problem.en,
  );
}

async function problemOf(
  file: string | Uint8Array,
  options?: Partial<SheetOptions>,
): Promise<string> {
  const error: unknown = await rowsOf(file, options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SheetFileError);
  return (error as SheetFileError).message;
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

  it('keeps commas and quotes in quoted cells, and trims cells', async () => {
    const rows = await rowsOf(
      `${header}\n s1 ,c1,${times},"美妆, ""彩妆""",,,\ns2,c1,${times},,,,\n`,
    );
    expect(dataOf(rows)).toEqual([
      session('s1', { contentVertical: '美妆, "彩妆"' }),
      session('s2'),
    ]);
    expect(rows.map(({ line }) => line)).toEqual([2, 3]);
  });

  it('reads the same with a byte order mark, carriage returns, and in any chunks', async () => {
    const plain =
      `${header}\ns1,c1,${times},美妆,,,"美妆=1\n食品=2"\n\n` + `,,,,,,,\ns2,c1,${times},,,,\n`;
    const windows = `\ufeff${plain.trimEnd().replaceAll('\n', '\r\n')}`;
    for (const file of [plain, windows]) {
      for (const chunk of [1, 7, 65_536]) {
        const rows = await rowsOf(file, {}, chunk);
        expect(dataOf(rows)).toEqual([
          session('s1', {
            contentVertical: '美妆',
            sales: [
              { vertical: '美妆', amountFen: 1 },
              { vertical: '食品', amountFen: 2 },
            ],
          }),
          session('s2'),
        ]);
        expect(rows.map(({ line }) => line)).toEqual([2, 6]);
      }
    }
  });

  it('has times of the wall clock of the zone', async () => {
    const [row] = dataOf(
      await rowsOf(
        'sessionId,creatorId,startedAt,endedAt\ns1,c1,2019/4/1 20:00,2019-04-01T12:40:00Z',
      ),
    );
    expect(row).toEqual(
      session('s1', {
        startedAt: '2019-04-01T20:00:00.000+08:00',
        endedAt: '2019-04-01T12:40:00Z',
      }),
    );
  });

  it('has the titles of people, in either language', async () => {
    const rows = await rowsOf(
      '直播场次ID,达人编号,直播日期,开播时间,下播时间,销售额（元）\n' +
        's1,c1,2019年4月1日,20:00,下午 8:40,"美妆：1,200.00，食品：50"\n',
    );
    expect(dataOf(rows)).toEqual([
      session('s1', {
        startedAt: '2019-04-01T20:00:00.000+08:00',
        endedAt: '2019-04-01T20:40:00.000+08:00',
        sales: [
          { vertical: '美妆', amountFen: 120_000 },
          { vertical: '食品', amountFen: 5000 },
        ],
      }),
    ]);
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
      'a number with a wrong separator',
      `s2,c1,${times},,"12,00",,`,
      /^newFollowers: "12,00" is not a non-negative integer; write 1200, 1,200, 1.2万/,
    ],
    [
      'a date that may be two',
      's2,c1,4/1/2019 20:00,2019-04-01T20:40:00+08:00,,,,',
      /^startedAt: "4\/1\/2019 20:00" may be month\/day or day\/month; write the year first/,
    ],
    [
      'a rounded id',
      `201904011112345000,c1,${times},,,,`,
      /^sessionId: "201904011112345000" is 15/,
    ],
    ['a field of a schema', `s 2,c1,${times},,,,`, /^sessionId: "s 2" is not an id; write/],
    [
      'a missing time',
      `s2,c1,,2019-04-01T20:40:00+08:00,,,,`,
      /^startedAt: missing; write 2026-03-05 20:00, 2026\/3\/5/,
    ],
    ['a missing field', `s2,,${times},,,,`, /^creatorId: missing; write an id of/],
    [
      'an invisible character',
      `s2,c1,${times},美\u200b妆,,,`,
      /^contentVertical: .*U\+200B inside/,
    ],
    ['a broken number', `s2,c1,${times},,,12.5,`, /^views: "12.5" is not a non-negative integer/],
    ['a negative number', `s2,c1,${times},,-1,,`, /^newFollowers: "-1"/],
    [
      'a number beyond every integer',
      `s2,c1,${times},,,9007199254740993,`,
      /^views: "9007199254740993"/,
    ],
    [
      'sales in yuan',
      `s2,c1,${times},,,,美妆=12.50`,
      /^sales: of "美妆": "12.50" may mean fen or yuan/,
    ],
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

  it('with all its problems at once', async () => {
    expect(await between('s 2,,昨天,2019-04-01T20:40:00+08:00,,x,-1,=5')).toEqual([
      [
        'startedAt: "昨天" is not a time; write 2026-03-05 20:00, 2026/3/5 20:00, ' +
          '2026年3月5日 下午8:00, 2026-03-05T20:00:00+08:00',
        'newFollowers: "x" is not a non-negative integer; write 1200, 1,200, 1.2万',
        'views: "-1" is not a non-negative integer; write 1200, 1,200, 1.2万',
        'sales: "=5" is not VERTICAL=AMOUNT; write 美妆=120000;食品=5000',
        'creatorId: missing; write an id of at most 64 of A–Z a–z 0–9 . _ : -, such as zb-1',
        'sessionId: "s 2" is not an id; write at most 64 of A–Z a–z 0–9 . _ : -, such as zb-1',
      ].join('; '),
    ]);
  });
});

it('takes nothing of a file with bytes that are not text', async () => {
  const file = Buffer.concat([
    Buffer.from(`${header}\ns1,c1,${times},`),
    Buffer.from([0xff, 0xc0]),
    Buffer.from(`,,,\ns2,c1,${times},,\u00e9,,\n`),
  ]);
  expect(await problemOf(file)).toMatch(/^the file is not UTF-8: line 2/);
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
      /^unknown in the header: "标题", "note"; sessions have/,
    ],
    [
      'a field is unknown',
      header,
      { columns: new Map([['id', 'sessionId']]) },
      '"id" is not a column of sessions',
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
    [
      'two columns hold one field',
      `${header},场次ID`,
      {},
      'the columns "sessionId" and "场次ID" both hold sessionId',
    ],
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
    const { value } = (await file.open().rows.next()) as { value: SheetLine[] };
    expect(dataOf(value)).toEqual([session('s1')]);
    expect(value[0]?.cells?.length).toBe(8);
  });
});

const name = fc
  .string({
    minLength: 1,
    maxLength: 8,
    unit: fc.constantFrom('美', '妆', 'a', '"', '=', ' '),
  })
  .filter((text) => text.trim() === text && text !== '');
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

it('skips the columns of a report in both languages, and finds a clause by its title', async () => {
  const [first] = aliMcn20190307.clauses;
  const columns = 'deductionId,agencyId,points,clause,occurredAt';
  const row = `d1,a1,40,${first!.title.zh},2019-04-01`;
  for (const added of Object.values(reportColumns)) {
    const file = `${columns},${added.join()}\n${row},2,unknown_clause,x\n`;
    const rows = await rowsOf(file, { kind: 'deductions', clauses: () => aliMcn20190307.clauses });
    expect(dataOf(rows)).toEqual([
      {
        deductionId: 'd1',
        agencyId: 'a1',
        points: 40,
        clause: first!.id,
        occurredAt: '2019-04-01T00:00:00.000+08:00',
      },
    ]);
  }
});
