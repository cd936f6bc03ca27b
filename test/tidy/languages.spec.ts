import { unspokenErrors, unspokenTexts } from './languages.js';

const found = (text: string, path = 'apps/cli/src/verb.ts'): readonly string[] =>
  unspokenTexts({ path, text });
const page = "import { field } from '../terminal/layout.js';\n";

it('finds a text for people that stands in one language', () => {
  expect(found("refuse('the folder is missing')")).toEqual([
    "apps/cli/src/verb.ts:1: 'the folder is missing': say it in both languages",
  ]);
  for (const text of ['`${count} events behind`', "{ hint: 'try again' }", '`line ${line}: 有误`'])
    expect(found(text)).toHaveLength(1);
});

it('finds one word where it is a label, a cell or a part of a text', () => {
  for (const text of [
    "field('Agency', id)",
    "const columns = [{ title: 'Agency' }]",
    "const rows = [['keys', held]]",
    "text + (isLate ? 'late' : '')",
    "function why(): string { return 'revoked'; }",
    "const words: Record<State, string> = { open: 'open' }",
    "field(label, name ?? 'nobody')",
    "const a = () => field(said('Name', '名称'), '名称')",
  ])
    expect(found(page + text)).toHaveLength(1);
});

it('leaves codes, options, commands, data and mistakes of the program alone', () => {
  for (const text of [
    "if (state === 'open') ask('balance', { kind: 'evidence pack' })",
    "option('--known-at <instant>'); addVerb(program, 'appeal <appeal>')",
    "addVerb({ examples: ['balance a1', ['appeal p1 --json', 'a1  长沙文化  120']] })",
    'print(`  npx ledger explain ${agency} --json`)',
    "throw new RangeError('nothing to pick from')",
    "function formatOf(): 'csv' | 'xlsx' { return is ? 'csv' : 'xlsx'; }",
  ])
    expect(found(page + text)).toEqual([]);
  expect(found("record('reason', '录入错误')")).toEqual([]);
  expect(found("refuse('the folder is missing')", 'libs/ledger/src/a.ts')).toEqual([]);
});

it('finds a pair whose halves do not fit', () => {
  const inFunction = (text: string): readonly string[] => found(`const a = () => ${text}`);
  expect(inFunction("said('balance', '累计扣分')")).toEqual([]);
  expect(
    inFunction("said(`${count(n, 'line')} of ${all}`, `${all} 行中的 ${figure(n)} 行`)"),
  ).toEqual([]);
  expect(inFunction("said('balance 余额', '余额')")).toHaveLength(1);
  expect(inFunction("said('balance', 'balance')")).toHaveLength(1);
  expect(inFunction('said(`${count} lines of ${all}`, `${count} 行`)')).toEqual([
    'apps/cli/src/verb.ts:1: the halves name other values: all count / count',
  ]);
  expect(found("const kept = { en: 'lost', zh: 'lost' }")).toHaveLength(1);
});

it('finds an error with a code that holds one language', () => {
  const foundIn = (text: string): readonly string[] =>
    unspokenErrors({ path: 'libs/ledger/src/a.ts', text });
  expect(foundIn("class LostError extends Error { readonly code = 'lost'; }")).toEqual([
    'libs/ledger/src/a.ts:1: LostError: make it a SpokenError',
  ]);
  expect(foundIn("class LostError extends SpokenError { readonly code = 'lost'; }")).toEqual([]);
  expect(foundIn('class LostError extends Error {}')).toEqual([]);
  expect(
    foundIn("class A extends Error { code = 'a'; constructor(readonly inBoth: InBoth) {} }"),
  ).toEqual([]);
});

it('finds what is said before the language is known', () => {
  expect(found("const hint = said('try again', '请重试')")).toHaveLength(1);
  expect(found("const hint = { en: 'try again', zh: '请重试' }")).toEqual([]);
});
