import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/**
 * A transcript is a text: what is typed at a shell, and what comes of it.
 *
 *     # what it shows
 *     # a remark
 *     == commands.ndjson          a file, up to a line ==
 *     $ ledger simulate commands.ndjson
 *     what standard output says
 *     ! what standard error says
 *     ? 1                         the exit code, when it is not 0
 *
 * `[..]` stands for anything within a line, a line `...` for any lines.
 */
export interface Transcript {
  /** Its first remark, a sentence. */
  readonly title: string;
  readonly files: ReadonlyMap<string, string>;
  readonly steps: readonly Step[];
}

export interface Step {
  readonly command: string;
  readonly expected: Result;
}

export interface Result {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

export function parseTranscript(content: string): Transcript {
  const title = /^# (.+)\n/.exec(content)?.[1];
  if (title === undefined) throw new Error('a transcript begins with "# " and what it shows');
  const files = new Map<string, string>();
  const steps: Step[] = [];
  const lines = content.split('\n');
  while (lines.length > 0) {
    const line = lines.shift() ?? '';
    if (line.startsWith('== '))
      files.set(line.slice(3), takeUntil(lines, (next) => next === '==', true).join('\n') + '\n');
    else if (line.startsWith('$ '))
      steps.push(
        parseStep(
          line.slice(2),
          takeUntil(lines, (next) => /^(?:\$|#|==) /.test(next), false),
        ),
      );
    else if (line !== '' && !line.startsWith('# '))
      throw new Error(`a line that belongs to no command: ${line}`);
  }
  return { title, files, steps };
}

function takeUntil(lines: string[], isEnd: (line: string) => boolean, takesEnd: boolean): string[] {
  const end = lines.findIndex(isEnd);
  const taken = lines.splice(0, end === -1 ? lines.length : end);
  if (takesEnd) lines.shift();
  return taken;
}

function parseStep(command: string, lines: readonly string[]): Step {
  const marked = (mark: string): string[] =>
    lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(mark.length));
  const plain = lines.filter((line) => !line.startsWith('! ') && !line.startsWith('? '));
  return {
    command,
    expected: {
      stdout: plain.join('\n').trimEnd(),
      stderr: marked('! ').join('\n').trimEnd(),
      exitCode: Number(marked('? ')[0] ?? 0),
    },
  };
}

/** Says whether a text is what a transcript expects. */
export function matches(expected: string, actual: string): boolean {
  const pattern = expected
    .split('\n')
    .map((line) =>
      line === '...'
        ? String.raw`(?:.*\n)*?.*`
        : line
            .split('[..]')
            .map((part) => escaped(part))
            .join('.*'),
    )
    .join('\n');
  return new RegExp(`^${pattern}$`).test(actual);
}

/** A folder of its own with the built program on its path. */
export class Shell {
  readonly folder = mkdtempSync(join(tmpdir(), 'ledger-cli-'));
  readonly env: NodeJS.ProcessEnv;

  constructor() {
    const bin = join(this.folder, '.bin');
    mkdirSync(bin);
    writeFileSync(
      join(bin, 'ledger'),
      `#!/bin/sh\nexec "${process.execPath}" ${ledgerProgram} "$@"\n`,
    );
    chmodSync(join(bin, 'ledger'), 0o755);
    // A zone far from the ledger's: no answer may depend on the machine's.
    // What a transcript needs to do harm with.
    const SQLITE = join(__dirname, '../../node_modules/@photostructure/sqlite');
    this.env = {
      SQLITE,
      PATH: `${bin}:${process.env['PATH'] ?? ''}`,
      HOME: this.folder,
      TZ: 'America/New_York',
    };
  }

  run(command: string): Result {
    const { stdout, stderr, status } = spawnSync('bash', ['-c', command], {
      cwd: this.folder,
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 100_000_000,
    });
    return {
      stdout: stdout.toString().trimEnd(),
      stderr: stderr.toString().trimEnd(),
      exitCode: status ?? -1,
    };
  }

  /** Does the same while others run beside it. */
  async runAside(command: string): Promise<Result> {
    const bash = spawn('bash', ['-c', command], {
      cwd: this.folder,
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [stdout, stderr, [status]] = await Promise.all([
      text(bash.stdout),
      text(bash.stderr),
      once(bash, 'close') as Promise<[number | null]>,
    ]);
    return { stdout: stdout.trimEnd(), stderr: stderr.trimEnd(), exitCode: status ?? -1 };
  }

  write(name: string, content: string): void {
    writeFileSync(join(this.folder, name), content);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const ledgerProgram = join(__dirname, '../../apps/cli/bin/ledger.js');

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
