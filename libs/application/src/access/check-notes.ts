import type { Instant } from '@penalty-ledger/ledger';
import type { AccessFile } from './access-file.js';

/**
 * The result of the last check of a kind: `verification` of the whole ledger, `replay` of every
 * read model.
 */
export interface CheckNote {
  readonly at: Instant;
  /** Nothing was found; of a replay, the digests were equal. */
  readonly holds: boolean;
  /** Events that were looked at. */
  readonly events: number;
  /** The duration of the check. */
  readonly seconds: number;
}

export type NotedCheck = 'verification' | 'replay';

const tables = {
  part: 'checkNotes',
  schemaVersion: 1,
  sql: `
    CREATE TABLE checkNotes (
      kind TEXT PRIMARY KEY,
      at TEXT NOT NULL,
      holds INTEGER NOT NULL,
      events INTEGER NOT NULL,
      seconds REAL NOT NULL
    ) STRICT, WITHOUT ROWID;`,
};

/**
 * The last checks of a ledger, kept for the service. The command line makes them, beside the
 * running service.
 */
export class CheckNotes {
  readonly #put;
  readonly #get;

  constructor(file: AccessFile) {
    file.prepare(tables);
    this.#put = file.statement('INSERT OR REPLACE INTO checkNotes VALUES (?, ?, ?, ?, ?)');
    this.#get = file.statement('SELECT at, holds, events, seconds FROM checkNotes WHERE kind = ?');
  }

  put(kind: NotedCheck, { at, holds, events, seconds }: CheckNote): void {
    this.#put.run(kind, at, holds ? 1 : 0, events, seconds);
  }

  /** The last one; `undefined` when there never was one. */
  last(kind: NotedCheck): CheckNote | undefined {
    const row = this.#get.get(kind) as
      (Omit<CheckNote, 'holds'> & { readonly holds: number }) | undefined;
    return row === undefined ? undefined : { ...row, holds: row.holds === 1 };
  }
}
