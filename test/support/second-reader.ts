import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { isMissing } from './ci.js';

/**
 * Runs a Python reader of our formats, written from the specification alone. Without Python it
 * prints that it skips, and in CI it fails.
 */
export function expectSecondReaderToAgree(script: string): void {
  const path = join(__dirname, '../format', script);
  const { error, status, stdout, stderr } = spawnSync('python3', [path], { encoding: 'utf8' });
  if (isMissing('python3', error, `test/format/${script}`)) return;
  expect({ status, stdout, stderr }).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^\d+ checks, 0 failed\n$/) as string,
    stderr: '',
  });
}
