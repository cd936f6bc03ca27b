import type {
  LedgerPromoted,
  PromotionOutlook,
  PromotionStep,
} from '@penalty-ledger/application/following';
import { field } from '../terminal/layout.js';
import { count, figure } from '../terminal/words.js';

const formerWriters: Readonly<Record<LedgerPromoted['formerWriter'], string>> = {
  fenced: 'fenced: it confirmed that it takes no commands',
  lease_ended: 'not told: it acknowledges nothing, because it was not followed for long enough',
  declared_stopped: 'not told: declared to be stopped',
};

/** The state of a copy, and what its promotion would lose. */
export function outlookPage(outlook: PromotionOutlook, store: string): string[] {
  const { events, recordedAt, verifiedUpTo, term, source, status } = outlook;
  const behind = Math.max(0, (status?.sourceEvents ?? events) - events);
  const rows: (readonly [label: string, text: string])[] = [
    ['follows', source],
    ['copy', `${count(events, 'event')}, the last of ${recordedAt}`],
    ['proved', `up to event ${figure(verifiedUpTo)}, by a signed checkpoint`],
    [
      'behind',
      status === undefined
        ? 'unknown: no process noted how far the source was'
        : `${count(behind, 'event')} when the source last answered, ${status.sourceAt ?? 'never'}`,
    ],
    ['term', `${figure(term)} would begin`],
  ];
  return [
    ...rows.flatMap(([label, text]) => field(label, text, { labelWidth: 12 })),
    '',
    'Events that the source acknowledged and that are not in the copy are lost, unless the source',
    `can be reached. To make ${store} the ledger, give --yes.`,
  ];
}

/** The result of a promotion, and what to do next. */
export function promotedPage(promoted: LedgerPromoted, store: string): string[] {
  const { term, formerWriter, events, fetched, seconds } = promoted;
  const rows: (readonly [label: string, text: string])[] = [
    ['term', figure(term)],
    ['writer before', formerWriters[formerWriter]],
    ['events', `${figure(events)}; ${figure(fetched)} fetched after the fence`],
    ['checkpoint', 'signed; it proves the promotion'],
    ['took', `${seconds.toFixed(1)} s`],
  ];
  return [
    ...rows.flatMap(([label, text]) => field(label, text, { labelWidth: 15 })),
    '',
    `${store} is the ledger. Serve it: ledger serve --store ${store}`,
  ];
}

/** A step that can take a while, in one line. */
export function stepLine(step: PromotionStep): string {
  switch (step.step) {
    case 'checking':
      return 'looking for the key of every subject';
    case 'fencing':
      return 'telling the writer until now';
    case 'fetching':
      return `fetching ${count(step.events, 'event')}`;
    case 'waiting':
      return `waiting ${step.seconds.toFixed(0)} s, until its lease has ended`;
    case 'opening':
      return 'opening the copy as the ledger';
  }
}
