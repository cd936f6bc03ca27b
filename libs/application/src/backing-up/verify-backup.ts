import { errorInBoth, type Instant } from '@penalty-ledger/ledger';
import { parseVerifierKey, type Hash, type VerifierKey } from '@penalty-ledger/merkle-log';
import { AccessLogCheck } from './access-log-check.js';
import { BackupCheck, recordedUpTo } from './backup-check.js';
import { OpenedBackup } from './backup-folder.js';
import { BackupDamagedError, type Manifest } from './backup-manifest.js';
import type { CheckResult } from '../verification/damage.js';
import type { OutsideFile } from '../verification/outside-check.js';

/** The input of a verification. */
export interface VerifyBackup {
  readonly folder: string;
  /** Verifier keys from elsewhere. Left out: the one in the backup, which proves less. */
  readonly keys?: readonly VerifierKey[];
  /** The checkpoints that others hold. */
  readonly files?: readonly OutsideFile[];
  readonly onProgress?: (events: number, total: number) => void;
}

/** The result. */
export interface BackupVerification {
  /** Nothing was found. */
  readonly holds: boolean;
  readonly ledgerId: string;
  readonly simulation: boolean;
  /** Events read. */
  readonly events: number;
  /** The root of the tree over them; `undefined` when they could not all be read. */
  readonly root: Hash | undefined;
  readonly recordedUpTo: Instant | undefined;
  readonly madeAt: Instant;
  /** The events that the latest checkpoint in the backup signs. */
  readonly signedEvents: number;
  readonly checks: readonly CheckResult[];
}

/**
 * Checks everything in a backup, without the ledger, and lists all damage. A file that is not what
 * was written ends the reading of its lines.
 *
 * @throws BackupDamagedError when the folder is not a backup
 */
export async function verifyBackup({
  folder,
  keys,
  files = [],
  onProgress = () => undefined,
}: VerifyBackup): Promise<BackupVerification> {
  const backup = await OpenedBackup.open(folder);
  try {
    const { manifest } = backup;
    const check = await BackupCheck.of(backup, { keys: keys ?? ownKeys(manifest), files });
    const { findings } = check;
    const damaged = async (read: () => Promise<void>): Promise<void> => {
      try {
        await read();
      } catch (error) {
        if (!(error instanceof BackupDamagedError)) throw error;
        findings.damage('files', {}, errorInBoth(error));
      }
    };
    let root: Hash | undefined;
    await damaged(async () => {
      for await (const batch of check.events())
        if (batch.length > 0) onProgress(check.size, manifest.events.count);
      ({ root } = check);
    });
    if (manifest.accessLog !== undefined) {
      const log = new AccessLogCheck(manifest.accessLog);
      await damaged(async () => {
        for await (const lines of backup.lines('access-log')) log.take(lines);
        log.finish();
      });
      findings.counted('access log', log.entries - (manifest.accessLog.cutEntries ?? 0), 'entries');
      if (log.problem !== undefined) findings.damage('access log', {}, log.problem);
    }
    const checks = findings.results().filter(({ check: name }) => name !== 'leaf hashes');
    const { ledgerId, simulation, madeAt } = manifest;
    return {
      holds: findings.first === undefined,
      ledgerId,
      simulation,
      events: check.size,
      root,
      recordedUpTo: recordedUpTo(manifest),
      madeAt: madeAt,
      signedEvents: manifest.checkpoints.lastSize,
      checks,
    };
  } finally {
    await backup.close();
  }
}

/** The key that the backup names, if it names one. @throws BackupDamagedError */
export function ownKeys({ verifierKey }: Manifest): readonly VerifierKey[] {
  if (verifierKey === undefined) return [];
  try {
    return [parseVerifierKey(verifierKey)];
  } catch (error) {
    throw new BackupDamagedError(
      {
        en: 'the manifest is damaged: its verifier key is not one',
        zh: '清单已损坏：其验证密钥无效',
      },
      {
        cause: error,
      },
    );
  }
}
