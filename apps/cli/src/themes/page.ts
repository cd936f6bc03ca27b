import type { ThemesAtK } from '@penalty-ledger/application';
import { field, heading } from '../terminal/layout.js';
import { table } from '../terminal/table.js';
import { count, deadline, time } from '../terminal/words.js';

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
    { title: 'Proposal', maxWidth: 24 },
    { title: 'Agency', maxWidth: 24 },
    { title: 'Title', maxWidth: 36 },
    { title: 'Proposed' },
    { title: 'Selected' },
  ];
  const rows = proposals.map(({ proposalId, agencyId, title, proposedAt, selectedAt }) => [
    proposalId,
    agencyId,
    title,
    time(proposedAt).slice(0, 10),
    selectedAt === null ? '' : time(selectedAt).slice(0, 10),
  ]);
  return [
    ...field('Themes', `${month} 主题提报`),
    ...field('Registration', `${time(opensAt)} to ${deadline(closesAt)}`),
    ...field('Known at', time(knownAt)),
    ...heading(rows.length === 0 ? 'Nothing was proposed 无提报' : 'Proposals 提报'),
    ...(rows.length === 0 ? [] : table(columns, rows)),
    ...(slots.length === 0
      ? []
      : [
          ...heading('Slots they give 获得坑位'),
          ...slots.flatMap(({ agencyId, slots: given }) => field(agencyId, count(given, 'slot'))),
        ]),
  ];
}
