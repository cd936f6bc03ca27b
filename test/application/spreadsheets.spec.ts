import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  csvRow,
  ledgerZone,
  readColumnsFile,
  readSheet,
  SheetFileError,
  sheetKindNames,
  type SheetLine,
  type SheetOptions,
} from '@penalty-ledger/application';
import { LedgerZone } from '@penalty-ledger/ledger';
import { styles, workbookFile, type BookCell, type BookSheet } from '../support/workbook-file.js';
import { TestLedger } from '../support/test-ledger.js';
import { textFiles } from '../tidy/tree.js';

const zone = new LedgerZone(ledgerZone, 'test');
const at = '2026-06-01T10:00:00+08:00';

async function* inOne(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

interface Read {
  readonly lines: readonly SheetLine[];
  readonly notes: readonly string[];
}

async function readAll(
  file: Uint8Array | string,
  options: Partial<SheetOptions> = {},
): Promise<Read> {
  const format = typeof file === 'string' ? 'csv' : 'xlsx';
  const sheet = await readSheet(inOne(Buffer.from(file as string)), { format, zone, ...options });
  const { rows, passedOver } = sheet.open();
  const lines: SheetLine[] = [];
  for await (const batch of rows) lines.push(...batch);
  return { lines, notes: [...sheet.found, ...passedOver()].map(({ en }) => en) };
}

async function refusal(
  file: Uint8Array | string,
  options?: Partial<SheetOptions>,
): Promise<string> {
  const error: unknown = await readAll(file, options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SheetFileError);
  return `${(error as Error).message}; ${(error as SheetFileError).hint.en}`;
}

/** The data of each row, or what is wrong with it. */
const outcomes = ({ lines }: Read): unknown[] =>
  lines.map((line) =>
    line.problem === undefined ? (line.value as { data: unknown }).data : line.problem.en,
  );

const file = (name: string): Buffer => readFileSync(join(__dirname, 'spreadsheets', name));

/** Applies a spreadsheet to a ledger with a roster, as an import does. */
async function applied(ledger: TestLedger, name: string) {
  const { lines } = await readAll(file(name), { format: 'csv' });
  const timed = lines.map((line) =>
    line.problem === undefined ? { ...line, value: { ...(line.value as object), at } } : line,
  );
  return ledger.applyLines([timed]);
}

async function withCreators(...creatorIds: string[]): Promise<TestLedger> {
  const ledger = await TestLedger.open('observer');
  const data = { agencyId: 'a1', name: '甲', effectiveAt: '2018-10-01T00:00:00+08:00' };
  await ledger.apply({ at, command: 'AdmitAgency', data });
  for (const creatorId of creatorIds)
    await ledger.apply({
      at,
      command: 'BindCreator',
      data: { agencyId: 'a1', creatorId, effectiveAt: '2018-10-02T00:00:00+08:00' },
    });
  return ledger;
}

describe('files as people have them', () => {
  it('ids that Excel rounded are not counted as other sessions', async () => {
    const ledger = await withCreators('cr-1', 'cr-2', 'cr-3', 'cr-4', 'cr-5');
    const codes = async (name: string) =>
      new Set((await applied(ledger, name)).map(({ status, code }) => code ?? status));
    expect(await codes('rounded-ids-source.csv')).toEqual(new Set(['accepted']));
    expect(await codes('rounded-ids-saved.csv')).toEqual(new Set(['invalid']));
    const month = { month: '2019-04', agencyId: 'a1' };
    await ledger.apply({ at, command: 'ComputeAssessment', data: month });
    expect(await ledger.query({ query: 'assessment', ...month })).toMatchObject({
      verdict: 'failed',
    });
    await ledger.check();
    await ledger.close();
  });

  it('食品 in GBK is 食品', async () => {
    expect(await refusal(file('gbk.csv'), { format: 'csv' })).toMatch(
      /^the file is not UTF-8, and no Chinese title .* GB 18030; .*--encoding gb18030/,
    );
    const read = await readAll(file('gbk.csv'), { format: 'csv', encoding: 'gb18030' });
    expect(outcomes(read)).toMatchObject([
      { contentVertical: '美妆' },
      { contentVertical: '食品' },
    ]);
    expect(read.notes).toEqual(['read as GB 18030, cells separated by commas']);
  });

  it('GB 18030 is found by a Chinese title, and other encodings are not taken for it', async () => {
    const header = 'creatorId,startedAt,endedAt,contentVertical\n';
    const rest = `${header}s1,c1,2019-04-01 20:00,2019-04-01 21:00,`;
    const csv = (title: string, vertical: string) =>
      Buffer.concat([
        Buffer.from(title, 'hex'),
        Buffer.from(`,${rest}`),
        Buffer.from(vertical, 'hex'),
      ]);
    const chineseTitle = 'b3a1b4ce4944';
    const read = await readAll(csv(chineseTitle, 'c3c0d7b1'), { format: 'csv' });
    expect(outcomes(read)).toEqual([{ ...s1, contentVertical: '美妆' }]);
    const englishTitle = Buffer.from('sessionId').toString('hex');
    for (const [, vertical] of Object.entries({
      eucKr: 'c8adc0e5c7b0',
      eucJp: 'bfa9c9ca',
      cp1251: 'cceee4e0',
    }))
      expect(await refusal(csv(englishTitle, vertical), { format: 'csv' })).toMatch(/--encoding/);
  });

  it('sales are two verticals, however they are separated', async () => {
    const both = {
      sales: [
        { vertical: '美妆', amountFen: 1_200_000 },
        { vertical: '食品', amountFen: 5000 },
      ],
    };
    const one = (amountFen: number) => ({ sales: [{ vertical: '美妆', amountFen }] });
    expect(outcomes(await readAll(file('sales-separators.csv'), { format: 'csv' }))).toMatchObject([
      both,
      one(1_200_000),
      both,
      both,
      both,
      one(1200),
    ]);
  });
});

const sessionHeader = [
  '场次ID',
  '达人ID',
  '开播时间',
  '下播时间',
  '内容类目',
  '销售额(元)',
  '观看',
];
const sheet = (...rows: BookCell[][]): BookSheet => ({ name: '四月', rows });
const book = (...rows: BookCell[][]): Uint8Array => workbookFile([sheet(sessionHeader, ...rows)]);
const start = { number: 43556.8333333333, style: styles.dateTime };
const end = { number: 43556.875, style: styles.dateTime };
const s1 = {
  sessionId: 's1',
  creatorId: 'c1',
  startedAt: '2019-04-01T20:00:00.000+08:00',
  endedAt: '2019-04-01T21:00:00.000+08:00',
};

describe('a workbook', () => {
  it('has texts, numbers, dates in cells of any format, and formulas by their value', async () => {
    const read = await readAll(
      book(
        ['s1', 'c1', start, end, ' 美妆\u200b', '美妆：1,200.00', 1200],
        ['s2', 'c1', 43556.8333333333, '2019/4/1 21:00', null, null, 1.2e3],
        ['s3', 'c1', start, { formula: 'C4+1/24', value: '2019-04-01 21:00' }, null, null, null],
        ['s4', 'c1', start, end, { xml: '<c t="inlineStr"><is><t>a_x000D_</t></is></c>' }],
      ),
    );
    expect(outcomes(read)).toEqual([
      {
        ...s1,
        contentVertical: '美妆',
        sales: [{ vertical: '美妆', amountFen: 120_000 }],
        views: 1200,
      },
      { ...s1, sessionId: 's2', views: 1200 },
      { ...s1, sessionId: 's3' },
      { ...s1, sessionId: 's4', contentVertical: 'a' },
    ]);
    expect(read.lines.map(({ line }) => line)).toEqual([2, 3, 4, 5]);
    expect(read.notes).toEqual([
      '1 cell holds a formula: read by the value that was calculated last',
    ]);
  });

  it('may count its days from 1904', async () => {
    const days = [['s1', 'c1', 42094.8333333333, { number: 42094.875, style: styles.dateTime }]];
    const read = await readAll(
      workbookFile([sheet(sessionHeader.slice(0, 4), ...(days as BookCell[][]))], {
        isFrom1904: true,
      }),
    );
    expect(outcomes(read)).toEqual([s1]);
  });

  it('is refused cell by cell, with all problems of a row', async () => {
    const read = await readAll(
      book(
        [201904011112345000, 'c1', { xml: '<c t="e"><v>#REF!</v></c>' }, { formula: 'A1' }],
        ['s2', 'c1', start, end, null, null, { number: 0.5, style: styles.percent }],
        [{ number: 43525, style: styles.chineseDate }, 'c1', start, end],
        ['s4', 'c1', start, end, null, '美妆=1', start],
      ),
    );
    expect(read.notes).toEqual([]);
    expect(outcomes(read)).toEqual([
      expect.stringMatching(
        /^开播时间: the cell shows the error "#REF!".*; 下播时间: the formula has no .*; 场次ID: "/,
      ),
      expect.stringMatching(/^观看: "50%" is a percentage, and this column counts/),
      expect.stringMatching(/^场次ID: "2019\/03\/01" is not an id/),
      expect.stringMatching(/^观看: "2019-04-01 20:00:00" is not a non-negative integer/),
    ]);
  });

  it('has merged cells filled down, and says what it skipped', async () => {
    const read = await readAll(
      workbookFile([
        {
          ...sheet(
            sessionHeader,
            ['s1', 'c1', start, end],
            ['s2', null, start, end],
            [null, null, null, null, '  '],
            ['s3', null, start, end],
            ['合计', null, null, null, null, null, 3600],
          ),
          merged: ['B2:B5', 'A9:C9'],
        },
      ]),
    );
    expect(outcomes(read)).toEqual(['s1', 's2', 's3'].map((sessionId) => ({ ...s1, sessionId })));
    expect(read.notes).toEqual([
      '2 cells of merged areas were filled down',
      '1 empty row was skipped',
      '1 total row was skipped: line 6',
    ]);
  });

  it('has ids as a person sees them, and none of other values', async () => {
    const read = await readAll(
      book(
        [{ number: 42, style: styles.digits }, 'c1', start, end],
        [-5, 'c1', start, end],
        [1.5, 'c1', start, end],
        [{ xml: '<c t="b"><v>1</v></c>' }, 'c1', start, end],
        ["'007", 'c1', start, end],
      ),
    );
    const noId = (text: string): unknown =>
      expect.stringMatching(new RegExp(`^场次ID: "${text}" is TRUE or FALSE, a fraction or a neg`));
    expect(outcomes(read)).toEqual([
      { ...s1, sessionId: '00042' },
      noId('-5'),
      noId('1.5'),
      noId('TRUE'),
      { ...s1, sessionId: '007' },
    ]);
  });

  it('has what is wrong with a merged cell in each of its rows', async () => {
    const read = await readAll(
      workbookFile([
        {
          ...sheet(
            sessionHeader,
            ['s1', { xml: '<c t="e"><v>#N/A</v></c>' }, start, end],
            ['s2', null, start, end],
            ['s3', { formula: 'A1' }, start, end],
            ['s4', null, start, end],
          ),
          merged: ['B2:B3', 'B4:B5'],
        },
      ]),
    );
    const error: unknown = expect.stringMatching(/^达人ID: the cell shows the error "#N\/A"/);
    const formula: unknown = expect.stringMatching(/^达人ID: the formula has no calculated value/);
    expect(outcomes(read)).toEqual([error, error, formula, formula]);
  });

  it('is read on behind a cell or a row that is too long', async () => {
    const long = 'x'.repeat(32_768);
    const many = Array.from({ length: 9 }, () => 'x'.repeat(32_000));
    const read = await readAll(
      book(
        ['s1', 'c1', start, end],
        ['s2', 'c1', start, end, long],
        ['s3', 'c1', start, end, { xml: `<c t="str"><v>${long.repeat(20)}</v></c>` }],
        ['s4', 'c1', start, end, { xml: `<c t="inlineStr"><is><t>${long}</t></is></c>` }],
        ['s5', 'c1', start, end, ...many],
        ['s1', 'c1', start, end],
      ),
    );
    const tooLong: unknown = expect.stringMatching(
      /^内容类目: the cell has more than 32767 characters; shorten it/,
    );
    const row = 'the row has more than 262144 characters';
    expect(outcomes(read)).toEqual([s1, tooLong, tooLong, tooLong, row, s1]);
  });

  it('gives the rows before a damaged place, and passes over empty cells beyond', async () => {
    const cells = (row: string) =>
      ['s1', 'c1', '2019-04-01 20:00', '2019-04-01 21:00']
        .map((text, at) => `<c r="${'ABCD'.charAt(at)}${row}" t="str"><v>${text}</v></c>`)
        .join('');
    const titles = sessionHeader
      .slice(0, 4)
      .map((text) => `<c t="str"><v>${text}</v></c>`)
      .join('');
    const rows =
      `<row r="1">${titles}</row><row r="2">${cells('2')}<c r="ZZZ2" s="1"/></row>` +
      `<row r="3">${cells('3')}<c r="ZZZ3"><v>1</v></c></row><row r="3"/>`;
    const part = 'xl/worksheets/sheet1.xml';
    const parts = { [part]: `<worksheet><sheetData>${rows}</sheetData></worksheet>` };
    const opened = await readSheet(inOne(workbookFile([sheet()], { parts })), {
      format: 'xlsx',
      zone,
    });
    const lines: SheetLine[] = [];
    const reading = async () => {
      for await (const batch of opened.open().rows) lines.push(...batch);
    };
    await expect(reading()).rejects.toThrow(/a row has the number "3"/);
    expect(outcomes({ lines, notes: [] })).toEqual([
      s1,
      'a cell in column 18278 is filled, beyond column 1000',
    ]);
  });

  it('has one sheet, or the one that is asked for', async () => {
    const rows = [sessionHeader.slice(0, 4), ['s1', 'c1', start, end]];
    const two = workbookFile([
      { name: '三月', rows: [] },
      { name: '四月', rows },
    ]);
    expect(await refusal(two)).toBe(
      'several sheets may be meant; name one with --sheet; the workbook has "三月", "四月"',
    );
    expect(await refusal(two, { sheet: '五月' })).toMatch(/^there is no sheet "五月"/);
    const read = await readAll(two, { sheet: '四月' });
    expect(outcomes(read)).toEqual([s1]);
    const hidden = workbookFile([
      { name: 'lists', rows: [], isHidden: true },
      { name: '四月', rows },
    ]);
    expect((await readAll(hidden)).notes).toEqual(['read the sheet "四月"']);
  });

  it('may have a title above its header', async () => {
    const title: BookCell[] = ['四月直播场次'];
    const rows: BookCell[][] = [title, [], sessionHeader.slice(0, 4), ['s1', 'c1', start, end]];
    const read = await readAll(workbookFile([{ name: 'x', rows, merged: ['A1:D1'] }]));
    expect(outcomes(read)).toEqual([s1]);
    expect(read.lines.map(({ line }) => line)).toEqual([4]);
    expect(read.notes).toEqual(['1 row above the header was not read: the header is row 3']);
    const csv = '四月,,,\n场次ID,达人ID,开播时间,下播时间\ns1,c1,2019/4/1 20:00,2019/4/1 21:00';
    expect(outcomes(await readAll(csv))).toEqual([s1]);
    for (const title of ['四月;;;', '四月直播场次', '四月，五月', '四月, 五月'])
      expect(
        outcomes(await readAll(csv.replace('四月,,,', title).replaceAll(/(?<=\n.*),/g, ';'))),
      ).toEqual([s1]);
    expect(await refusal('四月,,,\n甲,乙,丙,丁\n')).toMatch(
      /^missing from the header: .*the columns are "四月"; delete the rows above the header/,
    );
    expect(await refusal('达人ID\nsessionId,creatorId\n')).toMatch(
      /^missing .*columns are "达人ID"/,
    );
  });

  it('without columns of its kind is refused with an example of that kind', async () => {
    expect(await refusal('a,b\n', { kind: 'deductions' })).toMatch(/--column deductionId=扣分ID$/);
    expect(await refusal('', { kind: 'appeals' })).toMatch(/such as appealId,agencyId,grounds$/);
  });

  it('is bounded: bombs, entities, damage and other files are refused', async () => {
    const part = 'xl/worksheets/sheet1.xml';
    const withPart = (xml: string, name = part) =>
      workbookFile([sheet(sessionHeader)], { parts: { [name]: xml } });
    expect(await refusal(withPart(`<worksheet>${' '.repeat(8_000_000)}</worksheet>`))).toMatch(
      /times its packed size; the limit is 200 times/,
    );
    expect(
      await refusal(withPart('<!DOCTYPE a [<!ENTITY b "bb">]><worksheet>&b;</worksheet>')),
    ).toMatch(/a document type/);
    expect(await refusal(withPart('<worksheet><sheetData><row r="1">'))).toMatch(/not a workbook/);
    expect(await refusal(withPart('<worksheet/>'))).toMatch(/^the file is empty/);
    expect(
      await refusal(
        withPart('<worksheet><sheetData><row r="2"/><row r="1"/></sheetData></worksheet>'),
      ),
    ).toMatch(/a row has the number "1"/);
    expect(
      await refusal(
        withPart(
          '<worksheet><sheetData><row r="1"><c r="ZZZ1"><v>1</v></c></row></sheetData></worksheet>',
        ),
      ),
    ).toMatch(/beyond column 1000/);
    const long = Array.from({ length: 200_000 }, (_, at) => at * 7919).join('');
    for (const xml of [`<!--${long}-->`, `<a b="${long}"/>`, `<v>${long}</v>`])
      expect(await refusal(withPart(`<worksheet>${xml}</worksheet>`))).toMatch(
        /^the workbook has a longer tag, comment or text; the limit is 1048576 characters/,
      );
    expect(await refusal(Buffer.from('PK\u0003\u0004 nothing'))).toMatch(/not a workbook/);
    const old = Buffer.from('d0cf11e0a1b11ae1', 'hex');
    for (const format of ['csv', 'xlsx'] as const)
      expect(await refusal(old, { format })).toMatch(/old \.xls file/);
    expect(await refusal(Buffer.from(sessionHeader.join(',')))).toMatch(/give --format csv/);
    expect(await refusal(book(), { format: 'csv' })).toBe(
      'the file is a workbook, not CSV; give --format xlsx',
    );
    const complete = Buffer.from(book(['s1', 'c1', start, end]));
    for (let cut = 0; cut < complete.length; cut += 97)
      expect(await refusal(complete.subarray(0, cut))).toMatch(/not a workbook/);
  });
});

describe('the five kinds', () => {
  const cases: Record<string, [string, string, unknown[]]> = {
    sessions: ['操作,sessionId,原因', '作废,s1,重复', [{ sessionId: 's1', reason: '重复' }]],
    roster: [
      '机构ID,机构名称,达人ID,达人昵称,生效时间',
      'a1,甲,,,2019.1.2\na1,甲,c1,小满,2019/1/3',
      [
        { agencyId: 'a1', name: '甲', effectiveAt: '2019-01-02T00:00:00.000+08:00' },
        {
          agencyId: 'a1',
          creatorId: 'c1',
          name: '小满',
          effectiveAt: '2019-01-03T00:00:00.000+08:00',
        },
      ],
    ],
    deductions: [
      '扣分编号,机构ID,扣分,违规条款,发生时间,考核月份,案号',
      'd1,a1,40,operating-metric-missed,2019年5月1日,2019年4月,杭〔2019〕1号',
      [
        {
          deductionId: 'd1',
          agencyId: 'a1',
          points: 40,
          clause: 'operating-metric-missed',
          occurredAt: '2019-05-01T00:00:00.000+08:00',
          basis: { kind: 'assessment', month: '2019-04' },
          notice: { caseNo: '杭〔2019〕1号' },
        },
      ],
    ],
    complaints: [
      '投诉ID,达人ID,投诉方类型,投诉方ID,发生时间,投诉事由',
      'k1,c1,消费者,u1,2019-05-01 10:00,货不对板',
      [
        {
          complaintId: 'k1',
          creatorId: 'c1',
          complainant: { kind: 'consumer', id: 'u1' },
          occurredAt: '2019-05-01T10:00:00.000+08:00',
          subject: '货不对板',
        },
      ],
    ],
    appeals: [
      '操作,申诉ID,机构ID,扣分ID,申诉理由,结果,调整,原因,证据ID,证据标题,媒体类型,证据SHA256',
      '发起,p1,a1,d1、d2,不符,,,,,,,\n裁定,p1,,,,部分成立,d1=20分;d2=0,从轻,,,,\n' +
        `举证,p1,,,,,,,e1,录屏,video/mp4,${'AB'.repeat(32)}`,
      [
        { appealId: 'p1', agencyId: 'a1', deductionIds: ['d1', 'd2'], grounds: '不符' },
        {
          appealId: 'p1',
          outcome: 'partly_upheld',
          adjustments: [
            { deductionId: 'd1', points: 20 },
            { deductionId: 'd2', points: 0 },
          ],
          reason: '从轻',
        },
        {
          appealId: 'p1',
          items: [
            {
              evidenceId: 'e1',
              title: '录屏',
              mediaType: 'video/mp4',
              sha256: 'ab'.repeat(32),
            },
          ],
        },
      ],
    ],
  };

  it.each(sheetKindNames)('%s are read by Chinese titles, from both forms', async (kind) => {
    const [header = '', rows = '', data] = cases[kind] ?? [];
    const table = [header, ...rows.split('\n')].map((row) => row.split(','));
    expect(outcomes(await readAll(`${header}\n${rows}`, { kind }))).toEqual(data);
    expect(outcomes(await readAll(workbookFile([{ name: 'x', rows: table }]), { kind }))).toEqual(
      data,
    );
  });

  it('complaints are merged and a merge is undone', async () => {
    const csv =
      '操作,投诉ID,被合并投诉ID,并入投诉ID\n合并,,k2、k3,k1\n撤销合并,k2,,\n合并,k1,,k2\n';
    expect(outcomes(await readAll(csv, { kind: 'complaints' }))).toEqual([
      { from: ['k2', 'k3'], into: 'k1' },
      { complaintId: 'k2' },
      expect.stringContaining('投诉ID') as unknown,
    ]);
  });

  it.each([
    ['sessions', '场次ID,达人ID,开播时间,下播时间', 's1,c1,DAY,DAY'],
    ['deductions', '扣分ID,机构ID,扣分,条款,发生时间,申诉截止', 'd1,a1,4,c,2026.3.1,DAY'],
    ['appeals', '申诉ID,机构ID,申诉理由,发起时间', 'p1,a1,不符,DAY'],
    ['appeals', '操作,申诉ID,撤回时间', '撤回,p1,DAY'],
    ['appeals', '操作,申诉ID,结果,原因,决定时间', '裁定,p1,驳回,无据,DAY'],
    ['appeals', '操作,申诉ID,举证时间,记录时间', '举证,p1,DAY,DAY'],
  ])('of %s: a date alone is refused where a term is measured, %s', async (kind, header, row) => {
    const moments = row.split('DAY').length - 1;
    for (const day of ['2026/3/10', '2026年3月10日'])
      for (const { problem } of (
        await readAll(`${header}\n${row.replaceAll('DAY', day)}`, { kind })
      ).lines)
        expect(problem?.en.split('has no time of day; write 2026-03-10 20:00').length).toBe(
          moments + 1,
        );
    const table = (cell: BookCell): BookCell[][] => [
      header.split(','),
      row.split(',').map((text) => (text === 'DAY' ? cell : text)),
    ];
    const problemOf = async (cell: BookCell) =>
      outcomes(await readAll(workbookFile([{ name: 'x', rows: table(cell) }]), { kind })).join();
    for (const cell of [{ number: 46_091, style: styles.chineseDate }, 46_091])
      expect(await problemOf(cell)).toContain('has no time of day; write 2026-03-10 20:00');
    for (const cell of [{ number: 46_091, style: styles.dateTime }, '2026/3/10 24:00'])
      expect(await problemOf(cell)).not.toContain('has no time of day');
  });

  it('of deductions: the decision, the notice and the effect may be dates alone', async () => {
    const header = '扣分ID,机构ID,扣分,条款,发生时间,生效时间,决定时间,通知时间';
    const days = '2026.3.1,2026.3.3,2026.3.4,2026.3.5';
    const clause = 'operating-metric-missed';
    const read = await readAll(`${header}\nd1,a1,40,${clause},${days}`, { kind: 'deductions' });
    expect(outcomes(read)).toEqual([
      {
        deductionId: 'd1',
        agencyId: 'a1',
        points: 40,
        clause,
        occurredAt: '2026-03-01T00:00:00.000+08:00',
        effectiveAt: '2026-03-03T00:00:00.000+08:00',
        decidedAt: '2026-03-04T00:00:00.000+08:00',
        notifiedAt: '2026-03-05T00:00:00.000+08:00',
      },
    ]);
  });

  it('of sessions past midnight: the day of an end is said', async () => {
    const header = '场次ID,达人ID,日期,开播时间,下播时间';
    const rows = ['次日 1:30', '1:30', '2026.3.6 1:30'].map(
      (text, index) => `s${String(index)},c1,2026.3.5,22:00,${text}`,
    );
    const until: unknown = expect.objectContaining({ endedAt: '2026-03-06T01:30:00.000+08:00' });
    expect(outcomes(await readAll([header, ...rows].join('\n')))).toEqual([
      until,
      '下播时间: "1:30" is not later than 开播时间 "22:00"; ' +
        'for the next day write "次日 1:30", or its date too',
      until,
    ]);
    const time = (number: number, style: number): BookCell => ({ number, style });
    const table: BookCell[][] = [
      header.split(','),
      ['s1', 'c1', time(46_086, styles.chineseDate), time(22 / 24, styles.dateTime), '次日1:30'],
    ];
    const read = await readAll(workbookFile([{ name: 'x', rows: table }]));
    expect(outcomes(read)).toEqual([until]);
    const dateless = await readAll(workbookFile([sheet(sessionHeader, ['s1', 'c1', 0.75, end])]));
    expect(outcomes(dateless)).toEqual([expect.stringMatching(/^开播时间: "0.75" has no date; /)]);
    const dated = time(20 / 24, styles.dateTime);
    expect(
      outcomes(await readAll(workbookFile([sheet(sessionHeader, ['s1', 'c1', dated, end])]))),
    ).toEqual([expect.stringMatching(/^开播时间: "20:00:00" has no date; write .*"date" 日期$/)]);
  });

  it('of deductions: with the platform’s statement of reasons', async () => {
    const header =
      '扣分ID,机构ID,扣分,条款,发生时间,认定事实,处理理由,处理依据,救济途径,自动化决定';
    const rows = ['是', '否', '', '也许'].map(
      (automated) => `d1,a1,4,c,2026.3.1,虚假宣传,情节较重,第五条,五日内可申诉,${automated}`,
    );
    const statement = {
      facts: '虚假宣传',
      reason: '情节较重',
      basis: '第五条',
      remedy: '五日内可申诉',
    };
    const read = outcomes(await readAll([header, ...rows].join('\n'), { kind: 'deductions' }));
    expect(read.slice(0, 2)).toMatchObject([
      { statement, automated: true },
      { statement, automated: false },
    ]);
    expect(read[2]).not.toHaveProperty('automated');
    expect(read[3]).toBe('自动化决定: "也许" is not one of yes, no, 是, 否; or leave it empty');
  });

  it('of deductions: those without an effect are counted', async () => {
    const header = '操作,扣分ID,机构ID,扣分,条款,发生时间,生效时间,原因';
    const row = (id: string, effect: string) => `,${id},a1,4,c,2026.3.1,${effect},`;
    const rows = [row('d1', ''), row('d2', '2026.3.2'), row('d3', ''), '撤销,d2,,,,,,误扣'];
    const { notes } = await readAll([header, ...rows].join('\n'), { kind: 'deductions' });
    expect(notes).toEqual([
      '2 deductions have no 生效时间/effectiveAt: they count from the time of their recording',
    ]);
  });

  it('of deductions: points are taken with their unit', async () => {
    const rows = ['40分', '40 分', '４０分', '40元', '4.5分'].map(
      (points) => `d1,a1,${points},c,2026.3.1`,
    );
    const read = await readAll(`扣分ID,机构ID,扣分,条款,发生时间\n${rows.join('\n')}`, {
      kind: 'deductions',
    });
    const forty: unknown = expect.objectContaining({ points: 40 });
    expect(outcomes(read)).toEqual([
      ...[forty, forty, forty],
      expect.stringMatching(/^扣分: "40元" is an amount of money/),
      expect.stringMatching(/^扣分: "4.5" is not a non-negative integer/),
    ]);
  });

  it('are refused under another kind, which is named', async () => {
    const [header = ''] = cases['complaints'] ?? [];
    expect(await refusal(`${header}\n`)).toMatch(
      /^missing from the header: "sessionId".*the columns are those of complaints: give --kind/,
    );
  });

  it('refuse a case number that a spreadsheet rounded', async () => {
    const rows = ['2.01904E+17', '201904011112345000', '(2019) 甲 7'].map(
      (caseNo, at) => `k${String(at)},a1,c1,商家,2019-04-01 20:00,迟到,${caseNo}`,
    );
    const header = '投诉ID,机构ID,达人ID,投诉人类型,发生时间,投诉事由,案号';
    const read = await readAll([header, ...rows].join('\n'), { kind: 'complaints' });
    expect(outcomes(read)).toEqual([
      expect.stringMatching(/^案号: "2.01904E\+17" is a number in scientific form/),
      expect.stringMatching(/^案号: "201904011112345000" is 15 digits and zeros/),
      expect.objectContaining({ caseNo: '(2019) 甲 7' }),
    ]);
  });

  it('refuses a cell that is not part of the row’s command, and an unknown action', async () => {
    expect(
      outcomes(await readAll('操作,sessionId,原因,观看\n作废,s1,重复,5\n废除,s2,重复,', {})),
    ).toEqual([
      '观看: "5" is not part of VoidSession; leave it empty',
      expect.stringMatching(/^操作: "废除" is not one of .*VoidSession void 作废/),
    ]);
  });
});

describe('columns', () => {
  const csv =
    'ID,主播,开始,下播时间,备注\n201904011112345000,c1,4/1/2019 20:00,2019-04-01 21:00,x\n';
  const columns = {
    kind: 'sessions',
    columns: {
      ID: { field: 'sessionId', form: 'exact' },
      主播: 'creatorId',
      开始: { field: 'startedAt', form: 'month/day/year' },
      下播时间: 'endedAt',
      备注: null,
    },
  };

  it('are kept in a file, with the form of their cells', async () => {
    const read = await readAll(csv, { file: readColumnsFile(JSON.stringify(columns)) });
    expect(outcomes(read)).toEqual([{ ...s1, sessionId: '201904011112345000' }]);
  });

  it('are drafted for a header, with null for what is not known', async () => {
    const { draft } = await readSheet(inOne(Buffer.from(csv)), { format: 'csv', zone });
    expect(draft).toEqual({
      kind: 'sessions',
      columns: { ID: null, 主播: null, 开始: null, 下播时间: 'endedAt', 备注: null },
    });
  });

  it('are refused when their file is another', async () => {
    for (const wrong of ['', '[]', '{"kind":"sessions"}', '{"kind":1,"columns":{}}'])
      expect(() => readColumnsFile(wrong)).toThrow(SheetFileError);
    const given = (choice: unknown) => ({
      file: readColumnsFile(JSON.stringify({ kind: 'sessions', columns: { ID: choice } })),
    });
    expect(await refusal(csv, given('id'))).toMatch(/^"id" is not a column of sessions; give one/);
    expect(await refusal(csv, given({ field: 'sessionId', form: 'fen' }))).toBe(
      'the column "ID" cannot have the form "fen"; give one of exact',
    );
  });
});

it('finds the separator, or is told', async () => {
  const rows = (sign: string) =>
    [sessionHeader.slice(0, 4), ['s1', 'c1', '2019-04-01 20:00', '2019-04-01 21:00']]
      .map((cells) => cells.join(sign))
      .join('\r\n');
  for (const sign of [',', ';', '\t']) expect(outcomes(await readAll(rows(sign)))).toEqual([s1]);
  expect(await refusal('a;b,c\n')).toMatch(/may be separated by .*; name the right one/);
});

it('has one writer of CSV, which guards its cells', () => {
  const writers = textFiles(join(__dirname, '../..'))
    .filter(({ path }) => /^(?:apps|libs)\/.*\.[jt]s$/.test(path) && !path.endsWith('.spec.ts'))
    // The type of a file that is attached is no writer.
    .filter(({ text }) => /(?<!'\.csv': ')text\/csv|'""'|\.join\(','\)\}\\n/.test(text));
  expect(writers.map(({ path }) => path)).toEqual([
    'libs/application/src/spreadsheets/csv-cells.ts',
  ]);
});

it('reads a report of refused rows back as the same cells', async () => {
  const cell = fc.string({ unit: fc.constantFrom('=', "'", '-', ' ', ',', '"', '1', '美', '@') });
  await fc.assert(
    fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 4 }), async (cells) => {
      const others = cells.map((_, index) => `n${String(index)}`);
      const written =
        csvRow(['操作', '场次ID', ...others, 'line', 'code', 'message']) +
        csvRow(['void', '=1', ...cells, '2', 'invalid', '-']);
      const { lines } = await readAll(`\ufeff${written}`, { ignoreColumns: true });
      expect(lines.map((line) => line.cells)).toEqual([['void', '=1', ...cells]]);
    }),
    { numRuns: 50 },
  );
});
