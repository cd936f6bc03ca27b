import type { Command } from 'commander';
import { addVerb, jsonOption, knownAtOption, storeOption, type AskOptions } from '../verb.js';

export function addTo(program: Command): void {
  addVerb(program, 'assessment <agency> <month>', {
    summary: 'what a month of an agency came to, as we computed it',
    details:
      'The verdict with its figures as integers, the other readings (bound at any time, the other rulebook version), the ' +
      'creators of the base that were not active, dead accounts among them, and every computation of the month.',
    examples: [
      'assessment mcn-023 2019-10',
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
