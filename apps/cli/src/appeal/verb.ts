import type { Command } from 'commander';
import type { FilingOptions } from './filing.js';
import { addAct, optionsOf } from '../record/act-verb.js';
import { addRecordOptions } from '../record/options.js';
import { UsageError } from '../terminal/exit-codes.js';
import { said } from '../terminal/language.js';
import { addVerb, jsonOption, knownAtOption, storeOption, type AskOptions } from '../verb.js';

export function addTo(program: Command): void {
  const verb = addVerb(program, 'appeal <appeal>', {
    summary: said(
      'print an appeal: its state, its texts and its deadlines',
      '显示申诉：状态、文字与期限',
    ),
    details: said(
      '"file" files an appeal with its evidence and writes its pack; "decide" and "withdraw" ' +
        'record those acts.',
      '"file" 发起申诉、提交证据并生成证据包；"decide" 记录裁定，"withdraw" 记录撤回。',
    ),
    examples: [
      [
        'appeal ap-007-1',
        '...',
        said('State         rejected', '状态          驳回'),
        '...',
        said(
          'Initiated     2019-03-11 15:20:00 by desk-mcn-007',
          '发起          2019-03-11 15:20:00，由 desk-mcn-007 记录',
        ),
        '...',
      ],
      'appeal ap-007-1 --known-at 2019-03-14T12:00:00+08:00',
      'appeal file --deduction d-007-1 --grounds grounds.txt --attach screenshot.png',
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
        appealId: string,
        { knownAt, ...options }: AskOptions & { readonly knownAt?: string },
      ) => {
        const { printAnswer } = await import('../ledger/query-runner.js');
        const { appealPage } = await import('./page.js');
        const unknown = said(
          `no appeal "${appealId}" was initiated by then`,
          `截至该时点没有发起申诉 "${appealId}"`,
        );
        await printAnswer(
          options,
          { name: 'appeal', fields: { appealId, knownAt }, unknown },
          async (answer, { nameOf }) => appealPage(answer, await nameOf(answer.agencyId)),
        );
      },
    );
  addFiling(verb);
  addActs(verb);
}

function addFiling(verb: Command): void {
  const filing = addVerb(verb, 'file', {
    summary: said(
      'file an appeal against a deduction, with its evidence, and write its pack',
      '对扣分发起申诉并举证，生成证据包',
    ),
    details: said(
      'Registers the attached files, initiates the appeal, submits the evidence, signs a ' +
        'checkpoint, writes the evidence pack and verifies it. Evidence is submitted once: ' +
        'attach all of it. After a failure at any step, run the same again: it says what was ' +
        'done before, and goes on.',
      '登记所附文件，发起申诉，提交证据，签署检查点，生成并核验证据包。证据只能提交一次，' +
        '请一次附齐。任何一步失败后，再次运行同一命令：会说明已完成的步骤并继续。',
    ),
    examples: [
      'appeal file --deduction d-007-1 --grounds grounds.txt --attach a.png b.png',
      'appeal file --deduction d-007-1 --grounds - --keep --yes < grounds.txt',
      [
        'appeal file --deduction d-001-28 --grounds grounds.txt --dry-run',
        '...',
        said('Events        AppealInitiated', '事件          AppealInitiated'),
        '...',
        said(
          '  Deadline          evidence for appeal ap-d-001-28: 2020-01-23 16:00:00',
          '  期限              申诉举证 ap-d-001-28: 2020-01-23 16:00:00',
        ),
        '...',
      ],
    ],
  })
    .requiredOption('--deduction <id>', said('the deduction', '扣分的编号'))
    .requiredOption(
      '--grounds <file>',
      said(
        'the file of the grounds, as text; - is standard input',
        '申诉理由的文本文件；- 为标准输入',
      ),
    )
    .option('--attach <file...>', said('the files of the evidence', '证据文件'))
    .option(
      '--appeal <id>',
      said('the id of the appeal (default: ap-DEDUCTION)', '申诉的编号（默认：ap-扣分）'),
    )
    .option(
      '--initiated-at <instant>',
      said('when it was initiated, entered late (default: now)', '补录时的发起时间（默认：现在）'),
    )
    .option(
      '--submitted-at <instant>',
      said(
        'when its evidence was submitted (default: with the initiation)',
        '补录时的举证时间（默认：与发起同时）',
      ),
    )
    .option('--keep', said('keep copies of the files beside the ledger', '在账本旁保存文件副本'))
    .option(
      '-o, --output <file>',
      said('the pack to write (default: APPEAL.zip)', '证据包文件（默认：申诉.zip）'),
    );
  addRecordOptions(filing).action(async (_own: unknown, subcommand: Command) => {
    const { fileAppeal } = await import('./filing.js');
    await fileAppeal(optionsOf(subcommand) as FilingOptions);
  });
}

function addActs(verb: Command): void {
  addAct(verb, {
    name: 'decide <appeal>',
    command: 'DecideAppeal',
    idField: 'appealId',
    summary: said('record the decision of an appeal', '记录申诉裁定'),
    examples: [
      [
        'appeal decide ap-052-1 --outcome upheld --reason 查证属实 --dry-run',
        '...',
        said(
          'Events        AppealDecided, DeductionRevoked, PendingExpulsionLifted',
          '事件          AppealDecided、DeductionRevoked、PendingExpulsionLifted',
        ),
        '...',
        said(
          '  Balance           120 → 0 of 120 points in 2020',
          '  累计扣分          2020 年 120 → 0 / 120 分',
        ),
        said('  Standing          pending expulsion → active', '  身份              待清退 → 正常'),
        '...',
      ],
    ],
    fields: [
      {
        flags: '--outcome <outcome>',
        field: 'outcome',
        required: true,
        about: said(
          'upheld, partly_upheld, rejected or inadmissible',
          'upheld 成立、partly_upheld 部分成立、rejected 驳回、inadmissible 不予受理',
        ),
      },
      {
        flags: '--reason <text>',
        field: 'reason',
        required: true,
        about: said('the reason', '理由'),
      },
      {
        flags: '--adjust <deduction=points...>',
        field: 'adjustments',
        about: said(
          'partly upheld: the points that stay of a deduction',
          '部分成立：扣分保留的分数',
        ),
        read: adjustmentsIn,
      },
      {
        flags: '--decided-at <instant>',
        field: 'decidedAt',
        about: said('when it was decided (default: now)', '裁定时间（默认：现在）'),
      },
    ],
  });
  addAct(verb, {
    name: 'withdraw <appeal>',
    command: 'WithdrawAppeal',
    idField: 'appealId',
    summary: said('record that an appeal is withdrawn', '记录撤回申诉'),
    examples: [
      [
        'appeal withdraw ap-052-1 --reason 已和解 --dry-run',
        '...',
        said('Events        AppealWithdrawn', '事件          AppealWithdrawn'),
        '...',
        said('  Standing          pending expulsion', '  身份              待清退'),
        '...',
      ],
    ],
    fields: [
      { flags: '--reason <text>', field: 'reason', about: said('the reason', '理由') },
      {
        flags: '--withdrawn-at <instant>',
        field: 'withdrawnAt',
        about: said('when it was withdrawn (default: now)', '撤回时间（默认：现在）'),
      },
    ],
  });
}

/** Reads `d1=20` as an adjustment. */
function adjustmentsIn(given: readonly string[]): readonly object[] {
  return given.map((each) => {
    const [, deductionId, points] = /^([^=]+)=(\d{1,7})$/.exec(each) ?? [];
    if (deductionId === undefined)
      throw new UsageError(
        said(`--adjust: "${each}" is not DEDUCTION=POINTS`, `--adjust："${each}" 不是 扣分=分数`),
        said('write it as d-007-1=20', '例如 d-007-1=20'),
      );
    return { deductionId, points: Number(points) };
  });
}
