import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { matches, type Shell } from './transcript.js';

/** A command that a page shows, and what a terminal shows of it. */
export interface PageStep {
  readonly command: string;
  readonly shown: string;
}

/** Returns the fenced blocks of a language in a page, in order. */
export function blocksOf(page: string, language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm');
  return [...page.matchAll(fence)].map(([, block = '']) => block);
}

/** Returns the commands of a page's `console` blocks, each with what it prints. */
export function stepsOf(page: string): PageStep[] {
  return blocksOf(page, 'console').flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((text) => {
        const [, command = '', shown = ''] = /^((?:.*\\\n)*.*)\n([^]*)$/.exec(text) ?? [];
        return { command, shown: shown.trimEnd() };
      }),
  );
}

/** Gives a shell's folder the packages of this project, and an `npx` that finds their programs. */
export function installPackages(shell: Shell): void {
  const packages = join(__dirname, '../../node_modules');
  symlinkSync(packages, join(shell.folder, 'node_modules'));
  // Does what npx does here, which takes it most of a second of the processor for each command.
  const npx = join(shell.folder, '.bin', 'npx');
  writeFileSync(npx, '#!/bin/sh\nprogram=$1; shift; exec "./node_modules/.bin/$program" "$@"\n');
  chmodSync(npx, 0o755);
}

const maxSeconds = 240;
const end = '-- end of a step --';

/** A page shows what went wrong in such a line; any other command ends well. */
const failure = /^(?:error: |错误：)/m;

/**
 * Runs a page from its first command to its last in one shell, as its reader would, and compares
 * what a terminal shows: standard output and standard error together. Each command has to run, and
 * to end with 0 unless the page shows an error.
 */
export async function checkPage(shell: Shell, steps: readonly PageStep[]): Promise<void> {
  const script = [
    'exec 2>&1',
    // A service that a page starts ends with the page.
    "trap 'kill $(jobs -p) 2> /dev/null; wait' EXIT",
    ...steps.flatMap(({ command }) => [command, `printf '\\n%s %s\\n' '${end}' "$?"`]),
  ].join('\n');
  shell.write('.page', script);
  // A page that waits for what never comes ends, and its services with it.
  const { stdout } = await shell.runAside(`timeout ${String(maxSeconds)} bash .page`);
  const ran = ranSteps(stdout);
  for (const [index, { command, shown }] of steps.entries()) {
    const { text = '(it did not run to its end)', exitCode } = ran[index] ?? {};
    // Compared again when it does not match, so that a failure shows both texts.
    if (!matches(shown, text)) expect(`$ ${command}\n${text}`).toBe(`$ ${command}\n${shown}`);
    expect({ command, isDone: exitCode === 0 }).toEqual({ command, isDone: !failure.test(shown) });
  }
  expect(ran).toHaveLength(steps.length);
}

/** An outcome of an import: a terminal shows none (`at-terminal.spec.ts`), and here is a pipe. */
const outcomeLine = /^\{"line":\d+,"status":.*\n?/gm;

/** The text that each step printed, and its exit code, as far as the script came. */
function ranSteps(stdout: string): readonly { readonly text: string; readonly exitCode: number }[] {
  const parts = stdout.split(new RegExp(`\\n${end} (\\d+)\\n?`));
  return parts.flatMap((exitCode, index) => {
    const text = (parts[index - 1] ?? '').replace(outcomeLine, '').trimEnd();
    return index % 2 === 0 ? [] : [{ text, exitCode: Number(exitCode) }];
  });
}
