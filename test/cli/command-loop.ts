import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A verb as the program's own table has it. */
export interface Verb {
  readonly name: string;
  readonly arguments: readonly { readonly name: string; readonly required: boolean }[];
  readonly options: readonly { readonly long: string; readonly takes?: string }[];
  readonly subcommands: readonly Verb[];
}

/** The end of a command line, and everything that it printed. */
export interface Result {
  readonly args: readonly string[];
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface LoopOptions {
  /** Standard output is a pipe whose reader has gone. */
  readonly closed?: boolean;
  /** No file may become longer. */
  readonly kilobytes?: number;
  /** Runs as another user, whom modes keep out also where the tests run as root. */
  readonly asSomebodyElse?: boolean;
  readonly env?: NodeJS.ProcessEnv;
}

const dist = (name: string): string => pathToFileURL(join(__dirname, `../../dist/${name}.js`)).href;
const loopProgram = join(__dirname, 'run-command-lines.mjs');

export const somebodyElse = 65_534;
const isRoot = process.getuid?.() === 0;

function loop(folder: string, given: readonly string[], options: LoopOptions): unknown {
  const { asSomebodyElse = false, closed = false, env, kilobytes } = options;
  const limit = kilobytes === undefined ? '' : `ulimit -S -f ${String(kilobytes)};`;
  const program = [process.execPath, loopProgram, dist('run'), dist('program'), ...given];
  const { stdout, stderr, status } = spawnSync(
    'bash',
    ['-c', `${limit} exec "$@"`, 'bash', ...program],
    {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        TMPDIR: folder,
        HOME: folder,
        ...(closed && { READER_GONE: '1' }),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
      maxBuffer: 100_000_000,
      ...(asSomebodyElse && isRoot && { uid: somebodyElse, gid: somebodyElse }),
    },
  );
  if (status !== 0 || stderr !== '') throw new Error(`${String(status)} ${stderr} ${stdout}`);
  return JSON.parse(stdout);
}

/** Runs command lines of the built program in a folder, one after another in one process. */
export function runLines(
  folder: string,
  lines: readonly (readonly string[])[],
  options: LoopOptions = {},
): readonly Result[] {
  const file = join(folder, 'lines.json');
  writeFileSync(file, JSON.stringify(lines));
  return loop(folder, [file], options) as readonly Result[];
}

/** Returns every verb and subcommand of the built program, by what is typed for it. */
export function everyVerb(folder: string): ReadonlyMap<string, Verb> {
  return new Map(byName(loop(folder, [], {}) as readonly Verb[]));
}

function byName(found: readonly Verb[], before = ''): readonly (readonly [string, Verb])[] {
  return found.flatMap((verb) => [
    [`${before}${verb.name}`, verb] as const,
    ...byName(verb.subcommands, `${before}${verb.name} `),
  ]);
}
