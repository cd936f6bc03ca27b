import type { Command } from 'commander';
import { exitCodes, UsageError } from '../terminal/exit-codes.js';
import { note, printJson, printPage } from '../terminal/io.js';
import { noteEvidenceStays } from '../ledger/evidence-note.js';
import { addVerb, jsonOption, storeOption } from '../verb.js';

interface BackupOptions {
  readonly store: string;
  readonly keys?: string;
  readonly recipient?: readonly string[];
  readonly passphraseFile?: string;
  readonly unencryptedKeys?: boolean;
  readonly verify?: boolean;
  readonly checkpoint?: readonly string[];
  readonly key?: readonly string[];
  readonly json?: boolean;
}

export function addTo(program: Command): void {
  addVerb(program, 'backup <folder>', {
    summary: 'back a ledger up into a folder, or verify a backup',
    details:
      'Writes the events, checkpoints and access log that FOLDER does not hold yet. The service ' +
      'can keep running. Everything acknowledged before the start is in the backup. FOLDER never ' +
      'holds keys: --keys writes them, with API keys and webhooks, into an encrypted file that ' +
      'replaces the one before. Keep the two apart.\n' +
      '--verify checks a backup by itself, without the ledger. Exits with 0 if it holds, with 1 ' +
      'if it does not.',
    examples: [
      'backup /backup/ledger',
      'backup /backup/ledger --keys /safe/ledger.keys.age --recipient age1…',
      'backup /backup/ledger --verify --key "$KEY" --checkpoint june.checkpoint',
    ],
  })
    .option('--keys <file>', 'also write the keys into a file, outside FOLDER')
    .option('--recipient <age1...>', 'encrypt the keys to public keys of age; any of them opens')
    .option('--passphrase-file <file>', 'encrypt the keys with the passphrase in a file')
    .option('--unencrypted-keys', 'leave the keys readable; for a disk that is encrypted itself')
    .option('--verify', 'verify the backup in FOLDER instead')
    .option('--checkpoint <file...>', 'with --verify: checkpoints kept elsewhere to compare with')
    .option('--key <key...>', 'with --verify: a verifier key from elsewhere')
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(async (folder: string, options: BackupOptions) => {
      const { json = false } = options;
      if (options.verify === true) {
        refuseBeside('--verify', { keys: options.keys, ...sealOptions(options) });
        const { verifyWithProgress } = await import('./verification.js');
        const { verificationPage } = await import('./page.js');
        const verification = await verifyWithProgress(folder, options);
        if (!verification.holds) process.exitCode = exitCodes.no;
        return json ? printJson(verification) : printPage(verificationPage(verification));
      }
      if (options.checkpoint !== undefined || options.key !== undefined)
        throw new UsageError('--checkpoint and --key need --verify');
      const { backUpWithProgress } = await import('./ledger-backup.js');
      const { backupPage } = await import('./page.js');
      const backedUp = await backUpWithProgress(folder, options);
      if (json) await printJson(backedUp);
      else await printPage(backupPage(backedUp));
      noteEvidenceStays(options.store);
      if (backedUp.keys?.encrypted === false)
        note(`anyone who can read "${backedUp.keys.path}" can read all names and texts`);
    });
}

function sealOptions({ recipient, passphraseFile, unencryptedKeys }: BackupOptions): object {
  return { recipient, 'passphrase-file': passphraseFile, 'unencrypted-keys': unencryptedKeys };
}

function refuseBeside(option: string, others: object): void {
  const [given] = Object.entries(others).find(([, value]) => value !== undefined) ?? [];
  if (given !== undefined) throw new UsageError(`${option} cannot be combined with --${given}`);
}
