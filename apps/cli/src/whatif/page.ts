import type { WhatIfAnswer } from '@penalty-ledger/ledger';
import { field } from '../terminal/layout.js';
import { table } from '../terminal/table.js';
import { named, time } from '../terminal/words.js';

/** A what-if as a comparison, and labelled so (rules §10). */
export function whatIfPage(answer: WhatIfAnswer, name: string | undefined): string[] {
  const { recorded, whatif, differences, unknown, partsAt } = answer;
  const reached = (at: string | null): string => (at === null ? 'not reached' : time(at));
  const columns = [
    { title: '' },
    { title: 'Recorded', align: 'right' },
    { title: 'What if', align: 'right' },
  ] as const;
  const rows = [
    [`Balance in ${answer.period}`, String(recorded.balance), String(whatif.balance)],
    ['Threshold reached', reached(recorded.thresholdReachedAt), reached(whatif.thresholdReachedAt)],
    ...differences.map((line) => [line.deductionId, String(line.recorded), String(line.whatif)]),
  ];
  return [
    'WHAT IF: a comparison, not history',
    '',
    ...field('Agency', named(answer.agencyId, name)),
    ...field('Effective at', time(answer.effectiveAt)),
    ...field('Known at', time(answer.knownAt)),
    ...field('They part at', partsAt === null ? 'no instant of the year' : time(partsAt)),
    ...(unknown.length === 0
      ? []
      : field('Not known', `${unknown.join(', ')}: no such deduction of this agency by then`)),
    '',
    ...table(columns, rows),
  ];
}
