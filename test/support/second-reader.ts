import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/**
 * Runs a Python reader of our formats, written from the specification alone. Without Python it
 * prints that it skips.
 */
export function expectSecondReaderToAgree(script: string): void {
  const path = join(__dirname, '../format', script);
  const { error, status, stdout, stderr } = spawnSync('python3', [path], { encoding: 'utf8' });
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
    console.log(
      `SKIPPED: test/format/${script} did not run, because there is no python3 on this machine`,
    );
    return;
  }
  expect({ status, stdout, stderr }).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^\d+ checks, 0 failed\n$/) as string,
    stderr: '',
  });
}
