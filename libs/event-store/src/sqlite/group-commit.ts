import type { DatabaseSyncInstance, StatementSyncInstance } from '@photostructure/sqlite';
import { performance } from 'node:perf_hooks';
import { type AppendRequest, placeOf, type StreamHead } from '../append-request.js';
import { BoundedCache } from '../bounded-cache.js';
import type { OnCommitted } from '../committed-group.js';
import { ConflictError, IntegrityError, StoreUnavailableError } from '../errors.js';
import type { Appended, StoredEvent } from '../event-store.js';
import type { EventRows } from './event-rows.js';
import { appendsInFlight, guarded, resultCode, resultCodeOf } from './failures.js';
import { macInsert, macOf, type RowKey } from './row-macs.js';

/** The limit of one transaction; appends beyond it wait for the next. */
const groupLimit = { events: 4_096, bytes: 8 << 20 };

/** Rows of one INSERT. Eight cost two thirds of eight single ones; more gain nothing. */
const rowsAtOnce = 8;
const valuesOfRow = 5;
const valuesAtOnce = rowsAtOnce * valuesOfRow;
/** The place of the leaf hash among the values of a row. */
const hashAt = 3;

/**
 * The number of heads kept; losing one costs a look into the index. The last half always are, which
 * is more than a group writes: until a group is committed, its heads are ahead of the rows.
 */
const headLimit = 5 * groupLimit.events;

/** The last event of a stream, and the number that stands for the stream in every row. */
interface SqliteStreamHead extends StreamHead {
  readonly streamId: number;
}

interface Waiting {
  readonly request: AppendRequest;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The one writer. Appends called in one turn of the event loop, or while a commit runs, share a
 * transaction and so the cost of making it durable. Each is checked by itself, in the order of the
 * calls, and answered only after the commit.
 */
export class GroupCommit {
  readonly #file: string;
  readonly #rows: EventRows;
  readonly #committed: OnCommitted;
  readonly #begin: StatementSyncInstance;
  readonly #commit: StatementSyncInstance;
  readonly #rollback: StatementSyncInstance;
  readonly #insertStream: StatementSyncInstance;
  readonly #insertEvent: StatementSyncInstance;
  readonly #insertEvents: StatementSyncInstance;
  readonly #insertMac: StatementSyncInstance;
  readonly #heads = new BoundedCache<string, SqliteStreamHead>(headLimit);
  readonly #queue: Waiting[] = [];
  /** Values of the rows of this group that are not yet inserted, one after another. */
  #values: (number | string)[] = [];
  /** Puts rows under MACs; without it they have none. */
  #rowKey: RowKey | undefined;
  #position: number;
  #scheduled = false;
  #stopped: Error | undefined;

  constructor(db: DatabaseSyncInstance, rows: EventRows, file: string, committed: OnCommitted) {
    const row = '(?, ?, ?, ?, ?)';
    const insert = 'INSERT INTO events (position, stream_id, revision, leaf_hash, body) VALUES';
    this.#file = file;
    this.#rows = rows;
    this.#committed = committed;
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
    this.#rollback = db.prepare('ROLLBACK');
    this.#insertStream = db.prepare('INSERT INTO streams (name) VALUES (?)');
    this.#insertEvent = db.prepare(`${insert} ${row}`);
    this.#insertEvents = db.prepare(`${insert} ${Array<string>(rowsAtOnce).fill(row).join(', ')}`);
    this.#insertMac = macInsert(db);
    this.#position = rows.head();
  }

  /** Puts the rows of later appends under MACs of a key. */
  useRowKey(key: RowKey): void {
    this.#rowKey = key;
  }

