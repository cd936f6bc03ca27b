import initSqlite, { type Sqlite3Static } from '@sqlite.org/sqlite-wasm';
import { currentDisk } from './current-disk.js';
import { installSimulatedVfs } from './simulated-vfs.js';

type Value = number | bigint | string | Uint8Array | null;
type Row = Record<string, Value> | Value[];

let sqlite: Sqlite3Static | undefined;

/** Loads SQLite as WebAssembly; once, before the first file is opened. */
export async function loadSimulatedSqlite(): Promise<void> {
  if (sqlite !== undefined) return;
  sqlite = await initSqlite();
  installSimulatedVfs(sqlite, currentDisk);
}

function loaded(): Sqlite3Static {
  if (sqlite === undefined) throw new Error('call loadSimulatedSqlite first');
  return sqlite;
}

/** Connections that were not closed, or whose statements were not finalized, with their owners. */
const connections = new Map<DatabaseSync, unknown>();

let ownerNow = (): unknown => undefined;

/** Says to which of several simulated processes a connection belongs when it is opened. */
export function ownConnectionsBy(owner: () => unknown): void {
  ownerNow = owner;
}

/**
 * Lets go of every connection, as the garbage collector or the death of the process does.
 *
 * @param owner lets go of the connections of this process alone
 */
export function dropConnections(owner?: unknown): void {
  for (const [connection, its] of [...connections])
    if (owner === undefined || its === owner) connection.drop();
}

/** `node:sqlite`'s class, as far as the ledger uses it, over files of the simulated disk. */
export class DatabaseSync {
  readonly #db: number;
  readonly #statements = new Set<StatementSync>();
  #isOpen = true;

