import type { Command } from 'commander';
import { addVerb } from '../verb.js';
import { addBalanceOptions, balanceQuestion, type BalanceOptions } from './balance-question.js';
import { said } from '../terminal/language.js';

export function addTo(program: Command): void {
  const verb = addVerb(program, 'balance <agency>', {
    summary: said(
      "print an agency's points at a moment, as known at another",
      '打印机构在某一时点的累计扣分，可按另一已知时点查询',
    ),
    examples: [
      [
        'balance mcn-007 --effective-at 2019-06-01T12:00:00+08:00',
        said('SIMULATION', '模拟账本'),
        '',
        said(
          'Agency        mcn-007  杭州鹿汐文化创意有限公司',
          '机构          mcn-007  杭州鹿汐文化创意有限公司',
        ),
        said(
          'Balance       80 of 120 points in 2019',
          '累计扣分      2019 年度累计 80 分，清退线 120 分',
        ),
        said('Standing      active', '身份          正常'),
        '...',
      ],
      [
        'balance mcn-007 --effective-at 2019-06-01T12:00:00+08:00 \\',
        '    --known-at 2019-06-01T12:00:00+08:00',
        '...',
        said(
          'Balance       120 of 120 points in 2019',
          '累计扣分      2019 年度累计 120 分，清退线 120 分',
        ),
        said(
          'Standing      expelled since 2019-05-20 10:00:00; re-entry from 2019-11-17 00:00:00',
          '身份          已清退，自 2019-05-20 10:00:00 起；2019-11-17 00:00:00 起可重新入驻',
        ),
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
