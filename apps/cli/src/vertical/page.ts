import type { VerticalAnswer } from '@penalty-ledger/ledger';
import { field, heading } from '../terminal/layout.js';
import { table } from '../terminal/table.js';
import { count, figure, time, yuan } from '../terminal/words.js';
import { said } from '../terminal/language.js';

type Names = (agencyId: string) => Promise<string | undefined>;

/** A vertical's ranking, and why the other agencies are not in it. */
export async function verticalPage(answer: VerticalAnswer, nameOf: Names): Promise<string[]> {
  const { month, vertical, effectiveAt, knownAt, ranking, refused } = answer;
  return [
    ...field(said('Vertical', '垂类'), vertical),
    ...field(said('Month', '月份'), month),
    ...field(said('Standing at', '身份时点'), time(effectiveAt)),
    ...field(said('Known at', '已知时点'), time(knownAt)),
    ...heading(
      ranking.length === 0 ? said('Nobody is ranked', '无机构入围') : said('Ranking', '排名'),
    ),
    ...(ranking.length === 0 ? [] : await rankingTable(answer, nameOf)),
    ...(refused.length === 0
      ? []
      : [...heading(said('Not ranked', '未入围')), ...(await refusedTable(answer, nameOf))]),
    ...heading(said('Rests on', '依据')),
    ...field(said('Terms', '条件'), termsText(answer)),
    '',
    said(
      `${count(ranking.length, 'agency', 'agencies')} ranked, ${figure(refused.length)} not`,
      `入围 ${figure(ranking.length)} 家机构，未入围 ${figure(refused.length)} 家`,
    ),
  ];
}

function termsText({
  terms: { minCreators, minSessionsEach, minSharePercent, source },
}: VerticalAnswer): string {
  return said(
    `at least ${String(minCreators)} creators in it, ${String(minSessionsEach)} effective ` +
      'sessions each on average, ' +
      `${String(minSharePercent)}% of the agency's sales\n${source}`,
    `该垂类达人不少于 ${String(minCreators)} 位，` +
      `人均有效开播不少于 ${String(minSessionsEach)} 场，` +
      `占机构销售额不少于 ${String(minSharePercent)}%\n${source}`,
  );
}

/** The ranking as a table; the first agency gets the first slot. */
export async function rankingTable(
  { ranking }: Pick<VerticalAnswer, 'ranking'>,
  nameOf: Names,
): Promise<string[]> {
  const columns = [
    { title: '', align: 'right' },
    { title: said('Agency', '机构'), maxWidth: 24 },
    { title: said('Name', '名称'), maxWidth: 30 },
    { title: said('Sales (yuan)', '销售额（元）'), align: 'right' },
    { title: said('Creators', '达人'), align: 'right' },
    { title: said('Sessions', '直播场次'), align: 'right' },
    { title: said('New', '新绑定'), align: 'right' },
    { title: said('Posts', '发帖数'), align: 'right' },
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
    { title: said('Agency', '机构'), maxWidth: 24 },
    { title: said('Name', '名称'), maxWidth: 30 },
    { title: said('Why', '原因'), maxWidth: 60 },
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
    creators: said(
      `fewer than ${String(minCreators)} creators in it`,
      `该垂类达人不足 ${String(minCreators)} 位`,
    ),
    sessions: said(
      `fewer than ${String(minSessionsEach)} effective sessions each`,
      `人均有效开播不足 ${String(minSessionsEach)} 场`,
    ),
    share: said(
      `under ${String(minSharePercent)}% of its sales`,
      `占销售额不足 ${String(minSharePercent)}%`,
    ),
    complaints: said(
      'a complaint of a merchant or creator, open or upheld',
      '有商家或达人的投诉，处理中或成立',
    ),
    standing: said('not in good standing', '非在册'),
  };
}
