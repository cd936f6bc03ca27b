import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../support/folder.js';
import { runLines, type Result } from './command-loop.js';

const folder = temporaryFolder();

/** Clears the screen, turns the writing, and begins an error that the program did not write. */
const hostile = '\u001b[2J\u202eabc\u009b31m\nerror: made up\u2028';

const harmful = /(?!\n)[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

const cases: readonly (readonly [what: string, given: readonly string[]])[] = [
  ['a verb', [hostile]],
  ['an option', ['balance', `--${hostile}`]],
  ['an agency', ['balance', hostile]],
  ['a store', ['balance', 'a1', '--store', `sqlite:${hostile}.db`]],
  ['the scheme of a store', ['balance', 'a1', '--store', `${hostile}:x`]],
  ['a file to import', ['import', `${hostile}.ndjson`]],
  ['a file to simulate', ['simulate', `${hostile}.ndjson`]],
  ['a pack', ['verify', `${hostile}.zip`]],
  ['a receipt', ['receipt', '--deduction', hostile]],
  ['a backup', ['restore', hostile, '--to', 'sqlite:restored.db']],
  ['a source', ['follow', `http://${hostile}/`, '--to', 'sqlite:x.db']],
  ['an instant', ['balance', 'a1', '--known-at', hostile]],
];

let results: readonly Result[];
beforeAll(() => {
  // Without a ledger most verbs would name the ledger that is missing, and not what was given.
  const at = '2019-01-01T00:00:00+08:00';
  const admission = { at, command: 'AdmitAgency', data: { agencyId: 'a1', name: '星河文化' } };
  writeFileSync(join(folder, 'ledger.ndjson'), `${JSON.stringify(admission)}\n`);
  const [made, ...refused] = runLines(folder, [
    ['simulate', 'ledger.ndjson', '--strict'],
    ...cases.map(([, given]) => given),
  ]);
  expect(made!.exitCode).toBe(0);
  results = refused;
});

/** Asserts that the program had something to say, and that none of it steers a terminal. */
function assertHarmless({ stderr }: Result): void {
  expect(stderr).not.toBe('');
  expect(stderr).not.toMatch(harmful);
  expect(stderr).not.toMatch(/^error: made up/m);
}

it.each(cases.map(([what], index) => [what, index] as const))(
  '%s that would steer a terminal is shown without its power',
  (what, index) => {
    assertHarmless(results[index]!);
    // A refusal names the form of these two, and does not repeat what was given.
    const isShown = !['an agency', 'an instant'].includes(what);
    expect(results[index]!.stderr.includes('made up')).toBe(isShown);
  },
);

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
  const [refused] = runLines(folder, [['simulate', file]]);
  assertHarmless(refused!);
  expect(refused!.stderr).toContain('made up');
});
