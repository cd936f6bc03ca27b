import type { ThemesAtK } from '@penalty-ledger/application';
import { field, heading } from '../terminal/layout.js';
import { table } from '../terminal/table.js';
import { count, deadline, figure, time } from '../terminal/words.js';
import { said } from '../terminal/language.js';

/** The theme proposals for a month, those selected, and the slots they give. */
export function themesPage({
  month,
  opensAt,
  closesAt,
  proposals,
  slots,
  knownAt,
}: ThemesAtK): string[] {
  const columns = [
    { title: said('Proposal', '提报'), maxWidth: 24 },
    { title: said('Agency', '机构'), maxWidth: 24 },
    { title: said('Title', '标题'), maxWidth: 36 },
    { title: said('Proposed', '提报时间') },
    { title: said('Selected', '入选时间') },
  ];
  const rows = proposals.map(({ proposalId, agencyId, title, proposedAt, selectedAt }) => [
    proposalId,
    agencyId,
    title,
    time(proposedAt).slice(0, 10),
    selectedAt === null ? '' : time(selectedAt).slice(0, 10),
  ]);
  return [
    ...field(said('Themes', '主题提报'), month),
    ...field(
      said('Registration', '提报期'),
      said(
        `${time(opensAt)} to ${deadline(closesAt)}`,
        `${time(opensAt)} 至 ${deadline(closesAt)}`,
      ),
    ),
    ...field(said('Known at', '已知时点'), time(knownAt)),
    ...heading(
      rows.length === 0 ? said('Nothing was proposed', '无提报') : said('Proposals', '提报'),
    ),
    ...(rows.length === 0 ? [] : table(columns, rows)),
    ...(slots.length === 0
      ? []
      : [
          ...heading(said('Slots they give', '获得的流量位')),
          ...slots.flatMap(({ agencyId, slots: given }) =>
            field(agencyId, said(count(given, 'slot'), `${figure(given)} 个流量位`)),
          ),
        ]),
  ];
}
