import { existsSync } from 'node:fs';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { StoreUnavailableError } from '../errors.js';
import { connectionTo } from './connection.js';
import { readCustody, type Custody } from './custody.js';
import { guarded } from './failures.js';
import { foreignRows, type ForeignRows, type RowKey } from './row-macs.js';
import { guardCount, kindOf, lostGuards } from './schema.js';

/**
 * A row as it lies in the file, unchecked: for a reader that looks for damage and must not stop at
 * the first.
 */
export interface RawRow {
  readonly position: number;
  /** The name the row's stream has; `undefined` when that is lost. */
  readonly stream: string | undefined;
  readonly revision: number;
  readonly leafHash: string;
  /** `undefined` when the bytes are not text in UTF-8. */
  readonly body: string | undefined;
}

type Row = [
  position: number,
  streamId: number,
  revision: number,
  bytes: number,
  leafHash: string,
  body: string,
];

const columns = 'position, stream_id, revision, octet_length(body), leaf_hash, body';
const rowsAtOnce = 2_000;

/**
 * The rows of a SQLite event store, unchecked. Every other reader of the store checks its rows, and
 * throws at the first damage.
 */
export class RawRows {
  readonly #names: ReadonlyMap<number, string>;
  readonly #ids: ReadonlyMap<string, number>;

  private constructor(
    readonly file: string,
    readonly database: DatabaseSyncInstance,
  ) {
    const rows = this.#all('SELECT stream_id, name FROM streams') as [number, string][];
    this.#names = new Map(rows);
    this.#ids = new Map(rows.map(([id, name]) => [name, id]));
  }

  /**
   * @throws StoreUnavailableError without an event store, IntegrityError when SQLite cannot read it
   * at all
   */
  static open(file: string): RawRows {
    if (!existsSync(file))
      throw new StoreUnavailableError({
        en: `there is no event store at "${file}"`,
        zh: `"${file}" 处没有事件存储`,
      });
    const database = connectionTo(file, 'read');
    try {
      if (guarded(file, () => kindOf(database, file)) === 'empty')
        throw new StoreUnavailableError({
          en: `"${file}" is empty: nothing was ever stored in it`,
          zh: `"${file}" 为空：从未存储过任何内容`,
        });
      return new RawRows(file, database);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** The file's custody; `undefined` where none was ever set. */
  get custody(): Custody | undefined {
    return readCustody(this.database, this.file);
  }

  /** The number of triggers that guard the file, and those that are missing or were changed. */
  get guards(): { readonly count: number; readonly lost: readonly string[] } {
    return guarded(this.file, () => ({ count: guardCount, lost: lostGuards(this.database) }));
  }

  /** The rows that do not stand under MACs of a key. */
  foreignRows(key: RowKey): Iterable<ForeignRows> {
    return foreignRows(this.database, this.file, key, 'all');
  }

  /** The names of the streams. */
  get streams(): Iterable<string> {
    return this.#ids.keys();
  }

  /** The number of rows, and the highest position. */
  extent(): { readonly rows: number; readonly last: number } {
    const [[rows, last] = [0, 0]] = this.#all(
      'SELECT count(*), coalesce(max(position), 0) FROM events',
    ) as [number, number][];
    return { rows, last };
  }

  /** Every row in order of position, in batches. */
  *inOrder(): Generator<readonly RawRow[], void, undefined> {
    const select = `SELECT ${columns} FROM events WHERE position > ?
      ORDER BY position LIMIT ${rowsAtOnce}`;
    yield* this.#batches(select, [], Number.MIN_SAFE_INTEGER, ([position]) => position);
  }

  /** The rows of a stream in order of revision, in batches. */
  *ofStream(stream: string): Generator<readonly RawRow[], void, undefined> {
    const id = this.#ids.get(stream);
    if (id === undefined) return;
    const select = `SELECT ${columns} FROM events WHERE stream_id = ? AND revision > ?
      ORDER BY revision LIMIT ${rowsAtOnce}`;
    yield* this.#batches(select, [id], -1, ([, , revision]) => revision);
  }

  close(): void {
    this.database.close();
  }

  *#batches(
    sql: string,
    fixed: readonly number[],
    from: number,
    keyOf: (row: Row) => number,
  ): Generator<readonly RawRow[], void, undefined> {
    const select = guarded(this.file, () => this.database.prepare(sql, { returnArrays: true }));
    for (let after = from; ;) {
      const rows = guarded(this.file, () => select.all(...fixed, after) as Row[]);
      const last = rows.at(-1);
      if (last === undefined) return;
      yield rows.map((row) => this.#rawOf(row));
      after = keyOf(last);
    }
  }

  #rawOf([position, streamId, revision, bytes, leafHash, body]: Row): RawRow {
    const isText = typeof body === 'string' && this.#isExact(position, bytes, body);
    return {
      position,
      stream: this.#names.get(streamId),
      revision,
      leafHash,
      body: isText ? body : undefined,
    };
  }

  /**
   * Looks as the store's own reader does: the driver ends a text at a NUL, and reads what is not
   * UTF-8 as U+FFFD.
   */
  #isExact(position: number, bytes: number, body: string): boolean {
    if (Buffer.byteLength(body) !== bytes) return false;
    if (!body.includes('\ufffd')) return true;
    const [[stored] = []] = this.#all(
      `SELECT CAST(body AS BLOB) FROM events WHERE position = ${position}`,
    ) as [Uint8Array][];
    return stored !== undefined && Buffer.from(body).equals(stored);
  }

  #all(sql: string): unknown {
    return guarded(this.file, (): unknown =>
      this.database.prepare(sql, { returnArrays: true }).all(),
    );
  }
}
