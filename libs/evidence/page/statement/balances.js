import { both, code, h, p, table, word } from './elements.js';

const contestedPart = ({ contested, ifUpheld }) =>
  contested === 0
    ? []
    : h(
        'div',
        {},
        both('申诉中', 'contested'),
        ` ${contested} · `,
        both('若申诉成立', 'if upheld'),
        ` ${ifUpheld}`,
      );

/** Returns a balance in large: its points, the threshold, the standing. */
export const figure = (zh, en, balance, instant) =>
  h(
    'div',
    { class: 'figure' },
    h('div', {}, both(zh, en)),
    balance === null
      ? p(both('当时账本尚无该机构的记录', 'the ledger knew nothing of the agency'))
      : [
          h('strong', {}, String(balance.balance)),
          h('span', { class: 'soft' }, ` / ${balance.threshold}`),
          h('div', {}, word(balance.standing)),
          contestedPart(balance),
          h('div', { class: 'soft' }, `${instant(balance.knownAt)}`),
        ],
  );

const countIn = (balance, id) => {
  const isThis = ({ deductionId }) => deductionId === id;
  const counted = balance?.lines.find(isThis);
  if (counted !== undefined) return counted.counts;
  return word(balance?.notCounted.find(isThis)?.reason ?? 'not_yet_known');
};

/** Returns every deduction with what it counted then and counts now. */
export const balanceTable = ({ now, then, deductions }, instant) => {
  const rows = deductions.map(({ deductionId, effectiveAt, points }) => [
    code(deductionId),
    instant(effectiveAt),
    points,
    countIn(then, deductionId),
    countIn(now, deductionId),
  ]);
  const carried = [then, now].map((balance) => balance?.carriedOver ?? 0);
  if (carried.some((points) => points > 0))
    rows.unshift([both('上年结转', 'carried over'), '', '', ...carried]);
  const sum = h('strong', {}, both('合计', 'sum'));
  rows.push([sum, '', '', then?.balance ?? '—', now.balance]);
  return table(
    [
      both('扣分', 'deduction'),
      both('生效', 'in effect from'),
      both('分值', 'points'),
      both('按当时所知', 'as known then'),
      both('按现在所知', 'as known now'),
    ],
    rows,
  );
};
