import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPack, statementPageHash, verifyPack, type PackCheck } from '@penalty-ledger/evidence';
import { openFont } from '@penalty-ledger/evidence/printing';
import { formatVerifierKey } from '@penalty-ledger/merkle-log';
import { Typesetter } from '../../libs/evidence/src/printing/glyphs.js';
import type { LoggedLedger } from '../support/logged-ledger.js';
import { statementFont } from '../support/statement-printer.js';
import { appealHistory, appealQuestion, logged, screenshot, signedAt } from './appeal-history.js';
import { filesOf, textIn } from './forging.js';
import { pageVerifier, scriptsOf } from './page-verifier.js';

const root = join(__dirname, '..', '..');
const page = join(root, 'libs', 'evidence', 'page');

let log: LoggedLedger;
let pack: Uint8Array;

beforeAll(async () => {
  log = await logged(appealHistory);
  pack = buildPack(
    log.source(signedAt, {
      attachment: (sha256) =>
        sha256 === hash('sha256', screenshot, 'hex') ? Buffer.from(screenshot) : undefined,
      textKeys: (id) => log.textKeys.get(id),
    }),
    { ...appealQuestion, earlier: [4] },
  );
});

test('the page is what its parts make', () => {
  execFileSync(process.execPath, [join(page, 'write-page.mjs'), '--check']);
  const specification = readFileSync(join(root, 'docs', 'spec', 'evidence-pack.md'), 'utf8');
  expect(specification).toContain(`| 1 | \`${statementPageHash}\` |`);
});

test('the page asks nothing of any other place', () => {
  const html = textIn(filesOf(pack), 'statement.html');
  expect(html).toContain(`default-src 'none'`);
  expect(html.match(/\b(?:src|href)=/g)).toBeNull();
  expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:\/\//);
});

test('the verifier in the page agrees with ours, step by step', async () => {
  const keys = [formatVerifierKey(log.key)];
  const checkpoints = [log.checkpoint('2019-03-01T00:00:00.000Z', 4)];
  const receipts = [log.receipt(3, '2019-03-01T00:00:00.000Z', 4)];
  const found = await pageVerifier().verify(pack, keys, checkpoints, receipts);
  expect(found.checks.filter(({ result }) => result !== 'holds')).toEqual([]);
  expect(found.holds).toBe(true);
  const stranger = await pageVerifier().verify(
    pack,
    keys,
    [log.checkpoint(signedAt, 5)],
    ['no receipt'],
  );
  const ours = verifyPack(pack, {
    keys: [log.key],
    checkpoints: [log.checkpoint(signedAt, 5)],
    receipts: ['no receipt'],
  });
  const results = (checks: readonly PackCheck[]) =>
    checks.map(({ step, result, problem }) => [step, result, problem]);
  expect(results(stranger.checks)).toEqual(results(ours.checks));
});

test('the verifier in the page finds a changed byte', async () => {
  const keys = [formatVerifierKey(log.key)];
  const missed: number[] = [];
  for (let at = 0; at < pack.length; at += 53) {
    const bytes = Uint8Array.from(pack);
    bytes[at] = bytes[at]! ^ (1 << (at % 8));
    if ((await pageVerifier().verify(bytes, keys)).holds) missed.push(at);
  }
  expect(missed).toEqual([]);
}, 60_000);

/** An element of the small document that the page draws with: its name, attributes and content. */
class Drawn {
  readonly attributes = new Map<string, string>();
  within: (Drawn | string)[] = [];
  textContent = '';

  constructor(readonly name: string) {}

  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
  }

  append(...parts: (Drawn | string)[]): void {
    for (const part of parts) expect(typeof part === 'string' || part instanceof Drawn).toBe(true);
    this.within.push(...parts);
  }

  addEventListener(): void {
    // Nobody clicks.
  }

  get text(): string {
    return this.within.map((part) => (typeof part === 'string' ? part : part.text)).join('');
  }

  all(name: string): Drawn[] {
    const inner = this.within.flatMap((part) => (typeof part === 'string' ? [] : part.all(name)));
    return this.name === name ? [this, ...inner] : inner;
  }
}

