import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { textFiles } from './tree.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tidy-'));
});

afterEach(() => rmSync(root, { recursive: true }));

it('reads texts, and neither what tools make nor bytes that are compared', () => {
  const paths = [
    'README.md',
    '.ci/run',
    'docker/Dockerfile',
    'libs/a/src/b.ts',
    'libs/a/dist/b.js',
    'node_modules/c/d.ts',
    'test/vectors/e.md',
    'picture.png',
    '.git/config.md',
  ];
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `of ${path}`);
  }
  expect(textFiles(root)).toEqual(
    ['.ci/run', 'README.md', 'docker/Dockerfile', 'libs/a/src/b.ts'].map((path) => ({
      path,
      text: `of ${path}`,
    })),
  );
});
