import { existsSync } from 'node:fs';
import { openSqliteEventStore, StoreUnavailableError, type EventStore } from '@penalty-ledger/event-store';
import type { LedgerLocation } from './store-url.js';

/** What a store is opened for. */
export interface StoreAccess {
  /** `write` makes a store where there is none. */
  readonly access: 'read' | 'write';
  /** Of a SQLite file: write in a thread of its own. */
  readonly thread?: boolean;
}

/**
 * Opens the events of a ledger, whatever engine they are in: the one place that knows the engines.
 *
 * @throws StoreUnavailableError, StoreLockedError, SchemaTooNewError, IntegrityError as the engine says; no message has credentials in it
 */
export async function openStore(location: LedgerLocation, { access, thread }: StoreAccess): Promise<EventStore> {
  if (location.engine === 'sqlite')
    return openSqliteEventStore(location.events, { access, ...(thread !== undefined && { thread }) });
  throw new StoreUnavailableError(`${location.url}: the EventStoreDB engine is not in this version yet`);
}

/**
 * Opens the events of a ledger that is there already: of a SQLite file that does not exist, none is made.
 *
 * @throws StoreUnavailableError when it does not exist; and as {@link openStore}
 */
export async function openExistingStore(location: LedgerLocation, access: StoreAccess): Promise<EventStore> {
  if (location.engine === 'sqlite' && !existsSync(location.events))
    throw new StoreUnavailableError(`there is no event store at "${location.events}"`);
  return openStore(location, access);
}
