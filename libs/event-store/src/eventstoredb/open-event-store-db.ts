import type { Instant } from '@penalty-ledger/ledger';
import type { OnCommitted } from '../committed-group.js';
import { Engine } from './engine.js';
import { EventStoreDb } from './event-store-db.js';
import { engineSettingsOf } from './engine-url.js';
import { defaultTimings, type EngineTimings } from './timings.js';
import type { KnownHeads } from './stream-pages.js';
import { Namespace } from './wire-event.js';

export interface EventStoreDbOptions {
  /** `read` refuses appends. */
  readonly access: 'write' | 'read';
  /** The clock for health and leases. */
  readonly now: () => Instant;
  /** Allows `tls=false`: for a test, or an engine that only this machine reaches. Default false. */
  readonly insecure?: boolean;
  /**
   * The source of user, password and certificate authority that the URL does not name; usually
   * `process.env`.
   */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Told of each append that was acknowledged. */
  readonly onCommitted?: OnCommitted | undefined;
  /** The end of each stream as it is known elsewhere; closed with the store. */
  readonly knownHeads?: KnownHeads;
  /** For tests that do not wait; operation goes by the defaults. */
  readonly timings?: Partial<EngineTimings>;
}

/**
 * Opens the event store of one ledger on an engine: `esdb://host:2113?ledger=NAME`, or
 * `kurrentdb://…` for the newer client, specified in docs/spec/eventstoredb.md. It connects with
 * the first call; an engine that is away shows there, as `StoreUnavailableError`.
 *
 * @throws EngineUrlError when the URL is wrong or insecure without permission, or its client cannot
 * be loaded; it never quotes a credential
 */
export function openEventStoreDb(url: string, options: EventStoreDbOptions): EventStoreDb {
  const { access, now, insecure, environment, timings, onCommitted, knownHeads } = options;
  const settings = engineSettingsOf(url, {
    ...(insecure === undefined ? {} : { insecure }),
    ...(environment === undefined ? {} : { environment }),
  });
  const engine = new Engine(settings, { ...defaultTimings, ...timings });
  const namespace = new Namespace(settings.ledger);
  return new EventStoreDb(engine, namespace, access, now, onCommitted, knownHeads);
}
