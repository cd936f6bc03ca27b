import type { MonthDeadline } from '@penalty-ledger/application';
import { byCodeUnit } from '@penalty-ledger/ledger';
import { AgencyWatch, type Matter, type WatchParts } from './agency-watch.js';

/** The kinds of notices about a month. */
export const monthNoticeKinds = ['may_not_pass', 'cannot_pass'] as const;
export type MonthNoticeKind = (typeof monthNoticeKinds)[number];

/** The kind of notice that a month gives that does not pass as it stands. */
export function noticeKindOf({ prospect }: MonthDeadline): MonthNoticeKind {
  return prospect === 'out_of_reach' ? 'cannot_pass' : 'may_not_pass';
}

/** A notice's id in this ledger: a webhook is notified of an agency's month once a kind. */
export function noticeUid(month: MonthDeadline): string {
  return `${noticeKindOf(month)}/${month.agencyId}/${month.month}`;
}

/** In the order of the instants that decide; those that have passed come last. */
function inOrder(a: MonthDeadline, b: MonthDeadline): number {
  const [first, second] = [a.at ?? a.endsAt, b.at ?? b.endsAt];
  return byCodeUnit(first, second) || byCodeUnit(noticeUid(a), noticeUid(b));
}

/**
 * Months move with sessions and bindings, which are not in their agency's stream, and with time
 * alone. So every agency is read again at each look.
 */
const months: Matter<MonthDeadline> = {
  withinHours: ({ outlook }) => outlook?.withinHours,
  isDue: ({ prospect, at, endsAt }, now, until) =>
    prospect === 'out_of_reach' ? endsAt > now : at !== undefined && at > now && at <= until,
  // The end of a month never moves, though the instant that decides does.
  noteOf: (month) => ({ uid: noticeUid(month), at: month.endsAt }),
  agencyOf: ({ agencyId }) => agencyId,
  order: inOrder,
  followsMarks: false,
  everyMs: 600_000,
};

/** Watches for months that may not pass their assessment, or cannot any more. */
export function outlookWatch(parts: WatchParts<MonthDeadline>): AgencyWatch<MonthDeadline> {
  return new AgencyWatch(parts, months);
}
