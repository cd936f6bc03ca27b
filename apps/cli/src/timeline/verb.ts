import { Option, type Command } from 'commander';
import { said } from '../terminal/language.js';
import { addVerb, effectiveAtOption, jsonOption, knownAtOption, storeOption } from '../verb.js';
import type { TimelineOptions } from './whole-timeline.js';

export function addTo(program: Command): void {
  const verb = addVerb(program, 'timeline <agency>', {
    summary: said(
      "list an agency's acts in the order in which they took effect",
      '按生效顺序列出机构的各项行为',
    ),
    details: said(
      'Shows each act with when it was recorded and with its texts, so that a history which was ' +
        'entered late reads as a history.',
      '列出每项行为及其记录时间和文字；补录的历史也按发生的先后阅读。',
    ),
    examples: [
      [
        'timeline mcn-007',
        '...',
        said(
          'In effect from       Recorded             Act  …',
          '生效                 记录                 行为  …',
        ),
        '...',
      ],
      'timeline mcn-007 --sort revision --known-at 2019-06-01T12:00:00+08:00',
    ],
  });
  verb
    .addOption(effectiveAtOption())
    .addOption(knownAtOption())
    .addOption(
      new Option(
        '--sort <order>',
        said('by effect, or in the order of the recording', '按生效排序，或按记录的顺序'),
      )
        .choices(['effect', 'revision'])
        .default('effect'),
    )
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(async (agencyId: string, options: TimelineOptions) => {
      const { printTimeline } = await import('./whole-timeline.js');
      await printTimeline(agencyId, options);
    });
}
