import type { Command } from 'commander';
import { addFilesElsewhere, filesElsewhere } from '../ledger/files-elsewhere.js';
import { addVerb, jsonOption, leaseSecondsOption } from '../verb.js';
import { said } from '../terminal/language.js';
import { printMarked } from '../terminal/simulation-mark.js';

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
    summary: said('restore a ledger from a backup, and verify it', '从备份恢复账本，并进行验证'),
    details: said(
      'Checks every event of the backup in FOLDER while it writes the target, makes the tree ' +
        'from the target and compares the roots. The target must be empty. Until the restore has ' +
        'finished nobody can open it; run it again after an interruption, and it continues.\n' +
        'Without FOLDER, restores only the keys, to a ledger that exists. The key of an erased ' +
        'subject is never restored.',
      '写入目标的同时检查 FOLDER 中备份的每个事件，根据目标生成默克尔树并比对根。目标须为空。' +
        '恢复完成之前任何人都不能打开它；中断后再次运行即可继续。\n不给出 FOLDER 时，' +
        '只把密钥恢复到已有的账本。已删除主体的密钥从不恢复。',
    ),
    examples: [
      [
        'restore saved --to sqlite:./restored/ledger.db',
        '...',
        said(
          'restored      sqlite:./restored/ledger.db',
          '已恢复        sqlite:./restored/ledger.db',
        ),
        '...',
        said(
          'checkpoints   1; the latest signs 3,371 events',
          '检查点        1 个；最新一个签署了 3,371 个事件',
        ),
        '...',
      ],
      'restore /backup/ledger --to sqlite:./data/ledger.db --keys ledger.keys.age ' +
        '--identity-file identity.txt',
      'restore --to sqlite:./data/ledger.db --keys ledger.keys.age --passphrase-file phrase.txt',
    ],
  })
    .requiredOption(
      '--to <url>',
      said(
        'the target: sqlite:PATH, esdb://HOST or kurrentdb://HOST',
        '目标：sqlite:PATH、esdb://HOST 或 kurrentdb://HOST',
      ),
    )
    .option(
      '--keys <file>',
      said('the keys that "backup --keys" wrote', '"backup --keys" 写出的密钥'),
    )
    .option(
      '--identity-file <file>',
      said('opens keys that were encrypted to a recipient', '打开以接收方加密的密钥'),
    )
    .option(
      '--passphrase-file <file>',
      said('opens keys that were encrypted with a passphrase', '打开以口令加密的密钥'),
    )
    .option(
      '--erased <file>',
      said(
        'subjects erased after the backup, one a line, or lines of "export": they get no key back',
        '备份之后删除的主体，每行一个，或 "export" 的行：不恢复其密钥',
      ),
    );
  addFilesElsewhere(verb, ['keys', 'access'])
    .addOption(leaseSecondsOption())
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
        return printMarked(keys, json, keys, () => keysPage(keys));
      }
      const restored = await restoreWithProgress(folder, options.to, {
        ...given,
        termMs: options.leaseSeconds * 1_000,
      });
      return printMarked(restored, json, restored, () => restorePage(restored));
    });
}
