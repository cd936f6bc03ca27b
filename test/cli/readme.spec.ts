import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { blocksOf, checkPage, installPackages, stepsOf } from './page.js';
import { Shell } from './transcript.js';

const root = join(__dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

let shell: Shell;

beforeEach(() => {
  shell = new Shell();
  symlinkSync(join(root, 'docs'), join(shell.folder, 'docs'));
  cpSync(join(root, 'package.json'), join(shell.folder, 'package.json'));
});

afterEach(() => shell.remove());

it('finds the program through npx, as it does in a clone', () => {
  symlinkSync(join(root, 'node_modules'), join(shell.folder, 'node_modules'));
  const { stdout, exitCode } = shell.run('npx ledger keys --help');
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^Usage: ledger keys/);
});

it("runs the README's commands as they are pasted, and they print what it shows", async () => {
  installPackages(shell);
  // The first sets the project up.
  const [setUp = '', ...tour] = blocksOf(readme, 'bash');
  expect(setUp).toContain('npm ci && npm run demo');
  expect(shell.run('npx ledger demo').exitCode).toBe(0);

  const steps = stepsOf(readme);
  expect(steps.length).toBeGreaterThan(2);
  await checkPage(shell, steps);

  const { stdout, stderr, exitCode } = shell.run(`set -e\n${tour.join('')}`);
  expect(stderr).not.toMatch(/error/);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/the digests are equal/);
  expect(stdout).toMatch(/^zb-2,cr-9,.*,3,not_bound,/m);
  expect(stdout).toMatch(/100 × 5 = 500 < 70 × 8 = 560/);
  expect(stdout).toMatch(/creator-violation +2019-10-18 16:40:00 +d-055-3 +3 +3/);
}, 180_000);
