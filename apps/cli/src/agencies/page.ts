import type { AgencyEntry } from '@penalty-ledger/ledger';
import { table } from '../terminal/table.js';
import { count, figure, standingWords } from '../terminal/words.js';
import { said } from '../terminal/language.js';

/** The agencies as a table, and how many have each standing. */
export function agenciesTable(
  entries: readonly (AgencyEntry & { readonly name: string })[],
  damaged: readonly string[],
): string[] {
  const columns = [
    { title: said('Agency', '机构'), maxWidth: 24 },
    { title: said('Name', '名称'), maxWidth: 40 },
    { title: said('Balance', '累计扣分'), align: 'right' },
    { title: said('Standing', '身份') },
  ] as const;
  const rows = [
    ...entries.map(({ agencyId, name, balance, standing }) => [
      agencyId,
      name,
      String(balance),
      standingWords(standing),
    ]),
    ...damaged.map((agencyId) => [agencyId, '', '', said('damaged', '数据损坏')]),
  ];
  const counts =
    damaged.length === 0
      ? standingCounts(entries)
      : said(
          `${standingCounts(entries)}; ${figure(damaged.length)} damaged`,
          `${standingCounts(entries)}；${figure(damaged.length)} 家数据损坏`,
        );
  return [...(rows.length === 0 ? [] : [...table(columns, rows), '']), counts];
}

/** `57 agencies: 52 active 正常, 3 expelled 已清退, …` */
export function standingCounts(entries: readonly AgencyEntry[]): string {
  const counts = new Map<string, number>();
  for (const { standing } of entries) counts.set(standing, (counts.get(standing) ?? 0) + 1);
  const each = [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([standing, many]) => `${String(many)} ${standingWords(standing)}`);
  const all = said(count(entries.length, 'agency', 'agencies'), `${figure(entries.length)} 家机构`);
  if (each.length === 0) return all;
  return said(`${all}: ${each.join(', ')}`, `${all}：${each.join('，')}`);
}
