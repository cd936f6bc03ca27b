import {
  clauseComments,
  unchosenChinese,
  unchosenNames,
  unusedChinese,
  unusedWords,
} from './words.js';

const glossary = `
| Not | But |
| --- | --- |
| told (in names) | notified |
| most, longest (in names) | max… |
| words (as a name) | labels |
| score (in code) | balance |
`;
const names = (text: string, path = 'a.ts'): readonly string[] =>
  unchosenNames({ path, text }, unusedWords(glossary));

it('reads the words that names do not use from the glossary', () => {
  expect(unusedWords(glossary)).toEqual([
    { word: 'told', inParts: true, instead: 'notified' },
    { word: 'most', inParts: true, instead: 'max…' },
    { word: 'longest', inParts: true, instead: 'max…' },
    { word: 'words', inParts: false, instead: 'labels' },
  ]);
});

it('a name of the code is the glossary’s', () => {
  expect(names('const told = 1;')).toEqual([
    'a.ts:1: "told": the glossary has notified for "told"',
  ]);
  expect(names('/* one\n two */\nf(queueMost, queueMost);')).toEqual([
    'a.ts:3: "queueMost": the glossary has max… for "most"',
  ]);
  expect(names('longestLine(toldTwice)')).toHaveLength(2);
  expect(names('const mostly = standingWords;')).toEqual([]);
  expect(names('words()')).toHaveLength(1);
  expect(names('id.getMostSignificantBits()')).toEqual([]);
});

it('a Chinese word is the glossary’s', () => {
  const words = unusedChinese('| English | Chinese |\n| 标识、的 ID | 编号 |\n| id | 编号 |');
  expect(words).toEqual([
    { word: '标识', instead: '编号' },
    { word: '的 ID', instead: '编号' },
  ]);
  const text = '\n请核对标识';
  expect(unchosenChinese({ path: 'a.ts', text }, words)).toEqual([
    'a.ts:2: "标识": the glossary has 编号',
  ]);
  expect(unchosenChinese({ path: 'a.md', text: '扣分的编号' }, words)).toEqual([]);
  expect(unchosenChinese({ path: 'docs/glossary.md', text }, words)).toEqual([]);
});

it('words of comments and strings are none', () => {
  expect(names("// told\nconst a = 'told'; /** told */ const b = \"it's told\";")).toEqual([]);
  expect(names("const a = 'it\\'s'; told();")).toHaveLength(1);
  expect(names('told', 'a.md')).toEqual([]);
});

it.each(['What', 'Whether', 'Of', 'How', 'Which'])(
  'a doc comment does not begin with %s',
  (word) => {
    const problem = `begins with "${word}"; name the thing or say what it does`;
    expect(clauseComments({ path: 'a.ts', text: `\n/** ${word} it is. */` })).toEqual([
      `a.ts:2: a doc comment ${problem}`,
    ]);
    expect(clauseComments({ path: 'a.ts', text: `/**\n * ${word} it is.\n */` })).toEqual([
      `a.ts:1: a doc comment ${problem}`,
    ]);
  },
);

it.each(['Returns what it is.', 'A signed head.', 'Office hours.', 'Whatsoever'])(
  'a doc comment may say: %s',
  (said) => {
    expect(clauseComments({ path: 'a.ts', text: `/** ${said} */` })).toEqual([]);
  },
);
