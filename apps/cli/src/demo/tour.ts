import type { ExplainAnswer } from '@penalty-ledger/application';
import type { AgencyEntry, BalanceAnswer } from '@penalty-ledger/ledger';
import type { Rebuild } from '@penalty-ledger/application/read-models';
import { isQueryError, type QueryRunner } from '../ledger/query-runner.js';
import { replayPage } from '../replay/page.js';
import type { Tally } from '../intake/tally.js';
import { field, heading, wrap } from '../terminal/layout.js';
import { table } from '../terminal/table.js';
import { count, figure, reasonWords, standingWords, time, withTimes } from '../terminal/words.js';
import { standingCounts } from '../agencies/page.js';
import { instantText } from './calendar.js';
import { figures, text } from './figures.js';
import { assessedMonth, complaintAndSlot } from './operations-tour.js';
import { said, saidIn } from '../terminal/language.js';

/** The result of recording the demo's year. */
export interface Imported {
  readonly tally: Tally;
  readonly refusals: readonly string[];
  readonly seconds: number;
}

const shown = 'mcn-007';
const pastDay = instantText('2019-06-01 12:00');
const yearEnd = instantText('2019-12-31 23:59:59');
const aprilDeduction = 'd-007-3';

export function welcome(): string[] {
  return [
    said(
      'Penalty ledger: an agency’s score at any moment, as it was known at any other moment.',
      '处罚积分账本：任一机构在任一时点的累计扣分，可按任一已知时点查询。',
    ),
    '',
    ...wrap(
      said(
        'A live-commerce platform takes points from agencies: 40 for a failed month. At 120 ' +
          'an agency faces expulsion and has one last chance to appeal. On 1 January all ' +
          'points are cleared. Every name below is invented.',
        '某直播电商平台对机构扣分：一个月考核不达标扣 40 分。累计 120 分面临清退，' +
          '并有最后一次申诉机会。1 月 1 日年度清零。以下名称均为虚构。',
      ),
      98,
    ),
    ...heading(said('1  A year is recorded', '1  记录一年')),
  ];
}

export function imported({ tally, refusals, seconds }: Imported): string[] {
  const rate = Math.round(tally.lines / seconds);
  return [
    ...text(
      said(
        `${count(tally.lines, 'command')} about sixty agencies became ${figure(tally.events)} ` +
          `events in ${seconds.toFixed(1)} s (${figure(rate)} a second), each on disk before ` +
          `it was acknowledged. ${count(tally.duplicate, 'command')} came twice and changed ` +
          `nothing. There are ${count(tally.findings, 'finding')}: acts that depart from the ` +
          `rules, and figures that differ. ${count(tally.rejected, 'command')} were refused, ` +
          'for these reasons:',
        `关于六十家机构的 ${figure(tally.lines)} 条指令产生 ${figure(tally.events)} 个事件，` +
          `用时 ${seconds.toFixed(1)} 秒（每秒 ${figure(rate)} 条），每个都先写入磁盘再确认。` +
          `${figure(tally.duplicate)} 条指令重复到达，未产生任何变化。` +
          `共有 ${figure(tally.findings)} 个问题：与规则不符的行为，以及有出入的数字。` +
          `${figure(tally.rejected)} 条指令被拒绝，原因如下：`,
      ),
    ),
    '',
    ...refusals.flatMap((refusal) => field('·', withTimes(refusal), { at: 4, labelWidth: 2 })),
  ];
}

/** The queries of the tour, in order. */
export const chapters: readonly ((runner: QueryRunner) => Promise<readonly string[]>)[] = [
  threeBalances,
  everyPoint,
  everybody,
  assessedMonth,
  complaintAndSlot,
  whatIf,
];

async function balanceAt(
  runner: QueryRunner,
  at: { readonly effectiveAt?: string; readonly knownAt?: string },
): Promise<BalanceAnswer> {
  const answer = await runner.ask('balance', { agencyId: shown, ...at });
  if (isQueryError(answer)) throw new RangeError(`the demo has no "${shown}"`);
  return answer;
}

