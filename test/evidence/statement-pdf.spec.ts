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
import {
  pdfStructure,
  referred,
  streamOf,
  structureTypes,
  unmarked,
} from '../support/pdf-structure.js';
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

describe('the file is PDF/A-2u with tags, as far as a checker of our own can tell:', () => {
  const file = () => pdfStructure(filesOf(build().zip).get('statement.pdf')!);

  test('it says so, and has metadata, a language, a title and a profile of its colours', () => {
    const pdf = file();
    const metadata = Buffer.from(
      streamOf(referred(pdf, pdf.catalog, 'Metadata')),
      'latin1',
    ).toString();
    expect(metadata).toContain('<pdfaid:part>2</pdfaid:part>');
    expect(metadata).toContain('<pdfaid:conformance>U</pdfaid:conformance>');
    expect(metadata).toContain('机构扣分证据声明');
    expect(pdf.catalog).toContain('/Lang (zh-CN)');
    expect(referred(pdf, pdf.catalog, 'MarkInfo')).toContain('/Marked true');
    const intent = referred(pdf, pdf.catalog, 'OutputIntents');
    expect(intent).toContain('/S /GTS_PDFA1');
    const profile = referred(pdf, intent, 'DestOutputProfile');
    expect(profile).toContain('/N 3');
    const icc = Buffer.from(streamOf(profile), 'latin1');
    expect(icc.readUInt32BE(0)).toBe(icc.length);
    expect(icc.toString('latin1', 36, 40)).toBe('acsp');
  });

  test('every glyph maps to Unicode, and the font is embedded', () => {
    const all = [...file().objects.values()];
    const font = all.filter((object) => object.includes('/Subtype /Type0'));
    expect(font).toHaveLength(1);
    expect(all.some((object) => /\/FontFile[23] \d+ 0 R/.test(object))).toBe(true);
    const table = all.find((object) => object.includes('begincmap'))!;
    const mapped = table.match(/\[[^\]]*\]/g)!.join(' ');
    expect(mapped).not.toMatch(/<(?:0000|feff|fffe)>/);
    expect(all.join('')).not.toMatch(/\/(?:Encrypt|JavaScript|SMask|CA|ca) /);
  });

  test('all that is painted is content of an element, or an artifact', () => {
    const pdf = file();
    expect(unmarked(pdf)).toEqual([]);
    for (const { dictionary } of pdf.pages) expect(dictionary).toMatch(/\/StructParents \d+/);
    const types = structureTypes(pdf);
    expect(types[0]).toBe('Document');
    expect(new Set(types)).toEqual(
      new Set([
        'Document',
        ...['H1', 'H2', 'H3', 'P', 'Figure', 'Table'].map((type) => `Document ${type}`),
        ...['TR', 'TR TH', 'TR TD'].map((type) => `Document Table ${type}`),
      ]),
    );
    const figure = [...pdf.objects.values()].find((object) => object.includes('/S /Figure'))!;
    expect(figure).toMatch(/\/Alt \(/);
    // Each piece of content belongs to one element of the tree.
    const contents = pdf.pages.flatMap(({ operators }) => operators.match(/\/MCID \d+/g) ?? []);
    const kids = [...pdf.objects.values()]
      .filter((object) => /\/S \/(?:H\d|P|Figure|TH|TD)\n/.test(object))
      .map((object) => /\/K \[([^\]]*)\]/.exec(object)![1]!)
      .flatMap((list) => [
        ...(list.match(/MCID \d+/g) ?? []),
        ...(list.replace(/<<[^>]*>>/g, '').match(/\d+/g) ?? []),
      ]);
    expect(contents.length).toBeGreaterThan(100);
    expect(kids).toHaveLength(contents.length);
  });
});

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
  test('has GB 18030 as far as two bytes reach, its first extension, and common symbols', () => {
    const { characters } = openFont(readFileSync(statementFont));
    const decoder = new TextDecoder('gb18030');
    const left: string[] = [];
    for (let first = 0x81; first <= 0xfe; first += 1)
      for (let second = 0x40; second <= 0xfe; second += 1) {
        const character = second === 0x7f ? ' ' : decoder.decode(Uint8Array.of(first, second));
        // Two characters are no character of these two bytes; some bytes stand for none.
        if (character.length > 1 || /[\p{Co}\ufffd]/u.test(character)) continue;
        if (!characters.has(character.codePointAt(0)!)) left.push(character);
      }
    expect(left).toEqual(['≒']);
    for (const character of 'Aé0 清退线，§—①→★℃Ⅳ≥㐀龥')
      expect(characters.has(character.codePointAt(0)!)).toBe(true);
    expect(characters.has('𠮷'.codePointAt(0)!)).toBe(false);
  });

  test('what is none is refused with what to give', () => {
    expect(() => openFont(Buffer.from('%PDF-1.7'))).toThrow(
      /not a TrueType font: .*give a file that ends in \.ttf or \.otf/,
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
