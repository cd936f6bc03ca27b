import type { KeysRestored } from '@penalty-ledger/application/backing-up';
import { field, wrap, pageWidth } from '../terminal/layout.js';
import { count, figure } from '../terminal/words.js';
import type { TimedRestore } from './ledger-restore.js';

const labelWidth = 14;

/** The content of a restored ledger, what it lacks, and what to do next. */
export function restorePage(restored: TimedRestore): string[] {
  const { to, events, copied, already, streams, root, seconds, keys, hadKeys } = restored;
  const { checkpoints, signedEvents, accessLog, recordedUpTo } = restored;
  const rate = figure(Math.round(copied / Math.max(seconds, 0.001)));
  const rows: (readonly [label: string, text: string])[] = [
    ['restored', to],
    [
      'events',
      `${figure(events)} in ${count(streams, 'stream')}, ${rate} a second; ` +
        `${figure(already)} were there`,
    ],
    ['root', `${root}, as in the backup`],
    [
      'checkpoints',
      checkpoints === 0
        ? 'none'
        : `${figure(checkpoints)}; the latest signs ${count(signedEvents, 'event')}`,
    ],
    ...(accessLog === undefined
      ? []
      : [['access log', count(accessLog, 'entry', 'entries')] as const]),
    ['up to', `${recordedUpTo ?? ''} (UTC), when the last event was recorded`],
  ];
  return [
    ...rows.flatMap(([label, text]) => field(label, text, { labelWidth })),
    ...(keys === undefined
      ? field(
          'keys',
          hadKeys
            ? 'those that were there'
            : 'none: names and texts stay unreadable, and nothing can be signed',
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
      'An erasure that this ledger does not know must be done again: "ledger erase". ' +
        'Destroy backups of keys that are older than an erasure.',
      pageWidth,
    ),
  ];
}

function keyLines(
  { subjects, erased, events: known, access }: KeysRestored,
  events: number | undefined,
): string[] {
  const accessTexts = {
    restored: 'API keys and webhooks were restored',
    kept: 'API keys and webhooks are as they were found',
    none: 'no API keys and webhooks in the file',
  } as const;
  return [
    ...field('keys', `${figure(subjects)} of subjects added; ${accessTexts[access]}`, {
      labelWidth,
    }),
    ...(erased.length === 0
      ? []
      : field('erased', `left out, as they are erased: ${erased.join(', ')}`, { labelWidth })),
    ...(events === undefined || known >= events
      ? []
      : field(
          '',
          `they are of the first ${count(known, 'event')}: a name or text of a subject that came ` +
            'later stays unreadable',
          { labelWidth },
        )),
  ];
}

function nextSteps({ to, keys, hadKeys, madeAt, recordedUpTo: last }: TimedRestore): string[] {
  const recordedUpTo = last ?? 'its beginning';
  const steps = [
    `Nothing recorded after ${recordedUpTo} is here: import it again.`,
    ...(keys === undefined && !hadKeys
      ? [`Bring the keys: "ledger restore --to ${to} --keys FILE".`]
      : [
          `Erasures after ${madeAt} are not known here: repeat them with "ledger erase" ` +
            'before anything else, or give --erased.',
          ...(keys?.access === 'restored'
            ? ['API keys that were revoked since the backup hold again: revoke them again.']
            : []),
          ...(keys?.awaitsAdministrator === true
            ? [
                'Four eyes are on: the service answers nobody until an administrator confirms ' +
                  'the restore, at "POST /pending-acts/ID/confirm".',
              ]
            : []),
        ]),
    'Run "ledger verify" with a checkpoint that was kept elsewhere, then start the service.',
  ];
  return steps.flatMap((step) => wrap(step, pageWidth));
}
