import type { EventHandlers, EventType } from '@penalty-ledger/ledger';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';

/**
 * A read model: tables filled only from events, in one file with its queries. It uses no clock,
 * randomness or locale: the same events give the same rows.
 */
export interface Projection {
  readonly name: string;
  /** Raised whenever tables or handlers change: the read models are then rebuilt. */
  readonly projectionVersion: number;
  /** `CREATE TABLE … STRICT` and indexes. */
  readonly tables: string;
  /** The rows that make its digest, in a fixed order. */
  readonly digestQuery: string;
  /** Prepares the statements and returns what to do with each event; events come in order. */
  prepare(database: DatabaseSyncInstance): EventHandlers<EventType>;
}
