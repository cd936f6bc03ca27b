import type { Command } from 'commander';
import {
  addVerb,
  effectiveAtOption,
  jsonOption,
  knownAtOption,
  storeOption,
  type AskOptions,
} from '../verb.js';

interface VerticalOptions extends AskOptions {
  readonly effectiveAt?: string;
  readonly knownAt?: string;
}

export function addTo(program: Command): void {
  addVerb(program, 'vertical <month> <vertical>', {
    summary: "print a month's ranking in a vertical, and who is not ranked and why",
    details:
      'Computes it from the recorded sessions of MONTH; --effective-at selects the moment of the ' +
      'standing only.',
    examples: [
      [
        'vertical 2019-10 美妆',
        '...',
        '1  mcn-019  义乌木棠影视传媒有限公司    876,097.00         5       101    0      0',
        '...',
      ],
      'vertical 2019-10 美妆 --known-at 2019-11-05T12:00:00+08:00 --json',
    ],
  })
    .addOption(effectiveAtOption())
    .addOption(knownAtOption())
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(
      async (
        month: string,
        vertical: string,
        { effectiveAt, knownAt, ...options }: VerticalOptions,
      ) => {
        const { printAnswer } = await import('../ledger/query-runner.js');
        const { verticalPage } = await import('./page.js');
        const fields = { month, vertical, effectiveAt, knownAt };
        const unknown = 'the ledger has no answer';
        await printAnswer(options, { name: 'vertical', fields, unknown }, (answer, { nameOf }) =>
          verticalPage(answer, nameOf),
        );
      },
    );
}
