import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  makeLastingFolder,
  openSqliteEventStore,
  StoreUnavailableError,
  type EventDamage,
  type EventStore,
  type OnCommitted,
  type Position,
  type WritingRole,
} from '@penalty-ledger/event-store';
import type { EventStoreDb } from '@penalty-ledger/event-store/eventstoredb';
import { systemClock, type Clock } from '../clock.js';
import { SignedHeads } from './signed-heads.js';
import type { LedgerLocation } from './store-url.js';
import { assertRestored, isRestoring } from './restore-mark.js';

export { sideStreams } from './side-streams.js';

/** The purpose of opening a store. */
export interface StoreAccess {
  /** `write` makes a store where there is none. */
  readonly access: 'read' | 'write';
  /** For a SQLite file that is written: as the ledger (default), or as another one's copy. */
  readonly as?: WritingRole | undefined;
  /** For a SQLite file: write in a thread of its own. */
  readonly thread?: boolean;
  /** Told of what was made durable in one go. */
  readonly onCommitted?: OnCommitted | undefined;
  /** The clock of leases and health. */
  readonly clock?: Clock;
  /** True for the restore that fills the store, which nobody else may open. */
  readonly restoring?: boolean;
}

/** The services of an engine that several nodes share, beside the events. */
export type SharedEngine = Pick<
  EventStoreDb,
  'lease' | 'side' | 'tripwires' | 'health' | 'fence' | 'beginTerm' | 'lateAppends'
>;

/**
 * Opens the events of a ledger on any engine: the one place that knows the engines. Makes the
 * folder of the local files if it is missing.
 *
 * @throws EngineUrlError when an engine's options are wrong, or insecure without permission;
 * messages hold no credentials
 * @throws RestoreUnfinishedError before a restore has finished
 * @throws StoreUnavailableError, StoreLockedError, SchemaTooNewError, IntegrityError as the engine
 * says
 */
export async function openStore(
  location: LedgerLocation,
  { access, as, thread, onCommitted, clock = systemClock, restoring = false }: StoreAccess,
): Promise<EventStore> {
  if (!restoring) assertRestored(location);
  if (location.engine === 'sqlite')
    return openSqliteEventStore(location.events, {
      access,
      as,
      onCommitted,
      ...(thread !== undefined && { thread }),
    });
  // Loaded when it is needed: the client takes longer to load than all of ours.
  const { openEventStoreDb } = await import('@penalty-ledger/event-store/eventstoredb');
  const { connection, insecure } = location;
  const store = openEventStoreDb(connection, {
    access,
    now: () => clock.now(),
    insecure,
    environment: process.env,
    onCommitted,
    knownHeads: new SignedHeads(location.log),
  });
  makeLastingFolder(dirname(location.readModels));
  return store;
}

/**
 * Opens the events of an existing ledger; does not make a SQLite file.
 *
 * @throws StoreUnavailableError when it does not exist; and as {@link openStore}
 */
export async function openExistingStore(
  location: LedgerLocation,
  access: StoreAccess,
): Promise<EventStore> {
  if (location.engine === 'sqlite' && !existsSync(location.events) && !isRestoring(location))
    throw new StoreUnavailableError({
      en: `there is no event store at "${location.events}"`,
      zh: `"${location.events}" 处没有事件存储`,
    });
  return openStore(location, access);
}

/**
 * The services of a store's engine for several nodes; `undefined` where one process has the store
 * to itself.
 */
export function sharedEngineOf(store: EventStore): SharedEngine | undefined {
  return 'side' in store ? (store as EventStoreDb) : undefined;
}

/**
 * The names of all streams of a store, read from its events, the damaged ones included.
 *
 * @param after read from there on
 */
export async function streamsOf(store: EventStore, after?: Position): Promise<Set<string>> {
  const streams = new Set<string>();
  const onDamage = ({ stream }: EventDamage): void => {
    if (stream !== undefined) streams.add(stream);
  };
  for await (const batch of store.readAll({ ...(after !== undefined && { after }), onDamage }))
    for (const { stream } of batch) streams.add(stream);
  return streams;
}
