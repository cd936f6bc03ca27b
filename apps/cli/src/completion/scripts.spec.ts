import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Argument, Command, Option } from 'commander';
import { atTerminal, keys, noTerminal } from '../../../../test/support/terminal.js';
import { completionScript } from './scripts.js';

jest.setTimeout(60_000);

function program(): Command {
  const ledger = new Command('ledger').option('--insecure', "an engine's way");
  ledger
    .command('balance <agency>')
    .summary("print an agency's points: at a moment")
    .option('--known-at <instant>', 'as known')
    .addOption(new Option('--secret').hideHelp());
  const appeal = ledger.command('appeal <appeal>').summary('print an appeal');
  appeal.command('file').summary('file an appeal').option('--deduction <id>', 'the deduction');
  ledger.addOption(new Option('--lang <language>', 'the language').choices(['en', 'zh']));
  ledger.command('keys').addArgument(new Argument('[action]').choices(['protect', 'unprotect']));
  return ledger;
}

/** The texts that bash offers after a command line. */
function offered(...typed: readonly string[]): string[] {
  const script = `${completionScript(program(), 'bash')}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ledger; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', ...typed], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

it('bash completes verbs, their options, and the values of arguments and options', () => {
  const first = ['balance', 'appeal', 'keys', '--insecure', '--lang', '--help'];
  expect(offered('ledger', '')).toEqual(first);
  expect(offered('ledger', 'ba')).toEqual(['balance']);
  expect(offered('ledger', '--insecure', 'k')).toEqual(['keys']);
  expect(offered('ledger', '--lang', '')).toEqual(['en', 'zh']);
  expect(offered('ledger', '--lang', 'zh', 'k')).toEqual(['keys']);
  expect(offered('ledger', 'balance', 'a1', '--k')).toEqual(['--known-at']);
  expect(offered('ledger', 'keys', 'un')).toEqual(['unprotect']);
  expect(offered('ledger', 'appeal', 'f')).toEqual(['file']);
  expect(offered('ledger', 'appeal', 'file', '--d')).toEqual(['--deduction']);
});

it('leaves names of files to bash where no word fits', () => {
  expect(offered('ledger', 'balance', 'lines.nd')).toEqual([]);
});

const isInstalled = (shell: string): boolean => spawnSync(shell, ['--version']).error === undefined;
const inFish = isInstalled('fish') ? it : it.skip;
const inZsh = isInstalled('zsh') && noTerminal() === undefined ? it : it.skip;

inFish('fish offers the same (skipped where it is not installed)', () => {
  const script = completionScript(program(), 'fish');
  const offeredByFish = (line: string): string[] => {
    const asked = `${script}\ncomplete -C ${JSON.stringify(line)}`;
    const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', asked], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    const words = stdout.split('\n').map((found) => found.split('\t')[0] ?? '');
    return words.filter((word) => word !== '').sort();
  };
  expect(offeredByFish('ledger ba')).toEqual(['balance']);
  expect(offeredByFish('ledger --lang ')).toEqual(['en', 'zh']);
  expect(offeredByFish('ledger --lang zh k')).toEqual(['keys']);
  expect(offeredByFish('ledger balance a1 --k')).toEqual(['--known-at']);
  expect(offeredByFish('ledger keys un')).toEqual(['unprotect']);
  expect(offeredByFish('ledger appeal fi')).toEqual(['file']);
  expect(offeredByFish('ledger appeal file --d')).toEqual(['--deduction']);
});

inZsh('zsh offers the same at a terminal (skipped where it is not installed)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'completion-'));
  try {
    writeFileSync(join(folder, 'ledger.zsh'), completionScript(program(), 'zsh'));
    const typed = ['ledger ba', 'ledger --lang zh ke', 'ledger keys unp', 'ledger appeal fil'];
    const start = 'autoload -Uz compinit && compinit -u && source ./ledger.zsh && echo rea""dy';
    const { shown } = atTerminal(
      'zsh -f -i',
      [
        { after: '# ', type: `PS1='# '; ledger() { print "[$*]" }; ${start}${keys.enter}` },
        // Each is typed when the one before has printed its words.
        ...typed.map((line, index) => ({
          after: index === 0 ? '\nready' : ']\r\n',
          type: line + keys.tab + keys.enter,
        })),
        { after: ']\r\n', type: `exit${keys.enter}` },
      ],
      { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder, TERM: 'dumb' } },
    );
    expect(shown.match(/^\[.*\]$/gm)).toEqual([
      '[balance]',
      '[--lang zh keys]',
      '[keys unprotect]',
      '[appeal file]',
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('texts in the scripts for zsh and fish are quoted', () => {
  expect(completionScript(program(), 'zsh')).toContain(
    String.raw`'balance:print an agency'\''s points\: at a moment'`,
  );
  expect(completionScript(program(), 'fish')).toContain(
    String.raw` -l insecure -d 'an engine'\''s way'`,
  );
});
