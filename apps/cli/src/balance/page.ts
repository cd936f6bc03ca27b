import type { agency, BalanceAnswer } from '@penalty-ledger/ledger';
import { assumptionText } from '../rulebook/assumption-text.js';
import { field, heading } from '../terminal/layout.js';
import { table } from '../terminal/table.js';
import {
  count,
  deadline,
  figure,
  listed,
  named,
  reasonWords,
  standingWords,
  time,
} from '../terminal/words.js';
import { said, saidIn } from '../terminal/language.js';

type Standing = Pick<BalanceAnswer, 'standing' | 'pending' | 'expulsion' | 'reentryFrom'>;

/** The agency, its balance and the two times: the first lines of `balance` and of `explain`. */
export function balanceHead(answer: BalanceAnswer, name: string | undefined): string[] {
  const { period, account, carriedOver, accounts, scale } = answer;
  return [
    ...field(said('Agency', '机构'), named(answer.agencyId, name)),
    ...field(
      said('Balance', '累计扣分'),
      said(
        `${balanceText(answer)} points in ${period}` +
          (account === 'points' ? '' : ` (account ${account})`),
        `${period} 年度累计 ${balanceText(answer)}` +
          (account === 'points' ? '' : `（计分账户 ${account}）`),
      ),
    ),
    ...(carriedOver === 0
      ? []
      : field(
          '',
          said(
            `of which ${String(carriedOver)} carried over from the year before`,
            `其中上年结转 ${String(carriedOver)} 分`,
          ),
        )),
    ...(accounts ?? [])
      .filter((other) => other.account !== account)
      .flatMap((other) =>
        field(
          '',
          said(
            `account ${other.account}: ${String(other.balance)} of ${String(other.threshold)}`,
            `计分账户 ${other.account}：累计 ${String(other.balance)} 分，` +
              `线 ${String(other.threshold)} 分`,
          ),
        ),
      ),
    ...appealableFields(answer),
    ...(scale === undefined
      ? []
      : field(
          said('Score', '分值'),
          said(
            `${String(scale.score)}, from ${String(scale.start)} down; its cap: ` +
              `${String(scale.cap)}${addedText(scale)}`,
            `${String(scale.score)}，自 ${String(scale.start)} 分起扣；上限 ${String(scale.cap)}` +
              addedText(scale),
          ),
        )),
    ...field(said('Standing', '身份'), standingText(answer)),
    ...field(said('Effective at', '生效时点'), time(answer.effectiveAt)),
    ...field(said('Known at', '已知时点'), time(answer.knownAt)),
  ];
}

/** The balance beside the threshold, where reaching that makes an expulsion pending. */
function balanceText({ balance, threshold, expels }: BalanceAnswer): string {
  return expels === false
    ? said(String(balance), `${String(balance)} 分`)
    : said(
        `${String(balance)} of ${String(threshold)}`,
        `${String(balance)} 分，清退线 ${String(threshold)} 分`,
      );
}

function addedText({ additions }: NonNullable<BalanceAnswer['scale']>): string {
  const added = additions.reduce((sum, { counts }) => sum + counts, 0);
  return added === 0 ? '' : said(`; ${count(added, 'point')} added`, `；已加 ${figure(added)} 分`);
}

/** Says how many points an addition adds, or why it adds none. */
export function additionText({ points, counts, notCounted }: agency.AdditionAt): string {
  if (notCounted !== null) return reasonWords(notCounted);
  if (counts === points) return `+${String(counts)}`;
  return said(
    `+${String(counts)} (of ${String(points)}, up to the cap)`,
    `+${String(counts)}（记 ${String(points)} 分，以上限为止）`,
  );
}

function appealableFields({ contested, ifUpheld, appealable }: BalanceAnswer): string[] {
  return [
    ...(contested === 0
      ? []
      : field(
          said('Contested', '申诉中'),
          said(
            `${count(contested, 'point')}; ${String(ifUpheld)} stay if open appeals are upheld`,
            `${figure(contested)} 分；若未决申诉成立，余 ${String(ifUpheld)} 分`,
          ),
        )),
    ...(appealable === 0
      ? []
      : field(
          said('Appealable', '可申诉'),
          said(
            `${count(appealable, 'point')}, whose window is still open`,
            `${figure(appealable)} 分，申诉期限尚未届满`,
          ),
        )),
  ];
}

function measureText({
  points,
  measure,
  from,
  until,
  inForce,
}: NonNullable<BalanceAnswer['measures']>[number]): string {
  const end =
    until === null
      ? ''
      : said(
          `${inForce ? ' until' : '; it ended'} ${deadline(until)}`,
          `${inForce ? '，至' : '；已于'} ${deadline(until)}${inForce ? '' : ' 结束'}`,
        );
  return said(
    `${String(points)}: ${saidIn(measure)}, from ${time(from)}${end}`,
    `${String(points)} 分：${saidIn(measure)}，自 ${time(from)} 起${end}`,
  );
}

