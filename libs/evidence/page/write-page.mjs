/** Writes src/statement-page.ts from the page's parts, and its hash into the specification: `node libs/evidence/page/write-page.mjs`. With `--check` it only says whether that would change it. */
import { hash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const part = (name) => readFileSync(new URL(name, import.meta.url), 'utf8').trimEnd();

// As functions: a replacement text would have `$` mean something.
const page = part('page.html')
  .replace('STYLE', () => part('style.css'))
  .replace('SCRIPT', () => `'use strict';\n${part('verify.js')}\n${part('draw.js')}`);
const module = `/** The statement's page without data, written by \`page/write-page.mjs\` from the parts beside it. */
export const statementPage = ${JSON.stringify(`${page}\n`)};
`;

const specification = new URL('../../../docs/spec/evidence-pack.md', import.meta.url);
const named = readFileSync(specification, 'utf8').replace(
  /^\| 1 \| `.*` \|$/m,
  `| 1 | \`${hash('sha256', `${page}\n`, 'hex')}\` |`,
);

for (const [file, content] of [
  [new URL('../src/statement-page.ts', import.meta.url), module],
  [specification, named],
]) {
  if (!process.argv.includes('--check')) writeFileSync(file, content);
  else if (readFileSync(file, 'utf8') !== content) {
    console.error(`${file.pathname} has another page: run node libs/evidence/page/write-page.mjs`);
    process.exitCode = 1;
  }
}
