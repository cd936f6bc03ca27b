import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { matches, parseTranscript, Shell, type Step } from './transcript.js';

const folder = join(__dirname, 'transcripts');

let shell: Shell;

beforeEach(() => {
  shell = new Shell();
});

afterEach(() => shell.remove());

describe('what is typed and what comes of it', () => {
  it.each(readdirSync(folder))(
    '%s',
    (name) => {
      const { files, steps } = parseTranscript(readFileSync(join(folder, name), 'utf8'));
      for (const [file, content] of files) shell.write(file, content);
      expect(steps.length).toBeGreaterThan(0);
      for (const step of steps) check(step);
    },
    180_000,
  );
});

function check({ command, expected }: Step): void {
  const actual = shell.run(command);
  const isAsExpected =
    actual.exitCode === expected.exitCode &&
    matches(expected.stdout, actual.stdout) &&
    matches(expected.stderr, actual.stderr);
  if (!isAsExpected) expect({ command, ...actual }).toEqual({ command, ...expected });
}
