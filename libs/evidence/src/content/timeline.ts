import type { PackBalance } from '../computation.js';
import type { ShownType, TimelineEntry } from '../timeline.js';
import {
  lineOf,
  pair,
  plain,
  soft,
  term,
  type Block,
  type Drawing,
  type Hue,
  type Place,
  type Shape,
} from './blocks.js';
import { effectOf, type Records } from './records.js';

/** The timeline drawn and as a table, by effect, with the time of recording beside it. */
export function timelineBlocks(records: Records): Block[] {
  return [
    { kind: 'heading', text: pair('时间线', 'Timeline'), keep: height + 60 },
    lineOf(
      pair(
        '上图按生效时间：在所问时点计入的分值；下图按记录时间：账本何时得知。',
        'Above, by effect: the points that count at the instant asked. ' +
          'Below, by recording: when the ledger learnt of them.',
      ),
    ),
    { kind: 'drawing', drawing: drawingOf(records) },
    {
      kind: 'table',
      columns: [
        { head: pair('生效', 'in effect from'), share: 23 },
        { head: pair('记录', 'recorded'), share: 26 },
        { head: pair('事件', 'event'), share: 26 },
        { head: pair('编号', 'id'), share: 15 },
        { head: pair('记录时积分', 'points when recorded'), share: 17, align: 'right' },
        { head: pair('状态', 'standing'), share: 17 },
      ],
      rows: byEffect(records).map(({ at, entry }) => [
        plain(records.instant(at)),
        [{ text: records.instant(entry.recordedAt) }, ...soft(` #${entry.revision}`)],
        term(entry.type),
        plain(aboutOf(entry)),
        plain(String(entry.balance)),
        term(entry.standing),
      ]),
    },
  ];
}

function aboutOf({ about }: TimelineEntry): string {
  if (about === undefined) return '';
  return 'deductionId' in about ? about.deductionId : about.appealId;
}

interface Effect {
  /** From when the event holds, which may be long before it was recorded. */
  readonly at: string;
  readonly entry: TimelineEntry;
}

/** The entries of the timeline in the order in which they took effect. */
function byEffect(records: Records): Effect[] {
  const events = new Map(records.agency.map((event) => [event.revision, event]));
  return records.data.computation.timeline
    .map((entry) => {
      const event = events.get(entry.revision);
      return { entry, at: event === undefined ? entry.recordedAt : effectOf(event) };
    })
    .sort((a, b) => ascending(a.at, b.at) || a.entry.revision - b.entry.revision);
}

