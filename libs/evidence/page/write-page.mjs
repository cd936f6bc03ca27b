/**
 * Writes `src/statement-page.ts` and `src/statement-words.ts` from the page's parts, and the
 * page's hash into the specification: `node libs/evidence/page/write-page.mjs`. With `--check`
 * it changes nothing, and fails if it would.
 */
import { hash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { joined } from './join.mjs';

// Node links the chapters first: a name that is imported and not exported stops here.
await import('./verify/verify.js');
await import('./statement/form.js');
await import('./statement/drawing.js');

const part = (name) => readFileSync(new URL(name, import.meta.url), 'utf8').trimEnd();

const words = JSON.stringify(JSON.parse(part('words.json')));
const wordsModule = new URL('../src/statement-words.ts', import.meta.url);

const parts = {
  STYLE: part('style.css'),
  VERIFIER: `'use strict';
const verifier = (() => {
${joined(new URL('verify/verify.js', import.meta.url))}
return { verify };
})();`,
  STATEMENT: `'use strict';
(() => {
const statementWords = ${words};
${joined(new URL('statement/statement.js', import.meta.url), new Set([wordsModule.href]))}
})();`,
};

// A name that two chapters of a script declare stops here; of functions it would be no error.
for (const name of ['VERIFIER', 'STATEMENT']) {
  new Function(parts[name]);
  const names = [...parts[name].matchAll(/^(?:async )?function (\w+)/gm)].map(([, own]) => own);
  const twice = names.find((own, at) => names.indexOf(own) !== at);
  if (twice !== undefined) throw new SyntaxError(`two chapters declare "${twice}"`);
}

// As a function: a replacement text would have `$` mean something.
const page = `${part('page.html').replace(/^[A-Z]+$/gm, (name) => parts[name])}\n`;

const pageModule = `/**
 * The statement's page without data, written by \`page/write-page.mjs\` from the parts beside it.
 */
export const statementPage = ${JSON.stringify(page)};
`;

const wordsText = `type Words = Readonly<Record<string, readonly [zh: string, en: string]>>;

/**
 * What the statement calls things, in Chinese and English, written by \`page/write-page.mjs\` from
 * \`page/words.json\`.
 */
export const statementWords = ${words} satisfies Words;
`;

const specification = new URL('../../../docs/spec/evidence-pack.md', import.meta.url);
const named = readFileSync(specification, 'utf8').replace(
  /^\| 1 \| `.*` \|$/m,
  `| 1 | \`${hash('sha256', page, 'hex')}\` |`,
);

for (const [file, content] of [
  [new URL('../src/statement-page.ts', import.meta.url), pageModule],
  [wordsModule, wordsText],
  [specification, named],
]) {
  if (!process.argv.includes('--check')) writeFileSync(file, content);
  else if (readFileSync(file, 'utf8') !== content) {
    console.error(`${file.pathname} has another page: run node libs/evidence/page/write-page.mjs`);
    process.exitCode = 1;
  }
}
