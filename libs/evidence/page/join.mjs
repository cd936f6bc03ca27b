import { readFileSync } from 'node:fs';

/**
 * Returns the text of a chapter and of those it imports: each once, after those it needs, in one
 * scope. A chapter is an ES module, so that it can be read, checked and run by itself; a page
 * that may load nothing has them as one script.
 *
 * @param {URL} chapter the file
 */
export function joined(chapter, taken = new Set()) {
  if (taken.has(chapter.href)) return '';
  taken.add(chapter.href);
  const text = readFileSync(chapter, 'utf8');
  const needed = [...text.matchAll(/^import [^;]+ from '([^']+)';\n/gm)].map(([, name]) =>
    joined(new URL(name, chapter), taken),
  );
  const own = text.replace(/^import [^;]+;\n+/gm, '').replace(/^export /gm, '');
  return [...needed, own].filter((part) => part !== '').join('\n');
}
