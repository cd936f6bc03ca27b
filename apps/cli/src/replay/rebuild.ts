import { existsSync } from 'node:fs';
import { ReadModels, rebuildReadModels, type Rebuild } from '@penalty-ledger/projections';
import { withLedgerFile } from '../ledger/ledger-file.js';
import { startProgress } from '../terminal/progress.js';

/** Rebuilds the read models of a ledger, with progress. To put them in place, nobody may be writing meanwhile. */
export async function rebuildWithProgress(url: string, switchOver: boolean): Promise<Rebuild> {
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
