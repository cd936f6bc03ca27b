import { spawnSync } from 'node:child_process';
import { Argument, Command, Option } from 'commander';
import { completionScript } from './scripts.js';

function program(): Command {
  const ledger = new Command('ledger').option('--insecure', "an engine's way");
  ledger
    .command('balance <agency>')
    .summary("print an agency's points: at a moment")
    .option('--known-at <instant>', 'as known')
    .option('--store <url>', 'the ledger')
    .addOption(new Option('--secret').hideHelp());
  const appeal = ledger.command('appeal <appeal>').summary('print an appeal');
  appeal.command('file').summary('file an appeal').option('-o, --output <file>', 'the pack');
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
  expect(offered('ledger', 'appeal', 'file', '--o')).toEqual(['--output']);
});

it('the values of an option are offered wherever it can stand', () => {
  expect(offered('ledger', '--insecure', '--lang', '')).toEqual(['en', 'zh']);
  expect(offered('ledger', 'balance', '--lang', '')).toEqual(['en', 'zh']);
  expect(offered('ledger', 'balance', 'a1', '--lang', 'z')).toEqual(['zh']);
  expect(offered('ledger', 'appeal', 'file', '--lang', '')).toEqual(['en', 'zh']);
});

it.each([
  ['balance', '--store'],
  ['balance', 'a1', '--store'],
  ['balance', 'a1', '--known-at'],
  ['appeal', 'file', '--output'],
  ['appeal', 'file', '-o'],
])('after %s %s bash is left to offer files', (...typed) => {
  expect(offered('ledger', ...typed, '')).toEqual([]);
});

it('zsh and fish offer files where an option takes one, and nothing for a value of no list', () => {
  const zsh = completionScript(program(), 'zsh');
  expect(zsh).toContain("    'balance'' --store') _files; return ;;");
  expect(zsh).toContain("    'balance'' --known-at') return ;;");
  expect(zsh).toContain("    'appeal file'' -o' | 'appeal file'' --output') _files; return ;;");
  expect(zsh).toContain("    *' --lang') compadd -- en zh; return ;;");
  const fish = completionScript(program(), 'fish').split('\n');
  expect(fish).toContain("complete -c ledger -l lang -x -a 'en zh' -d 'the language'");
  expect(fish).toContainEqual(expect.stringMatching(/ -l store -r -F -d 'the ledger'$/));
  expect(fish).toContainEqual(expect.stringMatching(/ -l known-at -x -d 'as known'$/));
  expect(fish).toContainEqual(expect.stringMatching(/ -l output -s o -r -F -d 'the pack'$/));
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
