import { constants, type Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { BackupDamagedError } from './backup-manifest.js';

/** Opening a pipe does not wait for its other end, and a link is not followed. */
const readingFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Opens a file of a backup to be read. A backup can come from strangers: what is not a regular file
 * could block for ever, never end, or show a file of this machine.
 *
 * @throws BackupDamagedError for anything but a regular file
 */
export async function openRegularFile(path: string): Promise<FileHandle> {
  let file: FileHandle;
  try {
    file = await open(path, readingFlags);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ELOOP') throw notRegular(path, 'a link', error);
    if (code === 'ENXIO') throw notRegular(path, 'a socket', error);
    throw error;
  }
  const stats = await file.stat();
  if (stats.isFile()) return file;
  await file.close();
  throw notRegular(path, kindOf(stats));
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  return stats.isFIFO() ? 'a pipe' : 'a device';
}

function notRegular(path: string, kind: string, cause?: unknown): BackupDamagedError {
  return new BackupDamagedError(
    {
      en: `"${path}" is damaged: it is ${kind}, and must be a plain file`,
      zh: `"${path}" 已损坏：它是 ${kind}，应当是普通文件`,
    },
    {
      cause,
    },
  );
}
