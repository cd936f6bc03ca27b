import type { ListName } from '@penalty-ledger/application/list-texts';
import type { Command } from 'commander';
import { said } from '../terminal/language.js';
import { addVerb, type VerbText } from '../verb.js';
import { addListOptions, type ListOptions } from './list-options.js';

type ListVerb = Exclude<ListName, 'agencies' | 'erasures' | 'evidence' | 'outlooks'>;

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
      [
        'deductions --agency mcn-007 --period 2019',
        '...',
        said(
          'Deduction  Agency   In effect from       Clause                   Points  …',
          '扣分     机构     生效                 条款                     扣分  …',
        ),
        '...',
        'd-007-3  …',
        '...',
      ],
      'deductions --status counts --sort -points --csv',
    ],
  }),
  appealable: () => ({
    summary: said(
      'list until when each deduction can be appealed, why not, and what it would change',
      '列出各项扣分的申诉截止时间、不可申诉的原因，以及申诉成立后的变化',
    ),
    examples: [
      'appealable --agency mcn-007',
      [
        'appealable --status open --sort until',
        '...',
        said(
          'Deduction  Agency   Counts  Appeal    Until                Balance  If upheld',
          '扣分      机构     计入  申诉    申诉截止             累计扣分  申诉成立后',
        ),
        '...',
        said(
          'd-001-28   mcn-001       3  possible  2020-01-20 24:00:00        4          1',
          'd-001-28  mcn-001     3  可申诉  2020-01-20 24:00:00         4           1',
        ),
        '...',
      ],
    ],
  }),
  appeals: () => ({
    summary: said('list appeals, and what is due next', '列出申诉及下一待办事项'),
    examples: [
      [
        'appeals --agency mcn-007',
        '...',
        said(
          'Appeal    Agency   State     Initiated            Due',
          '申诉      机构     状态      发起                 待办',
        ),
        '...',
        said(
          'ap-007-3  mcn-007  upheld    2019-05-23 11:05:00',
          'ap-007-3  mcn-007  申诉成立  2019-05-23 11:05:00',
        ),
        '...',
      ],
      'appeals --sort due --due-within-hours 72',
    ],
  }),
  deadlines: () => ({
    summary: said(
      'list windows to appeal, evidence, last chances and re-entries that are due',
      '列出申诉、举证、最后一次申诉机会和重新入驻的期限',
    ),
    examples: [
      'deadlines --before 2019-06-08T00:00:00+08:00',
      [
        'deadlines',
        '...',
        said(
          'At                   Agency   What                   About',
          '期限                 机构     事项            对象',
        ),
        '...',
        said(
          '2020-01-21 24:00:00  mcn-055  appeal of a deduction  d-055-2',
          '2020-01-21 24:00:00  mcn-055  对扣分发起申诉  d-055-2',
        ),
        '...',
      ],
    ],
  }),
  findings: () => ({
    summary: said('list departures from the rulebook', '列出与规则不符之处'),
    examples: [
      [
        'findings --severity breach --sort -recordedAt',
        '...',
        said(
          'Recorded             Agency   Finding         Severity  Detail',
          '记录                 机构     问题            级别    详情',
        ),
        '...',
        '2019-11-12 10:00:00  mcn-028  no_last_chance  breach  …',
        '...',
      ],
      'findings --from 2019-04-01T00:00:00+08:00 --to 2019-05-01T00:00:00+08:00',
    ],
  }),
  sessions: () => ({
    summary: said('list live sessions', '列出直播场次'),
    details: said(
      'Without --creator give --date, or --from and --to no more than 31 days apart.',
      '未给出 --creator 时须给出 --date，或相距不超过 31 天的 --from 和 --to。',
    ),
    examples: [
      'sessions --creator mcn-007-c1',
      [
        'sessions --agency mcn-055 --date 2019-10-01',
        '...',
        said(
          'Session      Agency   Creator   Started              Ended                Effective',
          '场次         机构     达人      开播                 结束                 有效开播',
        ),
        '...',
        said(
          'zb-055-1-01  mcn-055  cr-055-1  2019-10-01 14:30:00  2019-10-01 15:20:00  yes',
          'zb-055-1-01  mcn-055  cr-055-1  2019-10-01 14:30:00  2019-10-01 15:20:00  是',
        ),
        '...',
      ],
    ],
  }),
  complaints: () => ({
    summary: said('list complaints and their outcomes', '列出投诉及其结果'),
    examples: [
      'complaints --status open',
      [
        'complaints --agency mcn-055',
        '...',
        said(
          'Complaint  Agency   Creator   State   Filed                Merged into',
          '投诉      机构     达人      状态  提交                 并入',
        ),
        '...',
        said(
          'tp-055-1   mcn-055  cr-055-3  upheld  2019-10-21 11:00:00',
          'tp-055-1  mcn-055  cr-055-3  成立  2019-10-21 11:00:00',
        ),
        '...',
      ],
    ],
  }),
  creators: () => ({
    summary: said('list the creators bound to agencies', '列出绑定的达人'),
    examples: [
      [
        'creators --agency mcn-055',
        '...',
        said(
          'Creator   Name    Agency   Bound since          Until  Exposure right',
          '达人      名称    机构     绑定起               至  浮现权',
        ),
        '...',
        said(
          'cr-055-1  小满    mcn-055  2019-09-02 10:00:00         yes',
          'cr-055-1  小满    mcn-055  2019-09-02 10:00:00      有',
        ),
        '...',
      ],
      'creators --effective-at 2019-04-30T23:59:59+08:00 --csv',
    ],
  }),
  rulebooks: () => ({
    summary: said('list the rulebooks, and the one in force', '列出规则及当前适用的规则'),
    examples: [
      [
        'rulebooks',
        '...',
        said(
          'Rulebook            In force from        In force  Published        Threshold  Findings',
          '规则                生效                 适用  发布    清退线  发现的问题',
        ),
        '...',
        said(
          'ali-mcn 2019-03-07  2019-03-07 00:00:00  yes       with the ledger        120',
          'ali-mcn 2019-03-07  2019-03-07 00:00:00  是    随账本     120',
        ),
        '...',
      ],
      'rulebooks --effective-at 2018-12-31T00:00:00+08:00',
    ],
  }),
};
