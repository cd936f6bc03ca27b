import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';

/** The name of the file beside the access file. */
export function firstKeyPath(accessPath: string): string {
  return `${accessPath.replace(/\.db$/, '')}.first-key`;
}

/**
 * Writes the first administrator's token into a file that its owner alone may read. One that lies
 * there is of an access file that is gone; it is removed and not written into, since it may be
 * readable to others, or a link.
 */
export function writeFirstKey(path: string, token: string): void {
  rmSync(path, { force: true });
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, `${token}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
