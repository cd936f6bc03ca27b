import { hash } from 'node:crypto';
import { buildPrintedPack, verifyPack, type PackRequest } from '@penalty-ledger/evidence';
import type { Instant } from '@penalty-ledger/ledger';
import { shanghai, type Line } from '../support/given.js';
import {
  admit,
  answerReview,
  appeal,
  correct,
  deduct,
  failMonth,
  liftMeasure,
  measure,
  on,
  requestReview,
  revoke,
  submit,
} from '../support/lines.js';
import type { LoggedLedger } from '../support/logged-ledger.js';
import { printedText } from '../support/printed-text.js';
import { bind, compute, stream } from '../support/roster.js';
import { installedStatementPrinter } from '../support/statement-printer.js';
import { appealHistory, appealQuestion, logged, screenshot, signedAt } from './appeal-history.js';
import { dataIn, drawn, type Drawn } from './drawn-page.js';
import { filesOf, textIn, type Files } from './forging.js';

const printer = installedStatementPrinter();
const june = '2020-06-30T00:00:00.000Z' as Instant;

const at = (local: unknown): string => shanghai(local as string);

/** A year that was entered on two days of the next one, with what a deduction can rest on. */
const enteredLate: readonly Line[] = [
  on('2020-02-01', admit({ effectiveAt: '2019-01-02T00:00:00+08:00' })),
  ...['c1', 'c2', 'c3', 'c4', 'c5'].map((creator) =>
    on('2020-02-01', bind(creator, { effectiveAt: '2019-01-03T00:00:00+08:00' })),
  ),
  ...['c1', 'c2'].flatMap((creator) =>
    stream(creator, '2019-04', 10).map(({ command, data }) =>
      on('2020-02-01', {
        command,
        data: { ...data, startedAt: at(data['startedAt']), endedAt: at(data['endedAt']) },
      }),
    ),
  ),
  on('2020-02-01', compute('2019-04', 'a1')),
  ...[
    ['d2', '2019-09-01'],
    ['d1', '2019-05-02'],
  ].map(([id = '', day = '']) =>
    on(
      '2020-02-01',
      failMonth(id, id === 'd1' ? '2019-04' : '2019-08', {
        occurredAt: `${day}T00:00:00+08:00`,
        effectiveAt: `${day}T10:00:00+08:00`,
        automated: true,
        statement: { facts: 'two of five streamed', reason: 'below the rate' },
      }),
    ),
  ),
  on(
    '2020-02-01',
    deduct('d3', 7, { occurredAt: at('2019-02-28'), effectiveAt: at('2019-03-01 00:00') }),
  ),
  on('2020-02-02', correct('d3', { points: 5 })),
  on('2020-02-02', revoke('d3', { reason: 'recorded against the wrong agency' })),
  on('2020-02-02', appeal('p1', ['d1'], { grounds: 'four of five streamed' })),
  on(
    '2020-02-02',
    measure('m1', {
      deductionId: 'd1',
      effectiveAt: '2020-02-02T08:00:00+08:00',
      until: '2020-05-01T00:00:00+08:00',
      statement: { facts: 'the same two' },
    }),
  ),
  on('2020-02-03', liftMeasure('m1', { reason: 'the term was too long' })),
  on('2020-02-03', requestReview('r1', { deductionId: 'd1' })),
  on('2020-02-04', answerReview('r1', 'confirmed', { reason: 'a person looked' })),
];

let log: LoggedLedger;
let late: LoggedLedger;

beforeAll(async () => {
  log = await logged(appealHistory);
  late = await logged(enteredLate);
});

function packOf(of: LoggedLedger, request: PackRequest, signed = signedAt, keys = true): Files {
  const source = of.source(signed, {
    attachment: (sha256) =>
      sha256 === hash('sha256', screenshot, 'hex') ? Buffer.from(screenshot) : undefined,
    fileName: () => '截图 1.png',
    ...(keys && { textKeys: (id: string) => of.textKeys.get(id) }),
  });
  const { zip } = buildPrintedPack(source, { printer, ...request });
  const { checks } = verifyPack(zip, { keys: [of.key], printer });
  expect(checks.filter(({ result }) => result !== 'holds')).toEqual([]);
  return filesOf(zip);
}

const lateYear: PackRequest = { subject: { agencyId: 'a1' }, period: '2019' };

/** With the sessions that `d1` rests on. */
const countedYear: PackRequest = {
  ...lateYear,
  assessed: {
    months: ['2019-04'],
    streams: ['session-a1-2019-04', ...['c1', 'c2', 'c3', 'c4', 'c5'].map((id) => `creator-${id}`)],
  },
};

