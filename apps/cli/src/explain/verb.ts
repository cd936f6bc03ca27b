import type { Command } from 'commander';
import {
  addBalanceOptions,
  balanceQuestion,
  type BalanceOptions,
} from '../balance/balance-question.js';
import { addVerb } from '../verb.js';
import { said } from '../terminal/language.js';

export function addTo(program: Command): void {
  const verb = addVerb(program, 'explain <agency>', {
    summary: said(
      'explain a balance: each point, and what it rests on',
      '解释累计扣分：每一分及其依据',
    ),
    details: said(
      'Prepares an appeal. Shows each deduction with its clause, its notice, who recorded it ' +
        'and when, its decisions and appeals, and the stored event behind it. Then shows what ' +
        'does not count, and why, and the history of the standing.',
      '用于准备申诉。列出每次扣分的条款、处罚通知、由谁何时记录、裁定和申诉，' +
        '以及其背后存储的事件。然后列出不计入的扣分及原因，以及身份沿革。',
    ),
    examples: [
      [
        'explain mcn-007',
        '...',
        said(
          "   Clause      A creator's violation (creator-violation)",
          '   条款        达人违规连带 (creator-violation)',
        ),
        '...',
        said(
          '   Recorded    2020-01-09 11:35:00 by officer-zhou',
          '   记录        2020-01-09 11:35:00，由 officer-zhou 记录',
        ),
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
