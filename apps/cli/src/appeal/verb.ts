import type { Command } from 'commander';
import { addVerb, jsonOption, knownAtOption, storeOption, type AskOptions } from '../verb.js';

export function addTo(program: Command): void {
  addVerb(program, 'appeal <appeal>', {
    summary: 'print an appeal: its state, its texts and its deadlines',
    examples: [
      [
        'appeal ap-007-1',
        '...',
        'State         rejected 申诉驳回',
        'Initiated     2019-03-11 15:20:00 by desk-mcn-007',
        '...',
      ],
      'appeal ap-007-1 --known-at 2019-03-14T12:00:00+08:00',
    ],
  })
    .addOption(knownAtOption())
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(
      async (
        appealId: string,
        { knownAt, ...options }: AskOptions & { readonly knownAt?: string },
      ) => {
        const { printAnswer } = await import('../ledger/query-runner.js');
        const { appealPage } = await import('./page.js');
        const unknown = `no appeal "${appealId}" was initiated by then`;
        await printAnswer(
          options,
          { name: 'appeal', fields: { appealId, knownAt }, unknown },
          async (answer, { nameOf }) => appealPage(answer, await nameOf(answer.agencyId)),
        );
      },
    );
}
