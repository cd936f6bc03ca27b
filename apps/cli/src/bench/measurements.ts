import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodes, UsageError, type ExitCode } from '../terminal/exit-codes.js';
import { said } from '../terminal/language.js';

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
      said(
        `"${checkout}" is not a source checkout; bench/src/main.ts is missing`,
        `"${checkout}" 不是源代码检出目录；缺少 bench/src/main.ts`,
      ),
      said(
        'give --checkout the folder of a checkout, or run "npm run bench" there',
        '请用 --checkout 给出检出目录，或在其中运行 "npm run bench"',
      ),
    );
  }
  if (!existsSync(program)) {
    throw new UsageError(
      said(`the benchmarks in "${checkout}" are not built`, `"${checkout}" 中的基准测试尚未构建`),
      said(
        'run "npm ci" and "npx tsc -b bench" there, and try again',
        '请在其中运行 "npm ci" 和 "npx tsc -b bench"，然后重试',
      ),
    );
  }
  const running = spawn(process.execPath, [program, ...given], { stdio: 'inherit' });
  const [code] = (await once(running, 'exit')) as [number | null];
  return code === 0 ? exitCodes.done : exitCodes.store;
}
