import { field } from '../terminal/layout.js';
import { count, figure } from '../terminal/words.js';
import { lateAppendLines } from '../verify/page.js';
import type { TimedCopy } from './ledger-copy.js';

/** The counts of a copy, and what was found equal. */
export function copyPage(copied: TimedCopy): string[] {
  const { events, already, streams, root, digest, agencies, checkpoints, keys, seconds } = copied;
  const rate = figure(Math.round(copied.copied / Math.max(seconds, 0.001)));
  const rows: (readonly [label: string, text: string])[] = [
    [
      'copied',
      `${count(copied.copied, 'event')}, ${rate} a second with all comparing; ` +
        `${figure(already)} were there`,
    ],
    [
      'keys',
      keys === undefined
        ? 'left out: names and texts stay unreadable there'
        : `${figure(keys)} of subjects added`,
    ],
    ['checkpoints', `${figure(checkpoints)} kept; they hold for the copy`],
    ['equal', `${count(events, 'event')} in ${count(streams, 'stream')}: order, hashes, heads`],
    ['root', root],
    ['read models', `equal, ${digest.slice(0, 32)}`],
    ['balances', `equal for ${count(agencies, 'agency', 'agencies')}`],
  ];
  return [
    ...rows.flatMap(([label, text]) => field(label, text, { labelWidth: 14 })),
    ...lateAppendLines(copied.lateAppends),
    '',
    'The copy is the ledger. Stop writing to the source, and keep it until the copy is backed up.',
  ];
}
