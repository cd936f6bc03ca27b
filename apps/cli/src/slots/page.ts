import type { SlotsWithResults } from '@penalty-ledger/application';
import { field, heading } from '../terminal/layout.js';
import { table } from '../terminal/table.js';
import { figure, listed, slotStatusWords, time, yuan } from '../terminal/words.js';
import { said } from '../terminal/language.js';

/** The slots of a date: the agency of each hour, its creators and its results. */
export function slotsPage(answer: SlotsWithResults): string[] {
  const { date, vertical, month, blackout, effectiveAt, knownAt } = answer;
  return [
    ...field(said('Slots', '流量位'), date),
    ...(vertical === null
      ? []
      : field(
          said('Vertical', '垂类'),
          said(`${vertical}, ranking of ${month ?? ''}`, `${vertical}，按 ${month ?? ''} 的排名`),
        )),
    ...(blackout === null ? [] : field(said('Blackout', '停排'), blackout)),
    ...field(said('Effective at', '生效时点'), time(effectiveAt)),
    ...field(said('Known at', '已知时点'), time(knownAt)),
    ...slotsSection(answer),
    ...waivedSection(answer),
  ];
}

function slotsSection({ slots, results }: SlotsWithResults): string[] {
  if (slots.length === 0) return heading(said('Nothing is allocated', '未分配'));
  const columns = [
    { title: said('Hour', '时段') },
    { title: said('Agency', '机构'), maxWidth: 24 },
    { title: said('Status', '状态') },
    { title: said('Creators', '达人'), maxWidth: 30 },
    { title: said('Sales (yuan)', '销售额（元）'), align: 'right' },
    { title: said('New followers', '新增粉丝'), align: 'right' },
  ] as const;
  const rows = slots.map(({ hour, agencyId, status, creatorIds }) => {
    const result = results.find((each) => each.hour === hour);
    return [
      hourText(hour),
      agencyId ?? '',
      slotStatusWords(status),
      listed(creatorIds),
      result === undefined ? '' : yuan(result.sales),
      result === undefined ? '' : newFollowersText(result.newFollowers),
    ];
  });
  return [...heading(said('Hours', '坑位')), ...table(columns, rows)];
}

function newFollowersText(sum: number | string): string {
  return typeof sum === 'number' ? figure(sum) : sum;
}

function waivedSection({ waived }: SlotsWithResults): string[] {
  if (waived.length === 0) return [];
  const columns = [
    { title: said('Hour', '时段') },
    { title: said('Given up by', '放弃机构') },
    { title: said('Moved up', '递补机构') },
  ];
  const rows = waived.map(({ hour, agencyId, movedUp }) => [
    hourText(hour),
    agencyId,
    movedUp ?? said('nobody', '无'),
  ]);
  return [...heading(said('Waived', '放弃')), ...table(columns, rows)];
}

function hourText(hour: number): string {
  return `${String(hour).padStart(2, '0')}:00–${String(hour + 1).padStart(2, '0')}:00`;
}
