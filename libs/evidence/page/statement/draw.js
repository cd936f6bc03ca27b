import { balanceTable, figure } from './balances.js';
import { explained } from './deductions.js';
import { both, code, fill, h, p, word } from './elements.js';
import { instantIn } from './instants.js';
import { drawing, legend, timelineTable } from './timeline.js';

const headPart = ({ agencyId, now, period, then, zone }, instant) => [
  h('h1', {}, both('机构扣分证据声明', 'Statement of penalty points')),
  p(
    both('机构', 'agency'),
    ' ',
    code(agencyId),
    ' · ',
    both(`${period} 年度`, `points of ${period}`),
    ' · ',
    both('所问时点', 'as it stood'),
    ` ${instant(now.effectiveAt)} (${zone})`,
  ),
  h(
    'div',
    { class: 'figures' },
    figure('按当时所知', 'as known then', then, instant),
    figure('按现在所知', 'as known now', now, instant),
  ),
];

/** The band of a simulation: it stays in sight, and stands on each page that is printed. */
const simulationPart = ({ simulation }) =>
  simulation === true &&
  h(
    'p',
    { class: 'simulation' },
    both('模拟：非真实记录', 'SIMULATION: not a record of what happened'),
  );

const submittedPart = (at, instant) =>
  at === undefined ? [] : [' · ', both('已举证', 'submitted'), ` ${instant(at)}`];

const enteredLatePart = ({ initiatedAt, recordedAt }, instant) =>
  initiatedAt === recordedAt
    ? []
    : [' · ', both('录入账本', 'recorded in the ledger'), ` ${instant(recordedAt)}`];

const appealPart = ({ appeal }, instant) => {
  if (appeal === undefined) return [];
  const { appealId, deductionIds, evidenceBy, evidenceSubmittedAt, initiateBy } = appeal;
  const against = code(deductionIds.join(', ') || 'expulsion');
  return [
    h('h2', {}, both('申诉', 'Appeal'), ' ', code(appealId)),
    p(word(appeal.kind), ' · ', both('针对', 'against'), ' ', against),
    p(
      both('提起', 'initiated'),
      ` ${instant(appeal.initiatedAt)} · `,
      both('截止', 'at the latest before'),
      ` ${instant(initiateBy)}`,
      enteredLatePart(appeal, instant),
    ),
    p(
      both('举证截止', 'evidence before'),
      ` ${instant(evidenceBy)}`,
      submittedPart(evidenceSubmittedAt, instant),
    ),
    p(
      both('当时状态', 'state then'),
      ' ',
      word(appeal.then ?? 'not_yet_known'),
      ' · ',
      both('现在状态', 'state now'),
      ' ',
      word(appeal.now ?? 'not_yet_known'),
    ),
  ];
};

const timelinePart = (computation, instant) => [
  h('h2', {}, both('时间线', 'Timeline: what was reached, with what was known at each instant')),
  h('div', { class: 'wide' }, drawing(computation)),
  legend(),
  timelineTable(computation, instant),
];

const deductionsPart = (computation, disclosed, instant) => [
  h('h2', {}, both('积分构成', 'What the points are made of')),
  balanceTable(computation, instant),
  h('h2', {}, both('逐项说明', 'Each point explained')),
  computation.deductions.map(explained(computation, disclosed, instant)),
  disclosed.length > 0 &&
    h(
      'p',
      { class: 'soft' },
      both(
        '黄底文字在记录时已封存；证据包附有各段文字的密钥，可证明其未被更改。',
        'Texts on yellow were sealed when they were recorded; ' +
          'the pack has the key of each, which proves that it is unchanged.',
      ),
    ),
];

/** The place of a text in its event, as the statement calls it: `/titles/0` is a title. */
const labelOf = (text) => word(`text:${text.slice(1).replace(/\/\d+$/, '')}`);

const placeOf = ({ revision, stream }) => (stream.startsWith('agency-') ? `#${revision}` : stream);

const textsPart = (disclosed, instant) =>
  disclosed.length > 0 && [
    h('h2', {}, both('原文', 'Texts as they were recorded')),
    disclosed.map(({ recordedAt, text, type, value, ...place }) => [
      p(word(type), ' · ', labelOf(text), ` · ${instant(recordedAt)} `, code(placeOf(place))),
      h('p', { class: 'text' }, value),
    ]),
  ];

const findingsPart = ({ now, then }) => {
  const found = [...new Set([...(then?.findings ?? []), ...now.findings])];
  const assumed = [...new Set([...(then?.assumptions ?? []), ...now.assumptions])];
  const { id, rulebookVersion, sha256 } = now.rulebook;
  return [
    h('h2', {}, both('假设与发现', 'Assumptions and findings')),
    p(
      both('未有依据、由本账本设定的参数', 'parameters no source answers, declared by the ledger'),
      ' ',
      code(assumed.join(', ') || '—'),
    ),
    p(
      both('与规则不符之处', 'departures from the rulebook'),
      ' ',
      found.length === 0
        ? '—'
        : found.map((finding) => [h('br'), code(finding), ' ', word(finding)]),
    ),
    p(both('适用规则', 'rulebook in force'), ' ', code(`${id} ${rulebookVersion} ${sha256}`)),
  ];
};

/** Draws the statement in an element. */
export const draw = (root, { checkpoint, computation, disclosed = [] }) => {
  const instant = instantIn(computation.zone);
  fill(root, [
    simulationPart(computation),
    headPart(computation, instant),
    appealPart(computation, instant),
    timelinePart(computation, instant),
    deductionsPart(computation, disclosed, instant),
    textsPart(disclosed, instant),
    findingsPart(computation),
    h('h2', {}, both('检查点', 'Checkpoint')),
    h('pre', {}, checkpoint),
  ]);
};