async function threeBalances(runner: QueryRunner): Promise<readonly string[]> {
  const now = await balanceAt(runner, {});
  const then = await balanceAt(runner, { effectiveAt: pastDay, knownAt: pastDay });
  const hindsight = await balanceAt(runner, { effectiveAt: pastDay });
  const row = (answer: BalanceAnswer, asked: string, known: string): string[] => [
    asked,
    known,
    said(
      `${String(answer.balance)} of ${String(answer.threshold)}`,
      `${String(answer.balance)}/${String(answer.threshold)} 分`,
    ),
    standingWords(answer.standing),
  ];
  const columns = [
    { title: said('The score at', '所问时点') },
    { title: said('As known', '已知时点') },
    { title: said('Balance', '累计扣分') },
    { title: said('Standing', '身份') },
  ];
  return [
    ...heading(said('2  One agency, one day, two answers', '2  同一机构、同一天，两个答案')),
    ...text(`${shown}  ${(await runner.nameOf(shown)) ?? ''}`),
    ...figures(
      table(columns, [
        row(now, said(`${time(now.effectiveAt)} (now)`, `${time(now.effectiveAt)}（当前）`), 'now'),
        row(then, time(then.effectiveAt), said('on that day', '当日')),
        row(hindsight, time(hindsight.effectiveAt), 'now'),
      ]),
    ),
    '',
    ...text(
      said(
        'It failed three months, reached 120 in May, lost its last chance and was expelled. In ' +
          'June the platform found that it had counted April wrongly: it revoked 40 points, ' +
          'which left the expulsion unsupported, and upheld the appeal. The ledger keeps both: ' +
          'what was known on 1 June, and what is known of 1 June now.',
        '该机构三个月考核不达标，5 月累计达到 120 分，最后一次申诉被驳回，遭到清退。' +
          '6 月平台发现 4 月的统计有误：撤销 40 分，清退因此失去依据，申诉成立。' +
          '账本同时保留二者：6 月 1 日当时已知的情况，以及现在对 6 月 1 日的认知。',
      ),
    ),
  ];
}

async function everyPoint(runner: QueryRunner): Promise<readonly string[]> {
  const lines: string[] = [...heading(said('3  Every point explained', '3  每一分都有依据'))];
  for (const [title, at] of [
    [
      said('1 June 2019, as known on that day', '2019 年 6 月 1 日，按当日已知'),
      { effectiveAt: pastDay, knownAt: pastDay },
    ],
    [said('1 June 2019, as known now', '2019 年 6 月 1 日，按当前已知'), { effectiveAt: pastDay }],
  ] as const) {
    const answer = await runner.ask('explain', { agencyId: shown, ...at });
    if (isQueryError(answer)) throw new RangeError(`the demo has no "${shown}"`);
    lines.push(
      ...(lines.length === 3 ? [] : ['']),
      ...text(title),
      ...figures(pointsTable(answer)),
    );
  }
  return lines;
}

function pointsTable({ lines, explained }: ExplainAnswer): string[] {
  const rows = explained.map(
    ({
      deductionId,
      points,
      clause,
      basis,
      recordedAt,
      recordedBy,
      notCounted,
      decisions,
      source,
    }) => {
      const line = lines.find((each) => each.deductionId === deductionId);
      const why = 'zh' in clause ? saidIn(clause) : clause.id;
      const month = basis?.kind === 'assessment' ? ` ${basis.month}` : '';
      const counted =
        notCounted === null
          ? String(line?.running ?? '')
          : whyNot(notCounted, decisions.at(-1)?.recordedAt);
      return [
        deductionId,
        String(points),
        `${why}${month}`,
        `${recordedAt.slice(0, 10)} ${recordedBy}`,
        source.leafHash.slice(0, 8),
        counted,
      ];
    },
  );
  const columns = [
    { title: said('Deduction', '扣分') },
    { title: said('Points', '分值'), align: 'right' },
    { title: said('Clause', '条款'), maxWidth: 30 },
    { title: said('Recorded', '记录') },
    { title: said('Event', '事件') },
    { title: said('Running total', '累计') },
  ] as const;
  return table(columns, rows);
}

/** `revoked 2019-06-18`, `recorded later`. */
function whyNot(reason: string, decidedAt: string | undefined): string {
  const label = reasonWords(reason);
  return reason === 'revoked' && decidedAt !== undefined
    ? `${label} ${decidedAt.slice(0, 10)}`
    : label;
}

async function intactAgencies(
  runner: QueryRunner,
  at: { readonly effectiveAt?: string },
): Promise<readonly AgencyEntry[]> {
  const entries = await runner.ask('agencies', at);
  if (isQueryError(entries)) throw new RangeError('the demo has no agencies');
  return entries.filter((entry): entry is AgencyEntry => !('error' in entry));
}

