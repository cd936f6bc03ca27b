import { clauseComments, unchosenNames, type Word } from './words.js';

const words: readonly Word[] = [
  { name: /^told$/, instead: 'notified' },
  { name: /Most$/, instead: 'max…' },
];
const names = (text: string, path = 'a.ts'): readonly string[] =>
  unchosenNames({ path, text }, words);

it('a name of the code is the glossary’s', () => {
  expect(names('const told = 1;')).toEqual(['a.ts:1: "told": the glossary has notified']);
  expect(names('/* one\n two */\nf(queueMost, queueMost);')).toEqual([
    'a.ts:3: "queueMost": the glossary has max…',
  ]);
  expect(names('const toldTwice = mostly;')).toEqual([]);
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
