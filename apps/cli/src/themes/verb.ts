import type { Command } from 'commander';
import { addVerb, jsonOption, knownAtOption, storeOption, type AskOptions } from '../verb.js';

export function addTo(program: Command): void {
  addVerb(program, 'themes <month>', {
    summary: 'the theme proposals for a month, and the slots that selections give',
    examples: ['themes 2019-12', 'themes 2019-12 --json'],
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
        const unknown = 'the question cannot be answered';
        await printAnswer(
          options,
          { name: 'themes', fields: { month, knownAt }, unknown },
          themesPage,
        );
      },
    );
}
