import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Shell } from './transcript.js';

const root = join(__dirname, '../..');

/** What a reader pastes: every bash block of the tour, one after another in one shell. */
function tourOf(readme: string): string {
  const tour = /^## A short tour$([^]*?)^## /m.exec(readme)?.[1] ?? '';
  return [...tour.matchAll(/^```bash\n([^]*?)^```$/gm)].map(([, block]) => block).join('');
}

it("runs the README's tour as it is pasted", () => {
  const shell = new Shell();
  // npx finds the program as it does in a clone: through node_modules.
  symlinkSync(join(root, 'node_modules'), join(shell.folder, 'node_modules'));
  cpSync(join(root, 'package.json'), join(shell.folder, 'package.json'));
  const tour = tourOf(readFileSync(join(root, 'README.md'), 'utf8'));
  expect(tour).toContain('npx ledger');
  const { stdout, stderr, exitCode } = shell.run(`set -e\n${tour}`);
  shell.remove();
  expect(stderr).not.toMatch(/error/);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/expelled 已清退/);
  expect(stdout).toMatch(/Balance +80 of 120 points in 2019/);
  expect(stdout).toMatch(/the digests are equal/);
  expect(stdout).toMatch(/^zb-2,cr-9,.*,3,not_bound,/m);
  expect(stdout).toMatch(/100 × 5 = 500 < 70 × 8 = 560/);
  expect(stdout).toMatch(/creator-violation +2019-10-18 16:40:00 +d-055-3 +3 +3/);
}, 180_000);