function standingText({ standing, pending, expulsion, reentryFrom }: Standing): string {
  const text = standingWords(standing);
  if (pending !== null) {
    const opened = said(
      `${time(pending.openedAt)} for ${pending.period}`,
      `${time(pending.openedAt)}（${pending.period} 年度）`,
    );
    return said(
      `${text} since ${opened}; last chance until ${deadline(pending.closesAt)}`,
      `${text}，自 ${opened} 起；最后一次申诉机会至 ${deadline(pending.closesAt)}`,
    );
  }
  if (expulsion === null) return text;
  const unsupported = expulsion.supported
    ? ''
    : said('; no longer supported by the points', '；现有扣分已不足以支持清退');
  const ban =
    reentryFrom === null
      ? ''
      : said(`; re-entry from ${time(reentryFrom)}`, `；${time(reentryFrom)} 起可重新入驻`);
  return said(
    `${text} since ${time(expulsion.effectiveAt)}${ban}${unsupported}`,
    `${text}，自 ${time(expulsion.effectiveAt)} 起${ban}${unsupported}`,
  );
}

/** Each deduction that counts with the running total, and each that does not, with the reason. */
export function balanceLines({ lines, notCounted, carriedOver, scale }: BalanceAnswer): string[] {
  const rows = lines.map(({ deductionId, points, counts, effectiveAt, running }) => [
    deductionId,
    time(effectiveAt),
    counts === points
      ? String(counts)
      : said(
          `${String(counts)} (of ${String(points)})`,
          `${String(counts)}（原 ${String(points)}）`,
        ),
    String(running),
  ]);
  if (carriedOver !== 0)
    rows.unshift([said('carried over', '上年结转'), '', String(carriedOver), String(carriedOver)]);
  const columns = [
    { title: said('Deduction', '扣分') },
    { title: said('In effect from', '生效时间') },
    { title: said('Counts', '计入'), align: 'right' },
    { title: said('Running total', '累计'), align: 'right' },
  ] as const;
  return [
    ...heading(
      rows.length === 0
        ? said('No points count', '无有效扣分')
        : said('Points that count', '有效扣分'),
    ),
    ...(rows.length === 0 ? [] : table(columns, rows)),
    ...(notCounted.length === 0
      ? []
      : [
          ...heading(said('Not counted', '不计入')),
          ...table(
            [{ title: said('Deduction', '扣分') }, { title: said('Reason', '原因') }],
            notCounted.map(({ deductionId, reason }) => [deductionId, reasonWords(reason)]),
          ),
        ]),
    ...additionLines(scale?.additions ?? []),
  ];
}

function additionLines(additions: readonly agency.AdditionAt[]): string[] {
  if (additions.length === 0) return [];
  const columns = [
    { title: said('Addition', '加分') },
    { title: said('In effect from', '生效时间') },
    { title: said('Adds', '计入') },
  ] as const;
  return [
    ...heading(said('Additions to the score', '加分')),
    ...table(
      columns,
      additions.map((addition) => [
        addition.additionId,
        time(addition.effectiveAt),
        additionText(addition),
      ]),
    ),
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
  // Where a scale has additions, the score has reached fewer nodes than the sum.
  const reachedNodes = measures?.map(({ points }) => points) ?? nodesReached;
  return [
    ...heading(said('Rests on', '依据')),
    ...field(
      said('Rulebook', '规则'),
      `${rulebook.id} ${rulebook.rulebookVersion}\nSHA-256 ${rulebook.sha256}`,
    ),
    ...field(
      said('Time zone', '时区'),
      said(
        `${timeZone.id}, time-zone data ${timeZone.dataVersion}; every time on this page is in it`,
        `${timeZone.id}，时区数据 ${timeZone.dataVersion}；本页时间均为该时区`,
      ),
    ),
    ...(reachedNodes.length === 0
      ? []
      : field(
          said('Measures', '处置措施'),
          said(`reached at ${reachedNodes.join(', ')}`, `已达节点：${reachedNodes.join('、')}`),
        )),
    ...(measures ?? []).flatMap((reached) => field('', measureText(reached))),
    ...assumptions.flatMap((assumption, index) =>
      field(index === 0 ? said('Assumptions', '假设') : '', assumptionText(assumption)),
    ),
    ...field(
      said('Findings', '发现的问题'),
      findings.length === 0 ? said('none', '无') : listed(findings),
    ),
  ];
}
