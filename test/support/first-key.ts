import { readFileSync } from 'node:fs';

/**
 * Reads the first administrator's token from the file that a line of the greeting names;
 * `undefined` for every other line.
 */
export function firstTokenBy(line: string): string | undefined {
  const path = /^\s+first key\s+(.+\.first-key) \(/.exec(line)?.[1];
  return path === undefined ? undefined : readFileSync(path, 'utf8').trim();
}
