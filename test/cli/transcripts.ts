import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rounds } from '../support/rounds.js';
import { RunningProgram } from './running-program.js';
import { matches, parseTranscript, Shell, type Step, type Transcript } from './transcript.js';

/** Transcripts that look at files which the end of a process closes. */
const ofProcesses: ReadonlySet<string> = new Set(['files-elsewhere.txt']);

/**
 * Runs every transcript of a folder in a shell of its own, side by side. Other files of the folder
 * lie beside each. The commands of a transcript run in one process, and with LEDGER_TEST_ROUNDS
 * above 1 each in a process of its own.
 */
export function describeTranscripts(folder: string): void {
  const names = readdirSync(folder);
  const others = names.filter((name) => !/\.(?:txt|spec\.ts)$/.test(name));
  const transcripts = names
    .filter((name) => name.endsWith('.txt'))
    .map((name): [string, string, Transcript] => {
      const transcript = parseTranscript(readFileSync(join(folder, name), 'utf8'));
      return [`${name}: ${transcript.title}`, name, transcript];
    });

  it.concurrent.each(transcripts)(
    '%s',
    async (_title, ofName, { files, steps }) => {
      const shell = new Shell();
      const isInProcesses = rounds > 1 || ofProcesses.has(ofName);
      const program = isInProcesses ? undefined : await RunningProgram.in(shell);
      try {
        for (const name of others) cpSync(join(folder, name), join(shell.folder, name));
        for (const [name, content] of files) shell.write(name, content);
        expect(steps.length).toBeGreaterThan(0);
        for (const step of steps) await check(shell, step);
      } finally {
        await program?.end();
        shell.remove();
      }
    },
    180_000,
  );
}

async function check(shell: Shell, { command, expected }: Step): Promise<void> {
  const actual = await shell.runAside(command);
  const isAsExpected =
    actual.exitCode === expected.exitCode &&
    matches(expected.stdout, actual.stdout) &&
    matches(expected.stderr, actual.stderr);
  if (!isAsExpected) expect({ command, ...actual }).toEqual({ command, ...expected });
}
