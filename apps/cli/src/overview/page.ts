import type { Deadline } from '@penalty-ledger/application';
import type { InBoth } from '@penalty-ledger/application/language';
import { said, saidIn } from '../terminal/language.js';
import { field, heading } from '../terminal/layout.js';
import { simulationMark } from '../terminal/simulation-mark.js';
import { table } from '../terminal/table.js';
import { count, deadline, figure, time } from '../terminal/words.js';
import type { Overview } from './overview.js';

/** Says what is here, what is due, and what to do next. */
export function overviewPage(overview: Overview): string[] {
  const { url, bytes, settings, agencies, lastRecordedAt, due } = overview;
  return [
    ...simulationMark(settings),
    ...field(said('Ledger', '账本'), `${url}, ${settings.ledgerId}, ${settings.mode}`),
    ...(bytes === undefined
      ? []
      : field(said('Size', '大小'), said(count(bytes, 'byte'), `${figure(bytes)} 字节`))),
    ...field(said('Agencies', '机构'), figure(agencies)),
    ...field(
      said('Last entry', '最近记录'),
      lastRecordedAt === undefined
        ? said('none of an agency', '尚无机构记录')
        : `${time(lastRecordedAt)} (${settings.zone})`,
    ),
    ...dueSection(due),
    '',
    ...field(
      said('Next', '下一步'),
      agencies === 0
        ? said(
            '"ledger import FILE" records commands; "ledger import --help" says of which form',
            '"ledger import 文件" 记录指令；"ledger import --help" 说明可接受的文件',
          )
        : said(
            '"ledger agencies" lists the agencies, "ledger balance AGENCY" prints the points of ' +
              'one, "ledger doctor" looks for faults; "ledger --help" lists every verb',
            '"ledger agencies" 列出机构，"ledger balance AGENCY" 显示其累计扣分，' +
              '"ledger doctor" 检查账本；"ledger --help" 列出全部动词',
          ),
    ),
  ];
}

const kinds: Readonly<Record<Deadline['kind'], InBoth>> = {
  appeal_deduction: { en: 'appeal against a deduction', zh: '就扣分发起申诉' },
  appeal_expulsion: { en: 'appeal against an expulsion', zh: '就清退发起申诉' },
  submit_evidence: { en: 'submit evidence', zh: '举证' },
  last_chance: { en: 'last chance', zh: '最后一次申诉机会' },
  reentry: { en: 're-entry becomes possible', zh: '可重新入驻' },
  decide_appeal: { en: 'decision on an appeal', zh: '申诉裁定' },
  answer_review: { en: 'answer to a human review', zh: '人工判定答复' },
};

function dueSection(due: Overview['due']): string[] {
  if (due.length === 0) return field(said('Due', '待办期限'), said('nothing', '无'));
  const columns = [
    { title: said('Until', '截止') },
    { title: said('Agency', '机构') },
    { title: said('What', '事项') },
  ];
  return [
    ...heading(said('Due next', '最近的期限')),
    ...table(
      columns,
      due.map(({ at, agencyId, kind }) => [deadline(at), agencyId, saidIn(kinds[kind])]),
    ),
  ];
}

/** Says how to begin where there is no ledger yet. */
export function beginningPage(url: string): string[] {
  const ways = [
    {
      typed: 'demo',
      does: said(
        'record a sample year and walk through the queries',
        '生成一年的示例并演示各项查询',
      ),
    },
    {
      typed: said('import FILE', 'import 文件'),
      does: said(
        'make a ledger from a file of commands or a spreadsheet',
        '由指令文件或电子表格建账',
      ),
    },
    {
      typed: '--help',
      does: said(
        'list every verb; --store names a ledger elsewhere',
        '列出全部动词；--store 指定其他账本',
      ),
    },
  ];
  return [
    said(`There is no ledger at ${url}.`, `${url} 处尚无账本。`),
    '',
    said('To begin:', '开始使用：'),
    ...ways.flatMap(({ typed, does }) => field(`  ledger ${typed}`, does, { labelWidth: 24 })),
  ];
}
