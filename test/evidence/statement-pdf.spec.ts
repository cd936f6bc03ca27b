import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildPrintedPack,
  PrintingError,
  readZip,
  verifyPack,
  type BuiltPack,
  type Computation,
  type PackReport,
  type PackRequest,
  type StatementData,
  type StatementPrinter,
} from '@penalty-ledger/evidence';
import { openFont } from '@penalty-ledger/evidence/printing';
import type { Instant } from '@penalty-ledger/ledger';
import { parseVerifierKey } from '@penalty-ledger/merkle-log';
import type { LoggedLedger } from '../support/logged-ledger.js';
import { printedText } from '../support/printed-text.js';
import { installedStatementPrinter, statementFont } from '../support/statement-printer.js';
import { appealHistory, appealQuestion, logged, screenshot, signedAt } from './appeal-history.js';
import { filesOf, forged, textIn } from './forging.js';

const vectors = join(__dirname, '..', 'vectors', 'evidence-pack');
const printer = installedStatementPrinter();

let log: LoggedLedger;

beforeAll(async () => {
  log = await logged(appealHistory);
});

const build = (more: Partial<PackRequest> = {}, of: LoggedLedger = log): BuiltPack =>
  buildPrintedPack(
    of.source(signedAt, {
      attachment: (sha256) =>
        sha256 === hash('sha256', screenshot, 'hex') ? Buffer.from(screenshot) : undefined,
      textKeys: (id) => of.textKeys.get(id),
    }),
    { ...appealQuestion, printer, ...more },
  );

const verify = (zip: Uint8Array): PackReport => verifyPack(zip, { keys: [log.key], printer });

const failsIn = ({ checks }: PackReport): string[] =>
  checks.flatMap(({ step, result, problem }) =>
    result === 'holds' ? [] : [`${step}: ${problem ?? result}`],
  );

const pagesOf = (zip: Uint8Array): readonly (readonly string[])[] =>
  printedText(filesOf(zip).get('statement.pdf')!).pages;

const textOf = (zip: Uint8Array): string => pagesOf(zip).flat().join('\n');

