import type { Command } from 'commander';
import { addVerb, effectiveAtOption, jsonOption, knownAtOption, storeOption, type AskOptions } from '../verb.js';
import { print, printJson } from '../io.js';

interface BalanceOptions extends AskOptions {
  readonly effectiveAt?: string;
  readonly knownAt?: string;
  readonly period?: string;
  readonly account?: string;
}

export function addBalance(program: Command): void {
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
    .action(async (agencyId: string, { store, json = false, ...at }: BalanceOptions) => {
      const { asking, isQueryError, refuse } = await import('../asking.js');
      const { balanceFoot, balanceHead, balanceLines } = await import('./balance-page.js');
      await asking(store, async ({ ask, nameOf }) => {
        const answer = await ask('balance', { agencyId, ...at });
        if (isQueryError(answer)) return refuse(answer, `no agency "${agencyId}" was recorded by then`, json);
        if (json) return printJson(answer);
        const page = [...balanceHead(answer, await nameOf(agencyId)), ...balanceLines(answer), ...balanceFoot(answer)];
        return print(`${page.join('\n')}\n`);
      });
    });
}
