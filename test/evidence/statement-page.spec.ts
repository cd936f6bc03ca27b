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
import { dataIn, drawn, elementsOf, type Drawn } from './drawn-page.js';
import { pageVerifier } from './page-verifier.js';

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

test('the page draws the timeline, both answers, and the deductions with clause and text', () => {
  const html = textIn(filesOf(pack), 'statement.html');
  const statement = drawn(html, dataIn(html));
  // Three deductions that count, seven events of points, and the legend.
  expect(statement.all('circle')).toHaveLength(11);
  expect(statement.all('strong').map(({ text }) => text)).toEqual(
    expect.arrayContaining(['90', '75']),
  );
  for (const shown of [
    '清退线',
    'Monthly operating metric missed',
    '一月运营指标不符',
    '部分成立',
    '模拟：非真实记录 SIMULATION: not a record of what happened',
    '录入更正 entry corrected · 记录 recorded 2019-03-03 10:00:00 #3',
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
  expect(found.text).not.toMatch(/(?!\n)[\p{C}\p{Zl}\p{Zp}]/u);
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

describe('the form of the page', () => {
  /** Enters a pack and a key into the form, and returns what it then says. */
  async function entered(
    elements: ReadonlyMap<string, Drawn>,
    zip: Uint8Array,
    key: string,
  ): Promise<Drawn> {
    const [file, keyField, report] = ['file', 'key', 'report'].map((id) => elements.get(id)!);
    file!.files = [{ arrayBuffer: () => Promise.resolve(zip) }];
    keyField!.value = key;
    file!.dispatch();
    return said(report!);
  }

  async function said(report: Drawn): Promise<Drawn> {
    while (report.text === '…' || report.text === '') await new Promise(setImmediate);
    return report;
  }

  const pageOf = (data?: string) => {
    const html = textIn(filesOf(pack), 'statement.html');
    return elementsOf(html, data ?? dataIn(html));
  };
  const key = () => formatVerifierKey(log.key);

  test('names what it verified, in both languages, and what it did not check', async () => {
    const { text } = await entered(pageOf(), pack, key());
    const { name, keyId } = log.key;
    for (const shown of [
      '已检查的各项均成立 it holds in all that was checked',
      '机构 a1 的申诉 p1 appeal p1 of agency a1',
      '2019，计分账户 points 2019, account points',
      '所问时点 as it stood at: 2019-03-28 10:00:00 (Asia/Shanghai)',
      '所知时点 as known at: 2019-03-28 10:00:00',
      '按当时所知 balance then: 90 分 90 points',
      '按现在所知 balance now: 75 分 75 points',
      `密钥指纹 key fingerprint: ${name}+${keyId}`,
      'statement: 成立 holds（仅其数据） (its data alone)',
      'consistency: 无可核验 nothing to check',
      'receipts: 无可核验 nothing to check',
      'check them with ledger verify',
    ])
      expect(text).toContain(shown);
    expect(text).not.toMatch(/undefined|NaN|null|\[object/);
  });

  test('says what to do without a key, and verifies nothing', async () => {
    const elements = pageOf();
    const { text } = await entered(elements, pack, ' ');
    expect(text).toContain('Ask the ledger’s operator for its verifier key');
    expect(text).toContain('请通过证据包以外的渠道');
    expect(text).not.toMatch(/holds|成立/);
    elements.get('report')!.replaceChildren();
    const other = await entered(elements, pack, 'no-key');
    expect(other.text).toContain('What was pasted is no verifier key: name+id+key');
  });

  test('refuses another pack under its own statement', async () => {
    const other = buildPack(log.source(signedAt), { ...appealQuestion, period: '2018' });
    const elements = pageOf();
    const report = await entered(elements, other, key());
    expect(report.text).toContain('所选证据包不是本页声明所属的证据包');
    expect(report.text).toContain('This is another pack than that of the statement above.');
    expect(report.text).not.toMatch(/holds|成立/);
    expect(elements.get('statement')!.text).toContain('机构扣分证据声明');

    // Without the statement, nobody takes the result for that of the statement.
    const [button] = report.all('button');
    report.replaceChildren();
    button!.dispatch();
    expect((await said(report)).text).toContain('2018，计分账户 points');
    expect(report.text).toContain('it holds in all that was checked');
    expect(elements.get('statement')!.text).toBe('');
  });

  test('of a page without data verifies any pack', async () => {
    const { text } = await entered(pageOf(''), pack, key());
    expect(text).toContain('it holds in all that was checked');
  });
});
