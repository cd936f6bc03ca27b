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

/** Connections that were not closed, or whose statements were not finalized. */
const connections = new Set<DatabaseSync>();

/** Lets go of every connection, as the garbage collector or the death of the process does. */
export function dropConnections(): void {
  for (const connection of connections) connection.drop();
  connections.clear();
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
    connections.add(this);
    // The defaults of the native build.
    this.exec('PRAGMA page_size = 4096; PRAGMA cache_size = -2000; PRAGMA foreign_keys = ON');
  }

  exec(sql: string): void {
    this.#assertOpen();
    const result = loaded().capi.sqlite3_exec(this.#db, sql, 0, 0, 0);
    if (result !== 0) throw errorOf(this.#db);
  }

  prepare(sql: string, { returnArrays = false }: { returnArrays?: boolean } = {}): StatementSync {
    this.#assertOpen();
    const { capi, wasm } = loaded();
    const stack = wasm.pstack.pointer;
    const target = wasm.pstack.allocPtr();
    const result = capi.sqlite3_prepare_v2(this.#db, sql, -1, target, 0);
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
    if (this.#isOpen) loaded().capi.sqlite3_close_v2(this.#db);
    this.#isOpen = false;
  }

  #assertOpen(): void {
    if (!this.#isOpen)
      throw Object.assign(new Error('database is not open'), { code: 'ERR_INVALID_STATE' });
  }
}

export class StatementSync {
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
    loaded().capi.sqlite3_reset(this.pointer);
  }

  finalize(): void {
    loaded().capi.sqlite3_finalize(this.pointer);
  }

  #step(): boolean {
    const { capi } = loaded();
    const result = capi.sqlite3_step(this.pointer);
    if (result === capi.SQLITE_ROW) return true;
    if (result === capi.SQLITE_DONE) return false;
    throw errorOf(this.db);
  }

  #bind(values: readonly unknown[]): void {
    const { capi } = loaded();
    capi.sqlite3_clear_bindings(this.pointer);
    values.forEach((value, index) => {
      const at = index + 1;
      let result: number;
      // A parameter that is not bound is NULL.
      if (value === null) return;
      if (typeof value === 'string') result = this.#bindBytes('text', at, Buffer.from(value));
      else if (typeof value === 'bigint') result = capi.sqlite3_bind_int64(this.pointer, at, value);
      else if (typeof value === 'number')
        result = Number.isSafeInteger(value)
          ? capi.sqlite3_bind_int64(this.pointer, at, BigInt(value))
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
      return exportsOf(wasm)[`sqlite3_bind_${kind}`](this.pointer, at, memory, bytes.length, -1);
    } finally {
      wasm.dealloc(memory);
    }
  }

  #row(): Row {
    const { capi } = loaded();
    const count = capi.sqlite3_column_count(this.pointer);
    const values = Array.from({ length: count }, (_, index) => this.#value(index));
    if (this.returnArrays) return values;
    const row = Object.create(null) as Record<string, Value>;
    values.forEach((value, index) => {
      row[capi.sqlite3_column_name(this.pointer, index)] = value;
    });
    return row;
  }

  #value(index: number): Value {
    const { capi, wasm } = loaded();
    const { pointer } = this;
    switch (capi.sqlite3_column_type(pointer, index)) {
      case capi.SQLITE_INTEGER: {
        const value = Number(capi.sqlite3_column_int64(pointer, index));
        if (Number.isSafeInteger(value)) return value;
        throw Object.assign(new Error('Value is too large to be represented as a number'), {
          code: 'ERR_OUT_OF_RANGE',
        });
      }
      case capi.SQLITE_FLOAT:
        return capi.sqlite3_column_double(pointer, index);
      case capi.SQLITE_TEXT: {
        const at = exportsOf(wasm).sqlite3_column_text(pointer, index);
        const length = capi.sqlite3_column_bytes(pointer, index);
        return Buffer.from(wasm.heap8u().subarray(at, at + length)).toString();
      }
      case capi.SQLITE_BLOB: {
        const at = capi.sqlite3_column_blob(pointer, index);
        const length = capi.sqlite3_column_bytes(pointer, index);
        return new Uint8Array(wasm.heap8u().subarray(at, at + length));
      }
      default:
        return null;
    }
  }
}

type Bind = (pointer: number, at: number, memory: number, length: number, own: -1) => number;

/** The functions that the package's own wrappers would copy each text for once more. */
interface RawFunctions {
  readonly sqlite3_bind_text: Bind;
  readonly sqlite3_bind_blob: Bind;
  readonly sqlite3_column_text: (pointer: number, column: number) => number;
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
