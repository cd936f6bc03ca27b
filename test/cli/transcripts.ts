import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { matches, parseTranscript, Shell, type Step, type Transcript } from './transcript.js';

/**
 * Runs every transcript of a folder in a shell of its own. They run side by side, because a command
 * of `ledger` keeps one core busy for most of a second. Other files of the folder lie beside each.
 */
export function describeTranscripts(folder: string): void {
  const names = readdirSync(folder);
  const others = names.filter((name) => !/\.(?:txt|spec\.ts)$/.test(name));
  const transcripts = names
    .filter((name) => name.endsWith('.txt'))
    .map((name): [string, Transcript] => {
      const transcript = parseTranscript(readFileSync(join(folder, name), 'utf8'));
      return [`${name}: ${transcript.title}`, transcript];
    });

  it.concurrent.each(transcripts)(
    '%s',
    async (_title, { files, steps }) => {
      const shell = new Shell();
      try {
        for (const name of others) cpSync(join(folder, name), join(shell.folder, name));
        for (const [name, content] of files) shell.write(name, content);
        expect(steps.length).toBeGreaterThan(0);
        for (const step of steps) await check(shell, step);
      } finally {
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