async function everybody(runner: QueryRunner): Promise<readonly string[]> {
  const before = await intactAgencies(runner, { effectiveAt: yearEnd });
  const now = await intactAgencies(runner, {});
  const rows: string[][] = [];
  for (const { agencyId, balance, standing } of now) {
    const old = before.find((entry) => entry.agencyId === agencyId);
    if (standing === 'active' && (old?.balance ?? 0) < 104) continue;
    const name = (await runner.nameOf(agencyId)) ?? '';
    rows.push([
      agencyId,
      name,
      String(old?.balance ?? ''),
      String(balance),
      standingWords(standing),
    ]);
  }
  const columns = [
    { title: said('Agency', '机构') },
    { title: said('Name', '名称') },
    { title: said('31 Dec', '12 月 31 日'), align: 'right' },
    { title: said('Now', '当前'), align: 'right' },
    { title: said('Standing now', '当前身份') },
  ] as const;
  return [
    ...heading(said('4  Everybody, by standing', '4  全部机构的身份')),
    ...text(standingCounts(now)),
    ...text(
      said(
        'Those who are not active, and those who came close before the reset of 1 January:',
        '非正常的机构，以及在 1 月 1 日清零之前接近清退线的机构：',
      ),
    ),
    ...figures(table(columns, rows)),
  ];
}

async function whatIf(runner: QueryRunner): Promise<readonly string[]> {
  const answer = await runner.ask('whatif', {
    agencyId: shown,
    effectiveAt: pastDay,
    knownAt: pastDay,
    without: [aprilDeduction],
  });
  if (isQueryError(answer)) throw new RangeError(`the demo has no "${shown}"`);
  const { recorded, whatif, partsAt } = answer;
  const reached = (at: string | null): string => (at === null ? said('never', '从未') : time(at));
  return [
    ...heading(said('7  What if', '7  假设')),
    ...text(
      said(
        `What if ${aprilDeduction}, April’s 40 points, had never been imposed, ` +
          'with what was known on 1 June?',
        `假如 ${aprilDeduction}（4 月的 40 分）从未扣过，按 6 月 1 日已知的情况会怎样？`,
      ),
    ),
    ...figures(
      table(
        [
          { title: '' },
          { title: said('Balance', '累计扣分'), align: 'right' },
          { title: said('120 reached', '达到 120 分') },
        ],
        [
          ['recorded', String(recorded.balance), reached(recorded.thresholdReachedAt)],
          [said('what if', '假设'), String(whatif.balance), reached(whatif.thresholdReachedAt)],
        ],
      ),
    ),
    '',
    ...text(
      said(
        `The two histories part at ${partsAt === null ? 'no moment' : time(partsAt)}. ` +
          'This is a comparison: nothing of it is stored.',
        `两种情况${partsAt === null ? '从未分岔' : `在 ${time(partsAt)} 分岔`}。这只是对比：` +
          '不会存储任何内容。',
      ),
    ),
  ];
}

export function replayed(rebuild: Rebuild, { tally }: Imported): string[] {
  const opening = rebuild.events - tally.events - tally.rejected;
  return [
    ...heading(said('8  Everything once more', '8  全部重来一遍')),
    ...text(
      said(
        'Every list above was made from the events alone. Made again from the first event on:',
        '以上各表都只由事件得出。现在从第一个事件起重新生成：',
      ),
    ),
    ...figures(replayPage(rebuild)),
    '',
    ...text(
      said(
        `They are the ${figure(tally.events)} of the year, ${figure(opening)} that opened the ` +
          `ledger with its rulebooks, and one for each of the ${figure(tally.rejected)} refused ` +
          'commands.',
        `其中 ${figure(tally.events)} 个属于这一年，${figure(opening)} 个是开立账本及其规则的` +
          `事件，另外 ${figure(tally.rejected)} 条被拒绝的指令各有一个事件。`,
      ),
    ),
  ];
}

export function farewell(url: string): string[] {
  return [
    ...heading(said('Try next', '接下来可以试试')),
    `  export LEDGER_STORE=${url}`,
    `  npx ledger explain ${shown} --effective-at ${pastDay} --known-at ${pastDay}`,
    '  npx ledger appeal ap-052-1',
    '  npx ledger assessment mcn-023 2019-10',
    '  npx ledger complaint tp-055-1',
    '  npx ledger agencies --standing pending_expulsion',
    '  npx ledger doctor',
  ];
}
