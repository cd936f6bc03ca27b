import type { Command } from 'commander';
import { exitCodes } from '../terminal/exit-codes.js';
import { printJson, printPage } from '../terminal/io.js';
import { addVerb, jsonOption } from '../verb.js';
import type { PromotionRequest } from './promotion.js';
import { said } from '../terminal/language.js';

interface PromoteOptions extends PromotionRequest {
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function addTo(program: Command): void {
  addVerb(program, 'promote', {
    summary: said(
      'turn a following copy into the ledger, and fence the writer before',
      '把跟随的副本提升为账本，并隔离原写入方',
    ),
    details: said(
      'Shows how far the copy is; with --yes it becomes the ledger. The writer until now is ' +
        "told with an administrator's key. It confirms that it takes no more commands, and its " +
        'last events are fetched. If it cannot be reached, the promotion waits for the end of ' +
        'its lease (LEDGER_FOLLOWED_BY), or somebody has to declare that it is stopped. Stop ' +
        '"ledger follow" first.',
      '显示副本的进度；给出 --yes 时将其提升为账本。用管理员的密钥通知原写入方，' +
        '由其确认不再接受指令，并取得其最后的事件。若无法连接，' +
        '提升会等到其租约结束（LEDGER_FOLLOWED_BY），或由人声明它已停止。' +
        '请先停止 "ledger follow"。',
    ),
    examples: [
      'promote --store sqlite:./copy/ledger.db',
      'promote --store sqlite:./copy/ledger.db --token-file admin.key --keys ledger.keys.db --yes',
    ],
  })
    .requiredOption('--store <url>', said('the copy: sqlite:PATH', '副本：sqlite:PATH'))
    .option(
      '--token-file <file>',
      said('an API key of an administrator at the writer until now', '原写入方处的管理员 API 密钥'),
    )
    .option(
      '--ca-file <file>',
      said(
        'the authority that signed the certificate of the service, in PEM',
        '签发服务证书的机构，PEM 格式',
      ),
    )
    .option('--keys <file>', said('a copy of the key file of the ledger', '账本密钥文件的副本'))
    .option(
      '--url <url>',
      said(
        'where this ledger will be served: senders are told',
        '今后提供本账本的地址：会告知发送方',
      ),
    )
    .option(
      '--former-writer-is-stopped',
      said('the writer until now is stopped, and stays so', '原写入方已停止，并保持停止'),
    )
    .option(
      '--accept-lost-texts',
      said('go on without the keys of some subjects', '缺少部分主体的密钥也继续'),
    )
    .option('--yes', 'promote')
    .addOption(jsonOption())
    .action(async ({ yes = false, json = false, ...request }: PromoteOptions) => {
      const { lookAt, promote } = await import('./promotion.js');
      const { outlookPage, promotedPage } = await import('./page.js');
      if (!yes) {
        const outlook = await lookAt(request.store);
        process.exitCode = exitCodes.no;
        if (json) return printJson(outlook);
        return printPage(outlookPage(outlook, request.store));
      }
      const promoted = await promote(request);
      if (json) return printJson(promoted);
      return printPage(promotedPage(promoted, request.store));
    });
}
