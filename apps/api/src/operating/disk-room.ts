import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** More than a group of commands writes at once. */
const probeBytes = 1_048_576;

/** Says whether the disk under a folder takes writes: a file is written, synced and deleted. */
export function takesWrites(folder: string): boolean {
  const path = join(folder, 'ledger.probe');
  try {
    const file = openSync(path, 'w', 0o600);
    try {
      const written = writeSync(file, new Uint8Array(probeBytes));
      fsyncSync(file);
      return written === probeBytes;
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  } finally {
    rmSync(path, { force: true });
  }
}
