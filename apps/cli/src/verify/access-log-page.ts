import { field } from '../terminal/layout.js';
import { count } from '../terminal/words.js';
import type { AccessLogReport } from './access-log.js';

const labelWidth = 20;

/** The result of verifying an access log, and the damaged entry. */
export function accessLogLines(report: AccessLogReport): string[] {
  const { holds, path, entries, anchors, waiting, isUnfinished, head, cut, damage } = report;
  const held = count(anchors, 'anchor');
  return [
    ...(damage === undefined
      ? field('ok    access log', `${count(entries, 'entry', 'entries')}, held against ${held}`, {
          labelWidth,
        })
      : field(
          'FAIL  access log',
          `entry ${damage.seq}, at byte ${damage.offset}, ${damage.problem} (${damage.kind})`,
          {
            labelWidth,
          },
        )),
    ...field('', path, { labelWidth }),
    ...(cut === undefined ? [] : field('cut', cutWords(cut), { labelWidth })),
    ...(head === undefined ? [] : field('head', head, { labelWidth })),
    ...(isUnfinished
      ? field('', 'its last line has no end: it is being written, or a crash cut it off', {
          labelWidth,
        })
      : []),
    ...(waiting === 0
      ? []
      : field(
          '',
          `${count(waiting, 'act')} at this machine not in it yet; the service takes them in`,
          { labelWidth },
        )),
    '',
    holds
      ? 'The access log holds.'
      : `THE ACCESS LOG DOES NOT HOLD: ${count(entries, 'entry', 'entries')} before the ` +
        'damage are whole.',
  ];
}

/** The entries that were cut off, and who says so. */
function cutWords({ seq, at, isSigned }: NonNullable<AccessLogReport['cut']>): string {
  const gone = `entries 0 to ${seq} were cut off, the last of ${at}`;
  if (isSigned === undefined) return `${gone}; give --key to check who signed it`;
  return isSigned ? `${gone}; signed by the ledger` : gone;
}
