import type { Command } from 'commander';
import { exitCodes, UsageError } from '../terminal/exit-codes.js';
import { note } from '../terminal/io.js';
import { noteEvidenceStays } from '../ledger/evidence-note.js';
import { addVerb, jsonOption, storeOption } from '../verb.js';
import { said } from '../terminal/language.js';
import { printMarked } from '../terminal/simulation-mark.js';

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
    summary: said(
      'back a ledger up into a folder, or verify a backup',
      '把账本备份到文件夹，或验证备份',
    ),
    details: said(
      'Writes the events, checkpoints and access log that FOLDER does not hold yet. The ' +
        'service can keep running. Everything acknowledged before the start is in the backup. ' +
        'FOLDER never holds keys: --keys writes them, with API keys and webhooks, into an ' +
        'encrypted file that replaces the one before. Keep the two apart.\n--verify checks a ' +
        'backup by itself, without the ledger. Exits with 0 if it holds, with 1 if it does ' +
        'not.',
      '把 FOLDER 中尚缺的事件、检查点和访问日志写入其中。服务可以继续运行。' +
        '开始之前已确认的内容都在备份中。FOLDER 不含密钥：' +
        '--keys 把密钥连同 API 密钥和 webhook 写入一个加密文件，并替换上一个。' +
        '请将二者分开保存。\n--verify 不依赖账本，单独检查备份。完好时退出码为 0，否则为 1。',
    ),
    examples: [
      [
        'backup saved',
        '...',
        said('events        3,371, of which 3,371 are new', '事件          3,371，其中新增 3,371'),
        '...',
      ],
      'backup /backup/ledger --keys /safe/ledger.keys.age --recipient age1…',
      [
        'backup saved --verify',
        '...',
        said('ok    files           3 files', '通过  文件            3 个文件'),
        said('ok    events          3,371 events', '通过  事件            3,371 个事件'),
        '...',
      ],
    ],
  })
    .option(
      '--keys <file>',
      said('also write the keys into a file, outside FOLDER', '同时把密钥写入 FOLDER 之外的文件'),
    )
    .option(
      '--recipient <age1...>',
      said(
        'encrypt the keys to public keys of age; any of them opens',
        '用 age 公钥加密密钥；任一对应身份均可打开',
      ),
    )
    .option(
      '--passphrase-file <file>',
      said('encrypt the keys with the passphrase in a file', '用文件中的口令加密密钥'),
    )
    .option(
      '--unencrypted-keys',
      said(
        'leave the keys readable; for a disk that is encrypted itself',
        '密钥保持可读；用于本身已加密的磁盘',
      ),
    )
    .option('--verify', said('verify the backup in FOLDER instead', '改为验证 FOLDER 中的备份'))
    .option(
      '--checkpoint <file...>',
      said(
        'with --verify: checkpoints kept elsewhere to compare with',
        '配合 --verify：用于核对的、保存在他处的检查点',
      ),
    )
    .option(
      '--key <key...>',
      said('with --verify: a verifier key from elsewhere', '配合 --verify：来自他处的验证密钥'),
    )
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
        return printMarked(verification, json, verification, () => verificationPage(verification));
      }
      if (options.checkpoint !== undefined || options.key !== undefined)
        throw new UsageError(
          said(
            '--checkpoint and --key need --verify',
            '--checkpoint 和 --key 需要与 --verify 同用',
          ),
        );
      const { backUpWithProgress } = await import('./ledger-backup.js');
      const { backupPage } = await import('./page.js');
      const backedUp = await backUpWithProgress(folder, options);
      await printMarked(backedUp, json, backedUp, () => backupPage(backedUp));
      noteEvidenceStays(options.store);
      if (backedUp.keys?.encrypted === false)
        note(
          said(
            `anyone who can read "${backedUp.keys.path}" can read all names and texts`,
            `能读取 "${backedUp.keys.path}" 的人都能读取全部名称和文字`,
          ),
        );
    });
}

function sealOptions({ recipient, passphraseFile, unencryptedKeys }: BackupOptions): object {
  return { recipient, 'passphrase-file': passphraseFile, 'unencrypted-keys': unencryptedKeys };
}

function refuseBeside(option: string, others: object): void {
  const [given] = Object.entries(others).find(([, value]) => value !== undefined) ?? [];
  if (given !== undefined)
    throw new UsageError(
      said(`${option} cannot be combined with --${given}`, `${option} 不能与 --${given} 同用`),
    );
}
