import type { Command } from 'commander';
import { exitCodes } from '../terminal/exit-codes.js';
import { printJson, printPage } from '../terminal/io.js';
import { addVerb, jsonOption, storeOption, type AskOptions } from '../verb.js';
import { said, speakToPrograms } from '../terminal/language.js';

interface VerifyOptions extends AskOptions {
  readonly key?: readonly string[];
  readonly receipt?: readonly string[];
  readonly checkpoint?: readonly string[];
  readonly accessLog?: boolean;
  readonly head?: readonly string[];
}

export function addTo(program: Command): void {
  addVerb(program, 'verify [file]', {
    summary: said(
      'verify a ledger, an evidence pack, a receipt or a checkpoint',
      '验证账本、证据包、回执或检查点',
    ),
    details: said(
      'Without FILE, verifies a whole ledger from its stored bytes and lists all damage: form, ' +
        'hashes, chains, ids, times, the Merkle tree, every checkpoint, rulebooks, decisions ' +
        'made again, read models. --receipt and --checkpoint compare it with what others ' +
        'kept.\nWith FILE, verifies that evidence pack, receipt or checkpoint by itself; a ' +
        'pack is compared with --receipt and --checkpoint too.\n--access-log verifies the hash ' +
        "chain of the service's access log instead, against its anchors; with FILE, of a copy " +
        'of one.\nExits with 0 if it holds, with 1 if it does not.',
      '不给出 FILE 时，根据存储的字节验证整个账本，并列出全部损坏：格式、哈希、链、编号、' +
        '时间、默克尔树、每个检查点、规则、重新判定、读模型。--receipt 和 --checkpoint 用他人' +
        '保存的内容进行核对。\n给出 FILE 时，单独验证该证据包、回执或检查点；' +
        '证据包也可与 --receipt 和 --checkpoint 核对。\n--access-log 改为用锚点验证服务访问日' +
        '志的哈希链；给出 FILE 时验证其副本。\n完好时退出码为 0，否则为 1。',
    ),
    examples: [
      ['verify | tail -1', said('3,371 events: the ledger holds.', '3,371 个事件：账本完好。')],
      'verify --key "$KEY" --receipt d-1.receipt',
      'verify d-1.receipt --key "$KEY"',
      'verify ap-1.zip --key "$KEY"',
      'verify --access-log --head "$HEAD"',
    ],
  })
    .option(
      '--key <key...>',
      said(
        'a verifier key from elsewhere (default: the one in the ledger’s key file)',
        '来自他处的验证密钥（默认：账本密钥文件中的密钥）',
      ),
    )
    .option('--receipt <file...>', said('receipts to compare with', '用于核对的回执'))
    .option('--checkpoint <file...>', said('checkpoints to compare with', '用于核对的检查点'))
    .option(
      '--access-log',
      said('verify the access log; the service can keep running', '验证访问日志；服务可以继续运行'),
    )
    .option(
      '--head <seq:hash...>',
      said('entries of the access log that were kept elsewhere', '保存在他处的访问日志记录'),
    )
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(
      async (
        file: string | undefined,
        { store, key, receipt, checkpoint, ...options }: VerifyOptions,
      ) => {
        const { json = false, accessLog = false, head = [] } = options;
        if (json) speakToPrograms();
        if (accessLog) {
          const { verifyAccess } = await import('./access-log.js');
          const { accessLogLines } = await import('./access-log-page.js');
          const { readKeys } = await import('../terminal/verifier-keys.js');
          const { followedThrough } = await import('./file-kinds.js');
          const keys =
            key === undefined ? undefined : await followedThrough(readKeys(key), receipt ?? []);
          const report = await verifyAccess(store, file, head, keys);
          if (!report.holds) process.exitCode = exitCodes.no;
          return json ? printJson(report) : printPage(accessLogLines(report));
        }
        const { readKeys } = await import('../terminal/verifier-keys.js');
        const keys = key === undefined ? undefined : readKeys(key);
        if (file !== undefined) {
          const { verifyFile } = await import('./file-kinds.js');
          const { verdictLines } = await import('./page.js');
          const verdict = await verifyFile(file, keys, {
            receipts: receipt ?? [],
            checkpoints: checkpoint ?? [],
          });
          if (!verdict.holds) process.exitCode = exitCodes.no;
          return json ? printJson(verdict) : printPage(verdictLines(verdict));
        }
        const { verifyStore } = await import('./store.js');
        const { verificationLines } = await import('./page.js');
        const { withCheckNote } = await import('../ledger/check-notes.js');
        const outside = { receipts: receipt ?? [], checkpoints: checkpoint ?? [] };
        const verification = await withCheckNote(
          store,
          'verification',
          () => verifyStore(store, keys, outside),
          ({ holds, events }) => ({ holds, events }),
        );
        if (!verification.holds) process.exitCode = exitCodes.no;
        return json ? printJson(verification) : printPage(verificationLines(verification));
      },
    );
}
