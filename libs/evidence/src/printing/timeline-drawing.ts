import { epochMsOf, instantOf, type LedgerZone } from '@penalty-ledger/ledger';
import type { Computation } from '../computation.js';
import type { ShownType } from '../timeline.js';
import { both } from './wording.js';
import type { Point } from './pen.js';
import type { Sheet } from './sheet.js';

const height = 190;
const dayMs = 86_400_000;

/**
 * Draws the points over the time of recording, with the threshold, the annual reset, notices,
 * appeals and decisions.
 */
export function drawTimeline(sheet: Sheet, computation: Computation, zone: LedgerZone): void {
  const { deductions, effectiveAt, now, period, timeline } = computation;
  sheet.need(height + 30);
  const { pen } = sheet;
  const [left, right, top, bottom] = [
    sheet.left + 26,
    sheet.right - 6,
    sheet.y + 12,
    sheet.y + height - 22,
  ];
  const resets = [Number(period), Number(period) + 1].map((year) =>
    epochMsOf(zone.startOfYear(year)),
  );
  const times = timeline.map(({ recordedAt }) => epochMsOf(recordedAt));
  const first = Math.min(...times, ...resets.slice(0, 1));
  const last = Math.max(...times, epochMsOf(effectiveAt), first + dayMs);
  const maxPoints = Math.max(now.threshold, ...timeline.map(({ balance }) => balance), 1) * 1.12;
  const x = (time: number): number => left + ((time - first) / (last - first)) * (right - left);
  const y = (points: number): number => bottom - (points / maxPoints) * (bottom - top);

  for (const points of ticksUpTo(maxPoints)) {
    pen.path(
      [
        [left, y(points)],
        [right, y(points)],
      ],
      'line',
      0.4,
    );
    sheet.label({ text: String(points), tone: 'soft' }, left - 5, y(points) - 5, 7, 'right');
  }
  const upright = (time: number, text: readonly [zh: string, en: string], down: number): void => {
    if (time < first || time > last) return;
    pen.path(
      [
        [x(time), top],
        [x(time), bottom],
      ],
      'soft',
      0.6,
      2,
    );
    const isNearEnd = x(time) > right - 90;
    sheet.label(
      both(...text),
      x(time) + (isNearEnd ? -3 : 3),
      top + down,
      7,
      isNearEnd ? 'right' : 'left',
    );
  };
  for (const time of resets) upright(time, ['年度清零', 'annual reset'], -9);
  upright(epochMsOf(effectiveAt), ['所问时点', 'asked'], 1);
  pen.path(
    [
      [left, y(now.threshold)],
      [right, y(now.threshold)],
    ],
    'points',
    0.9,
    3,
  );
  sheet.label(
    { text: `清退线 threshold ${now.threshold}`, tone: 'points' },
    left + 4,
    y(now.threshold) - 11,
    7,
  );

  const way: Point[] = [[left, y(0)]];
  for (const [at, { balance }] of timeline.entries()) {
    const time = x(times[at] ?? first);
    way.push([time, y(timeline[at - 1]?.balance ?? 0)], [time, y(balance)]);
  }
  way.push([right, y(timeline.at(-1)?.balance ?? 0)]);
  pen.path(way, 'points', 1.3);

  for (const { notifiedAt } of deductions) {
    if (notifiedAt !== undefined && epochMsOf(notifiedAt) <= last)
      mark('notice', x(epochMsOf(notifiedAt)), bottom + 5);
  }
  for (const [at, { balance, type }] of timeline.entries())
    mark(markOf[type], x(times[at] ?? first), y(balance));
  for (const [time, align] of [
    [first, 'left'],
    [last, 'right'],
  ] as const)
    sheet.label({ text: dayOf(time, zone), tone: 'soft' }, x(time), bottom + 10, 7, align);
  sheet.y += height;
  legend();

  function legend(): void {
    let at = left;
    for (const [kind, text] of marks) {
      mark(kind, at + 3, sheet.y + 6);
      at += 28 + sheet.label(both(...text), at + 10, sheet.y, 7.5);
    }
    sheet.y += 18;
  }

  function mark(kind: Mark, atX: number, atY: number): void {
    if (kind === 'points') pen.dot(atX, atY, 5.2, 'points');
    else if (kind === 'appeal') pen.box(atX - 2.3, atY - 2.3, 4.6, 4.6, 'then');
    else if (kind === 'standing') pen.box(atX - 2.3, atY - 2.3, 4.6, 4.6, 'ink');
    else if (kind === 'notice')
      pen.shape(
        [
          [atX, atY - 2.6],
          [atX - 2.6, atY + 2],
          [atX + 2.6, atY + 2],
        ],
        'soft',
      );
    else
      pen.shape(
        [
          [atX, atY - 3.4],
          [atX + 3.4, atY],
          [atX, atY + 3.4],
          [atX - 3.4, atY],
        ],
        'good',
      );
  }
}

type Mark = 'points' | 'decision' | 'appeal' | 'standing' | 'notice';

const marks: readonly (readonly [Mark, readonly [zh: string, en: string]])[] = [
  ['points', ['扣分', 'deduction']],
  ['notice', ['通知送达', 'notice served']],
  ['appeal', ['申诉', 'appeal']],
  ['decision', ['裁定', 'decision']],
  ['standing', ['身份变动', 'standing']],
];

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

/** Round numbers from 0, four to eight of them. */
function ticksUpTo(maxPoints: number): number[] {
  const magnitude = 10 ** Math.floor(Math.log10(maxPoints));
  const step =
    [magnitude / 5, magnitude / 2, magnitude, magnitude * 2].find(
      (each) => maxPoints / each <= 7,
    ) ?? magnitude;
  return Array.from({ length: Math.floor(maxPoints / step) + 1 }, (_, at) => at * step).filter(
    Number.isInteger,
  );
}

function dayOf(time: number, zone: LedgerZone): string {
  return zone.dateOf(instantOf(time));
}
