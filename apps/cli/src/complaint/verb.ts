import type { Command } from 'commander';
import { addVerb, jsonOption, knownAtOption, storeOption, type AskOptions } from '../verb.js';

export function addTo(program: Command): void {
  addVerb(program, 'complaint <complaint>', {
    summary: 'a complaint, what became of it, and the deductions that rest on it',
    examples: ['complaint tp-055-1', 'complaint tp-055-1 --known-at 2019-11-05T12:00:00+08:00'],
  })
    .addOption(knownAtOption())
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(
      async (
        complaintId: string,
        { knownAt, ...options }: AskOptions & { readonly knownAt?: string },
      ) => {
        const { printAnswer } = await import('../ledger/query-runner.js');
        const { complaintPage } = await import('./page.js');
        const unknown = `no complaint "${complaintId}" was filed by then`;
        await printAnswer(
          options,
          { name: 'complaint', fields: { complaintId, knownAt }, unknown },
          async (answer, { nameOf }) => complaintPage(answer, await nameOf(answer.agencyId)),
        );
      },
    );
}
