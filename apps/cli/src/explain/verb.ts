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
    summary: 'explain a balance: each point, and what it rests on',
    details:
      'Prepares an appeal. Shows each deduction with its clause, its notice, who recorded it and ' +
      'when, its decisions and appeals, and the stored event behind it. Then shows what does not ' +
      'count, and why, and the history of the standing.',
    examples: [
      [
        'explain mcn-007',
        '...',
        "   Clause      A creator's violation · 达人违规连带 (creator-violation)",
        '...',
        '   Recorded    2020-01-09 11:35:00 by officer-zhou',
        '...',
        '...',
      ],
      'explain mcn-007 --effective-at 2019-06-01T12:00:00+08:00 | less',
    ],
  })
    .addOption(effectiveAtOption())
    .addOption(knownAtOption())
    .option('--period <year>', 'the points of another year: 2019')
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
