import { existsSync } from 'node:fs';
import {
  examineReadModelsAt,
  rebuildReadModels,
  type Rebuild,
} from '@penalty-ledger/application/read-models';
import { settingsOf, withLedgerFile } from '../ledger/ledger-file.js';
import { startProgress } from '../terminal/progress.js';

/** A rebuild, and whether the ledger is a simulation. */
export interface LedgerRebuilt {
  readonly rebuild: Rebuild;
  readonly simulation: boolean;
}

/** Rebuilds the read models of a ledger, with progress. Nobody may write during a switch. */
export async function rebuildWithProgress(
  url: string,
  switchOver: boolean,
): Promise<LedgerRebuilt> {
  return withLedgerFile(url, switchOver ? 'write' : 'read', async ({ store, location }) => {
    const { simulation } = await settingsOf(store);
    // The read models in use know about how many events there are, for an estimate of the time.
    const known = existsSync(location.readModels)
      ? (await examineReadModelsAt(location.readModels, store)).progress.events
      : 0;
    const total = known === 0 ? undefined : known;
    const progress = startProgress({ label: 'replay', unit: 'events', total });
    try {
      const rebuild = await rebuildReadModels(store, location.readModels, {
        switchOver,
        onProgress: (events) => progress.update(events),
      });
      return { rebuild, simulation };
    } finally {
      progress.stop();
    }
  });
}
