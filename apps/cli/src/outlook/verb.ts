import type { Command } from 'commander';
import { addListOptions, type ListOptions } from '../lists/list-options.js';
import { said } from '../terminal/language.js';
import { addVerb } from '../verb.js';

export function addTo(program: Command): void {
  const verb = addVerb(program, 'outlook [agency]', {
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
      'outlook --prospect within_reach --sort actBefore --csv > outlook.csv',
    ],
  });
  addListOptions(verb, 'outlooks').action(
    async (agencyId: string | undefined, options: ListOptions) => {
      const { printOutlook, printOutlooks } = await import('./outlook.js');
      return agencyId === undefined ? printOutlooks(options) : printOutlook(agencyId, options);
    },
  );
}
