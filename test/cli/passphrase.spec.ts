import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Shell } from './transcript.js';

jest.setTimeout(60_000);

const shell = new Shell();

afterAll(() => shell.remove());

/** Runs a command at a terminal of its own, and answers each question when it is asked. */
const atTerminal = `
import os, pty, sys
command, answers = sys.argv[1], sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp("bash", ["bash", "-c", command])
shown, asked = b"", 0
while True:
    try:
        part = os.read(terminal, 1000)
    except OSError:
        break
    if part == b"":
        break
    shown += part
    while answers and shown.count(b": ", asked) > 0:
        asked = shown.index(b": ", asked) + 2
        os.write(terminal, answers.pop(0).encode() + b"\\r")
status = os.waitpid(pid, 0)[1]
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(status))
`;

it('asks for the passphrase at a terminal, and shows nothing of it', () => {
  writeFileSync(join(shell.folder, 'terminal.py'), atTerminal);
  const run = (command: string, ...answers: readonly string[]) => {
    const { stdout, status } = spawnSync('python3', ['terminal.py', command, ...answers], {
      cwd: shell.folder,
      env: shell.env,
      encoding: 'utf8',
    });
    return { shown: stdout.replaceAll('\r', ''), status };
  };
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
