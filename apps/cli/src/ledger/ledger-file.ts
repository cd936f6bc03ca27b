import { openExistingStore } from '@penalty-ledger/application/open-store';
import { locationOf, type LedgerLocation } from '@penalty-ledger/application/store-url';
import { StoreUnavailableError, type EventStore } from '@penalty-ledger/event-store';
import { ledgerStream, readEvent, settingsIn, type LedgerSettings } from '@penalty-ledger/ledger';

/** A ledger's events, for verbs that need no buses and no Nest. */
export interface LedgerFile {
  readonly location: LedgerLocation;
  readonly store: EventStore;
}

/**
 * Opens a ledger's events for as long as `work` takes.
 *
 * @throws StoreUnavailableError when there is none
 * @throws StoreLockedError when another process writes it, and this one wants to
 */
export async function withLedgerFile<Result>(
  url: string,
  access: 'read' | 'write',
  work: (file: LedgerFile) => Promise<Result>,
): Promise<Result> {
  const location = locationOf(url);
  const store = await openExistingStore(location, { access });
  try {
    return await work({ location, store });
  } finally {
    await store.close();
  }
}

/**
 * Reads the settings with which the ledger in a store was opened.
 *
 * @throws StoreUnavailableError when it holds none
 */
export async function settingsOf(store: EventStore): Promise<LedgerSettings> {
  for await (const [first] of store.readStream(ledgerStream, { batchSize: 1 })) {
    if (first !== undefined) return settingsIn(readEvent(first));
  }
  throw new StoreUnavailableError({ en: 'the store holds no ledger', zh: '存储中没有账本' });
}
