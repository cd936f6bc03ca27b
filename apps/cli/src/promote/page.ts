import type { InBoth } from '@penalty-ledger/application/language';
import type {
  LedgerPromoted,
  PromotionOutlook,
  PromotionStep,
} from '@penalty-ledger/application/following';
import { field } from '../terminal/layout.js';
import { count, figure } from '../terminal/words.js';
import { said, saidIn } from '../terminal/language.js';

const formerWriters: Readonly<Record<LedgerPromoted['formerWriter'], InBoth>> = {
  fenced: {
    en: 'fenced: it confirmed that it takes no commands',
    zh: '已隔离：它已确认不再接受指令',
  },
  lease_ended: {
    en: 'not told: it acknowledges nothing, because it was not followed for long enough',
    zh: '未通知：它不再确认任何内容，因为已有足够长的时间没有被跟随',
  },
  declared_stopped: { en: 'not told: declared to be stopped', zh: '未通知：已声明停止' },
};

/** The state of a copy, and what its promotion would lose. */
export function outlookPage(outlook: PromotionOutlook, store: string): string[] {
  const { events, recordedAt, verifiedUpTo, term, source, status } = outlook;
  const behind = Math.max(0, (status?.sourceEvents ?? events) - events);
  const rows: (readonly [label: string, text: string])[] = [
    [said('follows', '跟随'), source],
    [
      said('copy', '副本'),
      said(
        `${count(events, 'event')}, the last of ${recordedAt}`,
        `${figure(events)} 个事件，最后一个记录于 ${recordedAt}`,
      ),
    ],
    [
      said('proved', '已证明'),
      said(
        `up to event ${figure(verifiedUpTo)}, by a signed checkpoint`,
        `至第 ${figure(verifiedUpTo)} 个事件，依据已签署的检查点`,
      ),
    ],
    [
      said('behind', '落后'),
      status === undefined
        ? said('unknown: no process noted how far the source was', '未知：没有进程记录过源的进度')
        : said(
            `${count(behind, 'event')} when the source last answered, ` +
              (status.sourceAt ?? 'never'),
            `源最后一次应答时落后 ${figure(behind)} 个事件，${status.sourceAt ?? '从未'}`,
          ),
    ],
    [said('term', '任期'), said(`${figure(term)} would begin`, `将开始第 ${figure(term)} 任期`)],
  ];
  return [
    ...rows.flatMap(([label, text]) => field(label, text, { labelWidth: 12 })),
    '',
    said(
      'Events that the source acknowledged and that are not in the copy are lost, unless the ' +
        'source',
      '源已确认而副本中没有的事件将会丢失，除非源',
    ),
    said(
      `can be reached. To make ${store} the ledger, give --yes.`,
      `可以连接。若要将 ${store} 提升为账本，请给出 --yes。`,
    ),
  ];
}

/** The result of a promotion, and what to do next. */
export function promotedPage(promoted: LedgerPromoted, store: string): string[] {
  const { term, formerWriter, events, fetched, seconds } = promoted;
  const rows: (readonly [label: string, text: string])[] = [
    [said('term', '任期'), figure(term)],
    [said('writer before', '原写入方'), saidIn(formerWriters[formerWriter])],
    [
      said('events', '事件'),
      said(
        `${figure(events)}; ${figure(fetched)} fetched after the fence`,
        `${figure(events)} 个；隔离后取得 ${figure(fetched)} 个`,
      ),
    ],
    [
      said('checkpoint', '检查点'),
      said('signed; it proves the promotion', '已签署；它证明本次提升'),
    ],
    [said('took', '用时'), `${seconds.toFixed(1)} s`],
  ];
  return [
    ...rows.flatMap(([label, text]) => field(label, text, { labelWidth: 15 })),
    '',
    said(
      `${store} is the ledger. Serve it: ledger serve --store ${store}`,
      `${store} 现为账本。启动服务：ledger serve --store ${store}`,
    ),
  ];
}

/** A step that can take a while, in one line. */
export function stepLine(step: PromotionStep): string {
  switch (step.step) {
    case 'checking':
      return said('looking for the key of every subject', '正在查找每个主体的密钥');
    case 'fencing':
      return said('telling the writer until now', '正在通知原写入方');
    case 'fetching':
      return said(
        `fetching ${count(step.events, 'event')}`,
        `正在获取 ${figure(step.events)} 个事件`,
      );
    case 'waiting':
      return said(
        `waiting ${step.seconds.toFixed(0)} s, until its lease has ended`,
        `等待 ${step.seconds.toFixed(0)} 秒，直到其租约结束`,
      );
    case 'opening':
      return said('opening the copy as the ledger', '正在把副本作为账本打开');
  }
}
