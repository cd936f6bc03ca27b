import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Prospect } from '@penalty-ledger/ledger';
import { addVerb, jsonOption, storeOption, type AskOptions } from '../verb.js';
import { said } from '../terminal/language.js';

interface OutlookOptions extends AskOptions {
  readonly csv?: boolean;
  readonly prospect?: Prospect;
  readonly limit: number;
  readonly after?: string;
}

/** Written out: a list of the library's would load it for every `--help`. */
const prospects: readonly Prospect[] = [
  'passing',
  'within_reach',
  'needs_creators',
  'out_of_reach',
  'not_assessed',
];

export function addTo(program: Command): void {
  addVerb(program, 'outlook [agency]', {
    summary: said(
      'print what an agency can still do before it loses points',
      '显示机构在扣分之前还能做什么',
    ),
    details: said(
      "Shows the current month's assessment so far, and by when which creator has to stream for " +
        'it to pass. Also shows what unbinding dead accounts changes, the distance to the ' +
        'threshold, what the reset will clear, and the windows and bans that run. Everything is ' +
        'as of now. Without AGENCY it lists all agencies in short.',
      '显示本月考核的进度，以及各达人最迟须在何时开播才能达标；' +
        '并显示解绑僵尸账号的影响、距清退线的分数、年度清零将清除的分数、正在进行的期限与禁入期。' +
        '一切以现在为准。不写 AGENCY 时列出全部机构的概况。',
    ),
    examples: [
      [
        'outlook mcn-023',
        '...',
        said(
          'Prospect      within reach: the creators bound now suffice',
          '前景          可达标：现有达人开播即可',
        ),
        '...',
        said(
          'Activity      100 × 0 = 0 < 70 × 8 = 560: lacks 6 active creators',
          '活跃率        100 × 0 = 0 < 70 × 8 = 560：还差 6 位活跃达人',
        ),
        '...',
      ],
      'outlook --prospect within_reach --csv > outlook.csv',
    ],
  })
    .addOption(
      new Option(
        '--prospect <prospect>',
        said('list only agencies whose month is so', '仅列出本月属于该情形的机构'),
      ).choices(prospects),
    )
    .addOption(
      new Option('--limit <n>', said('list so many agencies at most', '最多列出多少家机构'))
        .default(100)
        .argParser(limitIn),
    )
    .option('--after <cursor>', said('continue after a page: its `next`', '接续上一页：其 `next`'))
    .addOption(jsonOption())
    .addOption(
      new Option(
        '--csv',
        said('print rows that a spreadsheet opens safely', '输出电子表格可安全打开的行'),
      ).conflicts('json'),
    )
    .addOption(storeOption())
    .action(async (agencyId: string | undefined, options: OutlookOptions) => {
      const { printOutlook, printOutlooks } = await import('./outlook.js');
      return agencyId === undefined ? printOutlooks(options) : printOutlook(agencyId, options);
    });
}

/** The bounds are those of the service's lists. */
function limitIn(text: string): number {
  const limit = Number(text);
  if (!/^\d+$/.test(text) || limit < 1 || limit > 1_000)
    throw new InvalidArgumentError(
      said('Give an integer from 1 to 1000.', '须为 1 至 1000 的整数。'),
    );
  return limit;
}
