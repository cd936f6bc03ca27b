import { unknownTexts, unresolvedCitations } from './citations.js';
import { readLaw } from './law.js';

const law = readLaw(
  (path) =>
    ({
      'docs/spec/rules.md': '## 1. Who\n\n## 5. Standing\n\n- **Expulsion** is recorded.\n',
      'docs/spec/interchange.md': '## 2. Lines\n\n### Roster\n\n## 3. Queries\n',
      'docs/spec/cases.md': '- <a id="e-1"></a>**E-1**\n| <a id="v-8"></a>V-8 | x |\n',
      'docs/spec/engine-rules.md': '1. <a id="rule-1"></a>One\n2. <a id="rule-2"></a>Two\n',
      'test/oracle/readings.md': '1. One reading.\n',
    })[path]!,
);

const problems = (text: string, path = 'libs/x.ts'): readonly string[] =>
  unresolvedCitations({ path, text }, law);

it.each([
  'rules §5',
  'rules §1, §5',
  'rules §1 and §5',
  'rules §5, Expulsion',
  'rules §5: the ban',
  'interchange §2, Roster',
  '期限（规则 §5，假定）',
  'interchange §3 has it',
  'E-1 and V-8',
  'engine rule 1',
  'engine rules 1, 2',
  'RFC 9110 §15.5.6',
  'RFC 8785 §3.2.3, §3.2.2.2',
  'APPNOTE 6.3.9 §4.3.7, §4.3.12',
  'W3C Recommendation, §3 to §5',
  'the five rules of a house',
  String.raw`'(Asia/Shanghai)\nrules §5'`,
  'UTF-8, SHA-256, CVE-1',
])('%s resolves', (text) => {
  expect(problems(`// ${text}\n`)).toEqual([]);
});

it.each([
  ['rules §6', 'rules §6: there is no such section'],
  ['rules §1, §7', 'rules §1, §7: there is no such section'],
  ['interchange §1', 'interchange §1: there is no such section'],
  ['rules §1, Expulsion', 'rules §1, Expulsion: the section has no part "Expulsion"'],
  ['interchange §2, Sessions', 'interchange §2, Sessions: the section has no part "Sessions"'],
  ['规则 §6', '规则 §6: there is no such section'],
  ['规则第五节', '规则第五节: write it as in "规则 §5"'],
  ['rulebook §5', '§5: say of which text, as in "rules §5"'],
  ['the clock of §7', '§7: say of which text, as in "rules §5"'],
  ['§ 7', '§ 7: say of which text, as in "rules §5"'],
  ['E-2', 'E-2: there is none'],
  ['V-1', 'V-1: there is none'],
  ['engine rule 3', 'engine rule 3: there is none'],
  ['engine rules 1, 3', 'engine rules 1, 3: there is none'],
  ['rule 1', 'rule 1: say "engine rule 1"'],
])('%s does not', (text, problem) => {
  expect(problems(`first\n// ${text}\n`)).toEqual([`libs/x.ts:2: ${problem}`]);
});

it('a citation may run over the end of a line, and is reported where it begins', () => {
  expect(problems('/**\n * As in rules\n * §5.\n */\n')).toEqual([]);
  expect(problems('/**\n * As in rules\n * §9.\n */\n')).toEqual([
    'libs/x.ts:2: rules §9: there is no such section',
  ]);
  expect(problems('- as in interchange\n  §3.\n', 'a.md')).toEqual([]);
});

it('a reading is cited in the oracle’s folder alone', () => {
  expect(problems('// R 1', 'test/oracle/x.ts')).toEqual([]);
  expect(problems('// R 2', 'test/oracle/x.ts')).toEqual([
    'test/oracle/x.ts:1: R 2: there is none',
  ]);
  expect(problems('// R 2')).toEqual([]);
});

describe('the name of a text', () => {
  const there = ['docs/spec/event.md', 'docs/decisions/store.md', 'bench/results.md', 'README.md'];
  const named = (text: string, path = 'bench/src/main.ts'): readonly string[] =>
    unknownTexts(
      { path, text },
      (each) => there.includes(each),
      () => new Set(['bytes']),
    );

  it.each([
    'docs/spec/event.md',
    '/docs/spec/event.md#bytes',
    '`event.md`, "Bytes"',
    'decisions/store.md',
    '../README.md',
    'results.md',
    'https://example.org/other.md',
  ])('%s is known', (text) => {
    expect(named(`// ${text}`)).toEqual([]);
  });

  it.each([
    ['edge-cases.md', 'edge-cases.md: there is no such text'],
    ['docs/event.md', 'docs/event.md: there is no such text'],
    ['/docs/spec/event.md#ids', '/docs/spec/event.md#ids: the text has no such anchor'],
  ])('%s is not', (text, problem) => {
    expect(named(`\n// ${text}`)).toEqual([`bench/src/main.ts:2: ${problem}`]);
  });
});
