import { spawnSync } from 'node:child_process';
import { atTerminal, keys, noTerminal } from '../support/terminal.js';
import { Shell } from './transcript.js';

jest.setTimeout(60_000);

const shell = new Shell();
afterAll(() => shell.remove());

const isInstalled = (name: string): boolean => spawnSync(name, ['--version']).error === undefined;
const inFish = isInstalled('fish') ? it : it.skip;
const inZsh = isInstalled('zsh') && noTerminal() === undefined ? it : it.skip;

inFish(
  'fish completes verbs, subcommands, options and values (skipped where it is not here)',
  () => {
    shell.run('ledger completion fish > ledger.fish');
    const offered = (typed: string): string[] => {
      const asked = `source ledger.fish; complete -C ${JSON.stringify(typed)}`;
      const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', asked], {
        cwd: shell.folder,
        env: shell.env,
        encoding: 'utf8',
      });
      expect(stderr).toBe('');
      const found = stdout.split('\n').map((line) => line.split('\t')[0] ?? '');
      return found.filter((each) => each !== '').sort();
    };
    expect(offered('ledger ba')).toEqual(['backup', 'balance']);
    expect(offered('ledger --lang ')).toEqual(['en', 'zh']);
    expect(offered('ledger --lang zh bal')).toEqual(['balance']);
    expect(offered('ledger balance a1 --kn')).toEqual(['--known-at']);
    expect(offered('ledger keys un')).toEqual(['unprotect']);
    expect(offered('ledger appeal fi')).toEqual(['file']);
    expect(offered('ledger appeal file --ded')).toEqual(['--deduction']);
    expect(offered('ledger balance a1 --lang ')).toEqual(['en', 'zh']);
    expect(offered('ledger balance a1 --known-at ')).toEqual([]);
    expect(offered('ledger balance a1 --store ledger.f')).toEqual(['ledger.fish']);
  },
);

inZsh('zsh completes the same at a terminal (skipped where it is not here)', () => {
  shell.run('ledger completion zsh > ledger.zsh');
  const typed = [
    'ledger bal',
    'ledger --lang zh bal',
    'ledger keys unp',
    'ledger appeal fil',
    'ledger balance a1 --lang z',
    'ledger balance a1 --store ledger.z',
  ];
  const start = 'autoload -Uz compinit && compinit -u && source ./ledger.zsh && echo rea""dy';
  const { shown } = atTerminal(
    'zsh -f -i',
    [
      { after: '# ', type: `PS1='# '; ledger() { print "[$*]" }; ${start}${keys.enter}` },
      // Each is typed when the one before has printed its arguments.
      ...typed.map((line, index) => ({
        after: index === 0 ? '\nready' : ']\r\n',
        type: line + keys.tab + keys.enter,
      })),
      { after: ']\r\n', type: `exit${keys.enter}` },
    ],
    { cwd: shell.folder, env: { ...shell.env, TERM: 'dumb' } },
  );
  expect(shown.match(/^\[.*\]$/gm)).toEqual([
    '[balance]',
    '[--lang zh balance]',
    '[keys unprotect]',
    '[appeal file]',
    '[balance a1 --lang zh]',
    '[balance a1 --store ledger.zsh]',
  ]);
});
