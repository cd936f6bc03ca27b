import type { VerticalAnswer } from '@penalty-ledger/ledger';
import { field, heading } from '../terminal/layout.js';
import { table } from '../terminal/table.js';
import { count, figure, time, yuan } from '../terminal/words.js';

type Names = (agencyId: string) => Promise<string | undefined>;

/** A vertical's ranking, and why the other agencies are not in it. */
export async function verticalPage(answer: VerticalAnswer, nameOf: Names): Promise<string[]> {
  const { month, vertical, effectiveAt, knownAt, ranking, refused } = answer;
  return [
    ...field('Vertical', `${vertical} 垂类孵化`),
    ...field('Month', month),
    ...field('Standing at', time(effectiveAt)),
    ...field('Known at', time(knownAt)),
    ...heading(ranking.length === 0 ? 'Nobody is ranked 无机构入围' : 'Ranking 排名'),
    ...(ranking.length === 0 ? [] : await rankingTable(answer, nameOf)),
    ...(refused.length === 0
      ? []
      : [...heading('Not ranked 未入围'), ...(await refusedTable(answer, nameOf))]),
    ...heading('Rests on'),
    ...field('Terms', termsText(answer)),
    '',
    `${count(ranking.length, 'agency', 'agencies')} ranked, ${figure(refused.length)} not`,
  ];
}

function termsText({
  terms: { minCreators, minSessionsEach, minSharePercent, source },
}: VerticalAnswer): string {
  return (
    `at least ${String(minCreators)} creators in it, ${String(minSessionsEach)} effective ` +
    'sessions each on average, ' +
    `${String(minSharePercent)}% of the agency's sales\n${source}`
  );
}

/** The ranking as a table; the first agency gets the first slot. */
export async function rankingTable(
  { ranking }: Pick<VerticalAnswer, 'ranking'>,
  nameOf: Names,
): Promise<string[]> {
  const columns = [
    { title: '', align: 'right' },
    { title: 'Agency', maxWidth: 24 },
    { title: 'Name', maxWidth: 30 },
    { title: 'Sales (yuan)', align: 'right' },
    { title: 'Creators', align: 'right' },
    { title: 'Sessions', align: 'right' },
    { title: 'New', align: 'right' },
    { title: 'Posts', align: 'right' },
  ] as const;
  const rows: string[][] = [];
  for (const { agencyId, sales, creators, sessions, newlyBound, posts } of ranking) {
    rows.push([
      String(rows.length + 1),
      agencyId,
      (await nameOf(agencyId)) ?? '',
      yuan(sales),
      ...[creators, sessions, newlyBound, posts].map(figure),
    ]);
  }
  return table(columns, rows);
}

/** The agencies that are not ranked, with each reason in words. */
export async function refusedTable(
  { refused, terms }: Pick<VerticalAnswer, 'refused' | 'terms'>,
  nameOf: Names,
): Promise<string[]> {
  const columns = [
    { title: 'Agency', maxWidth: 24 },
    { title: 'Name', maxWidth: 30 },
    { title: 'Why', maxWidth: 60 },
  ];
  const rows: string[][] = [];
  for (const { agencyId, reasons } of refused) {
    const why = reasons.map((reason) => refusalWords(terms)[reason]).join('; ');
    rows.push([agencyId, (await nameOf(agencyId)) ?? '', why]);
  }
  return table(columns, rows);
}

function refusalWords({
  minCreators,
  minSessionsEach,
  minSharePercent,
}: VerticalAnswer['terms']): Readonly<
  Record<VerticalAnswer['refused'][number]['reasons'][number], string>
> {
  return {
    creators: `fewer than ${String(minCreators)} creators in it 达人不足`,
    sessions: `fewer than ${String(minSessionsEach)} effective sessions each 场次不足`,
    share: `under ${String(minSharePercent)}% of its sales 占比不足`,
    complaints: 'a complaint of a merchant or creator, open or upheld 有投诉',
    standing: 'not in good standing 非在册',
  };
}
