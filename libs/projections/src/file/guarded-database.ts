import type { DatabaseSyncInstance, StatementSyncInstance } from '@photostructure/sqlite';
import type { QueryDatabase, QueryStatement, QueryValue } from './query-database.js';

/** The database of read models as it stands. */
export interface CurrentDatabase {
  /** The database to ask now. */
  readonly current: DatabaseSyncInstance;
  /** @throws ReadModelsDamagedError when nothing may rest on its rows now */
  assertUsable(): void;
  /** Turns an error of the driver into one that says what is damaged. */
  failure(error: unknown): unknown;
}

/**
 * A database that can be replaced under its queries: they are prepared again on the new one. It
 * answers only while its rows may be relied on.
 */
export class GuardedDatabase implements QueryDatabase {
  readonly #database: CurrentDatabase;

  constructor(database: CurrentDatabase) {
    this.#database = database;
  }

  prepare(sql: string, options: { readonly returnArrays?: boolean } = {}): QueryStatement {
    return new GuardedStatement(this.#database, sql, options);
  }
}

class GuardedStatement implements QueryStatement {
  readonly #database: CurrentDatabase;
  #preparedOn: DatabaseSyncInstance | undefined;
  #statement: StatementSyncInstance | undefined;

  constructor(
    database: CurrentDatabase,
    readonly sql: string,
    readonly options: { readonly returnArrays?: boolean },
  ) {
    this.#database = database;
  }

  get(...values: readonly QueryValue[]): unknown {
    this.#database.assertUsable();
    try {
      return this.#prepared().get(...values);
    } catch (error) {
      throw this.#database.failure(error);
    }
  }

  all(...values: readonly QueryValue[]): unknown[] {
    this.#database.assertUsable();
    try {
      return this.#prepared().all(...values);
    } catch (error) {
      throw this.#database.failure(error);
    }
  }

  *iterate(...values: readonly QueryValue[]): IterableIterator<unknown> {
    this.#database.assertUsable();
    try {
      yield* this.#prepared().iterate(...values);
    } catch (error) {
      throw this.#database.failure(error);
    }
  }

  #prepared(): StatementSyncInstance {
    const { current } = this.#database;
    if (this.#statement === undefined || this.#preparedOn !== current) {
      this.#statement = current.prepare(this.sql, this.options);
      this.#preparedOn = current;
    }
    return this.#statement;
  }
}
