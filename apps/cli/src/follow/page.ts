import type { InBoth } from '@penalty-ledger/application/language';
import type { FollowStatus } from '@penalty-ledger/application/following';
import { field } from '../terminal/layout.js';
import { count, figure } from '../terminal/words.js';
import { said, saidIn } from '../terminal/language.js';

const states: Readonly<Record<FollowStatus['state'], InBoth>> = {
  catching_up: { en: 'catching up', zh: '正在追赶' },
  following: { en: 'following', zh: '跟随中' },
  source_away: { en: 'the source is away', zh: '源无法连接' },
  stopped: { en: 'stopped', zh: '已停止' },
};

/** A line for each change of state. */
export function stateLine(status: FollowStatus): string {
  const { state, reason, source } = status;
  const because = reason === undefined ? '' : said(` (${reason.en})`, `（${reason.zh}）`);
  return `${saidIn(states[state])}: ${source}, ${lagText(status)}${because}`;
}

/** The lag of a copy in one sentence. */
export function lagText(status: FollowStatus): string {
  const { events, behindEvents, behindSeconds, verifiedUpTo } = status;
  const behind =
    behindEvents === 0 && behindSeconds === 0
      ? said('none behind', '没有落后')
      : said(
          `${count(behindEvents, 'event')} and ${figure(behindSeconds)} s behind`,
          `落后 ${figure(behindEvents)} 个事件、${figure(behindSeconds)} 秒`,
        );
  return said(
    `${count(events, 'event')}, ${behind}, proved up to ${figure(verifiedUpTo)}`,
    `${figure(events)} 个事件，${behind}，已证明至第 ${figure(verifiedUpTo)} 个`,
  );
}

/** The status of a copy, for people. */
export function statusPage(status: FollowStatus, ageSeconds: number): string[] {
  const rows: (readonly [label: string, text: string])[] = [
    [said('follows', '跟随'), status.source],
    [said('state', '状态'), saidIn(states[status.state])],
    ...(status.reason === undefined
      ? []
      : [[said('reason', '原因'), saidIn(status.reason)] as const]),
    [said('copy', '副本'), lagText(status)],
    [said('last event', '最后事件'), status.recordedAt ?? said('none yet', '尚无')],
    [
      said('source', '源'),
      said(
        `${count(status.sourceEvents, 'event')}, ${status.sourceAt ?? 'never reached'}`,
        `${figure(status.sourceEvents)} 个事件，${status.sourceAt ?? '从未连接'}`,
      ),
    ],
    [
      said('noted', '记于'),
      said(`${status.at}, ${figure(ageSeconds)} s ago`, `${status.at}，${figure(ageSeconds)} 秒前`),
    ],
  ];
  return rows.flatMap(([label, text]) => field(label, text, { labelWidth: 12 }));
}
