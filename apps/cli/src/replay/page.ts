import type { Rebuild } from '@penalty-ledger/application/read-models';
import { table } from '../terminal/table.js';
import { count } from '../terminal/words.js';

/** Both digests of each read model, and whether they are equal. */
export function replayPage({ events, live, rebuilt, equal, switched }: Rebuild): string[] {
  const columns = [
    { title: 'Read model' },
    { title: 'In use' },
    { title: 'Rebuilt' },
    { title: '' },
  ];
  const rows = Object.entries(live.each).map(([name, digest]) =>
    digestRow(name, digest, rebuilt.each[name] ?? ''),
  );
  const advice = switched
    ? 'The rebuilt read models are in use.'
    : 'Use the rebuilt ones with --switch.';
  return [
    ...table(columns, [...rows, digestRow('all', live.all, rebuilt.all)]),
    '',
    `${count(events, 'event')} folded again: ` +
      (equal ? 'the digests are equal.' : `THE DIGESTS DIFFER. ${advice}`),
    ...(equal && switched ? [advice] : []),
  ];
}

/** A row with half of each digest, which is enough to compare by eye; `--json` prints all of it. */
function digestRow(name: string, live: string, rebuilt: string): string[] {
  return [name, live.slice(0, 32), rebuilt.slice(0, 32), live === rebuilt ? 'equal' : 'DIFFERS'];
}
