import type { AgencyEntry } from '@penalty-ledger/ledger';
import { table } from '../terminal/table.js';
import { count, figure, standingWords } from '../terminal/words.js';

/** The agencies as a table, and how many have each standing. */
export function agenciesTable(
  entries: readonly (AgencyEntry & { readonly name: string })[],
  damaged: readonly string[],
): string[] {
  const columns = [
    { title: 'Agency', maxWidth: 24 },
    { title: 'Name', maxWidth: 40 },
    { title: 'Balance', align: 'right' },
    { title: 'Standing' },
  ] as const;
  const rows = [
    ...entries.map(({ agencyId, name, balance, standing }) => [
      agencyId,
      name,
      String(balance),
      standingWords(standing),
    ]),
    ...damaged.map((agencyId) => [agencyId, '', '', 'damaged 数据损坏']),
  ];
  const counts =
    damaged.length === 0
      ? standingCounts(entries)
      : `${standingCounts(entries)}; ${figure(damaged.length)} damaged`;
  return [...(rows.length === 0 ? [] : [...table(columns, rows), '']), counts];
}

/** `57 agencies: 52 active 正常, 3 expelled 已清退, …` */
export function standingCounts(entries: readonly AgencyEntry[]): string {
  const counts = new Map<string, number>();
  for (const { standing } of entries) counts.set(standing, (counts.get(standing) ?? 0) + 1);
  const each = [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([standing, many]) => `${String(many)} ${standingWords(standing)}`);
  const all = count(entries.length, 'agency', 'agencies');
  return each.length === 0 ? all : `${all}: ${each.join(', ')}`;
}