function ascending(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

const size = { width: 500, left: 30, right: 8 } as const;
const effect = { top: 24, bottom: 162 } as const;
const recording = { top: 204, bottom: 262 } as const;
const height = 300;
const dayMs = 86_400_000;

/** The meanings of marks: the colour of each and its name. */
const marks = {
  points: ['points', pair('扣分', 'deduction')],
  notice: ['soft', pair('通知送达', 'notice served')],
  appeal: ['then', pair('申诉', 'appeal')],
  decision: ['good', pair('裁定', 'decision')],
  standing: ['ink', pair('身份变动', 'standing')],
} as const satisfies Readonly<Record<string, readonly [Hue, ReturnType<typeof pair>]>>;

type Mark = keyof typeof marks;

const markOf: Readonly<Record<ShownType, Mark>> = {
  AgencyAdmitted: 'standing',
  AgencyExited: 'standing',
  AgencyReadmitted: 'standing',
  DeductionImposed: 'points',
  DeductionCorrected: 'points',
  DeductionRevoked: 'decision',
  DeductionAdjusted: 'decision',
  DeductionReinstated: 'decision',
  AppealInitiated: 'appeal',
  AppealEvidenceSubmitted: 'appeal',
  AppealWithdrawn: 'appeal',
  AppealDecided: 'decision',
  PendingExpulsionOpened: 'standing',
  PendingExpulsionLifted: 'standing',
  ExpulsionExecuted: 'standing',
  ExpulsionUnsupported: 'standing',
  ExpulsionRevoked: 'decision',
  ReentryApplied: 'standing',
};

/** A scale from a first to a last moment over the width of the drawing. */
interface Axis {
  readonly first: number;
  readonly last: number;
  readonly x: (time: number) => number;
}

function axisOf(first: number, last: number): Axis {
  const end = Math.max(last, first + dayMs);
  const room = size.width - size.left - size.right;
  return { first, last: end, x: (time) => size.left + ((time - first) / (end - first)) * room };
}

/** Draws the points by effect, as known now and then, and below when each was recorded. */
function drawingOf(records: Records): Drawing {
  const { period } = records.data.computation;
  return {
    width: size.width,
    height,
    title: `${period} 年积分时间线 Timeline of the points of ${period}`,
    shapes: [...effectPanel(records), ...recordingPanel(records), ...legend(height - 9)],
  };
}

function effectPanel(records: Records): Shape[] {
  const { deductions, effectiveAt, now, period, then } = records.data.computation;
  const { clock } = records;
  const resets = [Number(period), Number(period) + 1].map((year) => clock.startOfYear(year));
  const starts = deductions.map((deduction) => Date.parse(deduction.effectiveAt));
  const asked = Date.parse(effectiveAt);
  const axis = axisOf(
    Math.min(resets[0] ?? asked, asked, ...starts),
    Math.max(
      asked,
      ...starts,
      Date.parse(now.knownAt) < (resets[1] ?? 0) ? asked : (resets[1] ?? 0),
    ),
  );
  const highest = Math.max(now.threshold, now.balance, then?.balance ?? 0, 1) * 1.12;
  const y = levelIn(effect, highest);
  const upright = (time: number, label: string, down: number): Shape[] => {
    if (time < axis.first || time > axis.last) return [];
    const x = axis.x(time);
    const isNearEnd = x > size.width - 110;
    return [
      path(
        [
          [x, effect.top],
          [x, effect.bottom],
        ],
        'soft',
        0.6,
        2,
      ),
      textAt([x + (isNearEnd ? -3 : 3), effect.top + down], label, isNearEnd ? 'right' : 'left'),
    ];
  };
  const row = effect.bottom + 9;
  const acts = byEffect(records).flatMap(({ at, entry }): Shape[] => {
    const kind = markOf[entry.type];
    const time = Date.parse(at);
    if (kind === 'points' || time < axis.first || time > axis.last) return [];
    return markShapes(kind, axis.x(time), row);
  });
  const notices = deductions.flatMap(({ notifiedAt }): Shape[] => {
    const time = Date.parse(notifiedAt ?? '');
    return time >= axis.first && time <= axis.last
      ? markShapes('notice', axis.x(time), effect.bottom + 3)
      : [];
  });
  return [
    textAt([size.left, 0], '按生效时间 by effect', 'left', 'ink'),
    ...ticks(highest, y),
    ...resets.flatMap((time) => upright(time, '年度清零 annual reset', -9)),
    ...upright(asked, '所问时点 asked', 1),
    path(
      [
        [size.left, y(now.threshold)],
        [size.width - size.right, y(now.threshold)],
      ],
      'points',
      0.9,
      3,
    ),
    textAt(
      [size.left + 4, y(now.threshold) - 10],
      `清退线 threshold ${now.threshold}`,
      'left',
      'points',
    ),
    ...(then === null ? [] : curveOf(then, axis, y, 'then', 3)),
    ...curveOf(now, axis, y, 'points', 0),
    ...now.lines.flatMap(({ effectiveAt: from, running }) =>
      markShapes('points', axis.x(Date.parse(from)), y(running)),
    ),
    ...notices,
    ...acts,
    ...ends(records, axis, effect.bottom + 16),
  ];
}

/** The points that count at the instant asked, each from when it took effect. */
function curveOf(
  { carriedOver, effectiveAt, lines }: PackBalance,
  { first, x }: Axis,
  y: (points: number) => number,
  tone: Hue,
  dash: number,
): Shape[] {
  const places: Place[] = [[x(first), y(carriedOver)]];
  let level = carriedOver;
  for (const { effectiveAt: from, running } of lines) {
    const at = x(Date.parse(from));
    places.push([at, y(level)], [at, y(running)]);
    level = running;
  }
  places.push([x(Date.parse(effectiveAt)), y(level)]);
  return [path(places, tone, dash === 0 ? 1.4 : 1, dash)];
}

/** Draws when each event was recorded, and the points with what was known then. */
function recordingPanel(records: Records): Shape[] {
  const { timeline, now } = records.data.computation;
  const times = timeline.map(({ recordedAt }) => Date.parse(recordedAt));
  const [first = 0] = times;
  const axis = axisOf(first, times.at(-1) ?? first);
  const highest = Math.max(now.threshold, ...timeline.map(({ balance }) => balance), 1) * 1.12;
  const y = levelIn(recording, highest);
  const places: Place[] = [];
  let level = 0;
  for (const [at, { balance }] of timeline.entries()) {
    const x = axis.x(times[at] ?? first);
    places.push([x, y(level)], [x, y(balance)]);
    level = balance;
  }
  places.push([size.width - size.right, y(level)]);
  return [
    textAt(
      [size.left, recording.top - 18],
      '按记录时间：当时所知的积分 by recording: points as known then',
      'left',
      'ink',
    ),
    ...ticks(highest, y, 3),
    path(places, 'soft', 1, 0),
    ...timeline.flatMap(({ balance, type }, at) =>
      markShapes(markOf[type], axis.x(times[at] ?? first), y(balance)),
    ),
    ...ends(records, axis, recording.bottom + 4),
  ];
}

function levelIn(
  { top, bottom }: { readonly top: number; readonly bottom: number },
  highest: number,
): (points: number) => number {
  return (points) => bottom - (points / highest) * (bottom - top);
}

function ticks(highest: number, y: (points: number) => number, maxTicks = 7): Shape[] {
  const magnitude = 10 ** Math.floor(Math.log10(highest));
  const step =
    [magnitude / 5, magnitude / 2, magnitude, magnitude * 2].find(
      (each) => highest / each <= maxTicks,
    ) ?? magnitude * 5;
  const steps = Array.from({ length: Math.floor(highest / step) + 1 }, (_, at) => at * step);
  return steps.filter(Number.isInteger).flatMap((points) => [
    path(
      [
        [size.left, y(points)],
        [size.width - size.right, y(points)],
      ],
      'line',
      0.4,
      0,
    ),
    textAt([size.left - 5, y(points) - 5], String(points), 'right'),
  ]);
}

function ends({ clock }: Records, { first, last }: Axis, top: number): Shape[] {
  const day = (time: number): string => clock.day(new Date(time).toISOString());
  return [
    textAt([size.left, top], day(first), 'left'),
    textAt([size.width - size.right, top], day(last), 'right'),
  ];
}

function legend(top: number): Shape[] {
  let x = size.left;
  return Object.entries(marks).flatMap(([kind, [, name]]) => {
    const text = name.map((each) => each.text).join('');
    const shapes = [
      ...markShapes(kind as Mark, x + 3, top + 5),
      textAt([x + 10, top], text, 'left'),
    ];
    // Chinese characters are as wide as they are high, Latin ones about half.
    x += 24 + Array.from(text).reduce((sum, each) => sum + (each > '\u2e80' ? 7 : 3.9), 0);
    return shapes;
  });
}

function path(places: readonly Place[], tone: Hue, width: number, dash: number): Shape {
  return { kind: 'path', places, tone, width, dash };
}

function textAt(place: Place, text: string, align: 'left' | 'right', tone: Hue = 'soft'): Shape {
  return { kind: 'label', place, text, tone, align };
}

function markShapes(kind: Mark, x: number, y: number): Shape[] {
  const [tone] = marks[kind];
  const area = (...places: readonly Place[]): Shape[] => [{ kind: 'area', places, tone }];
  switch (kind) {
    case 'points':
      return [{ kind: 'dot', place: [x, y], size: 5.2, tone }];
    case 'notice':
      return area([x, y - 2.6], [x - 2.6, y + 2], [x + 2.6, y + 2]);
    case 'decision':
      return area([x, y - 3.4], [x + 3.4, y], [x, y + 3.4], [x - 3.4, y]);
    case 'appeal':
    case 'standing':
      return area([x - 2.3, y - 2.3], [x + 2.3, y - 2.3], [x + 2.3, y + 2.3], [x - 2.3, y + 2.3]);
  }
}
