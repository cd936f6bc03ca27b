import { RawRows, type EventStore, type Position } from '@penalty-ledger/event-store';
import type { LateAppend } from '@penalty-ledger/event-store/eventstoredb';
import { openExistingStore, sharedEngineOf } from '../stores/open-store.js';
import type { LedgerLocation } from '../stores/store-url.js';

/** An event as it is stored. */
export interface StoredRow {
  /** A number where the engine counts its events 1, 2, 3, …; text where its positions have gaps. */
  readonly position: number | Position;
  /** The name of its stream; `undefined` when that is lost. */
  readonly stream: string | undefined;
  readonly revision: number;
  /** As stored beside the bytes. */
  readonly leafHash: string;
  /** `undefined` when the bytes are not text in UTF-8. */
  readonly body: string | undefined;
}

type Batches = Iterable<readonly StoredRow[]> | AsyncIterable<readonly StoredRow[]>;

/**
 * `file`: the rows as they lie there, unchecked. `adapter`: the events of an engine's adapter, up
 * to the first that it refuses.
 */
export type Reading = 'file' | 'adapter';

/** Everything a store holds, for a reader that looks for damage. */
export interface StoredRows {
  readonly reading: Reading;
  /** Their number, if it is known before they are read. */
  readonly total: number | undefined;
  /** The names of the streams; complete once {@link inOrder} was read. */
  readonly streams: Iterable<string>;
  /** Every row, in order of position, in batches. */
  inOrder(): Batches;
  /** The rows of a stream in order of revision, in batches. */
  ofStream(stream: string): Batches;
  /** Late appends met so far: they are on the engine and not in the ledger. */
  readonly lateAppends: readonly LateAppend[];
  close(): Promise<void> | void;
}

/**
 * Opens what a store holds: the rows of a SQLite file as they lie in it, unchecked. For another
 * engine it takes its adapter, which checks each event and throws at the first damage.
 *
 * @throws StoreUnavailableError without a store; IntegrityError when it cannot be read at all
 */
export async function openRows(location: LedgerLocation): Promise<StoredRows> {
  return location.engine === 'sqlite'
    ? new FileRows(RawRows.open(location.events))
    : new AdapterRows(await openExistingStore(location, { access: 'read' }));
}

class FileRows implements StoredRows {
  readonly reading = 'file';
  readonly lateAppends = [];
  readonly total: number;

  constructor(readonly rows: RawRows) {
    this.total = rows.extent().rows;
  }

  get streams(): Iterable<string> {
    return this.rows.streams;
  }

  inOrder(): Batches {
    return this.rows.inOrder();
  }

  ofStream(stream: string): Batches {
    return this.rows.ofStream(stream);
  }

  close(): void {
    this.rows.close();
  }
}

/** The events of an engine's adapter: the engine keeps the files, so only its reads are checked. */
export class AdapterRows implements StoredRows {
  readonly reading = 'adapter';
  readonly total = undefined;
  readonly #streams = new Set<string>();

  constructor(readonly store: EventStore) {}

  get lateAppends(): readonly LateAppend[] {
    return sharedEngineOf(this.store)?.lateAppends ?? [];
  }

  get streams(): Iterable<string> {
    return this.#streams;
  }

  async *inOrder(): AsyncGenerator<readonly StoredRow[]> {
    for await (const batch of this.store.readAll()) {
      for (const { stream } of batch) this.#streams.add(stream);
      yield batch;
    }
  }

  ofStream(stream: string): Batches {
    return this.store.readStream(stream);
  }

  close(): Promise<void> {
    return this.store.close();
  }
}
