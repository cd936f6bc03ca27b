import {
  backupLedger,
  readPassphrase,
  type KeysWanted,
  type LedgerBackedUp,
  type Seal,
} from '@penalty-ledger/application/backing-up';
import { noteAct } from '../ledger/noted-act.js';
import { UsageError } from '../terminal/exit-codes.js';
import { startProgress } from '../terminal/progress.js';
import { said } from '../terminal/language.js';

/** The options of a backup, as they were given. */
export interface BackupWanted {
  readonly store: string;
  readonly keys?: string;
  readonly recipient?: readonly string[];
  readonly passphraseFile?: string;
  readonly unencryptedKeys?: boolean;
}

/** A backup, and how long it took, in seconds. */
export interface TimedBackup extends LedgerBackedUp {
  readonly folder: string;
  readonly seconds: number;
}

/**
 * Backs a ledger up, with a bar on a terminal.
 *
 * @throws UsageError when it is not said how the keys are to be kept secret
 */
export async function backUpWithProgress(
  folder: string,
  wanted: BackupWanted,
): Promise<TimedBackup> {
  const keys = keysWanted(wanted);
  noteAct(wanted.store, 'backup', { keys: keys === undefined ? 'none' : 'included' });
  const startedMs = performance.now();
  const progress = startProgress({ label: said('back up', '备份'), unit: 'events' });
  try {
    const backedUp = await backupLedger({
      url: wanted.store,
      folder,
      keys,
      onProgress: (events) => progress.update(events),
    });
    return { folder, ...backedUp, seconds: (performance.now() - startedMs) / 1_000 };
  } finally {
    progress.stop();
  }
}

function keysWanted(wanted: BackupWanted): KeysWanted | undefined {
  const { keys: path, recipient, passphraseFile, unencryptedKeys } = wanted;
  const given = [recipient, passphraseFile, unencryptedKeys].filter((each) => each !== undefined);
  if (path === undefined) {
    if (given.length === 0) return undefined;
    throw new UsageError(
      said(
        '--recipient, --passphrase-file and --unencrypted-keys need --keys FILE',
        '--recipient、--passphrase-file 和 --unencrypted-keys 需要与 --keys FILE 同用',
      ),
      said('without --keys no keys are backed up', '不给出 --keys 则不备份密钥'),
    );
  }
  if (given.length !== 1)
    throw new UsageError(
      said(
        '--keys needs one of --recipient, --passphrase-file and --unencrypted-keys',
        '--keys 需要与 --recipient、--passphrase-file、--unencrypted-keys 之一同用',
      ),
      said(
        '"age-keygen" makes a recipient and its identity; keep the identity off this machine',
        '"age-keygen" 可生成接收方及其身份；请勿把身份存放在本机',
      ),
    );
  return { path, seal: sealOf(wanted) };
}

function sealOf({ recipient, passphraseFile }: BackupWanted): Seal {
  if (recipient !== undefined) return { to: 'recipients', recipients: recipient };
  if (passphraseFile !== undefined)
    return { to: 'passphrase', passphrase: readPassphrase(passphraseFile) };
  return { to: 'nobody' };
}
