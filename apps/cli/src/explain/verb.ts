import type { Command } from 'commander';
import {
  addVerb,
  effectiveAtOption,
  jsonOption,
  knownAtOption,
  storeOption,
  type AskOptions,
} from '../verb.js';

interface ExplainOptions extends AskOptions {
  readonly effectiveAt?: string;
  readonly knownAt?: string;
  readonly period?: string;
  readonly account?: string;
}

export function addTo(program: Command): void {
  addVerb(program, 'explain <agency>', {
    summary: 'a balance with everything it rests on, point by point',
    details:
      'For preparing an appeal: each deduction with its clause, its notice, who recorded it and when, the decisions and ' +
      'appeals on it and the stored event it comes from; what does not count, and why; the history of the standing.',
    examples: [
      'explain mcn-007',
      'explain mcn-007 --effective-at 2019-06-01T12:00:00+08:00 | less',
    ],
  })
    .addOption(effectiveAtOption())
    .addOption(knownAtOption())
    .option('--period <year>', 'the sum of another year: 2019')
    .option('--account <id>', 'another account of the rulebook')
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(
      async (
        agencyId: string,
        { effectiveAt, knownAt, period, account, ...options }: ExplainOptions,
      ) => {
        const { printAnswer } = await import('../ledger/query-runner.js');
        const { explainPage } = await import('./page.js');
        const fields = { agencyId, effectiveAt, knownAt, period, account };
        const unknown = `no agency "${agencyId}" was recorded by then`;
        await printAnswer(options, { name: 'explain', fields, unknown }, (answer, { settings }) =>
          explainPage(answer, settings),
        );
      },
    );
}
