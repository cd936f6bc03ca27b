import { spawnSync } from 'node:child_process';
import { Argument, Command, Option } from 'commander';
import { completionScript } from './scripts.js';

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

it('texts in the scripts for zsh and fish are quoted', () => {
  expect(completionScript(program(), 'zsh')).toContain(
    String.raw`'balance:print an agency'\''s points\: at a moment'`,
  );
  expect(completionScript(program(), 'fish')).toContain(
    String.raw` -l insecure -d 'an engine'\''s way'`,
  );
});
