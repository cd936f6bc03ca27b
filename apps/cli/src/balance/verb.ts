import type { Command } from 'commander';
import { addVerb } from '../verb.js';
import { addBalanceOptions, balanceQuestion, type BalanceOptions } from './balance-question.js';

export function addTo(program: Command): void {
  const verb = addVerb(program, 'balance <agency>', {
    summary: "print an agency's points at a moment, as known at another",
    examples: [
      [
        'balance mcn-007 --effective-at 2019-06-01T12:00:00+08:00',
        'Agency        mcn-007  杭州鹿汐文化创意有限公司',
        'Balance       80 of 120 points in 2019',
        'Standing      active 正常',
        '...',
      ],
      [
        'balance mcn-007 --effective-at 2019-06-01T12:00:00+08:00 \\',
        '    --known-at 2019-06-01T12:00:00+08:00',
        '...',
        'Balance       120 of 120 points in 2019',
        'Standing      expelled 已清退 since 2019-05-20 10:00:00; re-entry from 2019-11-17 00:00:00',
        '...',
      ],
    ],
  });
  addBalanceOptions(verb).action(async (agencyId: string, options: BalanceOptions) => {
    const { printAnswer } = await import('../ledger/query-runner.js');
    const { balanceFoot, balanceHead, balanceLines } = await import('./page.js');
    await printAnswer(
      options,
      { name: 'balance', ...balanceQuestion(agencyId, options) },
      async (answer, { nameOf }) => [
        ...balanceHead(answer, await nameOf(agencyId)),
        ...balanceLines(answer),
        ...balanceFoot(answer),
      ],
    );
  });
}
