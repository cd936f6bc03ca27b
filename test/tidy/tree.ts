import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, posix } from 'node:path';

/** A text of the checkout: its path from the root, with `/` between names, and what it holds. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** Reported as `path:line: problem`, so that an editor opens the place. */
export function problemAt(path: string, line: number, problem: string): string {
  return `${path}:${String(line)}: ${problem}`;
}

/** Folders that hold nothing written here: what tools make, and bytes that are compared. */
const skipped: readonly string[] = [
  '.git',
  'coverage',
  'data',
  'dist',
  'node_modules',
  '.work',
  'test/vectors',
];

const textual = /\.(?:ts|js|mjs|cjs|css|html|md|py|snap|txt|yml)$|^Dockerfile$|^run$/;

/** The statement's page as one string: the text it is made from stands in `page`. */
const generated: readonly string[] = [
  'libs/evidence/src/statement-page.ts',
  'libs/evidence/src/statement-words.ts',
];

/** Returns every text below `root`, in the order of the paths; Git is not asked. */
export function textFiles(root: string): readonly TextFile[] {
  return pathsIn(root, '').map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

function pathsIn(root: string, folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = posix.join(folder, entry.name);
      if (skipped.includes(path) || skipped.includes(entry.name) || generated.includes(path))
        return [];
      if (entry.isDirectory()) return pathsIn(root, path);
      return entry.isFile() && textual.test(basename(path)) ? [path] : [];
    });
}
