import { both, code, h, table, word } from './elements.js';
import { dayIn, startOfYear } from './instants.js';

const colours = {
  points: 'var(--points)',
  notice: 'var(--soft)',
  appeal: 'var(--then)',
  decision: 'var(--good)',
  standing: 'var(--ink)',
};

const decisions = /^Deduction(Revoked|Adjusted|Reinstated)$|^AppealDecided$|^ExpulsionRevoked$/;

const kindOf = (type) => {
  if (decisions.test(type)) return 'decision';
  if (type.startsWith('Deduction')) return 'points';
  return type.startsWith('Appeal') ? 'appeal' : 'standing';
};

const kinds = {
  points: ['扣分', 'deduction'],
  notice: ['通知送达', 'notice served'],
  appeal: ['申诉', 'appeal'],
  decision: ['裁定', 'decision'],
  standing: ['身份变动', 'standing'],
};

const mark = (kind) =>
  h('span', { style: `color:${colours[kind]}` }, kind === 'notice' ? '▲' : '●');

export const legend = () =>
  h(
    'p',
    { class: 'legend' },
    Object.entries(kinds).map(([kind, pair]) => h('span', {}, mark(kind), ' ', both(...pair))),
  );

const [width, height, left, right, top, bottom] = [900, 320, 40, 16, 34, 34];

/** Returns the scales of the drawing: from milliseconds and points to places in it. */
const scalesOf = ({ timeline, now }, resets) => {
  const times = timeline.map(({ recordedAt }) => Date.parse(recordedAt));
  const first = Math.min(...times, resets[0]);
  const last = Math.max(...times, Date.parse(now.effectiveAt), first + 86_400_000);
  const highest = Math.max(now.threshold, ...timeline.map(({ balance }) => balance)) * 1.1;
  return {
    first,
    last,
    x: (time) => left + ((time - first) / (last - first)) * (width - left - right),
    y: (points) => height - bottom - (points / highest) * (height - top - bottom),
  };
};

const level = ({ y }, points, stroke, label, dash = '4 4') => [
  h('line', {
    x1: left,
    x2: width - right,
    y1: y(points),
    y2: y(points),
    stroke,
    'stroke-dasharray': dash,
  }),
  h('text', { x: left + 4, y: y(points) - 4 }, label),
];

const tick = ({ y }, points) =>
  h('text', { x: left - 6, y: y(points) + 4, 'text-anchor': 'end' }, String(points));

/** Returns an upright line at a time, its label on the side where there is room. */
const upright = ({ first, last, x }, time, label, y) => {
  if (time < first || time > last) return [];
  const at = x(time);
  const line = { x1: at, x2: at, y1: top, y2: height - bottom, stroke: '#5b6570' };
  return [
    h('line', { ...line, 'stroke-dasharray': '2 3' }),
    at > width - 160
      ? h('text', { x: at - 4, y, 'text-anchor': 'end' }, label)
      : h('text', { x: at + 4, y }, label),
  ];
};

/** Returns the steps of the balance: along to each event, then up or down to its balance. */
const steps = ({ x, y }, timeline) => {
  const each = timeline.map(
    ({ balance, recordedAt }) => ` H${x(Date.parse(recordedAt))} V${y(balance)}`,
  );
  const d = `M${left} ${y(0)}${each.join('')} H${width - right}`;
  return h('path', { d, fill: 'none', stroke: 'var(--points)', 'stroke-width': 2 });
};

const dots = ({ x, y }, timeline, day) =>
  timeline.map(({ about, balance, recordedAt, type }) => {
    const at = Date.parse(recordedAt);
    const named = about?.deductionId ?? about?.appealId ?? '';
    const title = `${day(at)} ${words[type]?.join(' ') ?? type} ${named}: ${balance}`;
    const circle = { cx: x(at), cy: y(balance), r: 4, fill: colours[kindOf(type)] };
    return h('circle', circle, h('title', {}, title));
  });

const notices = ({ last, x }, deductions, day) =>
  deductions
    .map(({ deductionId, notifiedAt }) => ({ deductionId, at: Date.parse(notifiedAt) }))
    .filter(({ at }) => at <= last)
    .map(({ deductionId, at }) => {
      const d = `M${x(at)} ${height - bottom + 2} l-4 7 h8 z`;
      const title = `${day(at)} 通知送达 notice served ${deductionId}`;
      return h('path', { d, fill: colours.notice }, h('title', {}, title));
    });

/** Returns points over the time they were recorded in, with the threshold and the annual reset. */
export const drawing = (computation) => {
  const { deductions, timeline, now, zone, period } = computation;
  const resets = [Number(period), Number(period) + 1].map((year) => startOfYear(year, zone));
  const scales = scalesOf(computation, resets);
  const day = dayIn(zone);
  const label = `${period} 年积分时间线 Timeline of the points of ${period}`;
  return h(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label },
    level(scales, 0, '#d5dae0', '', '0'),
    level(scales, now.threshold, 'var(--points)', `清退线 threshold ${now.threshold}`),
    [0, now.threshold].map((points) => tick(scales, points)),
    resets.map((time) => upright(scales, time, '年度清零 reset', 12)),
    upright(scales, Date.parse(now.effectiveAt), '所问时点 asked', 26),
    steps(scales, timeline),
    notices(scales, deductions, day),
    dots(scales, timeline, day),
    h('text', { x: left, y: height - 8, 'text-anchor': 'start' }, day(scales.first)),
    h('text', { x: width - right, y: height - 8, 'text-anchor': 'end' }, day(scales.last)),
  );
};

export const timelineTable = ({ timeline }, instant) =>
  table(
    [
      both('记录', 'recorded'),
      both('事件', 'event'),
      '',
      both('当时积分', 'points then'),
      both('状态', 'standing'),
    ],
    timeline.map(({ about, balance, recordedAt, revision, standing, type }) => [
      `${instant(recordedAt)} (#${revision})`,
      word(type),
      code(about?.deductionId ?? about?.appealId ?? ''),
      balance,
      word(standing),
    ]),
  );
