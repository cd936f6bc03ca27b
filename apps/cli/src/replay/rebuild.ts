import { existsSync } from 'node:fs';
import { ReadModels, rebuildReadModels, type Rebuild } from '@penalty-ledger/projections';
import { withLedgerFile } from '../ledger/ledger-file.js';
import { startProgress } from '../terminal/progress.js';
import { table } from '../terminal/table.js';
import { count } from '../terminal/words.js';

/** Rebuilds the read models of a ledger, with progress. To put them in place, nobody may be writing meanwhile. */
export async function replay(url: string, switchOver: boolean): Promise<Rebuild> {
  return withLedgerFile(url, switchOver ? 'write' : 'read', async ({ store, location }) => {
    // Those in use know about how many events there are, so there is an estimate of the time left.
    const inUse = existsSync(location.readModels)
      ? ReadModels.open(location.readModels)
      : undefined;
    const known = inUse?.progress.events;
    inUse?.close();
    const total = known === undefined || known === 0 ? undefined : known;
    const progress = startProgress({ label: 'replay', unit: 'events', total });
    try {
      return await rebuildReadModels(store, location.readModels, {
        switchOver,
        onProgress: (events) => progress.update(events),
      });
    } finally {
      progress.stop();
    }
  });
}

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
    ? 'The rebuilt ones are in place.'
    : 'Put the rebuilt ones in place with --switch.';
  return [
    ...table(columns, [...rows, digestRow('all', live.all, rebuilt.all)]),
    '',
    `${count(events, 'event')} folded again: ${equal ? 'the digests are equal.' : `THE DIGESTS DIFFER. ${advice}`}`,
    ...(equal && switched ? [advice] : []),
  ];
}

/** Half of each digest is plenty to look at; `--json` gives all of it. */
function digestRow(name: string, live: string, rebuilt: string): string[] {
  return [name, live.slice(0, 32), rebuilt.slice(0, 32), live === rebuilt ? 'equal' : 'DIFFERS'];
}
