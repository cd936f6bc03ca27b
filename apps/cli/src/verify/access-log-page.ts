import { field, pad } from '../terminal/layout.js';
import { count, figure } from '../terminal/words.js';
import type { AccessLogReport } from './access-log.js';
import { said } from '../terminal/language.js';
import { resultWords } from '../terminal/check-lines.js';

const labelWidth = 20;

const label = (result: 'fails' | 'holds'): string =>
  `${pad(resultWords(result), 5)} ${said('access log', '访问日志')}`;

/** The result of verifying an access log, and the damaged entry. */
export function accessLogLines(report: AccessLogReport): string[] {
  const { holds, path, entries, anchors, waiting, isUnfinished, head, cut, damage } = report;
  const held = said(count(anchors, 'anchor'), `${figure(anchors)} 个锚点`);
  return [
    ...(damage === undefined
      ? field(
          label('holds'),
          said(
            `${count(entries, 'entry', 'entries')}, held against ${held}`,
            `${figure(entries)} 条记录，与${held}核对`,
          ),
          {
            labelWidth,
          },
        )
      : field(
          label('fails'),
          said(
            `entry ${damage.seq}, at byte ${damage.offset}, ${damage.problem.en} (${damage.kind})`,
            `第 ${damage.seq} 条记录（位于字节 ${damage.offset}）${damage.problem.zh}（` +
              `${damage.kind}）`,
          ),
          {
            labelWidth,
          },
        )),
    ...field('', path, { labelWidth }),
    ...(cut === undefined ? [] : field(said('cut', '截除'), cutWords(cut), { labelWidth })),
    ...(head === undefined ? [] : field(said('head', '末条'), head, { labelWidth })),
    ...(isUnfinished
      ? field(
          '',
          said(
            'its last line has no end: it is being written, or a crash cut it off',
            '最后一行没有结尾：正在写入，或因崩溃而中断',
          ),
          {
            labelWidth,
          },
        )
      : []),
    ...(waiting === 0
      ? []
      : field(
          '',
          said(
            `${count(waiting, 'act')} at this machine not in it yet; the service takes them in`,
            `本机有 ${figure(waiting)} 项操作尚未记入；服务会将其记入`,
          ),
          { labelWidth },
        )),
    '',
    holds
      ? said('The access log holds.', '访问日志完好。')
      : said(
          `THE ACCESS LOG DOES NOT HOLD: ${count(entries, 'entry', 'entries')} before the ` +
            'damage are whole.',
          `访问日志有损坏：损坏之前的 ${figure(entries)} 条记录完整。`,
        ),
  ];
}

/** The entries that were cut off, and who says so. */
function cutWords({ seq, at, isSigned }: NonNullable<AccessLogReport['cut']>): string {
  const gone = said(
    `entries 0 to ${seq} were cut off, the last of ${at}`,
    `第 0 至 ${seq} 条记录已截除，最后一条的时间为 ${at}`,
  );
  if (isSigned === undefined)
    return gone + said('; give --key to check who signed it', '；用 --key 可核对由谁签署');
  return isSigned ? gone + said('; signed by the ledger', '；由账本签署') : gone;
}
