import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodes, UsageError, type ExitCode } from '../terminal/exit-codes.js';

/**
 * Runs the benchmarks of a checkout, which print for themselves.
 *
 * @param given options of `bench/src/main.ts`, passed on as they are
 * @throws UsageError when the folder is not a checkout, or its benchmarks are not built
 */
export async function runMeasurements(
  checkout: string,
  given: readonly string[],
): Promise<ExitCode> {
  const program = join(checkout, 'bench', 'dist', 'main.js');
  if (!existsSync(join(checkout, 'bench', 'src', 'main.ts'))) {
    throw new UsageError(
      `"${checkout}" is not a source checkout; bench/src/main.ts is missing`,
      'give --checkout the folder of a checkout, or run "npm run bench" there',
    );
  }
  if (!existsSync(program)) {
    throw new UsageError(
      `the benchmarks in "${checkout}" are not built`,
      'run "npm ci" and "npx tsc -b bench" there, and try again',
    );
  }
  const running = spawn(process.execPath, [program, ...given], { stdio: 'inherit' });
  const [code] = (await once(running, 'exit')) as [number | null];
  return code === 0 ? exitCodes.done : exitCodes.store;
}
