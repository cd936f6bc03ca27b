import { atTerminal, keys } from '../support/terminal.js';
import { Shell } from './transcript.js';

jest.setTimeout(60_000);

const shell = new Shell();

afterAll(() => shell.remove());

it('asks for the passphrase at a terminal, and shows nothing of it', () => {
  const run = (command: string, ...answers: readonly string[]) =>
    atTerminal(
      command,
      answers.map((answer) => ({ after: ': ', type: answer + keys.enter })),
      { cwd: shell.folder, env: shell.env },
    );
  const line = '{"command":"AdmitAgency","data":{"agencyId":"a1","name":"某机构"}}';
  shell.run(`echo '${line}' | ledger import -`);

  const differing = run('ledger keys protect', '密语 one', '密语 two');
  expect(differing.shown).toContain('error: the two passphrases differ; nothing was changed');
  expect(differing.status).toBe(2);

  const made = run('ledger keys protect', '密语 onX\u007fe', '密语 one');
  expect(made.shown).toMatch(/^new passphrase: \nthe same again: \n.* is protected/);
  expect(made.status).toBe(0);

  const opened = run('ledger agencies', '密语 one');
  expect(opened.shown).toMatch(/^passphrase of .*ledger\.keys\.db: \n[^]*1 agency: 1 active/);
  expect(opened.status).toBe(0);

  const given = run('ledger agencies', '\u0003');
  expect(given.shown).toContain('error: no passphrase was given');
  expect(given.status).toBe(2);
});
