import { existsSync } from 'node:fs';
import {
  examineReadModelsAt,
  rebuildReadModels,
  type Rebuild,
} from '@penalty-ledger/application/read-models';
import { withLedgerFile } from '../ledger/ledger-file.js';
import { startProgress } from '../terminal/progress.js';

/** Rebuilds the read models of a ledger, with progress. Nobody may write during a switch. */
export async function rebuildWithProgress(url: string, switchOver: boolean): Promise<Rebuild> {
  return withLedgerFile(url, switchOver ? 'write' : 'read', async ({ store, location }) => {
    // The read models in use know about how many events there are, for an estimate of the time.
    const known = existsSync(location.readModels)
      ? (await examineReadModelsAt(location.readModels, store)).progress.events
      : 0;
    const total = known === 0 ? undefined : known;
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
