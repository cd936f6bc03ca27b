import { readFileSync } from 'node:fs';
import ts from 'typescript';

/**
 * Returns the text of a chapter and of those it imports: each once, after those it needs, in one
 * scope. A chapter is an ES module, so that it can be read, checked and run by itself; a page
 * that may load nothing has them as one script. Those in TypeScript, which page and PDF share, have
 * their types taken out.
 *
 * @param {URL} chapter the file
 */
export function joined(chapter, taken = new Set()) {
  if (taken.has(chapter.href)) return '';
  taken.add(chapter.href);
  const source = readFileSync(chapter, 'utf8');
  const isTyped = chapter.href.endsWith('.ts');
  const text = isTyped ? withoutTypes(source) : source;
  const needed = [...text.matchAll(/^import [^;]+ from '([^']+)';\n/gm)].map(([, name]) =>
    joined(new URL(isTyped ? name.replace(/\.js$/, '.ts') : name, chapter), taken),
  );
  const own = text.replace(/^import [^;]+;\n+/gm, '').replace(/^export /gm, '');
  return [...needed, own].filter((part) => part !== '').join('\n');
}

function withoutTypes(text) {
  const compilerOptions = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2022,
    verbatimModuleSyntax: true,
    removeComments: true,
  };
  return ts.transpileModule(text, { compilerOptions }).outputText;
}
