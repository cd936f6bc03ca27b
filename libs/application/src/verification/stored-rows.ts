import {
  IntegrityError,
  RawRows,
  type Custody,
  type EventDamage,
  type EventStore,
  type ForeignRows,
  type Position,
  type RowKey,
} from '@penalty-ledger/event-store';
import { errorInBoth, type InBoth } from '@penalty-ledger/ledger';
import type { LateAppend } from '@penalty-ledger/event-store/eventstoredb';
import { openExistingStore, sharedEngineOf } from '../stores/open-store.js';
import { assertRestored } from '../stores/restore-mark.js';
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
 * `file`: the rows as they lie there, unchecked. `adapter`: the events of an engine's adapter,
 * apart from those that it refuses.
 */
export type Reading = 'file' | 'adapter';

/** A stream that an engine does not show to its end. */
export interface HiddenStream {
  readonly stream: string;
  /** The revision of its last event. */
  readonly revision: number;
  readonly problem: InBoth;
}

/** Everything a store holds, for a reader that looks for damage. */
export interface StoredRows {
  readonly reading: Reading;
  /** Their number, if it is known before they are read. */
  readonly total: number | undefined;
  /** The custody of a file that follows, took over or was fenced. */
  readonly custody: Custody | undefined;
  /** The triggers that guard a SQLite file, and those it lost; `undefined` on an engine. */
  readonly guards: { readonly count: number; readonly lost: readonly string[] } | undefined;
  /** The names of the streams; complete once {@link inOrder} was read. */
  readonly streams: Iterable<string>;
  /** The rows that do not stand under MACs of a key. */
  foreignRows(key: RowKey): Iterable<ForeignRows>;
  /** Every row, in order of position, in batches. */
  inOrder(): Batches;
  /** The rows of a stream in order of revision, in batches. */
  ofStream(stream: string): Batches;
  /**
   * The streams whose last event is in the order of all events and not in the stream itself; to be
   * asked once {@link inOrder} was read.
   */
  hiddenStreams(): AsyncIterable<HiddenStream>;
  /** The events that the adapter refused, or found missing, in the last reading in order. */
  readonly refused: readonly EventDamage[];
  /** Late appends met so far: they are on the engine and not in the ledger. */
  readonly lateAppends: readonly LateAppend[];
  close(): Promise<void> | void;
}

/**
 * Opens what a store holds: the rows of a SQLite file as they lie in it, unchecked. For another
 * engine it takes its adapter, which checks each event and names the damaged ones.
 *
 * @throws StoreUnavailableError without a store; RestoreUnfinishedError; IntegrityError when it
 * cannot be read at all
 */
export async function openRows(location: LedgerLocation): Promise<StoredRows> {
  assertRestored(location);
  return location.engine === 'sqlite'
    ? new FileRows(RawRows.open(location.events))
    : new AdapterRows(await openExistingStore(location, { access: 'read' }));
}

class FileRows implements StoredRows {
  readonly reading = 'file';
  readonly refused = [];
  readonly lateAppends = [];
  readonly total: number;

  constructor(readonly rows: RawRows) {
    this.total = rows.extent().rows;
  }

  get custody(): Custody | undefined {
    return this.rows.custody;
  }

  get guards(): StoredRows['guards'] {
    return this.rows.guards;
  }

  foreignRows(key: RowKey): Iterable<ForeignRows> {
    return this.rows.foreignRows(key);
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

  async *hiddenStreams(): AsyncGenerator<HiddenStream> {
    // A file has each event once.
  }

  close(): void {
    this.rows.close();
  }
}

/** Streams looked at together. */
const atOnce = 16;

/** The events of an engine's adapter: the engine keeps the files, so only its reads are checked. */
export class AdapterRows implements StoredRows {
  readonly reading = 'adapter';
  readonly total = undefined;
  /** The revision of each stream's last event. */
  readonly #heads = new Map<string, number>();
  readonly custody = undefined;
  readonly guards = undefined;
  #refused: EventDamage[] = [];

  constructor(readonly store: EventStore) {}

  get lateAppends(): readonly LateAppend[] {
    return sharedEngineOf(this.store)?.lateAppends ?? [];
  }

  foreignRows(): Iterable<ForeignRows> {
    return [];
  }

  get refused(): readonly EventDamage[] {
    return this.#refused;
  }

  get streams(): Iterable<string> {
    return this.#heads.keys();
  }

  async *inOrder(): AsyncGenerator<readonly StoredRow[]> {
    const refused: EventDamage[] = [];
    this.#refused = refused;
    const onDamage = (damage: EventDamage): number => refused.push(damage);
    for await (const batch of this.store.readAll({ onDamage })) {
      for (const { stream, revision } of batch) this.#heads.set(stream, revision);
      yield batch;
    }
  }

  ofStream(stream: string): Batches {
    return this.store.readStream(stream);
  }

  async *hiddenStreams(): AsyncGenerator<HiddenStream> {
    const heads = [...this.#heads];
    for (let from = 0; from < heads.length; from += atOnce) {
      const looks = heads
        .slice(from, from + atOnce)
        .map(([stream, revision]) => this.#hidden(stream, revision));
      for (const hidden of await Promise.all(looks)) if (hidden !== undefined) yield hidden;
    }
  }

  async #hidden(stream: string, revision: number): Promise<HiddenStream | undefined> {
    try {
      for await (const [last] of this.store.readStream(stream, { from: revision, batchSize: 1 }))
        if (last?.revision === revision) return undefined;
    } catch (error) {
      if (!(error instanceof IntegrityError)) throw error;
      return { stream, revision, problem: errorInBoth(error) };
    }
    return {
      stream,
      revision,
      problem: {
        en: 'the engine does not show it in its stream, which is deleted or cut',
        zh: '引擎未在其事件流中显示它，该事件流已被删除或截断',
      },
    };
  }

  close(): Promise<void> {
    return this.store.close();
  }
}
