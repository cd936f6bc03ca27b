import type { Command } from 'commander';
import { addVerb, jsonOption, knownAtOption, storeOption, type AskOptions } from '../verb.js';

export function addTo(program: Command): void {
  addVerb(program, 'session <session>', {
    summary: 'print a live session: when, with which agency, and what was sold',
    examples: [
      [
        'session zb-055-1-01',
        '...',
        'Streamed      2019-10-01 14:30:00 to 2019-10-01 15:20:00: 0:50:00, effective 有效',
        '...',
      ],
      'session zb-055-1-01 --json',
    ],
  })
    .addOption(knownAtOption())
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(
      async (
        sessionId: string,
        { knownAt, ...options }: AskOptions & { readonly knownAt?: string },
      ) => {
        const { printAnswer } = await import('../ledger/query-runner.js');
        const { sessionPage } = await import('./page.js');
        const unknown = `no session "${sessionId}" was recorded by then`;
        await printAnswer(
          options,
          { name: 'session', fields: { sessionId, knownAt }, unknown },
          async (answer, { nameOf, settings: { zone } }) =>
            sessionPage(answer, await nameOf(answer.agencyId), zone),
        );
      },
    );
}
