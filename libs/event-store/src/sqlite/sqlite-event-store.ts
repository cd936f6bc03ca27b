import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import type { EventRecord } from '@penalty-ledger/ledger';
import type { OnCommitted } from '../committed-group.js';
import { missing } from '../damage-texts.js';
import {
  CustodyError,
  IntegrityError,
  StoreClosedError,
  StoreUnavailableError,
} from '../errors.js';
import type {
  Appended,
  EventStore,
  ExpectedRevision,
  Position,
  ReadAllOptions,
  ReadOptions,
  StoredEvent,
} from '../event-store.js';
import type { OnDamage } from '../event-damage.js';
import { Arrivals, follow, type Part } from '../following.js';
import { batchSizeOf, fromOf, numberOf } from '../read-options.js';
import { assertMayWrite, readCustody, writeCustody, type Custody } from './custody.js';
import { EventRows } from './event-rows.js';
import { foreignRows, macAllRows, type ForeignRows, type RowKey } from './row-macs.js';
import type { WriterLock } from './writer-lock.js';
import type { Writer } from './writer.js';

/**
 * The interval at which a reader looks for what the writer's process has appended. The writer
 * itself gets announcements, and is the only one to write.
 */
const pollMs = 200;

/** The parts of a writing store beside its reading connection. */
export interface WriterParts {
  /** @param committed observes every commit that added events */
  readonly writer: (committed: OnCommitted) => Writer;
  readonly lock: WriterLock;
  /** Removes the files of a store that was made now, and releases the lock. */
  readonly discard?: () => void;
  readonly onCommitted?: OnCommitted | undefined;
  /** The guards that this opening put back. */
  readonly guardsPutBack: readonly string[];
}

/**
 * An event store in one SQLite file; opened by {@link openSqliteEventStore}. It reads through a
 * connection of its own, which cannot write and sees only what is committed.
 */
export class SqliteEventStore implements EventStore {
  readonly #file: string;
  readonly #db: DatabaseSyncInstance;
  readonly #rows: EventRows;
  readonly #arrivals = new Arrivals();
  readonly #writer: Writer | undefined;
  readonly #lock: WriterLock | undefined;
  readonly #discard: (() => void) | undefined;
  readonly #guardsPutBack: readonly string[];
  /** The refusal of every append, once the store was fenced while it was open. */
  #fenced: CustodyError | undefined;
  #closed = false;

