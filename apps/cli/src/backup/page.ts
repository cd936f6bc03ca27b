import type { BackupVerification } from '@penalty-ledger/application/backing-up';
import { checkLines, damageLines } from '../terminal/check-lines.js';
import { field } from '../terminal/layout.js';
import { count, figure } from '../terminal/words.js';
import type { TimedBackup } from './ledger-backup.js';
import { said } from '../terminal/language.js';

const labelWidth = 14;

/** The content of a backup, and what this run added. */
export function backupPage(backedUp: TimedBackup): string[] {
  const { folder, events, added, root, recordedUpTo, checkpoints, signedEvents, accessLog, keys } =
    backedUp;
  const rows: (readonly [label: string, text: string])[] = [
    [said('backup', '备份'), folder],
    [
      said('events', '事件'),
      said(
        `${figure(events)}, of which ${figure(added)} are new`,
        `${figure(events)}，其中新增 ${figure(added)}`,
      ),
    ],
    [said('up to', '截至'), upTo(recordedUpTo)],
    [said('root', '根哈希'), root],
    [said('checkpoints', '检查点'), checkpointsText(checkpoints, signedEvents)],
    ...(accessLog === undefined
      ? []
      : [
          [
            said('access log', '访问日志'),
            said(count(accessLog, 'entry', 'entries'), `${figure(accessLog)} 条记录`),
          ] as const,
        ]),
    [
      said('keys', '密钥'),
      keys === undefined
        ? said('not backed up by this run: --keys writes them', '本次未备份：用 --keys 写出')
        : said(
            `${figure(keys.subjects)} of subjects, ${figure(keys.destroyed)} destroyed, ` +
              `${keys.access ? 'with' : 'without'} API keys and webhooks, in ${keys.path}`,
            `主体密钥 ${figure(keys.subjects)} 个，已销毁 ${figure(keys.destroyed)} 个，` +
              `${keys.access ? '含' : '不含'} API 密钥和 webhook，位于 ${keys.path}`,
          ),
    ],
  ];
  return rows.flatMap(([label, text]) => field(label, text, { labelWidth }));
}

/** Each check in a line, then each damage, then the extent of the backup. */
export function verificationPage(verification: BackupVerification): string[] {
  const { holds, checks, events, recordedUpTo, madeAt, root, signedEvents } = verification;
  const damages = checks.flatMap((check) => check.damages);
  return [
    ...checks.flatMap(checkLines),
    ...damages.flatMap(damageLines),
    '',
    ...field(said('made', '备份时间'), said(`${madeAt} (UTC)`, `${madeAt}（UTC）`), { labelWidth }),
    ...field(said('up to', '截至'), upTo(recordedUpTo), { labelWidth }),
    ...field(
      said('root', '根哈希'),
      root ?? said('unknown: not every event could be read', '未知：有事件无法读取'),
      { labelWidth },
    ),
    ...field(
      said('signed', '已签署'),
      signedEvents === 0
        ? said(
            'no events: compare with a checkpoint from elsewhere',
            '没有已签署的事件：请用他处保存的检查点核对',
          )
        : said(`the first ${count(signedEvents, 'event')}`, `前 ${figure(signedEvents)} 个事件`),
      { labelWidth },
    ),
    '',
    holds
      ? said(`${count(events, 'event')}: the backup holds.`, `${figure(events)} 个事件：备份完好。`)
      : said(
          `${count(events, 'event')} read: THE BACKUP DOES NOT HOLD, ` +
            `${count(damages.length, 'damage')}.`,
          `已读取 ${figure(events)} 个事件：备份有损坏，共 ${figure(damages.length)} 处。`,
        ),
  ];
}

/** The instant of the last event. */
export function upTo(recordedAt: string | undefined): string {
  return recordedAt === undefined
    ? said('no event', '没有事件')
    : said(
        `${recordedAt} (UTC), when the last was recorded`,
        `${recordedAt}（UTC），最后一个事件的记录时间`,
      );
}

export function checkpointsText(checkpoints: number, signedEvents: number): string {
  return checkpoints === 0
    ? said('none: nothing was signed yet', '无：尚未签署')
    : said(
        `${figure(checkpoints)}; the latest signs ${count(signedEvents, 'event')}`,
        `${figure(checkpoints)} 个；最新一个签署了 ${figure(signedEvents)} 个事件`,
      );
}