  constructor(
    path: string,
    { readOnly = false, timeout = 0 }: { readOnly?: boolean; timeout?: number } = {},
  ) {
    const { capi, wasm } = loaded();
    const flags = readOnly
      ? capi.SQLITE_OPEN_READONLY
      : capi.SQLITE_OPEN_READWRITE | capi.SQLITE_OPEN_CREATE;
    const stack = wasm.pstack.pointer;
    const target = wasm.pstack.allocPtr();
    const result = capi.sqlite3_open_v2(path, target, flags, 0);
    this.#db = wasm.peekPtr(target);
    wasm.pstack.restore(stack);
    if (result !== capi.SQLITE_OK) {
      const error = errorOf(this.#db, 'Failed to open database: ');
      capi.sqlite3_close_v2(this.#db);
      throw error;
    }
    capi.sqlite3_extended_result_codes(this.#db, 1);
    capi.sqlite3_busy_timeout(this.#db, timeout);
    connections.set(this, ownerNow());
    // The defaults of the native build.
    this.exec('PRAGMA page_size = 4096; PRAGMA cache_size = -2000; PRAGMA foreign_keys = ON');
  }

  exec(sql: string): void {
    this.#assertOpen();
    const { wasm } = loaded();
    const text = wasm.allocCString(sql, false);
    const result = exportsOf(wasm).sqlite3_exec(this.#db, text, 0, 0, 0);
    wasm.dealloc(text);
    if (result !== 0) throw errorOf(this.#db);
  }

  prepare(sql: string, { returnArrays = false }: { returnArrays?: boolean } = {}): StatementSync {
    this.#assertOpen();
    const { capi, wasm } = loaded();
    const stack = wasm.pstack.pointer;
    const target = wasm.pstack.allocPtr();
    const text = wasm.allocCString(sql, false);
    const result = exportsOf(wasm).sqlite3_prepare_v2(this.#db, text, -1, target, 0);
    wasm.dealloc(text);
    const pointer = wasm.peekPtr(target) as number;
    wasm.pstack.restore(stack);
    if (result !== capi.SQLITE_OK) throw errorOf(this.#db);
    const statement = new StatementSync(this.#db, pointer, returnArrays);
    this.#statements.add(statement);
    return statement;
  }

  /** Closes as the native driver does: statements stay, and with them the open file. */
  close(): void {
    this.#assertOpen();
    this.#isOpen = false;
    for (const statement of this.#statements) statement.reset();
    loaded().capi.sqlite3_close_v2(this.#db);
  }

  /** Finalizes what is left, and closes. */
  drop(): void {
    for (const statement of this.#statements) statement.finalize();
    this.#statements.clear();
    if (this.#isOpen) loaded().capi.sqlite3_close_v2(this.#db);
    this.#isOpen = false;
    connections.delete(this);
  }

  #assertOpen(): void {
    if (!this.#isOpen)
      throw Object.assign(new Error('database is not open'), { code: 'ERR_INVALID_STATE' });
  }
}

export class StatementSync {
  readonly #raw = exportsOf(loaded().wasm);
  #names: readonly string[] | undefined;

  constructor(
    private readonly db: number,
    private readonly pointer: number,
    private readonly returnArrays: boolean,
  ) {}

  get(...values: unknown[]): Row | undefined {
    try {
      this.#bind(values);
      return this.#step() ? this.#row() : undefined;
    } finally {
      this.reset();
    }
  }

  all(...values: unknown[]): Row[] {
    return [...this.iterate(...values)];
  }

  *iterate(...values: unknown[]): Generator<Row, void, undefined> {
    try {
      this.#bind(values);
      while (this.#step()) yield this.#row();
    } finally {
      this.reset();
    }
  }

  run(...values: unknown[]): { changes: number; lastInsertRowid: number } {
    const { capi } = loaded();
    try {
      this.#bind(values);
      while (this.#step());
    } finally {
      this.reset();
    }
    const last = capi.sqlite3_last_insert_rowid(this.db);
    return { changes: capi.sqlite3_changes(this.db), lastInsertRowid: Number(last) };
  }

  reset(): void {
    this.#raw.sqlite3_reset(this.pointer);
  }

  finalize(): void {
    loaded().capi.sqlite3_finalize(this.pointer);
  }

  #step(): boolean {
    const { capi } = loaded();
    const result = this.#raw.sqlite3_step(this.pointer);
    if (result === capi.SQLITE_ROW) return true;
    if (result === capi.SQLITE_DONE) return false;
    throw errorOf(this.db);
  }

  #bind(values: readonly unknown[]): void {
    const { capi } = loaded();
    this.#raw.sqlite3_clear_bindings(this.pointer);
    values.forEach((value, index) => {
      const at = index + 1;
      let result: number;
      // A parameter that is not bound is NULL.
      if (value === null) return;
      if (typeof value === 'string') result = this.#bindBytes('text', at, Buffer.from(value));
      else if (typeof value === 'bigint')
        result = this.#raw.sqlite3_bind_int64(this.pointer, at, value);
      else if (typeof value === 'number')
        result = Number.isSafeInteger(value)
          ? this.#raw.sqlite3_bind_int64(this.pointer, at, BigInt(value))
          : capi.sqlite3_bind_double(this.pointer, at, value);
      else if (value instanceof Uint8Array || ArrayBuffer.isView(value))
        result = this.#bindBytes('blob', at, value as Uint8Array);
      else throw new TypeError(`parameter ${String(at)} has a type that cannot be bound`);
      if (result !== capi.SQLITE_OK) throw errorOf(this.db);
    });
  }

  #bindBytes(kind: 'text' | 'blob', at: number, bytes: Uint8Array): number {
    const { wasm } = loaded();
    const memory = wasm.alloc(Math.max(1, bytes.length));
    try {
      wasm.heap8u().set(bytes, memory);
      // -1: SQLite makes a copy of its own.
      return this.#raw[`sqlite3_bind_${kind}`](this.pointer, at, memory, bytes.length, -1);
    } finally {
      wasm.dealloc(memory);
    }
  }

  #row(): Row {
    const count = this.#raw.sqlite3_column_count(this.pointer);
    const values = Array.from({ length: count }, (_, index) => this.#value(index));
    if (this.returnArrays) return values;
    // The columns of a statement can change when SQLite prepares it again.
    if (this.#names?.length !== count) {
      const { capi } = loaded();
      this.#names = values.map((_, index) => capi.sqlite3_column_name(this.pointer, index));
    }
    const row = Object.create(null) as Record<string, Value>;
    for (const [index, name] of this.#names.entries()) row[name] = values[index]!;
    return row;
  }

  #value(index: number): Value {
    const { capi, wasm } = loaded();
    const { pointer } = this;
    switch (this.#raw.sqlite3_column_type(pointer, index)) {
      case capi.SQLITE_INTEGER: {
        const value = Number(this.#raw.sqlite3_column_int64(pointer, index));
        if (Number.isSafeInteger(value)) return value;
        throw Object.assign(new Error('Value is too large to be represented as a number'), {
          code: 'ERR_OUT_OF_RANGE',
        });
      }
      case capi.SQLITE_FLOAT:
        return capi.sqlite3_column_double(pointer, index);
      case capi.SQLITE_TEXT: {
        const at = this.#raw.sqlite3_column_text(pointer, index);
        const length = this.#raw.sqlite3_column_bytes(pointer, index);
        return Buffer.from(wasm.heap8u().subarray(at, at + length)).toString();
      }
      case capi.SQLITE_BLOB: {
        const at = this.#raw.sqlite3_column_blob(pointer, index);
        const length = this.#raw.sqlite3_column_bytes(pointer, index);
        return new Uint8Array(wasm.heap8u().subarray(at, at + length));
      }
      default:
        return null;
    }
  }
}

type Bind = (pointer: number, at: number, memory: number, length: number, own: -1) => number;

type OfColumn<Result = number> = (pointer: number, column: number) => Result;

/** The functions whose wrappers in the package cost more than they do, or copy each text again. */
interface RawFunctions {
  readonly sqlite3_exec: (db: number, sql: number, _1: 0, _2: 0, _3: 0) => number;
  readonly sqlite3_prepare_v2: (
    db: number,
    sql: number,
    length: -1,
    statement: unknown,
    tail: 0,
  ) => number;
  readonly sqlite3_step: (pointer: number) => number;
  readonly sqlite3_reset: (pointer: number) => number;
  readonly sqlite3_clear_bindings: (pointer: number) => number;
  readonly sqlite3_bind_int64: (pointer: number, at: number, value: bigint) => number;
  readonly sqlite3_bind_text: Bind;
  readonly sqlite3_bind_blob: Bind;
  readonly sqlite3_column_count: (pointer: number) => number;
  readonly sqlite3_column_type: OfColumn;
  readonly sqlite3_column_int64: OfColumn<bigint>;
  readonly sqlite3_column_text: OfColumn;
  readonly sqlite3_column_blob: OfColumn;
  readonly sqlite3_column_bytes: OfColumn;
}

function exportsOf({ exports }: Sqlite3Static['wasm']): RawFunctions {
  return exports as RawFunctions;
}

function errorOf(db: number, prefix = ''): Error {
  const { capi } = loaded();
  const errcode = capi.sqlite3_extended_errcode(db);
  return Object.assign(new Error(`${prefix}${capi.sqlite3_errmsg(db)}`), {
    code: 'ERR_SQLITE_ERROR',
    errcode,
    errstr: capi.sqlite3_errstr(errcode),
  });
}