const pageOf = (files: Files): Drawn => {
  const html = textIn(files, 'statement.html');
  return drawn(html, dataIn(html));
};

const squashed = (text: string): string => text.replace(/\s/g, '');

/** The text of the printed pages without what stands on each of them: its bands and its foot. */
const bodyOf = (files: Files, bands: number): string =>
  printedText(files.get('statement.pdf')!)
    .pages.map((lines) => lines.slice(0, -2 - bands).join(''))
    .join('');

test.each([
  ['in full', () => packOf(log, appealQuestion), 1],
  ['redacted', () => packOf(log, { ...appealQuestion, redacted: ['complainant'] }), 2],
  ['with nothing disclosed', () => packOf(log, appealQuestion, signedAt, false), 2],
  ['a year entered late', () => packOf(late, lateYear, june), 1],
  ['with sessions', () => packOf(late, countedYear, june), 1],
])('page and PDF say the same, in the same order: %s', (_case, pack, bands) => {
  const files = pack();
  const page = pageOf(files);
  const [, ...heads] = page.all('thead').map(({ text }) => squashed(text));
  // A table that goes on on the next page has its head there too.
  const withoutHeads = (text: string): string =>
    heads.reduce((left, head) => left.replaceAll(head, ''), squashed(text));
  const [head] = page.all('thead');
  const body = page.text.slice(head!.text.length);
  expect(heads.length).toBeGreaterThan(1);
  expect(withoutHeads(bodyOf(files, bands))).toBe(withoutHeads(body));
});

test('every page of a redacted pack says how much was left out, and why', () => {
  const files = packOf(log, { ...appealQuestion, redacted: ['complainant'] });
  const leftOut =
    '略去 left out: 述及投诉的文字 8 段 8 texts telling of a complaint' +
    ' · 述及投诉的文件 1 个 1 file telling of a complaint';
  for (const lines of printedText(files.get('statement.pdf')!).pages)
    expect(lines).toContain(leftOut);
  const [head] = pageOf(files).all('thead');
  expect(head!.text).toContain(leftOut);
  expect(pageOf(files).text).toContain('申诉理由 grounds · 略去：述及投诉 withheld: it tells of a');
});

test('a text whose key is not in the pack has the reason in its place', () => {
  const page = pageOf(packOf(log, appealQuestion, signedAt, false));
  expect(page.text).toContain('机构 agency a1 · 未披露：出具方未随附其密钥，或已依法删除');
  expect(page.text).toContain('通知原文 notice · 未披露');
  expect(page.text).toMatch(/未披露或已删除的文字 \d+ 段 \d+ texts undisclosed or erased/);
});

test('an appeal entered with its evidence a year late is not printed as lapsed', async () => {
  const entered = (minutes: string, act: Parameters<typeof on>[1]): Line =>
    on(`2020-02-02 10:${minutes}`, act);
  const history = [
    entered('00', admit({ effectiveAt: '2019-01-02T00:00:00+08:00' })),
    entered('01', deduct('d1', 7, { occurredAt: at('2019-05-01'), effectiveAt: at('2019-05-02') })),
    entered('02', appeal('p1', ['d1'], { initiatedAt: at('2019-05-03') })),
  ];
  const request: PackRequest = { subject: { agencyId: 'a1', appealId: 'p1' } };
  const submitted = entered('03', submit('p1', { submittedAt: at('2019-05-04') }));
  const { text } = pageOf(packOf(await logged([...history, submitted]), request, june));
  expect(text).toContain('当时状态 state then 证据当时尚未录入 its evidence was not recorded yet');
  expect(text).toContain('现在状态 state now 已举证 evidence submitted');
  const without = pageOf(packOf(await logged(history), request, june));
  expect(without.text).toContain('当时状态 state then 逾期未举证，失效 lapsed');
});

test('every sealed text stands in the statement, beside its record', () => {
  const { text } = pageOf(packOf(late, lateYear, june));
  for (const shown of [
    'recorded against the wrong agency',
    'four of five streamed',
    'the same two',
    'the term was too long',
    'a person looked',
  ])
    expect(text.split(shown)).toHaveLength(2);
  expect(text).not.toContain('undisclosed');
});

test('an assessment is the inequality it is; one that was not computed is named', () => {
  const { text } = pageOf(packOf(late, lateYear, june));
  expect(text).toContain('2 ÷ 5：100 × 2 = 200 < 70 × 5 = 350');
  expect(text).toContain('5 >= 5');
  expect(text).toContain('场次 sessions 20 · 其中有效 of them effective 20');
  expect(text).toContain('activityRate = 70 (agency rules');
  expect(text).toContain('2019-08 · 本账本未作测算');
});

