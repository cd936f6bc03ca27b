import type { ExplainAnswer } from '@penalty-ledger/application';
import type { AgencyEntry, BalanceAnswer } from '@penalty-ledger/ledger';
import type { Rebuild } from '@penalty-ledger/application/read-models';
import { isQueryError, type QueryRunner } from '../ledger/query-runner.js';
import { replayPage } from '../replay/page.js';
import type { Tally } from '../intake/tally.js';
import { field, heading, wrap } from '../terminal/layout.js';
import { table } from '../terminal/table.js';
import { count, figure, reasonEnglish, standingWords, time, withTimes } from '../terminal/words.js';
import { standingCounts } from '../agencies/page.js';
import { instantText } from './calendar.js';
import { figures, text } from './figures.js';
import { assessedMonth, complaintAndSlot } from './operations-tour.js';

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
    'Penalty ledger: an agency’s score at any moment, as it was known at any other moment.',
    '',
    ...wrap(
      'A live-commerce platform takes points from agencies (机构): 40 for a failed month. At 120 ' +
        'an agency faces expulsion (清退) and has one last chance to appeal. On 1 January all ' +
        'points are cleared. Every name below is invented.',
      98,
    ),
    ...heading('1  A year is recorded'),
  ];
}

export function imported({ tally, refusals, seconds }: Imported): string[] {
  const rate = Math.round(tally.lines / seconds);
  return [
    ...text(
      `${count(tally.lines, 'command')} about sixty agencies became ${figure(tally.events)} ` +
        `events in ${seconds.toFixed(1)} s (${figure(rate)} a second), each on disk before it ` +
        `was acknowledged. ${count(tally.duplicate, 'command')} came twice and changed nothing. ` +
        `There are ${count(tally.findings, 'finding')}: acts that depart from the rules, and ` +
        `figures that differ. ${count(tally.rejected, 'command')} were refused, for these reasons:`,
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
  if (isQueryError(answer)) throw new Error(`the demo has no "${shown}"`);
  return answer;
}

async function threeBalances(runner: QueryRunner): Promise<readonly string[]> {
  const now = await balanceAt(runner, {});
  const then = await balanceAt(runner, { effectiveAt: pastDay, knownAt: pastDay });
  const hindsight = await balanceAt(runner, { effectiveAt: pastDay });
  const row = (answer: BalanceAnswer, asked: string, known: string): string[] => [
    asked,
    known,
    `${String(answer.balance)} of ${String(answer.threshold)}`,
    standingWords(answer.standing),
  ];
  const columns = [
    { title: 'The score at' },
    { title: 'As known' },
    { title: 'Balance' },
    { title: 'Standing' },
  ];
  return [
    ...heading('2  One agency, one day, two answers'),
    ...text(`${shown}  ${(await runner.nameOf(shown)) ?? ''}`),
    ...figures(
      table(columns, [
        row(now, `${time(now.effectiveAt)} (now)`, 'now'),
        row(then, time(then.effectiveAt), 'on that day'),
        row(hindsight, time(hindsight.effectiveAt), 'now'),
      ]),
    ),
    '',
    ...text(
      'It failed three months, reached 120 in May, lost its last chance and was expelled. In ' +
        'June the platform found that it had counted April wrongly: it revoked 40 points, which ' +
        'left the expulsion unsupported, and upheld the appeal. The ledger keeps both: what was ' +
        'known on 1 June, and what is known of 1 June now.',
    ),
  ];
}

async function everyPoint(runner: QueryRunner): Promise<readonly string[]> {
  const lines: string[] = [...heading('3  Every point explained')];
  for (const [title, at] of [
    ['1 June 2019, as known on that day', { effectiveAt: pastDay, knownAt: pastDay }],
    ['1 June 2019, as known now', { effectiveAt: pastDay }],
  ] as const) {
    const answer = await runner.ask('explain', { agencyId: shown, ...at });
    if (isQueryError(answer)) throw new Error(`the demo has no "${shown}"`);
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
      const why = 'zh' in clause ? clause.zh : clause.id;
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
    { title: 'Deduction' },
    { title: 'Points', align: 'right' },
    { title: 'Clause' },
    { title: 'Recorded' },
    { title: 'Event' },
    { title: 'Running total' },
  ] as const;
  return table(columns, rows);
}

/** `revoked 2019-06-18`, `recorded later`. */
function whyNot(reason: string, decidedAt: string | undefined): string {
  const label = reasonEnglish(reason);
  return reason === 'revoked' && decidedAt !== undefined
    ? `${label} ${decidedAt.slice(0, 10)}`
    : label;
}

async function intactAgencies(
  runner: QueryRunner,
  at: { readonly effectiveAt?: string },
): Promise<readonly AgencyEntry[]> {
  const entries = await runner.ask('agencies', at);
  if (isQueryError(entries)) throw new Error('the demo has no agencies');
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
    { title: 'Agency' },
    { title: 'Name' },
    { title: '31 Dec', align: 'right' },
    { title: 'Now', align: 'right' },
    { title: 'Standing now' },
  ] as const;
  return [
    ...heading('4  Everybody, by standing'),
    ...text(standingCounts(now)),
    ...text('Those who are not active, and those who came close before the reset of 1 January:'),
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
  if (isQueryError(answer)) throw new Error(`the demo has no "${shown}"`);
  const { recorded, whatif, partsAt } = answer;
  const reached = (at: string | null): string => (at === null ? 'never' : time(at));
  return [
    ...heading('7  What if'),
    ...text(
      `What if ${aprilDeduction}, April’s 40 points, had never been imposed, ` +
        'with what was known on 1 June?',
    ),
    ...figures(
      table(
        [{ title: '' }, { title: 'Balance', align: 'right' }, { title: '120 reached' }],
        [
          ['recorded', String(recorded.balance), reached(recorded.thresholdReachedAt)],
          ['what if', String(whatif.balance), reached(whatif.thresholdReachedAt)],
        ],
      ),
    ),
    '',
    ...text(
      `The two histories part at ${partsAt === null ? 'no moment' : time(partsAt)}. ` +
        'This is a comparison: nothing of it is stored.',
    ),
  ];
}

export function replayed(rebuild: Rebuild, { tally }: Imported): string[] {
  const opening = rebuild.events - tally.events - tally.rejected;
  return [
    ...heading('8  Everything once more'),
    ...text('Every list above was made from the events alone. Made again from the first event on:'),
    ...figures(replayPage(rebuild)),
    '',
    ...text(
      `They are the ${figure(tally.events)} of the year, ${figure(opening)} that opened the ` +
        `ledger with its rulebooks, and one for each of the ${figure(tally.rejected)} refused ` +
        'commands.',
    ),
  ];
}

export function farewell(url: string): string[] {
  return [
    ...heading('Try next'),
    `  export LEDGER_STORE=${url}`,
    `  npx ledger explain ${shown} --effective-at ${pastDay} --known-at ${pastDay}`,
    '  npx ledger appeal ap-052-1',
    '  npx ledger assessment mcn-023 2019-10',
    '  npx ledger complaint tp-055-1',
    '  npx ledger agencies --standing pending_expulsion',
    '  npx ledger doctor',
  ];
}
