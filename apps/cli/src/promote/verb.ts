import type { Command } from 'commander';
import { exitCodes } from '../terminal/exit-codes.js';
import { printJson, printPage } from '../terminal/io.js';
import { addVerb, jsonOption } from '../verb.js';
import type { PromotionRequest } from './promotion.js';

interface PromoteOptions extends PromotionRequest {
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function addTo(program: Command): void {
  addVerb(program, 'promote', {
    summary: 'turn a following copy into the ledger, and fence the writer before',
    details:
      'Shows how far the copy is; with --yes it becomes the ledger. The writer until now is told ' +
      "with an administrator's key. It confirms that it takes no more commands, and its last " +
      'events are fetched. If it cannot be reached, the promotion waits for the end of its lease ' +
      '(LEDGER_FOLLOWED_BY), or somebody has to declare that it is stopped. Stop "ledger follow" ' +
      'first.',
    examples: [
      'promote --store sqlite:./copy/ledger.db',
      'promote --store sqlite:./copy/ledger.db --token-file admin.key --keys ledger.keys.db --yes',
    ],
  })
    .requiredOption('--store <url>', 'the copy: sqlite:PATH')
    .option('--token-file <file>', 'an API key of an administrator at the writer until now')
    .option('--ca-file <file>', 'the authority that signed the certificate of the service, in PEM')
    .option('--keys <file>', 'a copy of the key file of the ledger')
    .option('--url <url>', 'where this ledger will be served: senders are told')
    .option('--former-writer-is-stopped', 'the writer until now is stopped, and stays so')
    .option('--accept-lost-texts', 'go on without the keys of some subjects')
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
