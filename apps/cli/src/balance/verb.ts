import type { Command } from 'commander';
import {
  addVerb,
  effectiveAtOption,
  jsonOption,
  knownAtOption,
  storeOption,
  type AskOptions,
} from '../verb.js';

interface BalanceOptions extends AskOptions {
  readonly effectiveAt?: string;
  readonly knownAt?: string;
  readonly period?: string;
  readonly account?: string;
}

export function addTo(program: Command): void {
  addVerb(program, 'balance <agency>', {
    summary: 'the points of an agency at an instant, as known at an instant',
    examples: [
      'balance mcn-007',
      'balance mcn-007 --effective-at 2019-06-01T12:00:00+08:00 --known-at 2019-06-01T12:00:00+08:00',
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
        { effectiveAt, knownAt, period, account, ...options }: BalanceOptions,
      ) => {
        const { printAnswer } = await import('../ledger/query-runner.js');
        const { balanceFoot, balanceHead, balanceLines } = await import('./page.js');
        const fields = { agencyId, effectiveAt, knownAt, period, account };
        const unknown = `no agency "${agencyId}" was recorded by then`;
        await printAnswer(
          options,
          { name: 'balance', fields, unknown },
          async (answer, { nameOf }) => [
            ...balanceHead(answer, await nameOf(agencyId)),
            ...balanceLines(answer),
            ...balanceFoot(answer),
          ],
        );
      },
    );
}
