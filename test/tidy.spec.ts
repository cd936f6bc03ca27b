import { ruleLinks } from '@penalty-ledger/ledger';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unknownTexts, unresolvedCitations } from './tidy/citations.js';
import { wideLines } from './tidy/columns.js';
import { listedWithoutTest, uncovered } from './tidy/coverage.js';
import { misfitPairs, unspokenErrors, unspokenTexts } from './tidy/languages.js';
import { lawPaths, readLaw } from './tidy/law.js';
import { anchorsOf, brokenLinks, repeatedAnchors } from './tidy/markdown.js';
import { unchosenNouns } from './tidy/plurals.js';
import { textFiles } from './tidy/tree.js';
import {
  clauseComments,
  unchosenChinese,
  unchosenNames,
  unusedChinese,
  unusedWords,
} from './tidy/words.js';

const root = join(__dirname, '..');
const files = textFiles(root);
const textAt = (path: string): string => readFileSync(join(root, path), 'utf8');
const exists = (path: string): boolean => existsSync(join(root, path));
const anchorsAt = (path: string): ReadonlySet<string> => anchorsOf(textAt(path));

const law = readLaw(textAt);
const isOwnExample = (path: string): boolean => path.startsWith('test/tidy/');
const checked = files.filter(({ path }) => !isOwnExample(path));
const texts = checked.filter(({ path }) => path.endsWith('.md'));

it('reads the whole tree, and the whole law', () => {
  expect(checked.length).toBeGreaterThan(700);
  expect(texts.length).toBeGreaterThan(40);
  expect([...law.rules.keys()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  expect([...law.interchange.keys()]).toEqual([1, 2, 3]);
  expect([...law.cases]).toEqual(Array.from({ length: 78 }, (_, index) => index + 1));
  expect([...law.vectors]).toEqual(Array.from({ length: 18 }, (_, index) => index + 1));
  expect([...law.engineRules]).toEqual(Array.from({ length: 43 }, (_, index) => index + 1));
  expect([...law.readings]).toEqual(Array.from({ length: 67 }, (_, index) => index + 1));
});

it('every citation resolves', () => {
  expect(checked.flatMap((file) => unresolvedCitations(file, law))).toEqual([]);
});

it('every text that is named is there, with the anchor that is named', () => {
  expect(checked.flatMap((file) => unknownTexts(file, exists, anchorsAt))).toEqual([]);
});

it('every code of a refusal or a finding links to a section that is there', () => {
  const missing = Object.entries(ruleLinks).filter(([, link]) => {
    const [path = '', anchor = ''] = link.split('#');
    return !exists(path) || !anchorsAt(path).has(anchor);
  });
  expect(missing).toEqual([]);
});

it('every relative link in Markdown leads somewhere', () => {
  expect(texts.flatMap((file) => brokenLinks(file, exists, anchorsAt))).toEqual([]);
  expect(texts.flatMap(repeatedAnchors)).toEqual([]);
});

it('every case and every golden vector is named by a test, or listed with the reason', () => {
  const specs = checked.filter(
    ({ path }) => path.endsWith('.spec.ts') && path !== 'test/tidy.spec.ts',
  );
  const listed = listedWithoutTest(textAt(lawPaths.cases));
  expect(uncovered(law, listed, specs)).toEqual([]);
});

it('no line has more than 100 columns', () => {
  expect(files.flatMap(wideLines)).toEqual([]);
});

it('every message has the noun of its number', () => {
  expect(checked.flatMap(unchosenNouns)).toEqual([]);
});

it('every text of the command line is said in both languages', () => {
  expect(checked.flatMap(unspokenTexts)).toEqual([]);
});

it('every error with a code is said in both languages', () => {
  expect(checked.flatMap(unspokenErrors)).toEqual([]);
});

it('the halves of every sentence of the ledger name the same', () => {
  expect(checked.flatMap(misfitPairs)).toEqual([]);
});

it('every doc comment begins with a noun or a verb', () => {
  expect(checked.flatMap(clauseComments)).toEqual([]);
});

it('every name is one that the glossary chooses', () => {
  const unused = unusedWords(textAt('docs/glossary.md'));
  expect(unused.length).toBeGreaterThan(8);
  expect(checked.flatMap((file) => unchosenNames(file, unused))).toEqual([]);
});

it('every Chinese word is one that the glossary chooses', () => {
  const unused = unusedChinese(textAt('docs/glossary.md'));
  expect(unused.length).toBeGreaterThan(8);
  expect(checked.flatMap((file) => unchosenChinese(file, unused))).toEqual([]);
});
