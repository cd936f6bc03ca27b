import type { Command } from 'commander';
import {
  addVerb,
  effectiveAtOption,
  jsonOption,
  knownAtOption,
  storeOption,
  type AskOptions,
} from '../verb.js';
import { said } from '../terminal/language.js';

interface SlotsOptions extends AskOptions {
  readonly effectiveAt?: string;
  readonly knownAt?: string;
}

export function addTo(program: Command): void {
  addVerb(program, 'slots <date>', {
    summary: said("print a date's traffic slots and their results", '打印某日的流量位及其结果'),
    examples: [
      [
        'slots 2019-11-20',
        '...',
        said('11:00–12:00  mcn-041  waived', '11:00–12:00  mcn-041  已放弃'),
      ],
      'slots 2019-11-20 --effective-at 2019-11-20T09:00:00+08:00',
    ],
  })
    .addOption(effectiveAtOption())
    .addOption(knownAtOption())
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(async (date: string, { effectiveAt, knownAt, ...options }: SlotsOptions) => {
      const { printAnswer } = await import('../ledger/query-runner.js');
      const { slotsPage } = await import('./page.js');
      const unknown = said('the ledger has no answer', '账本没有答案');
      await printAnswer(
        options,
        { name: 'slots', fields: { date, effectiveAt, knownAt }, unknown },
        slotsPage,
      );
    });
}
