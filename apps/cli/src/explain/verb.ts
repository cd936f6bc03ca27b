import type { Command } from 'commander';
import {
  addBalanceOptions,
  balanceQuestion,
  type BalanceOptions,
} from '../balance/balance-question.js';
import { addVerb } from '../verb.js';

export function addTo(program: Command): void {
  const verb = addVerb(program, 'explain <agency>', {
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
      ],
      'explain mcn-007 --effective-at 2019-06-01T12:00:00+08:00 | less',
    ],
  });
  addBalanceOptions(verb).action(async (agencyId: string, options: BalanceOptions) => {
    const { printAnswer } = await import('../ledger/query-runner.js');
    const { explainPage } = await import('./page.js');
    await printAnswer(
      options,
      { name: 'explain', ...balanceQuestion(agencyId, options) },
      (answer, { settings }) => explainPage(answer, settings),
    );
  });
}
