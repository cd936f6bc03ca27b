import type { Command } from 'commander';
import { addVerb, jsonOption, knownAtOption, storeOption, type AskOptions } from '../verb.js';

export function addTo(program: Command): void {
  addVerb(program, 'assessment <agency> <month>', {
    summary: "print our computation of an agency's month",
    details:
      'Shows the verdict with its figures as integers, and the other readings (bound at any ' +
      'time, the other rulebook version). Then shows the creators of the base who were not ' +
      'active, with dead accounts marked, and every computation of the month.',
    examples: [
      [
        'assessment mcn-023 2019-10',
        '...',
        'Verdict       failed 未达标, too few of its creators were active 活跃率不足',
        '...',
        'Activity      100 × 5 = 500 < 70 × 8 = 560',
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
        const unknown = `no agency "${agencyId}" was recorded by then`;
        await printAnswer(
          options,
          { name: 'assessment', fields, unknown },
          async (answer, { nameOf }) => assessmentPage(answer, await nameOf(agencyId)),
        );
      },
    );
}
