import { existsSync } from 'node:fs';
import type { EventStore } from '@penalty-ledger/event-store';
import { LogFile, type KeptCheckpoint } from '@penalty-ledger/sequencer';
import { PublishedCheckpoints } from '../shared-engine/published-checkpoints.js';
import { sharedEngineOf } from '../stores/open-store.js';
import type { LedgerLocation } from '../stores/store-url.js';

/**
 * Every checkpoint of a ledger, smallest tree first: those its own log keeps, and those its nodes
 * published. The log is only read.
 */
export async function keptCheckpoints(
  { log }: LedgerLocation,
  store: EventStore,
): Promise<readonly KeptCheckpoint[]> {
  const shared = sharedEngineOf(store);
  const published = shared === undefined ? [] : await new PublishedCheckpoints(shared).all();
  if (!existsSync(log)) return published;
  const file = LogFile.open(log, 'read');
  try {
    const bySize = new Map([...published, ...file.checkpoints()].map((kept) => [kept.size, kept]));
    return [...bySize.values()].sort((one, other) => one.size - other.size);
  } finally {
    file.close();
  }
}
