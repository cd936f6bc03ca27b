import type { Command } from 'commander';
import { printJson, printPage } from '../terminal/io.js';
import { addFilesElsewhere, filesElsewhere } from '../ledger/files-elsewhere.js';
import { addVerb, jsonOption, leaseSecondsOption } from '../verb.js';

interface RestoreOptions {
  readonly to: string;
  readonly keys?: string;
  readonly identityFile?: string;
  readonly passphraseFile?: string;
  readonly erased?: string;
  readonly keysFile?: string;
  readonly accessFile?: string;
  readonly leaseSeconds: number;
  readonly json?: boolean;
}

export function addTo(program: Command): void {
  const verb = addVerb(program, 'restore [folder]', {
    summary: 'restore a ledger from a backup, and verify it',
    details:
      'Checks every event of the backup in FOLDER while it writes the target, makes the tree ' +
      'from the target and compares the roots. The target must be empty. Until the restore has ' +
      'finished nobody can open it; run it again after an interruption, and it continues.\n' +
      'Without FOLDER, restores only the keys, to a ledger that exists. The key of an erased ' +
      'subject is never restored.',
    examples: [
      'restore /backup/ledger --to sqlite:./data/ledger.db',
      'restore /backup/ledger --to sqlite:./data/ledger.db --keys ledger.keys.age ' +
        '--identity-file identity.txt',
      'restore --to sqlite:./data/ledger.db --keys ledger.keys.age --passphrase-file phrase.txt',
    ],
  })
    .requiredOption('--to <url>', 'the target: sqlite:PATH, esdb://HOST or kurrentdb://HOST')
    .option('--keys <file>', 'the keys that "backup --keys" wrote')
    .option('--identity-file <file>', 'opens keys that were encrypted to a recipient')
    .option('--passphrase-file <file>', 'opens keys that were encrypted with a passphrase')
    .option(
      '--erased <file>',
      'subjects erased after the backup, one a line, or lines of "export": they get no key back',
    );
  addFilesElsewhere(verb, ['keys', 'access'])
    .addOption(leaseSecondsOption('restore'))
    .addOption(jsonOption())
    .action(async (folder: string | undefined, { json = false, ...options }: RestoreOptions) => {
      const { givenKeys, restoreKeysAlone, restoreWithProgress } =
        await import('./ledger-restore.js');
      const { keysPage, restorePage } = await import('./page.js');
      const hasKeys = options.keys !== undefined;
      const elsewhere = filesElsewhere(options, hasKeys ? ['keys', 'access'] : []);
      const given = { ...(await givenKeys(folder, options)), elsewhere };
      if (folder === undefined) {
        const keys = await restoreKeysAlone(options.to, given);
        return json ? printJson(keys) : printPage(keysPage(keys));
      }
      const restored = await restoreWithProgress(folder, options.to, {
        ...given,
        termMs: options.leaseSeconds * 1_000,
      });
      return json ? printJson(restored) : printPage(restorePage(restored));
    });
}
