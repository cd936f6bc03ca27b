import type { WhatIfAnswer } from '@penalty-ledger/ledger';
import { said } from '../terminal/language.js';
import { field, heading } from '../terminal/layout.js';
import { table } from '../terminal/table.js';
import { count, listed, named, time, verdictWords } from '../terminal/words.js';

/** A what-if as a comparison, and labelled so (rules §10). */
export function whatIfPage(answer: WhatIfAnswer, name: string | undefined): string[] {
  const { recorded, whatif, differences, unknown, partsAt } = answer;
  const reached = (at: string | null): string =>
    at === null ? said('not reached', '未达到') : time(at);
  const columns = [
    { title: '' },
    { title: said('Recorded', '记录'), align: 'right' },
    { title: said('What if', '假设'), align: 'right' },
  ] as const;
  const rows = [
    [
      said(`Balance in ${answer.period}`, `${answer.period} 年度累计扣分`),
      String(recorded.balance),
      String(whatif.balance),
    ],
    [
      said('Threshold reached', '达到清退线'),
      reached(recorded.thresholdReachedAt),
      reached(whatif.thresholdReachedAt),
    ],
    ...differences.map((line) => [line.deductionId, String(line.recorded), String(line.whatif)]),
  ];
  return [
    said('WHAT IF: a comparison, not history', '假设：仅为对比，并非历史'),
    '',
    ...field(said('Supposing', '假设'), supposition(answer.supposing)),
    ...field(said('Agency', '机构'), named(answer.agencyId, name)),
    ...field(said('Effective at', '生效时点'), time(answer.effectiveAt)),
    ...field(said('Known at', '已知时点'), time(answer.knownAt)),
    ...field(
      said('They part at', '分岔时点'),
      partsAt === null ? said('no instant of the year', '该年内没有分岔') : time(partsAt),
    ),
    ...(unknown.length === 0
      ? []
      : field(
          said('Not known', '无此扣分'),
          said(
            `${listed(unknown)}: no such deduction of this agency by then`,
            `${listed(unknown)}：截至该时点该机构没有此扣分`,
          ),
        )),
    '',
    ...table(columns, rows),
    ...judgedAgain(answer.assessments),
  ];
}

/** The changes asked for, as a sentence that goes on from "Supposing". */
function supposition({
  without,
  points,
  attribution,
  rulebook,
}: WhatIfAnswer['supposing']): string {
  const changed = [
    ...(without.length === 0
      ? []
      : [said(`without ${listed(without)}`, `去掉扣分 ${listed(without)}`)]),
    ...Object.entries(points).map(([id, n]) =>
      said(`${id} with ${count(n, 'point')}`, `${id} 扣 ${String(n)} 分`),
    ),
    ...(attribution === null ? [] : [said(`years by ${attribution}`, `年度归属按 ${attribution}`)]),
    ...(rulebook === null
      ? []
      : [
          said(
            `under the rulebook ${rulebook.id} ${rulebook.rulebookVersion}`,
            `适用规则 ${rulebook.id} ${rulebook.rulebookVersion}`,
          ),
        ]),
  ];
  if (changed.length === 0) return said('nothing changed', '没有任何改变');
  return changed.join(said('; ', '；'));
}

/** The months with another verdict under the other rulebook. */
function judgedAgain(assessments: WhatIfAnswer['assessments']): string[] {
  if (assessments.length === 0) return [];
  const columns = [
    { title: said('Month', '月份') },
    { title: said('Recorded', '记录') },
    { title: said('What if', '假设') },
    { title: said('Deductions that rest on it', '据此的扣分') },
  ];
  return [
    ...heading(said('Assessments judged again', '重新测算的考核')),
    ...table(
      columns,
      assessments.map(({ month, recorded, whatif, deductionIds }) => [
        month,
        verdictWords(recorded),
        verdictWords(whatif),
        listed(deductionIds),
      ]),
    ),
    '',
    said(
      'The balance keeps these deductions; add --without to leave them out.',
      '累计扣分仍计入这些扣分；如需排除，请加 --without。',
    ),
  ];
}
