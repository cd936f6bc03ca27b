import {
  comparePositions,
  databaseFailure,
  type EventDamage,
  type EventStore,
  type Position,
} from '@penalty-ledger/event-store';
import {
  canonicalJson,
  leafHashOf,
  readEvent,
  sameInBoth,
  type InBoth,
  type LedgerEvent,
} from '@penalty-ledger/ledger';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { foldMissing, type CatchUpOptions, type FoldBatch } from './catch-up.js';
import {
  connect,
  type Connection,
  type FoldedEvent,
  type Progress,
  type ProgressRow,
} from './connection.js';
import { digestsOf, type Digests } from './digests.js';
import { CheckedFile, type PagesCompared } from './file/checked-file.js';
import { damagedPages, damageOr, ReadModelsDamagedError } from './file/damage.js';
import { GuardedDatabase } from './file/guarded-database.js';
import type { QueryDatabase } from './file/query-database.js';
import type { Projection } from './projection.js';
import { projections as everyProjection } from './projections.js';

const writtenByOthers: InBoth = {
  en: 'something else than the ledger wrote to their file',
  zh: '账本以外的程序写入了其文件',
};

/**
 * Frames in the log at which they are moved into the file: 64 MB, so that a page that is written
 * many times is moved once.
 */
const maxLogFrames = 16_384;

/**
 * `damaged`: the file has to be replaced. `behind`: the file was replaced, and does not hold yet
 * what the one before it held.
 */
type Condition = 'usable' | 'behind' | 'damaged';

/**
 * The read models of one ledger in one SQLite file, apart from the events: all of it can be deleted
 * and rebuilt. The cursor moves in the same transaction as the rows, so an event is folded in
 * exactly once. Several processes may share the file: a process skips a batch that another one
 * folded in first.
 *
 * Damage ends every use with `ReadModelsDamagedError` until `healReadModels` has replaced the file
 * (docs/decisions/read-models.md).
 */
export class ReadModels {
  /** The tables to ask. It survives a replacement of the file. */
  readonly database: QueryDatabase;
  readonly #file: CheckedFile | undefined;
  #connection: Connection;
  #condition: Condition = 'usable';
  #found = sameInBoth('');
  /** The log is looked at again when it has so many frames. */
  #nextCheckpoint = maxLogFrames;
  readonly #damages = new Map<string, EventDamage>();

  private constructor(
    readonly path: string,
    readonly projections: readonly Projection[],
  ) {
    this.#file = path === ':memory:' ? undefined : new CheckedFile(path);
    try {
      this.#connection = this.#locked(() => connect(path, projections, this.#file));
    } catch (error) {
      this.#file?.close();
      throw error;
    }
    const database = (): DatabaseSyncInstance => this.#connection.database;
    this.database = new GuardedDatabase({
      get current() {
        return database();
      },
      assertUsable: () => {
        this.assertUsable();
      },
      failure: (error) => this.#failure(error),
    });
  }

  /**
   * Opens the read models without checking them ({@link openReadModels} does). Creates empty ones
   * when there are none, or when other versions of the projections made them.
   *
   * @param path a file, or `:memory:`
   * @throws ReadModelsDamagedError
   */
  static open(path: string, projections: readonly Projection[] = everyProjection): ReadModels {
    return new ReadModels(path, projections);
  }

  /** Opens empty read models in the place of those that cannot be opened. */
  static openAnew(path: string): ReadModels {
    const file = new CheckedFile(path);
    try {
      file.locked(() => {
        file.clear();
      });
    } finally {
      file.close();
    }
    return ReadModels.open(path);
  }

  get progress(): Progress {
    const { cursor, events, lastRecordedAt } = this.#progressRow();
    return { cursor: cursor ?? undefined, events, lastRecordedAt: lastRecordedAt ?? undefined };
  }

  /** The last event folded in; `undefined` before the first. */
  get lastEvent(): FoldedEvent | undefined {
    const { stream, revision, leafHash } = this.#progressRow();
    return stream === null || revision === null || leafHash === null
      ? undefined
      : { stream, revision, leafHash };
  }