test('the statement shows both answers, clauses with text and evidence, and the checkpoint', () => {
  const { zip, pages, missingGlyphs } = build();
  expect(missingGlyphs).toEqual([]);
  expect(pagesOf(zip)).toHaveLength(pages);
  const text = textOf(zip);
  for (const shown of [
    '\n90\n分 points / 120 清退线 threshold\n',
    '\n75\n',
    '机构扣分证据声明',
    'as it stood at 2019-03-28 10:00:00',
    '申诉 Appeal p1',
    '部分成立 partly upheld',
    '清退线 threshold 120',
    '年度清零 annual reset',
    '运营指标不符 Monthly operating metric missed',
    '机构对旗下达人违规承担连带责任，按情节扣分。',
    '一月运营指标不符，扣40分。',
    '已调整 adjusted，计 5 分 counts 5',
    'attribution=effectiveAt',
    'we disagree',
    '其他原文 Other texts as they were recorded',
    '录入更正 entry corrected · 记录 recorded 2019-03-03 10:00:00 #3',
    'typing error',
    '机构 agency a1 · Agency One · 2019 年度',
    '依据 rests on appealEvidenceHours = 72 (agency rules',
    "key's fingerprint: its verifier key begins with ledger.example/test+",
    'signed-at 2019-12-31T00:00:00.000Z',
    'leaves of the Merkle tree, one an event 24',
    'ledger verify PACK.zip --key KEY',
  ])
    expect(text).toContain(shown);
  // The checkpoint's hashes and signature are base64 of random bytes: any letters can stand there.
  const withoutBase64 = text.replace(/[\w+/]{40,}=*$/gm, '');
  expect(withoutBase64).not.toMatch(/undefined|NaN|null|\[object|\ufffd/);
});

test('every page names the ledger, the checkpoint and its number', () => {
  const pages = pagesOf(build().zip);
  for (const [at, lines] of pages.entries()) {
    expect(lines.at(-2)).toMatch(/^账本 ledger test · 检查点 checkpoint 24, [0-9a-f]{16}…$/);
    expect(lines.at(-1)).toBe(
      `a1 · 第 ${at + 1} 页，共 ${pages.length} 页 page ${at + 1} of ${pages.length}`,
    );
  }
});

test('the same question again gives the same bytes, and the verifier prints them anew', () => {
  const { zip } = build();
  expect(Buffer.compare(build().zip, zip)).toBe(0);
  const report = verify(zip);
  expect(failsIn(report)).toEqual([]);
  expect(report.checks.at(-1)).toMatchObject({ step: 'pdf', result: 'holds' });
});

test('a changed PDF is refused, also when the manifest fits it', () => {
  const { zip } = build();
  const changed = forged(zip, (files) => {
    const pdf = Buffer.from(files.get('statement.pdf')!);
    const at = pdf.indexOf('> Tj');
    pdf[at - 1] = pdf[at - 1] === 0x31 ? 0x32 : 0x31;
    files.set('statement.pdf', pdf);
  });
  expect(failsIn(verify(changed))).toEqual(['pdf: pdf_differs']);
  const another = forged(zip, (files) =>
    files.set(
      'statement.pdf',
      filesOf(build({ redacted: ['complainant'] }).zip).get('statement.pdf')!,
    ),
  );
  expect(failsIn(verify(another))).toEqual(['pdf: pdf_differs']);
});

test('a simulation is marked on every page, in both languages', () => {
  for (const page of pagesOf(build().zip))
    expect(page.join('\n')).toContain('模拟：非真实记录 SIMULATION: not a record of what happened');
});

test('a PDF that was printed otherwise is not compared, and that is said', () => {
  const { zip } = build();
  const otherwise = forged(zip, (files) =>
    files.set('statement.pdf', Buffer.from(textIn(files, 'statement.html').slice(0, 1000))),
  );
  for (const report of [verify(otherwise), verifyPack(zip, { keys: [log.key] })]) {
    expect(failsIn(report)).toEqual([]);
    expect(report.checks.map(({ step }) => step)).not.toContain('pdf');
    expect(report.notChecked[0]?.en).toMatch(/^whether statement\.pdf says what the pack says/);
    expect(report.parts.find(({ name }) => name === 'statement.pdf')?.boundBy).toBe('signature');
  }
});

test('a character without a glyph is printed as its number, and reported twice', async () => {
  const { zip, missingGlyphs } = build({}, await logged(appealHistory.map(renamed)));
  expect(missingGlyphs).toEqual(['𠮷', '\u0007']);
  const text = textOf(zip);
  expect(text).toContain('[U+20BB7][U+0007]运营指标不符');
  expect(text).toContain('无法排印的字符 Characters that could not be printed');
  expect(text.replaceAll('\n', '')).toContain('U+20BB7, U+0007');
  expect(textOf(build().zip)).not.toContain('无法排印');
});

type Line = (typeof appealHistory)[number];

function renamed(line: Line): Line {
  return JSON.parse(JSON.stringify(line).replace('"一月', '"𠮷\\u0007')) as Line;
}

test('five hundred deductions fill 50 to 150 pages; each page repeats the table heads', () => {
  const pack = filesOf(build().zip);
  const computation = JSON.parse(textIn(pack, 'computation.json')) as Computation;
  const { pdf, pages } = printer.print(manifold(computation, textIn(pack, 'checkpoint.txt')));
  expect(pages).toBeGreaterThan(50);
  expect(pages).toBeLessThan(150);
  const printed = printedText(pdf).pages;
  const withRows = printed.filter((lines) =>
    lines.some((line) => /^2019-04-\d\d .* #\d+$/.test(line)),
  );
  expect(withRows.length).toBeGreaterThan(10);
  for (const lines of withRows) expect(lines).toContain('记录 recorded');
  for (let each = 0; each < 500; each += 1)
    expect(printed.flat().filter((line) => line.startsWith(`many-${each} · 40 分`))).toHaveLength(
      1,
    );
});

/** The same statement with five hundred of its first deduction. */
function manifold(computation: Computation, checkpoint: string): StatementData {
  const [deduction] = computation.deductions;
  const [, entry] = computation.timeline;
  const many = Array.from({ length: 500 }, (_, at) => at);
  return {
    checkpoint,
    computation: {
      ...computation,
      deductions: many.map((at) => ({ ...deduction!, deductionId: `many-${at}` })),
      timeline: many.map((at) => ({
        ...entry!,
        revision: at,
        recordedAt:
          `2019-04-${String(1 + Math.floor(at / 20)).padStart(2, '0')}T00:00:00.000Z` as Instant,
      })),
    },
    attachments: [],
    events: [],
    knownAt: computation.effectiveAt,
    ledgerId: 'test',
    redacted: [],
  };
}

test('the layout still prints an earlier pack: a changed layout needs a new number', () => {
  const { keys } = JSON.parse(readFileSync(join(vectors, 'expected.json'), 'utf8')) as {
    readonly keys: string[];
  };
  const frozen = new Uint8Array(readFileSync(join(vectors, 'good', 'printed.zip')));
  const report = verifyPack(frozen, { keys: keys.map(parseVerifierKey), printer });
  expect(failsIn(report)).toEqual([]);
  expect(report.checks.at(-1)?.step).toBe('pdf');
});

describe('a printed PDF that is incomplete', () => {
  const printing = (damage: (pdf: Uint8Array) => Uint8Array, pages = 0): StatementPrinter => ({
    producer: printer.producer,
    print: (statement) => {
      const printed = printer.print(statement);
      return { ...printed, pdf: damage(printed.pdf), pages: printed.pages + pages };
    },
  });
  const end = 'startxref", a number and "%%EOF"';

  test.each([
    ['nothing', printing(() => new Uint8Array()), 'it has 0 bytes and does not begin with "%PDF-"'],
    [
      'the header alone, as one read gives it on Node 26',
      printing((pdf) => pdf.slice(0, 9)),
      `it has 9 bytes and does not end with "${end}`,
    ],
    ['no header', printing((pdf) => pdf.slice(9)), 'does not begin with "%PDF-"'],
    ['no end', printing((pdf) => pdf.slice(0, -7)), `does not end with "${end}`],
    [
      'a hole in the middle',
      printing((pdf) => Buffer.concat([pdf.slice(0, 900), pdf.slice(1000)])),
      'its table of objects is not at byte',
    ],
    ['a page less than was counted', printing((pdf) => pdf, 1), /counts (\d) pages, and \d were/],
  ])('%s: no pack is made, and none is judged by it', (_case, broken, found) => {
    expect(() => build({ printer: broken })).toThrow(PrintingError);
    expect(() => build({ printer: broken })).toThrow(found);
    const { zip } = build();
    expect(() => verifyPack(zip, { keys: [log.key], printer: broken })).toThrow(PrintingError);
  });
});

describe('the font', () => {
  test('unpacked, it has the characters of Chinese and English texts', () => {
    const { characters } = openFont(readFileSync(statementFont));
    expect(characters.size).toBe(7946);
    for (const character of 'Aé0 清退線，§—')
      expect(characters.has(character.codePointAt(0)!)).toBe(true);
    expect(characters.has('𠮷'.codePointAt(0)!)).toBe(false);
  });

  test('what is none is refused with what to give', () => {
    expect(() => openFont(Buffer.from('%PDF-1.7'))).toThrow(
      /not a WOFF font: .*give a file that ends in \.woff/,
    );
    expect(() => openFont(readFileSync(statementFont).subarray(0, 5000))).toThrow(RangeError);
  });
});

test('the builder without a printer makes a pack without the PDF, and it holds', () => {
  const { printer: _none, ...request } = { ...appealQuestion, printer };
  const { zip, pages } = buildPrintedPack(log.source(signedAt), request);
  expect(pages).toBe(0);
  expect(readZip(zip).map(({ name }) => name)).not.toContain('statement.pdf');
  expect(failsIn(verify(zip))).toEqual([]);
});
