import type { FollowStatus } from '@penalty-ledger/application/following';
import { field } from '../terminal/layout.js';
import { count, figure } from '../terminal/words.js';

const states: Readonly<Record<FollowStatus['state'], string>> = {
  catching_up: 'catching up',
  following: 'following',
  source_away: 'the source is away',
  stopped: 'stopped',
};

/** A line for each change of state. */
export function stateLine(status: FollowStatus): string {
  const { state, reason, source } = status;
  const because = reason === undefined ? '' : ` (${reason})`;
  return `${states[state]}: ${source}, ${lagText(status)}${because}`;
}

/** The lag of a copy in one sentence. */
export function lagText(status: FollowStatus): string {
  const { events, behindEvents, behindSeconds, verifiedUpTo } = status;
  const behind =
    behindEvents === 0 && behindSeconds === 0
      ? 'none behind'
      : `${count(behindEvents, 'event')} and ${figure(behindSeconds)} s behind`;
  return `${count(events, 'event')}, ${behind}, proved up to ${figure(verifiedUpTo)}`;
}

/** The status of a copy, for people. */
export function statusPage(status: FollowStatus, ageSeconds: number): string[] {
  const rows: (readonly [label: string, text: string])[] = [
    ['follows', status.source],
    ['state', states[status.state]],
    ...(status.reason === undefined ? [] : [['reason', status.reason] as const]),
    ['copy', lagText(status)],
    ['last event', status.recordedAt ?? 'none yet'],
    ['source', `${count(status.sourceEvents, 'event')}, ${status.sourceAt ?? 'never reached'}`],
    ['noted', `${status.at}, ${figure(ageSeconds)} s ago`],
  ];
  return rows.flatMap(([label, text]) => field(label, text, { labelWidth: 12 }));
}