  /** The first damage met in each stream that is not folded in to its end. */
  get damages(): readonly EventDamage[] {
    return [...this.#damages.values()];
  }

  get isUsable(): boolean {
    return this.#condition === 'usable';
  }

  /** Says whether the file was replaced, and does not hold yet what the one before it held. */
  get isBehind(): boolean {
    return this.#condition === 'behind';
  }

  /** @throws ReadModelsDamagedError when nothing may rest on the rows until they are rebuilt */
  assertUsable(): void {
    if (this.#condition !== 'usable') throw new ReadModelsDamagedError(this.path, this.#found);
  }

  /**
   * Folds in a batch that follows directly on `after`, in one transaction with the cursor. Returns
   * false, and changes nothing, when the read models are not at `after`: another process was first.
   *
   * @throws ReadModelsDamagedError
   */
  apply(events: readonly LedgerEvent[], after: Position | undefined, last: Position): boolean {
    const final = events.at(-1);
    if (final === undefined) return true;
    return this.#locked(() => {
      this.noticeReplacement();
      // A page read, changed and written back would get a right sum over wrong rows.
      if (this.#file?.change === 'written') this.markDamaged(writtenByOthers);
      if (this.#condition === 'damaged') this.assertUsable();
      const { database, handlers, moveCursor } = this.#connection;
      const base = this.#file?.base ?? 0;
      database.exec('BEGIN IMMEDIATE');
      let isNext: boolean;
      try {
        isNext = comparePositions(this.progress.cursor, after) === 0;
        if (isNext) {
          for (const event of events)
            for (const handler of handlers.get(event.type) ?? []) handler(event);
          const { recordedAt, stream, revision } = final;
          const leafHash = leafHashOf(canonicalJson(final));
          moveCursor.run(last, events.length, recordedAt, stream, revision, leafHash, base);
        }
        database.exec('COMMIT');
      } catch (error) {
        rollBack(database);
        throw error;
      }
      this.#checkpointWhenLong();
      return isNext;
    });
  }

  /** As {@link apply}, from events as they are stored. */
  readonly fold: FoldBatch = (events, after, last) =>
    Promise.resolve(
      this.apply(
        events.map((event) => readEvent(event)),
        after,
        last,
      ),
    );

  /**
   * Folds in every event that the store holds now and that is not folded in yet, or those up to
   * `upTo`. The next batches are read while earlier ones are folded in. A damaged stream is folded
   * in up to its damage, which {@link damages} has then.
   *
   * @throws IntegrityError when the read models are ahead of the store: the store has lost its last
   * events
   * @throws ReadModelsDamagedError
   */
  async catchUp(store: EventStore, options: CatchUpOptions = {}): Promise<void> {
    this.#locked(() => this.noticeReplacement());
    await foldMissing(this, store, options);
    if (this.#locked(() => this.noticeReplacement())) {
      await this.catchUp(store, options);
      return;
    }
    if (this.#condition === 'behind') this.#condition = 'usable';
    this.assertUsable();
  }

  /** Notes that a stream is damaged, and not folded in further. */
  noteDamage(damage: EventDamage): void {
    const { stream } = damage;
    if (stream !== undefined && !this.#damages.has(stream)) this.#damages.set(stream, damage);
  }

  /** The digests of all rows. Equal histories give equal digests, on every machine. */
  digests(): Digests {
    return digestsOf(this.database, this.projections);
  }

  /**
   * Compares some pages of the file with the sums that were made when they were written.
   *
   * @param from the first page is 1
   */
  comparePages(from: number, limit?: number): PagesCompared {
    const file = this.#file;
    if (file === undefined)
      return { compared: 0, damaged: [], next: undefined, writtenAt: undefined };
    return this.#locked(() => {
      this.noticeReplacement();
      const found = file.compare(this.#connection.database, this.#base(), from, limit);
      const [page] = found.damaged;
      if (page !== undefined) this.markDamaged(damagedPages([page]));
      return found;
    });
  }

  /**
   * Compares every page, as {@link comparePages} does. Right ones count as such until something
   * else than a checkpoint writes to the file.
   *
   * @returns the pages that are not as they were written
   */
  compareAllPages(): readonly number[] {
    const first = this.comparePages(1);
    const damaged = [...first.damaged];
    for (let { next } = first; next !== undefined;) {
      const compared = this.comparePages(next);
      damaged.push(...compared.damaged);
      next = compared.next;
    }
    if (damaged.length === 0)
      this.#locked(() => {
        this.#file?.noteWritten(first.writtenAt);
      });
    return damaged;
  }

  /** Lets nothing rest on the rows any more, until the file is replaced. */
  markDamaged(found: InBoth): void {
    this.#condition = 'damaged';
    this.#found = found;
  }

  /**
   * Replaces damaged read models by empty ones, unless another process has done it. Fold in all
   * events next.
   *
   * @returns the damage, where this call replaced them
   */
  replaceDamaged(): InBoth | undefined {
    return this.#locked(() => {
      try {
        this.noticeReplacement();
      } catch (error) {
        // The one that is there now is damaged too.
        if (!(this.#failure(error) instanceof ReadModelsDamagedError)) throw error;
      }
      if (this.#condition !== 'damaged') return undefined;
      const found = this.#found;
      this.#disconnect();
      this.#file?.clear();
      this.#reconnect();
      return found;
    });
  }

  /**
   * Opens the file that is at the path now, where another process, or a person, has replaced the
   * one in use. Returns whether it did; fold in what the new one lacks next.
   */
  noticeReplacement(): boolean {
    if (this.#file?.change !== 'replaced') return false;
    this.#locked(() => {
      this.#disconnect();
      this.#reconnect();
    });
    return true;
  }

  /**
   * As {@link noticeReplacement}; moreover compares all pages where something else than a
   * checkpoint wrote to the file in use. Call it before anything rests on the rows, in a process's
   * first thread. Damage that it finds ends the use of the rows.
   */
  noticeChange(): boolean {
    let isReplaced = false;
    try {
      isReplaced = this.noticeReplacement();
      const isWritten = (): boolean => this.#file?.change === 'written';
      // A checkpoint may be between its writes and its note of them; the lock waits for it.
      if (isWritten() && this.#locked(isWritten)) this.compareAllPages();
    } catch (error) {
      if (!(this.#failure(error) instanceof ReadModelsDamagedError)) throw error;
    }
    return isReplaced;
  }

  /** Leaves the whole content in the one file, where no reader keeps it from that. */
  close(): void {
    const file = this.#file;
    if (file !== undefined) {
      try {
        file.locked(() => {
          const { database } = this.#connection;
          if (this.#condition === 'damaged' || file.change === 'replaced') return;
          if (this.#logFrames() === 0) return;
          // The driver does not finalize statements, so closing alone would leave rows in the log.
          database.exec('PRAGMA busy_timeout = 100');
          file.checkpoint(database, this.#base(), 'TRUNCATE');
        });
      } catch {
        // What is in the log stays there, and damage is found at the next opening.
      }
    }
    this.#disconnect();
    file?.close();
  }

  #base(): number {
    return this.#progressRow().base;
  }

  #progressRow(): ProgressRow {
    try {
      const row = this.#connection.selectProgress.get() as ProgressRow | undefined;
      if (row !== undefined) return row;
    } catch (error) {
      throw this.#failure(error);
    }
    this.markDamaged({ en: 'the row of their progress is gone', zh: '其进度的记录已丢失' });
    throw new ReadModelsDamagedError(this.path, this.#found);
  }

  #checkpointWhenLong(): void {
    const file = this.#file;
    if (file === undefined) return;
    const { database } = this.#connection;
    const frames = this.#logFrames();
    if (frames < this.#nextCheckpoint) {
      if (frames < maxLogFrames) this.#nextCheckpoint = maxLogFrames;
      return;
    }
    file.checkpoint(database, this.#base(), 'PASSIVE');
    // A reader may have kept pages in the log, which then grows on.
    this.#nextCheckpoint = frames + maxLogFrames;
  }

  /** The number of frames in the log. */
  #logFrames(): number {
    const [, frames] = this.#connection.selectLog.get() as [number, number];
    return frames;
  }

  /** Runs work on the file alone, and notes damage that it meets. */
  #locked<Result>(work: () => Result): Result {
    try {
      return this.#file === undefined ? work() : this.#file.locked(work);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  #failure(thrown: unknown): unknown {
    if (this.#file === undefined) return thrown;
    const error = damageOr(thrown, this.path);
    if (error instanceof ReadModelsDamagedError && this.#condition !== 'damaged')
      this.markDamaged(error.found);
    return databaseFailure(this.path, error);
  }

  #disconnect(): void {
    const { database } = this.#connection;
    if (database.isOpen) database.close();
    this.#file?.release();
  }

  #reconnect(): void {
    this.#condition = 'behind';
    this.#found = {
      en: 'their file was replaced, and does not hold every event yet',
      zh: '其文件已被替换，尚未包含全部事件',
    };
    this.#nextCheckpoint = maxLogFrames;
    this.#connection = connect(this.path, this.projections, this.#file);
  }
}

/** Ends a transaction that failed. SQLite may have ended it already, as after damage. */
function rollBack(database: DatabaseSyncInstance): void {
  if (database.isTransaction) database.exec('ROLLBACK');
}
