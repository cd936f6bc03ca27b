import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../support/folder.js';

const folder = temporaryFolder();
const program = join(__dirname, '../../apps/cli/bin/ledger.js');

/** Clears the screen, turns the writing, and begins an error that the program did not write. */
const hostile = '\u001b[2J\u202eabc\u009b31m\nerror: made up\u2028';

const harmful = /(?!\n)[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** Standard error of the program, which had something to say. */
function errorOf(...given: readonly string[]): string {
  const { stderr } = spawnSync(process.execPath, [program, ...given], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(stderr).not.toBe('');
  return stderr;
}

it.each([
  ['a verb', [hostile]],
  ['an option', ['balance', `--${hostile}`]],
  ['an agency', ['balance', hostile]],
  ['a store', ['balance', 'a1', '--store', `sqlite:${hostile}.db`]],
  ['the scheme of a store', ['balance', 'a1', '--store', `${hostile}:x`]],
  ['a file to import', ['import', `${hostile}.ndjson`]],
  ['a file to simulate', ['simulate', `${hostile}.ndjson`]],
  ['a pack', ['verify', `${hostile}.zip`]],
  ['a receipt', ['receipt', hostile]],
  ['a backup', ['restore', hostile]],
  ['a source', ['follow', `http://${hostile}/`, '--to', 'sqlite:x.db']],
  ['an instant', ['balance', 'a1', '--as-of', hostile]],
])('%s that would steer a terminal is shown without its power', (_, given) => {
  const shown = errorOf(...given);
  expect(shown).not.toMatch(harmful);
  expect(shown).not.toMatch(/^error: made up/m);
});

it('lines of a file that would steer a terminal are refused without their power', () => {
  const file = join(folder, 'lines.ndjson');
  writeFileSync(
    file,
    [
      JSON.stringify({ command: hostile, data: {} }),
      JSON.stringify({ command: 'AdmitAgency', data: { agencyId: hostile, [hostile]: 1 } }),
      `{"a":\u001b[2J\u202e}`,
    ].join('\n'),
  );
  const shown = errorOf('simulate', file);
  expect(shown).not.toMatch(harmful);
  expect(shown).not.toMatch(/^error: made up/m);
});