  constructor(file: string, db: DatabaseSyncInstance, parts: WriterParts | undefined) {
    this.#file = file;
    this.#db = db;
    this.#rows = new EventRows(db, file);
    this.#writer = parts?.writer((group) => {
      this.#arrivals.announce();
      parts.onCommitted?.(group);
    });
    this.#lock = parts?.lock;
    this.#discard = parts?.discard;
    this.#guardsPutBack = parts?.guardsPutBack ?? [];
  }

  async append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly EventRecord[],
  ): Promise<Appended> {
    this.#assertOpen();
    if (this.#writer === undefined)
      throw new StoreUnavailableError({
        en: `"${this.#file}" is open for reading only`,
        zh: `"${this.#file}" 仅以只读方式打开`,
      });
    if (this.#fenced !== undefined) throw this.#fenced;
    return this.#writer.append(stream, expected, events);
  }

  /** The file's custody as it stands there now; `undefined` where none was ever set. */
  get custody(): Custody | undefined {
    this.#assertOpen();
    return readCustody(this.#db, this.#file);
  }

  /** @throws CustodyError when it is a copy that follows, or fenced */
  assertWriter(): void {
    assertMayWrite(this.#file, this.custody, 'writer');
  }

  /**
   * Sets the custody, durably. A store that becomes fenced takes no append from the call on. The
   * lock of the open store keeps every other program from setting it meanwhile.
   *
   * @throws StoreUnavailableError when it is open for reading only, or cannot be written
   */
  setCustody(custody: Custody): void {
    this.#assertOpen();
    if (this.#writer === undefined)
      throw new StoreUnavailableError({
        en: `"${this.#file}" is open for reading only`,
        zh: `"${this.#file}" 仅以只读方式打开`,
      });
    if (custody.role === 'fenced')
      this.#fenced = new CustodyError(this.#file, 'fenced', custody.other);
    writeCustody(this.#file, custody);
  }

  /**
   * Finds the first rows that do not stand under MACs of a key: at the end of the file, or anywhere
   * when it had lost guards. Nobody drops those by accident.
   */
  findForeignRows(key: RowKey): ForeignRows | undefined {
    this.#assertOpen();
    const part = this.#guardsPutBack.length > 0 ? 'all' : 'tail';
    const [found] = foreignRows(this.#db, this.#file, key, part);
    return found;
  }

  /** Puts the rows of later appends under MACs of a key. */
  useRowKey(key: RowKey): void {
    this.#assertOpen();
    this.#writer?.useRowKey(key);
  }

  /** Puts every row under MACs of a key, durably, in place of those it has. */
  macAllRows(key: RowKey): void {
    this.#assertOpen();
    macAllRows(this.#file, key);
  }

  async *readStream(
    stream: string,
    options?: ReadOptions & { readonly from?: number },
  ): AsyncGenerator<readonly StoredEvent[], void, undefined> {
    const batchSize = batchSizeOf(options);
    const from = fromOf(options);
    this.#assertOpen();
    const streamId = this.#rows.streamId(stream);
    if (streamId === undefined) return;
    // Each batch is read with the event before it, so that the chain is checked over every
    // boundary.
    for (let next = from; next <= this.#rows.lastRevision(stream, streamId);) {
      const predecessors = next === 0 ? 0 : 1;
      const events = this.#rows.ofStream(
        stream,
        streamId,
        next - predecessors,
        batchSize + predecessors,
      );
      const batch = predecessors === 0 ? events : events.slice(1);
      if (batch.length === 0) throw new IntegrityError(missing, { stream, revision: next });
      next += batch.length;
      yield batch;
      await nextTurn();
      this.#assertOpen();
    }
  }

  async *readAll(
    options?: ReadAllOptions & { readonly after?: Position },
  ): AsyncGenerator<readonly StoredEvent[], void, undefined> {
    const batchSize = batchSizeOf(options);
    let after = numberOf(options?.after);
    const head = this.#headFrom(after);
    while (after < head) {
      const count = Math.min(batchSize, head - after);
      const { events, last } = this.#after(after, count, options?.onDamage);
      if (last === undefined) throw new IntegrityError(missing, { position: String(after + 1) });
      after = numberOf(last);
      if (events.length > 0) yield events;
      await nextTurn();
    }
  }

  follow(
    options: ReadAllOptions & { readonly after?: Position; readonly signal: AbortSignal },
  ): AsyncGenerator<readonly StoredEvent[], void, undefined> {
    const batchSize = batchSizeOf(options);
    const readAfter = (position: Position | undefined): Part => {
      const after = numberOf(position);
      const part = this.#after(after, batchSize, options.onDamage);
      if (part.last === undefined) this.#headFrom(after);
      return part;
    };
    const source = { readAfter, arrivals: this.#arrivals };
    return follow(
      this.#writer === undefined ? { ...source, pollMs } : source,
      options.after,
      options.signal,
    );
  }

  async head(): Promise<Position | undefined> {
    const head = this.#headFrom(0);
    return head === 0 ? undefined : String(head);
  }

  close(): Promise<void> {
    return this.#close();
  }

  /** Closes a store whose opening failed further on: one that was made for it and is empty goes. */
  closeUnused(): Promise<void> {
    return this.#close(this.#discard);
  }

  async #close(discard?: () => void): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const closed = this.#writer?.close();
    this.#arrivals.announce();
    const mayDiscard = discard !== undefined && (await this.#isEmptyAfter(closed));
    this.#db.close();
    await closed;
    if (mayDiscard) discard();
    else this.#lock?.release();
  }

  async #isEmptyAfter(closed: Promise<void> | undefined): Promise<boolean> {
    await closed?.catch(() => undefined);
    try {
      return this.#rows.head() === 0 && readCustody(this.#db, this.#file) === undefined;
    } catch {
      // What cannot be read is kept.
      return false;
    }
  }

  #after(after: number, count: number, onDamage: OnDamage | undefined): Part {
    this.#assertOpen();
    return this.#rows.after(after, count, onDamage);
  }

  /** The head, which cannot lie before a position that was once read. */
  #headFrom(after: number): number {
    this.#assertOpen();
    const head = this.#rows.head();
    if (after > head)
      throw new IntegrityError(
        {
          en: `missing: the store ends at position ${head}`,
          zh: `缺失：存储止于全局位置 ${head}`,
        },
        { position: String(after) },
      );
    return head;
  }

  #assertOpen(): void {
    if (this.#closed) throw new StoreClosedError();
  }
}

/** Closes a store, and removes the files of one that this opening made and that is empty. */
export function closeUnused(store: EventStore): Promise<void> {
  return store instanceof SqliteEventStore ? store.closeUnused() : store.close();
}

/** A store's custody; `undefined` where none was ever set, and on every other engine. */
export function custodyOf(store: EventStore): Custody | undefined {
  return store instanceof SqliteEventStore ? store.custody : undefined;
}

/**
 * Checks that a store is the ledger itself: not a copy that follows, and not fenced. Nothing may be
 * signed for it otherwise.
 *
 * @throws CustodyError
 */
export function assertWriter(store: EventStore): void {
  if (store instanceof SqliteEventStore) store.assertWriter();
}

/**
 * Sets a store's custody, as {@link SqliteEventStore.setCustody}.
 *
 * @throws StoreUnavailableError also on every other engine
 */
export function setCustody(store: EventStore, custody: Custody): void {
  if (!(store instanceof SqliteEventStore))
    throw new StoreUnavailableError({
      en: 'only a ledger in a SQLite file follows, and is fenced',
      zh: '只有 SQLite 文件中的账本可以跟随和隔离',
    });
  store.setCustody(custody);
}
