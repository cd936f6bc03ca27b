import type { Command } from 'commander';
import { addVerb, jsonOption, knownAtOption, storeOption, type AskOptions } from '../verb.js';
import { said } from '../terminal/language.js';

export function addTo(program: Command): void {
  addVerb(program, 'session <session>', {
    summary: said(
      'print a live session: when, with which agency, and what was sold',
      '打印一场直播：时间、所属机构和销售情况',
    ),
    examples: [
      [
        'session zb-055-1-01',
        '...',
        said(
          'Streamed      2019-10-01 14:30:00 to 2019-10-01 15:20:00: 0:50:00, effective',
          '直播时间      2019-10-01 14:30:00 至 2019-10-01 15:20:00：0:50:00，有效开播',
        ),
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
        const unknown = said(
          `no session "${sessionId}" was recorded by then`,
          `截至该时点没有记录直播场次 "${sessionId}"`,
        );
        await printAnswer(
          options,
          { name: 'session', fields: { sessionId, knownAt }, unknown },
          async (answer, { nameOf, settings: { zone } }) =>
            sessionPage(answer, await nameOf(answer.agencyId), zone),
        );
      },
    );
}
