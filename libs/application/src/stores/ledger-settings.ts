import type { EventStore } from '@penalty-ledger/event-store';
import { ledgerStream, readEvent, settingsIn, type LedgerSettings } from '@penalty-ledger/ledger';

/** The settings with which the ledger in a store was opened; `undefined` when it holds none. */
export async function findSettings(store: EventStore): Promise<LedgerSettings | undefined> {
  for await (const [first] of store.readStream(ledgerStream, { batchSize: 1 }))
    return first === undefined ? undefined : settingsIn(readEvent(first));
  return undefined;
}
