import { chmodSync, cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { matches, Shell } from './transcript.js';

const root = join(__dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** The fenced blocks of a language, in order; the first of `bash` sets the project up. */
function blocksOf(language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm');
  return [...readme.matchAll(fence)].map(([, block = '']) => block);
}

let shell: Shell;

beforeEach(() => {
  shell = new Shell();
  symlinkSync(join(root, 'node_modules'), join(shell.folder, 'node_modules'));
  symlinkSync(join(root, 'docs'), join(shell.folder, 'docs'));
  cpSync(join(root, 'package.json'), join(shell.folder, 'package.json'));
});

afterEach(() => shell.remove());

it('finds the program through npx, as it does in a clone', () => {
  const { stdout, exitCode } = shell.run('npx ledger keys --help');
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^Usage: ledger keys/);
});

it("runs the README's commands as they are pasted, and they print what it shows", () => {
  // Does what npx does here, which takes it most of a second of the processor for each command.
  const npx = join(shell.folder, '.bin', 'npx');
  writeFileSync(npx, '#!/bin/sh\nprogram=$1; shift; exec "./node_modules/.bin/$program" "$@"\n');
  chmodSync(npx, 0o755);
  const [setUp = '', ...tour] = blocksOf('bash');
  expect(setUp).toContain('npm ci && npm run demo');
  expect(shell.run('npx ledger demo').exitCode).toBe(0);

  const [store] = blocksOf('console')[0]?.split('\n') ?? [];
  expect(store).toMatch(/^\$ export LEDGER_STORE=/);
  for (const block of blocksOf('console')) {
    const commands = block.split(/^\$ /m).slice(1);
    for (const command of commands.filter((one) => one.startsWith('npx'))) {
      const [, line = '', output = ''] = /^((?:.*\\\n)*.*)\n([^]*)$/.exec(command.trimEnd()) ?? [];
      const { stdout, exitCode } = shell.run(`${String(store).slice(2)}\n${line}`);
      expect(exitCode).toBe(0);
      // Compared again when it does not match, so that a failure shows both texts.
      if (!matches(output, stdout.trimEnd())) expect(stdout).toEqual(output);
    }
  }

  const { stdout, stderr, exitCode } = shell.run(`set -e\n${tour.join('')}`);
  expect(stderr).not.toMatch(/error/);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/the digests are equal/);
  expect(stdout).toMatch(/^zb-2,cr-9,.*,3,not_bound,/m);
  expect(stdout).toMatch(/100 × 5 = 500 < 70 × 8 = 560/);
  expect(stdout).toMatch(/creator-violation +2019-10-18 16:40:00 +d-055-3 +3 +3/);
}, 180_000);
