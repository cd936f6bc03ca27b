import { field } from '../terminal/layout.js';
import { count, figure } from '../terminal/words.js';
import { lateAppendLines } from '../verify/page.js';
import type { TimedCopy } from './ledger-copy.js';
import { said } from '../terminal/language.js';

/** The counts of a copy, and what was found equal. */
export function copyPage(copied: TimedCopy): string[] {
  const { events, already, streams, root, digest, agencies, checkpoints, keys, seconds } = copied;
  const rate = figure(Math.round(copied.copied / Math.max(seconds, 0.001)));
  const rows: (readonly [label: string, text: string])[] = [
    [
      said('copied', '已复制'),
      said(
        `${count(copied.copied, 'event')}, ${rate} a second with all comparing; ` +
          `${figure(already)} were there`,
        `${figure(copied.copied)} 个事件，含比对每秒 ${rate} 个；已有 ${figure(already)} 个`,
      ),
    ],
    [
      said('keys', '密钥'),
      keys === undefined
        ? said(
            'left out: names and texts stay unreadable there',
            '未复制：名称和文字在副本中不可读',
          )
        : said(`${figure(keys)} of subjects added`, `新增主体密钥 ${figure(keys)} 个`),
    ],
    [
      said('checkpoints', '检查点'),
      said(
        `${figure(checkpoints)} kept; they hold for the copy`,
        `保留 ${figure(checkpoints)} 个；对副本同样有效`,
      ),
    ],
    [
      said('equal', '一致'),
      said(
        `${count(events, 'event')} in ${count(streams, 'stream')}: order, hashes, heads`,
        `${figure(events)} 个事件，${figure(streams)} 个事件流：顺序、哈希、流头`,
      ),
    ],
    [said('root', '根哈希'), root],
    [
      said('read models', '读模型'),
      said(`equal, ${digest.slice(0, 32)}`, `一致，${digest.slice(0, 32)}`),
    ],
    [
      said('balances', '累计扣分'),
      said(`equal for ${count(agencies, 'agency', 'agencies')}`, `${figure(agencies)} 家机构一致`),
    ],
  ];
  return [
    ...rows.flatMap(([label, text]) => field(label, text, { labelWidth: 14 })),
    ...lateAppendLines(copied.lateAppends),
    '',
    said(
      'The copy is the ledger. Stop writing to the source, and keep it until the copy is ' +
        'backed up.',
      '副本即是账本。请停止写入源账本，并保留到副本完成备份为止。',
    ),
  ];
}
