import type { BackupVerification } from '@penalty-ledger/application/backing-up';
import { checkLines, damageLines } from '../terminal/check-lines.js';
import { field } from '../terminal/layout.js';
import { count, figure } from '../terminal/words.js';
import type { TimedBackup } from './ledger-backup.js';

const labelWidth = 14;

/** The content of a backup, and what this run added. */
export function backupPage(backedUp: TimedBackup): string[] {
  const { folder, events, added, root, recordedUpTo, checkpoints, signedEvents, accessLog, keys } =
    backedUp;
  const rows: (readonly [label: string, text: string])[] = [
    ['backup', folder],
    ['events', `${figure(events)}, of which ${figure(added)} are new`],
    ['up to', upTo(recordedUpTo)],
    ['root', root],
    ['checkpoints', checkpointsText(checkpoints, signedEvents)],
    ...(accessLog === undefined
      ? []
      : [['access log', count(accessLog, 'entry', 'entries')] as const]),
    [
      'keys',
      keys === undefined
        ? 'not backed up by this run: --keys writes them'
        : `${figure(keys.subjects)} of subjects, ${figure(keys.destroyed)} destroyed, ` +
          `${keys.access ? 'with' : 'without'} API keys and webhooks, in ${keys.path}`,
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
    ...field('made', `${madeAt} (UTC)`, { labelWidth }),
    ...field('up to', upTo(recordedUpTo), { labelWidth }),
    ...field('root', root ?? 'unknown: not every event could be read', { labelWidth }),
    ...field(
      'signed',
      signedEvents === 0
        ? 'no events: compare with a checkpoint from elsewhere'
        : `the first ${count(signedEvents, 'event')}`,
      { labelWidth },
    ),
    '',
    holds
      ? `${count(events, 'event')}: the backup holds.`
      : `${count(events, 'event')} read: THE BACKUP DOES NOT HOLD, ` +
        `${count(damages.length, 'damage')}.`,
  ];
}

/** The instant of the last event. */
export function upTo(recordedAt: string | undefined): string {
  return recordedAt === undefined ? 'no event' : `${recordedAt} (UTC), when the last was recorded`;
}

export function checkpointsText(checkpoints: number, signedEvents: number): string {
  return checkpoints === 0
    ? 'none: nothing was signed yet'
    : `${figure(checkpoints)}; the latest signs ${count(signedEvents, 'event')}`;
}