/** Runs the drawing script of a page over its data, and returns the element it drew in. */
function drawn(html: string, data: string): Drawn {
  const elements = new Map(
    ['statement', 'pack', 'file', 'key', 'held', 'report'].map((id) => [id, new Drawn(id)]),
  );
  elements.get('pack')!.textContent = data;
  const document = {
    createElement: (name: string) => new Drawn(name),
    createElementNS: (_: string, name: string) => new Drawn(name),
    getElementById: (id: string) => elements.get(id),
  };
  const [, script] = scriptsOf(html);
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is what is tested
  (new Function('document', script) as (given: typeof document) => void)(document);
  return elements.get('statement')!;
}

const dataIn = (html: string): string => /id="pack">(.*?)<\/script>/.exec(html)![1]!;

test('the page draws the timeline, both answers, and the deductions with clause and text', () => {
  const html = textIn(filesOf(pack), 'statement.html');
  const statement = drawn(html, dataIn(html));
  expect(statement.all('circle')).toHaveLength(15);
  expect(statement.all('strong').map(({ text }) => text)).toEqual(
    expect.arrayContaining(['90', '75']),
  );
  for (const shown of [
    '清退线',
    'Monthly operating metric missed',
    '一月运营指标不符',
    '部分成立',
    '模拟：非真实记录 SIMULATION: not a record of what happened',
    '录入更正 entry corrected · 理由 reason',
    'typing error',
    'attribution=effectiveAt',
  ])
    expect(statement.text).toContain(shown);
  expect(statement.text).toContain('2019-03-28 10:00:00');
  expect(statement.text).not.toMatch(/undefined|NaN|null|\[object/);
});

test('the page names a finding by its code and in both languages', () => {
  const html = textIn(filesOf(pack), 'statement.html');
  const data = dataIn(html).replaceAll('"findings":[]', '"findings":["appeal_late"]');
  expect(drawn(html, data).text).toContain('appeal_late 申诉逾期提起 appeal initiated late');
});

/** Text that is read from right to left, behind characters that nobody sees. */
const turned = '\u202egnp.\u2066\u200b\u00ad\u061c\u2028\u0007\u3164\ufe0f\u{e0041}';
const named =
  '[U+202E]gnp.[U+2066][U+200B][U+00AD][U+061C][U+2028][U+0007][U+3164][U+FE0F][U+E0041]';

test('the page shows characters that nobody sees as code points, wherever they stand', () => {
  const html = textIn(filesOf(pack), 'statement.html');
  const unturned = drawn(html, dataIn(html)).text;
  const found = drawn(
    html,
    dataIn(html).replaceAll('一月运营指标不符', JSON.stringify(turned).slice(1, -1)),
  );
  expect(unturned).toContain('一月运营指标不符');
  expect(found.text).toContain(named);
  const texts = found.all('title').map(({ text }) => text);
  expect(texts.length).toBeGreaterThan(0);
  expect([found.text, ...texts].join('')).not.toMatch(/(?!\n)[\p{C}\p{Zl}\p{Zp}]/u);
});

test('the page and the PDF mark the same of the characters that the font has', async () => {
  const { marked } = (await import(join(page, 'statement', 'elements.js'))) as {
    readonly marked: (text: string) => string;
  };
  const font = openFont(readFileSync(statementFont));
  const unprinted = new Typesetter(
    {
      id: '',
      encode: () => [['0000'], [{ advanceWidth: 0 }]],
      ref: () => undefined,
    },
    font.characters,
  );
  const all = Array.from({ length: 0x11_0000 }, (_, code) => String.fromCodePoint(code));
  const isMarked = (character: string) => marked(character) !== character;
  const apart = all.filter(
    (character) =>
      font.characters.has(character.codePointAt(0)!) &&
      isMarked(character) !== unprinted.glyphsOf(character).length > 1,
  );
  expect(apart).toEqual([]);
  // Line breaks and tabs are layout; every other that is not seen is marked, in planes of any use.
  const left = all.filter(
    (character) =>
      /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u.test(character) && !isMarked(character),
  );
  expect(left).toEqual(['\t', '\n']);
});
