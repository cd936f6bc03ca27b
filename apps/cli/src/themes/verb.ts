import type { Command } from 'commander';
import { addVerb, jsonOption, knownAtOption, storeOption, type AskOptions } from '../verb.js';
import { said } from '../terminal/language.js';

export function addTo(program: Command): void {
  addVerb(program, 'themes <month>', {
    summary: said(
      "print a month's theme proposals, and the slots that selections give",
      '打印某月的主题提报，以及入选获得的流量位',
    ),
    examples: [
      ['themes 2019-12', '...', 'zt-019-1  mcn-019  冬日护肤课  2019-11-11  2019-11-25', '...'],
      'themes 2019-12 --json',
    ],
  })
    .addOption(knownAtOption())
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(
      async (
        month: string,
        { knownAt, ...options }: AskOptions & { readonly knownAt?: string },
      ) => {
        const { printAnswer } = await import('../ledger/query-runner.js');
        const { themesPage } = await import('./page.js');
        const unknown = said('the ledger has no answer', '账本没有答案');
        await printAnswer(
          options,
          { name: 'themes', fields: { month, knownAt }, unknown },
          themesPage,
        );
      },
    );
}
