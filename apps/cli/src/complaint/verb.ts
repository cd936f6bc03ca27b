import type { Command } from 'commander';
import { addAct } from '../record/act-verb.js';
import { said } from '../terminal/language.js';
import { addVerb, jsonOption, knownAtOption, storeOption, type AskOptions } from '../verb.js';

export function addTo(program: Command): void {
  const verb = addVerb(program, 'complaint <complaint>', {
    summary: said(
      'print a complaint, its outcome, and the deductions that rest on it',
      '打印一件投诉、其处理结果，以及以其为依据的扣分',
    ),
    examples: [
      [
        'complaint tp-055-1',
        '...',
        said(
          'State         upheld since 2019-11-19 15:00:00',
          '状态          成立，自 2019-11-19 15:00:00 起',
        ),
        '...',
        'tp-055-1  …creator-violation  2019-10-18 16:40:00  d-055-3  …',
      ],
      'complaint tp-055-1 --known-at 2019-11-05T12:00:00+08:00',
    ],
  });
  verb
    // The options of a subcommand are its own, though the verb has some of the same names.
    .enablePositionalOptions()
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
        const unknown = said(
          `no complaint "${complaintId}" was filed by then`,
          `截至该时点没有提起投诉 "${complaintId}"`,
        );
        await printAnswer(
          options,
          { name: 'complaint', fields: { complaintId, knownAt }, unknown },
          async (answer, { nameOf }) => complaintPage(answer, await nameOf(answer.agencyId)),
        );
      },
    );
  addAct(verb, {
    name: 'resolve <complaint>',
    command: 'CloseComplaint',
    idField: 'complaintId',
    summary: said('record the outcome of a complaint', '记录投诉结果'),
    examples: [
      [
        'complaint resolve tp-061-1 --outcome dismissed --reason 证据不足 --yes \\\n' +
          '      --store sqlite:./own/ledger.db',
        '...',
        said('Events        ComplaintClosed', '事件          ComplaintClosed'),
        '...',
      ],
      [
        'complaint resolve tp-055-1 --outcome upheld --reason 查证属实 --dry-run',
        said('error: complaint_closed: …', '错误：complaint_closed…'),
      ],
    ],
    fields: [
      {
        flags: '--outcome <outcome>',
        field: 'outcome',
        required: true,
        about: said(
          'upheld, dismissed or withdrawn',
          'upheld 成立、dismissed 不成立、withdrawn 已撤诉',
        ),
      },
      { flags: '--reason <text>', field: 'reason', about: said('the reason', '理由') },
    ],
  });
}
