import type { Command } from 'commander';
import { addVerb, jsonOption, knownAtOption, storeOption, type AskOptions } from '../verb.js';
import { said } from '../terminal/language.js';

export function addTo(program: Command): void {
  addVerb(program, 'assessment <agency> <month>', {
    summary: said("print our computation of an agency's month", '打印我方对某机构某月的考核测算'),
    details: said(
      'Shows the verdict with its figures as integers, and the other readings (bound at any ' +
        'time, the other rulebook version). Then shows the creators of the base who were not ' +
        'active, with dead accounts marked, and every computation of the month.',
      '给出考核结论及其整数计算过程，以及其他口径（当月曾绑定、另一版规则）。' +
        '然后列出考核基数中的未活跃达人（标出僵尸账号），以及该月的每次测算。',
    ),
    examples: [
      [
        'assessment mcn-023 2019-10',
        '...',
        said('Verdict       failed, too few of its creators were active', '考核结论      未达标…'),
        '...',
        said(
          'Activity      100 × 5 = 500 < 70 × 8 = 560',
          '活跃率        100 × 5 = 500 < 70 × 8 = 560',
        ),
        '...',
      ],
      'assessment mcn-023 2019-10 --known-at 2019-11-30T12:00:00+08:00',
    ],
  })
    .addOption(knownAtOption())
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(
      async (
        agencyId: string,
        month: string,
        options: AskOptions & { readonly knownAt?: string },
      ) => {
        const { printAnswer } = await import('../ledger/query-runner.js');
        const { assessmentPage } = await import('./page.js');
        const fields = { agencyId, month, knownAt: options.knownAt };
        const unknown = said(
          `no agency "${agencyId}" was recorded by then`,
          `截至该时点没有记录机构 "${agencyId}"`,
        );
        await printAnswer(
          options,
          { name: 'assessment', fields, unknown },
          async (answer, { nameOf }) => assessmentPage(answer, await nameOf(agencyId)),
        );
      },
    );
}
