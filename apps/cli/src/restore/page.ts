import type { KeysRestored } from '@penalty-ledger/application/backing-up';
import { field, wrap, pageWidth } from '../terminal/layout.js';
import { count, figure, listed } from '../terminal/words.js';
import type { TimedRestore } from './ledger-restore.js';
import { said } from '../terminal/language.js';

const labelWidth = 14;

/** The content of a restored ledger, what it lacks, and what to do next. */
export function restorePage(restored: TimedRestore): string[] {
  const { to, events, copied, already, streams, root, seconds, keys, hadKeys } = restored;
  const { checkpoints, signedEvents, accessLog, recordedUpTo } = restored;
  const rate = figure(Math.round(copied / Math.max(seconds, 0.001)));
  const rows: (readonly [label: string, text: string])[] = [
    [said('restored', '已恢复'), to],
    [
      said('events', '事件'),
      said(
        `${figure(events)} in ${count(streams, 'stream')}, ${rate} a second; ` +
          `${figure(already)} were there`,
        `${figure(events)} 个，${figure(streams)} 个事件流，每秒 ${rate} 个；` +
          `已有 ${figure(already)} 个`,
      ),
    ],
    [said('root', '根哈希'), said(`${root}, as in the backup`, `${root}，与备份相同`)],
    [
      said('checkpoints', '检查点'),
      checkpoints === 0
        ? said('none', '无')
        : said(
            `${figure(checkpoints)}; the latest signs ${count(signedEvents, 'event')}`,
            `${figure(checkpoints)} 个；最新一个签署了 ${figure(signedEvents)} 个事件`,
          ),
    ],
    ...(accessLog === undefined
      ? []
      : [
          [
            said('access log', '访问日志'),
            said(count(accessLog, 'entry', 'entries'), `${figure(accessLog)} 条记录`),
          ] as const,
        ]),
    [
      said('up to', '截至'),
      said(
        `${recordedUpTo ?? ''} (UTC), when the last event was recorded`,
        `${recordedUpTo ?? ''}（UTC），最后一个事件的记录时间`,
      ),
    ],
  ];
  return [
    ...rows.flatMap(([label, text]) => field(label, text, { labelWidth })),
    ...(keys === undefined
      ? field(
          said('keys', '密钥'),
          hadKeys
            ? said('those that were there', '使用原有的密钥')
            : said(
                'none: names and texts stay unreadable, and nothing can be signed',
                '无：名称和文字不可读，也无法签署',
              ),
          { labelWidth },
        )
      : keyLines(keys, events)),
    '',
    ...nextSteps(restored),
  ];
}

/** The keys that a ledger got back. */
export function keysPage(keys: KeysRestored): string[] {
  return [
    ...keyLines(keys, undefined),
    '',
    ...wrap(
      said(
        'An erasure that this ledger does not know must be done again: "ledger erase". ' +
          'Destroy backups of keys that are older than an erasure.',
        '本账本不知道的删除必须重做："ledger erase"。早于某次删除的密钥备份应当销毁。',
      ),
      pageWidth,
    ),
  ];
}

function keyLines(
  { subjects, erased, events: known, access }: KeysRestored,
  events: number | undefined,
): string[] {
  const accessTexts = {
    restored: said('API keys and webhooks were restored', 'API 密钥和 webhook 已恢复'),
    kept: said('API keys and webhooks are as they were found', 'API 密钥和 webhook 保持原状'),
    none: said('no API keys and webhooks in the file', '文件中没有 API 密钥和 webhook'),
  } as const;
  return [
    ...field(
      said('keys', '密钥'),
      said(
        `${figure(subjects)} of subjects added; ${accessTexts[access]}`,
        `新增主体密钥 ${figure(subjects)} 个；${accessTexts[access]}`,
      ),
      {
        labelWidth,
      },
    ),
    ...(erased.length === 0
      ? []
      : field(
          said('erased', '已删除'),
          said(
            `left out, as they are erased: ${listed(erased)}`,
            `因已删除而略去：${listed(erased)}`,
          ),
          { labelWidth },
        )),
    ...(events === undefined || known >= events
      ? []
      : field(
          '',
          said(
            `they are of the first ${count(known, 'event')}: a name or text of a subject that ` +
              'came later stays unreadable',
            `密钥属于前 ${figure(known)} 个事件：此后出现的主体的名称或文字不可读`,
          ),
          { labelWidth },
        )),
  ];
}

function nextSteps({ to, keys, hadKeys, madeAt, recordedUpTo: last }: TimedRestore): string[] {
  const recordedUpTo = last ?? said('its beginning', '最初');
  const steps = [
    said(
      `Nothing recorded after ${recordedUpTo} is here: import it again.`,
      `${recordedUpTo} 之后的记录不在此处：请重新导入。`,
    ),
    ...(keys === undefined && !hadKeys
      ? [
          said(
            `Bring the keys: "ledger restore --to ${to} --keys FILE".`,
            `请补上密钥："ledger restore --to ${to} --keys FILE"。`,
          ),
        ]
      : [
          said(
            `Erasures after ${madeAt} are not known here: repeat them with "ledger erase" ` +
              'before anything else, or give --erased.',
            `${madeAt} 之后的删除在此处未知：请先用 "ledger erase" 重做，或给出 --erased。`,
          ),
          ...(keys?.access === 'restored'
            ? [
                said(
                  'API keys that were revoked since the backup hold again: revoke them again.',
                  '备份之后吊销的 API 密钥重新有效：请再次吊销。',
                ),
              ]
            : []),
          ...(keys?.awaitsAdministrator === true
            ? [
                said(
                  'Four eyes are on: the service answers nobody until an administrator confirms ' +
                    'the restore, at "POST /pending-acts/ID/confirm".',
                  '双人复核已启用：在管理员于 "POST /pending-acts/ID/confirm" 确认恢复之前，' +
                    '服务不作任何应答。',
                ),
              ]
            : []),
        ]),
    said(
      'Run "ledger verify" with a checkpoint that was kept elsewhere, then start the service.',
      '请用保存在他处的检查点运行 "ledger verify"，然后启动服务。',
    ),
  ];
  return steps.flatMap((step) => wrap(step, pageWidth));
}