  append(request: AppendRequest): Promise<Appended> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ request, resolve, reject });
      this.#schedule();
    });
  }

  /** Commits everything that waits, now. */
  flush(): void {
    while (this.#queue.length > 0) this.#commitGroup();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#queue.length > 0) this.#commitGroup();
      if (this.#queue.length > 0) this.#schedule();
    });
  }

  #commitGroup(): void {
    const group = this.#takeGroup();
    const refuse = (error: unknown): void => {
      for (const { reject } of group) reject(error);
    };
    if (this.#stopped !== undefined) {
      refuse(this.#stopped);
      return;
    }
    const startedAt = performance.now();
    try {
      guarded(this.#file, () => this.#begin.run());
    } catch (error) {
      const { cause } = error as Error;
      refuse(resultCodeOf(cause) === resultCode.busy ? this.#stopBusy(cause) : this.#stop(error));
      return;
    }
    const before = this.#position;
    try {
      const answered = guarded(this.#file, () => {
        const answers = group.map((waiting) => ({ waiting, answer: this.#place(waiting.request) }));
        this.#insert();
        this.#commit.run();
        return answers;
      });
      answered.forEach(({ waiting, answer }) => settle(waiting, answer));
    } catch (error) {
      refuse(this.#stop(error));
      return;
    }
    const events = this.#position - before;
    if (events > 0)
      this.#committed({
        appends: group.length,
        events,
        seconds: (performance.now() - startedAt) / 1_000,
      });
  }

  #takeGroup(): readonly Waiting[] {
    let events = 0;
    let bytes = 0;
    const end = this.#queue.findIndex(({ request }, index) => {
      events += request.events.length;
      bytes += request.byteLength;
      return index > 0 && (events > groupLimit.events || bytes > groupLimit.bytes);
    });
    return this.#queue.splice(0, end < 0 ? this.#queue.length : end);
  }

  #place(request: AppendRequest): Appended | ConflictError {
    const head = this.#headOf(request.stream);
    const place = placeOf(request, head, (first, count) =>
      this.#stored(request.stream, head, first, count),
    );
    if (place !== 'added') return place;
    this.#add(
      request,
      head?.streamId ?? Number(this.#insertStream.run(request.stream).lastInsertRowid),
    );
    return {
      revision: request.first + request.events.length - 1,
      position: String(this.#position),
    };
  }

  #headOf(stream: string): SqliteStreamHead | undefined {
    const cached = this.#heads.get(stream);
    if (cached !== undefined) return cached;
    const streamId = this.#rows.streamId(stream);
    if (streamId === undefined) return undefined;
    const { revision, leafHash } = this.#rows.lastOfStream(stream, streamId);
    return { streamId, revision, leafHash };
  }

  #stored(
    stream: string,
    head: SqliteStreamHead | undefined,
    first: number,
    count: number,
  ): readonly StoredEvent[] {
    this.#insert();
    return head === undefined ? [] : this.#rows.ofStream(stream, head.streamId, first, count);
  }

  #add({ stream, events }: AppendRequest, streamId: number): void {
    for (const { revision, leafHash, body } of events) {
      this.#position += 1;
      this.#values.push(this.#position, streamId, revision, leafHash, body);
    }
    const last = events.at(-1);
    if (last !== undefined)
      this.#heads.set(stream, { streamId, revision: last.revision, leafHash: last.leafHash });
  }

  #insert(): void {
    const values = this.#values;
    this.#values = [];
    let done = 0;
    for (; done + valuesAtOnce <= values.length; done += valuesAtOnce) {
      this.#insertEvents.run(...values.slice(done, done + valuesAtOnce));
    }
    for (; done < values.length; done += valuesOfRow)
      this.#insertEvent.run(...values.slice(done, done + valuesOfRow));
    if (this.#rowKey !== undefined && values.length > 0) this.#putUnderMac(this.#rowKey, values);
  }

  /** One MAC for the rows of a commit costs a tenth of one for each of them. */
  #putUnderMac(key: RowKey, values: readonly (number | string)[]): void {
    const hashes: string[] = [];
    for (let at = hashAt; at < values.length; at += valuesOfRow) hashes.push(values[at] as string);
    const first = values[0] as number;
    this.#insertMac.run(first + hashes.length - 1, macOf(key, first, hashes));
  }

  /**
   * Stops because another program has the file. The transaction did not begin, but later appends
   * may rest on the refused ones.
   */
  #stopBusy(cause: unknown): Error {
    this.#stopped = new StoreUnavailableError(
      {
        en:
          `another program writes to "${this.#file}"; ` +
          'nothing of this append is stored, nor of those after it: ' +
          'end that program and open the store again',
        zh:
          `另一个程序正在写入 "${this.#file}"；本次及其后的追加均未存储：` +
          '请结束该程序，并重新打开存储',
      },
      { cause },
    );
    return this.#stopped;
  }

  /** Stops after a failed write: the content of the file is unknown, so no more is written. */
  #stop(error: unknown): Error {
    try {
      this.#rollback.run();
    } catch {
      // SQLite has rolled back by itself, or cannot; either way this connection writes no more.
    }
    this.#stopped =
      error instanceof IntegrityError ? error : writeFailure(this.#file, error as Error);
    return this.#stopped;
  }
}

/** The error of a failed write: what the file refused, and what it means for the appends. */
function writeFailure(file: string, error: Error): StoreUnavailableError {
  const refused = error instanceof StoreUnavailableError ? error : undefined;
  const { en, zh } = refused?.inBoth ?? {
    en: `writing to "${file}" failed: ${error.message}`,
    zh: `写入 "${file}" 失败：${error.message}`,
  };
  return new StoreUnavailableError(
    { en: `${en}; ${appendsInFlight.en}`, zh: `${zh}；${appendsInFlight.zh}` },
    { cause: error, hint: refused?.hint },
  );
}

function settle({ resolve, reject }: Waiting, answer: Appended | ConflictError): void {
  if (answer instanceof ConflictError) reject(answer);
  else resolve(answer);
}
