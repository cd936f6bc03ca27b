import type { ListName } from '@penalty-ledger/application/list-texts';
import type { Command } from 'commander';
import { said } from '../terminal/language.js';
import { addVerb, type VerbText } from '../verb.js';
import { addListOptions, type ListOptions } from './list-options.js';

type ListVerb = Exclude<ListName, 'agencies' | 'evidence' | 'outlooks'>;

/** Adds a verb for each list but those that have a verb of their own. */
export function addTo(program: Command): void {
  for (const [name, text] of Object.entries(texts) as [ListVerb, () => VerbText][])
    addListOptions(addVerb(program, name, text()), name).action(async (options: ListOptions) => {
      const { printList } = await import('./print-list.js');
      await printList(name, options);
    });
}

const texts: Readonly<Record<ListVerb, () => VerbText>> = {
  deductions: () => ({
    summary: said('list deductions, and whether each counts', '列出扣分及其是否计入'),
    examples: [
      'deductions --agency mcn-007 --period 2019',
      'deductions --status counts --sort -points --csv',
    ],
  }),
  appealable: () => ({
    summary: said(
      'list until when each deduction can be appealed, why not, and what it would change',
      '列出各项扣分的申诉截止时间、不可申诉的原因，以及申诉成立后的变化',
    ),
    examples: ['appealable --agency mcn-007', 'appealable --status open --sort until'],
  }),
  appeals: () => ({
    summary: said('list appeals, and what is due next', '列出申诉及下一待办事项'),
    examples: ['appeals --agency mcn-007', 'appeals --sort due --due-within-hours 72'],
  }),
  deadlines: () => ({
    summary: said(
      'list windows to appeal, evidence, last chances and re-entries that are due',
      '列出申诉、举证、最后一次申诉机会和重新入驻的期限',
    ),
    examples: ['deadlines --before 2019-06-08T00:00:00+08:00', 'deadlines --agency mcn-007 --json'],
  }),
  findings: () => ({
    summary: said('list departures from the rulebook', '列出与规则不符之处'),
    examples: [
      'findings --severity breach --sort -recordedAt',
      'findings --from 2019-04-01T00:00:00+08:00 --to 2019-05-01T00:00:00+08:00',
    ],
  }),
  sessions: () => ({
    summary: said('list live sessions', '列出直播场次'),
    details: said(
      'Without --creator give --date, or --from and --to no more than 31 days apart.',
      '未给出 --creator 时须给出 --date，或相距不超过 31 天的 --from 和 --to。',
    ),
    examples: ['sessions --creator mcn-007-c1', 'sessions --agency mcn-007 --date 2019-04-01'],
  }),
  complaints: () => ({
    summary: said('list complaints and their outcomes', '列出投诉及其结果'),
    examples: ['complaints --status open', 'complaints --agency mcn-007 --month 2019-04'],
  }),
  creators: () => ({
    summary: said('list the creators bound to agencies', '列出绑定的达人'),
    examples: [
      'creators --agency mcn-007',
      'creators --effective-at 2019-04-30T23:59:59+08:00 --csv',
    ],
  }),
  rulebooks: () => ({
    summary: said('list the rulebooks, and the one in force', '列出规则及当前适用的规则'),
    examples: ['rulebooks', 'rulebooks --effective-at 2018-12-31T00:00:00+08:00'],
  }),
};
