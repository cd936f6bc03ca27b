import type { WhatIfAnswer } from '@penalty-ledger/ledger';
import { field } from '../terminal/layout.js';
import { table } from '../terminal/table.js';
import { named, time } from '../terminal/words.js';
import { said } from '../terminal/language.js';

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
            `${unknown.join(', ')}: no such deduction of this agency by then`,
            `${unknown.join(', ')}：截至该时点该机构没有此扣分`,
          ),
        )),
    '',
    ...table(columns, rows),
  ];
}
