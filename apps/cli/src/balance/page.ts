import type { BalanceAnswer } from '@penalty-ledger/ledger';
import { field, heading } from '../terminal/layout.js';
import { table } from '../terminal/table.js';
import { count, deadline, named, reasonWords, standingWords, time } from '../terminal/words.js';

type Standing = Pick<BalanceAnswer, 'standing' | 'pending' | 'expulsion' | 'reentryFrom'>;

/** The agency, its balance and the two times: the first lines of `balance` and of `explain`. */
export function balanceHead(answer: BalanceAnswer, name: string | undefined): string[] {
  const { balance, threshold, period, account, carriedOver, accounts, scale } = answer;
  return [
    ...field('Agency', named(answer.agencyId, name)),
    ...field(
      'Balance',
      `${String(balance)} of ${String(threshold)} points in ${period}` +
        (account === 'points' ? '' : ` (account ${account})`),
    ),
    ...(carriedOver === 0
      ? []
      : field('', `of which ${String(carriedOver)} carried over from the year before`)),
    ...(accounts ?? [])
      .filter((other) => other.account !== account)
      .flatMap((other) =>
        field(
          '',
          `account ${other.account}: ${String(other.balance)} of ${String(other.threshold)}`,
        ),
      ),
    ...appealableFields(answer),
    ...(scale === undefined
      ? []
      : field(
          'Score',
          `${String(scale.score)}, from ${String(scale.start)} down; its cap: ${String(scale.cap)}`,
        )),
    ...field('Standing', standingText(answer)),
    ...field('Effective at', time(answer.effectiveAt)),
    ...field('Known at', time(answer.knownAt)),
  ];
}

function appealableFields({ contested, ifUpheld, appealable }: BalanceAnswer): string[] {
  return [
    ...(contested === 0
      ? []
      : field(
          'Contested',
          `${count(contested, 'point')} 申诉中; ${String(ifUpheld)} stay if open appeals are upheld`,
        )),
    ...(appealable === 0
      ? []
      : field('Appealable', `${count(appealable, 'point')} 可申诉, whose window is still open`)),
  ];
}

function measureText({
  points,
  measure,
  from,
  until,
  inForce,
}: NonNullable<BalanceAnswer['measures']>[number]): string {
  const end = until === null ? '' : `${inForce ? ' until' : '; it ended'} ${deadline(until)}`;
  return `${String(points)}: ${measure.en} ${measure.zh}, from ${time(from)}${end}`;
}

function standingText({ standing, pending, expulsion, reentryFrom }: Standing): string {
  const text = standingWords(standing);
  if (pending !== null) {
    const opened = `${time(pending.openedAt)} for ${pending.period}`;
    return `${text} since ${opened}; last chance until ${deadline(pending.closesAt)}`;
  }
  if (expulsion === null) return text;
  const unsupported = expulsion.supported ? '' : '; no longer supported by the points';
  const ban = reentryFrom === null ? '' : `; re-entry from ${time(reentryFrom)}`;
  return `${text} since ${time(expulsion.effectiveAt)}${ban}${unsupported}`;
}

/** Each deduction that counts with the running total, and each that does not, with the reason. */
export function balanceLines({ lines, notCounted, carriedOver }: BalanceAnswer): string[] {
  const rows = lines.map(({ deductionId, points, counts, effectiveAt, running }) => [
    deductionId,
    time(effectiveAt),
    counts === points ? String(counts) : `${String(counts)} (of ${String(points)})`,
    String(running),
  ]);
  if (carriedOver !== 0)
    rows.unshift(['carried over', '', String(carriedOver), String(carriedOver)]);
  const columns = [
    { title: 'Deduction' },
    { title: 'In effect from' },
    { title: 'Counts', align: 'right' },
    { title: 'Running total', align: 'right' },
  ] as const;
  return [
    ...heading(rows.length === 0 ? 'No points count' : 'Points that count'),
    ...(rows.length === 0 ? [] : table(columns, rows)),
    ...(notCounted.length === 0
      ? []
      : [
          ...heading('Not counted'),
          ...table(
            [{ title: 'Deduction' }, { title: 'Reason' }],
            notCounted.map(({ deductionId, reason }) => [deductionId, reasonWords(reason)]),
          ),
        ]),
  ];
}

/** The rulebook, zone and assumptions behind a balance: the last lines of both pages. */
export function balanceFoot({
  rulebook,
  timeZone,
  assumptions,
  findings,
  nodesReached,
  measures,
}: BalanceAnswer): string[] {
  return [
    ...heading('Rests on'),
    ...field('Rulebook', `${rulebook.id} ${rulebook.rulebookVersion}\nSHA-256 ${rulebook.sha256}`),
    ...field(
      'Time zone',
      `${timeZone.id}, time-zone data ${timeZone.dataVersion}; every time on this page is in it`,
    ),
    ...(nodesReached.length === 0
      ? []
      : field('Measures', `reached at ${nodesReached.join(', ')}`)),
    ...(measures ?? []).flatMap((reached) => field('', measureText(reached))),
    ...assumptions.flatMap((assumption, index) =>
      field(index === 0 ? 'Assumptions' : '', assumption),
    ),
    ...field('Findings', findings.length === 0 ? 'none' : findings.join(', ')),
  ];
}
