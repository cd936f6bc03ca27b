/** Writes src/statement-page.ts and src/statement-words.ts from the page's parts, and its hash into the specification: `node libs/evidence/page/write-page.mjs`. With `--check` it only says whether that would change it. */
import { hash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const part = (name) => readFileSync(new URL(name, import.meta.url), 'utf8').trimEnd();

const words = JSON.parse(part('words.json'));

/** The row of the specification's table that this page has. A page that packs were written with keeps its row. */
const current = 2;

// As functions: a replacement text would have `$` mean something.
const page = part('page.html')
  .replace('STYLE', () => part('style.css'))
  .replace(
    'SCRIPT',
    () =>
      `'use strict';\n${part('verify.js')}\nconst words = ${JSON.stringify(words)};\n${part('draw.js')}`,
  );
const module = `/** The statement's page without data, written by \`page/write-page.mjs\` from the parts beside it. */
export const statementPage = ${JSON.stringify(`${page}\n`)};
`;

const wordsModule = `/** What the statement calls things, in Chinese and English, written by \`page/write-page.mjs\` from \`page/words.json\`. */
export const statementWords: Readonly<Record<string, readonly [zh: string, en: string]>> = ${JSON.stringify(words)};
`;

const specification = new URL('../../../docs/spec/evidence-pack.md', import.meta.url);
const named = readFileSync(specification, 'utf8').replace(
  new RegExp(`^\\| ${current} \\| \`.*\` \\|$`, 'm'),
  `| ${current} | \`${hash('sha256', `${page}\n`, 'hex')}\` |`,
);

for (const [file, content] of [
  [new URL('../src/statement-page.ts', import.meta.url), module],
  [new URL('../src/statement-words.ts', import.meta.url), wordsModule],
  [specification, named],
]) {
  if (!process.argv.includes('--check')) writeFileSync(file, content);
  else if (readFileSync(file, 'utf8') !== content) {
    console.error(`${file.pathname} has another page: run node libs/evidence/page/write-page.mjs`);
    process.exitCode = 1;
  }
}
