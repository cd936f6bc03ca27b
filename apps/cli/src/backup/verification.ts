import {
  BackupDamagedError,
  verifyBackup,
  type BackupVerification,
} from '@penalty-ledger/application/backing-up';
import type { OutsideFile } from '@penalty-ledger/application/verification';
import { readHeld } from '../verify/held-file.js';
import { startProgress } from '../terminal/progress.js';
import { readKeys } from '../terminal/verifier-keys.js';

/** Verifies a backup, with a bar on a terminal. */
export async function verifyWithProgress(
  folder: string,
  {
    checkpoint = [],
    key,
  }: { readonly checkpoint?: readonly string[]; readonly key?: readonly string[] },
): Promise<BackupVerification> {
  const files = await Promise.all(
    checkpoint.map(async (name): Promise<OutsideFile> => ({
      kind: 'checkpoint',
      name,
      bytes: await readHeld(name),
    })),
  );
  const keys = key === undefined ? {} : { keys: readKeys(key) };
  const progress = startProgress({ label: 'verify', unit: 'events' });
  try {
    return await verifyBackup({
      folder,
      files,
      ...keys,
      onProgress: (events) => progress.update(events),
    });
  } catch (error) {
    if (!(error instanceof BackupDamagedError)) throw error;
    // The usual hint names the command that was just run.
    throw new BackupDamagedError(error.inBoth, {
      cause: error,
      hint: {
        en: 'use another copy of the backup, or back up into a new folder',
        zh: '请换用备份的另一份副本，或备份到新的文件夹',
      },
    });
  } finally {
    progress.stop();
  }
}
