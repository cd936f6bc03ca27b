import type { SlotsWithResults } from '@penalty-ledger/application';
import { field, heading } from '../terminal/layout.js';
import { table } from '../terminal/table.js';
import { figure, slotStatusWords, time, yuan } from '../terminal/words.js';

/** The slots of a date: the agency of each hour, its creators and its results. */
export function slotsPage(answer: SlotsWithResults): string[] {
  const { date, vertical, month, blackout, effectiveAt, knownAt } = answer;
  return [
    ...field('Slots', `${date} 流量坑位`),
    ...(vertical === null ? [] : field('Vertical', `${vertical}, ranking of ${month ?? ''}`)),
    ...(blackout === null ? [] : field('Blackout', blackout)),
    ...field('Effective at', time(effectiveAt)),
    ...field('Known at', time(knownAt)),
    ...slotsSection(answer),
    ...waivedSection(answer),
  ];
}

function slotsSection({ slots, results }: SlotsWithResults): string[] {
  if (slots.length === 0) return heading('Nothing is allocated 未分配');
  const columns = [
    { title: 'Hour' },
    { title: 'Agency', maxWidth: 24 },
    { title: 'Status' },
    { title: 'Creators', maxWidth: 30 },
    { title: 'Sales (yuan)', align: 'right' },
    { title: 'New followers', align: 'right' },
  ] as const;
  const rows = slots.map(({ hour, agencyId, status, creatorIds }) => {
    const result = results.find((each) => each.hour === hour);
    return [
      hourText(hour),
      agencyId ?? '',
      slotStatusWords(status),
      creatorIds.join(', '),
      result === undefined ? '' : yuan(result.sales),
      result === undefined ? '' : newFollowersText(result.newFollowers),
    ];
  });
  return [...heading('Hours 坑位'), ...table(columns, rows)];
}

function newFollowersText(sum: number | string): string {
  return typeof sum === 'number' ? figure(sum) : sum;
}

function waivedSection({ waived }: SlotsWithResults): string[] {
  if (waived.length === 0) return [];
  const columns = [{ title: 'Hour' }, { title: 'Given up by' }, { title: 'Moved up' }];
  const rows = waived.map(({ hour, agencyId, movedUp }) => [
    hourText(hour),
    agencyId,
    movedUp ?? 'nobody',
  ]);
  return [...heading('Waived 放弃'), ...table(columns, rows)];
}

function hourText(hour: number): string {
  return `${String(hour).padStart(2, '0')}:00–${String(hour + 1).padStart(2, '0')}:00`;
}