test('an assessment is printed with the sessions it rests on, where the pack has them', () => {
  const rowsOf = (request: PackRequest): string[] =>
    pageOf(packOf(late, request, june))
      .all('tr')
      .map((row) => row.all('td').map(({ text }) => text))
      .filter((cells) => cells.length === 5 && /^c[1-5]/.test(cells[0]!))
      .map((cells) => cells.join(' | '));
  expect(rowsOf(lateYear)).toEqual([]);
  const rows = rowsOf(countedYear);
  expect(rows.slice(0, 3)).toEqual([
    'c1 | 是 yes | 10 | 10 | 是 yes',
    'c2 | 是 yes | 10 | 10 | 是 yes',
    'c3 | 是 yes | 0 | 0 | 否 no',
  ]);
  expect(rows).toHaveLength(5 + 20);
  expect(rows[5]).toBe('c1:2019-04-01 | c1 | 2019-04-01 20:00:00 | 2019-04-01 21:00:00 | 是 yes');
  const [without, withThem] = [lateYear, countedYear].map(
    (request) => pageOf(packOf(late, request, june)).text,
  );
  expect(without).toContain('the sessions are not in this pack');
  expect(without).toContain('Records of sessions, of creators and of traffic are not in it');
  expect(withThem).not.toContain('the sessions are not in this pack');
  expect(withThem).toContain('Of sessions and creators it has what the assessments of 2019-04');
  expect(withThem).not.toContain('undisclosed');
});

test('an attached file is named as the issuer has it, and one that is not attached is not', () => {
  const files = pageOf(packOf(log, appealQuestion))
    .all('tr')
    .map((row) => row.all('td').map(({ text }) => text))
    .filter((cells) => cells[2] === 'image/png');
  expect(files.map(([name, , , , , attached]) => [name, attached])).toEqual([
    ['e1 file e1 · 文件 file 截图 1.png', '是 yes'],
    ['e1 screenshot · 文件 file 截图 1.png', '是 yes'],
    ['e9 screenshot', '否：出具方未随附 no: who made this pack left it out'],
  ]);
});

test('measures and requests for review are printed with what became of them', () => {
  const { text } = pageOf(packOf(late, lateYear, june));
  for (const shown of [
    'm1 · 限制流量 traffic restricted',
    '至 until 2020-05-01 00:00:00 · 随扣分 with the deduction d1',
    '解除 lifted 2020-02-03',
    'r1 · 申请人工判定 human review requested · 针对 about d1',
    '答复 answered 2020-02-04 10:00:00 · 维持 confirmed',
    '平台称由系统自动作出 the platform says that no person took part',
  ])
    expect(text).toContain(shown);
});

test('a history entered in two days reads by effect, with the time of recording beside it', () => {
  const page = pageOf(packOf(late, lateYear, june));
  const rows = page
    .all('tr')
    .map((row) => row.all('td').map(({ text }) => text))
    .filter((cells) => cells.length === 6 && /#\d/.test(cells[1]!));
  expect(rows.map(([effect, recorded, , id]) => [effect, recorded!.slice(0, 10), id])).toEqual([
    ['2019-01-02 00:00:00', '2020-02-01', ''],
    ['2019-03-01 00:00:00', '2020-02-01', 'd3'],
    ['2019-03-01 00:00:00', '2020-02-02', 'd3'],
    ['2019-05-02 10:00:00', '2020-02-01', 'd1'],
    ['2019-09-01 10:00:00', '2020-02-01', 'd2'],
    ['2020-02-02 10:00:00', '2020-02-02', 'd3'],
    ['2020-02-02 10:00:00', '2020-02-02', 'p1'],
  ]);
  // Two deductions count: their marks stand at their effect, a third of the year apart.
  const [first, second] = page.all('circle').map(({ attributes }) => Number(attributes.get('cx')));
  expect(second! - first!).toBeGreaterThan(100);
});

test('windows, rulebooks and key are named with what they rest on', () => {
  const { text } = pageOf(packOf(log, appealQuestion));
  for (const shown of [
    '截止 to be initiated before 2019-03-31 00:00:00 · 依据 rests on appealInitiateDays = 5' +
      '（本账本设定，无依据） (assumed: no source answers)',
    '依据 rests on appealEvidenceHours = 72 (agency rules of 2019-03-07',
    'ali-mcn 2019-03-07 · 生效 in force from 2019-03-07 00:00:00 · ' +
      '随账本提供 came with the ledger 1992-01-01',
    "key's fingerprint: its verifier key begins with ledger.example/test+e0100592",
    '5. 验证成立即证明',
  ])
    expect(text).toContain(shown);
});
