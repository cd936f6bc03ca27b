import type { AccessFile } from '../access-file.js';
import type { Instant } from '@penalty-ledger/ledger';
import type { Anchor } from './entry.js';

/** An entry that was durable, and where the next one began. */
export interface PlacedAnchor extends Anchor {
  readonly at: Instant;
  /** The length of the log up to and with this entry, in bytes. */
  readonly bytes: number;
}

const tables = {
  part: 'accessLogAnchors',
  schemaVersion: 1,
  sql: `
    CREATE TABLE accessLogAnchors (
      day TEXT PRIMARY KEY,
      seq INTEGER NOT NULL UNIQUE,
      hash TEXT NOT NULL,
      at TEXT NOT NULL,
      bytes INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;`,
};

const columns = 'seq, hash, at, bytes';

/**
 * The ends of the access log, kept in another file than the log. A log whose tail was cut off is
 * whole in itself; only a later entry kept elsewhere shows the cut. One anchor a UTC day, moved on
 * while the day lasts; each also says where to read from.
 */
export class Anchors {
  readonly #put;
  readonly #before;
  readonly #all;

  /**
   * @param file held, because the driver closes a database without a holder, even while its
   * statements are in use
   */
  constructor(readonly file: AccessFile) {
    file.prepare(tables);
    this.#put = file.statement(
      `INSERT INTO accessLogAnchors VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (day) DO UPDATE
       SET seq = excluded.seq, hash = excluded.hash, at = excluded.at, bytes = excluded.bytes`,
    );
    this.#before = file.statement(
      `SELECT ${columns} FROM accessLogAnchors WHERE seq <= ? ORDER BY seq DESC LIMIT 1`,
    );
    this.#all = file.statement(`SELECT ${columns} FROM accessLogAnchors ORDER BY seq`);
  }

  put({ seq, hash, at, bytes }: PlacedAnchor): void {
    this.#put.run(at.slice(0, 10), seq, hash, at, bytes);
  }

  /** The last anchor at or before an entry; without one, the last of all. */
  lastBefore(seq: number = Number.MAX_SAFE_INTEGER): PlacedAnchor | undefined {
    const row: unknown = this.#before.get(seq);
    return row as PlacedAnchor | undefined;
  }

  /** The last anchor before an instant, of those at or before an entry. */
  lastEndedBefore(at: Instant, seq: number): PlacedAnchor | undefined {
    const row: unknown = this.file
      .statement(
        `SELECT ${columns} FROM accessLogAnchors WHERE at < ? AND seq <= ?
         ORDER BY seq DESC LIMIT 1`,
      )
      .get(at, seq);
    return row as PlacedAnchor | undefined;
  }

  /** Drops the anchors of entries from `seq` on, for a log that was restored and ends before it. */
  dropFrom(seq: number): number {
    return this.file.statement('DELETE FROM accessLogAnchors WHERE seq >= ?').run(seq).changes;
  }

  /** Every anchor, in the log's order. */
  all(): readonly PlacedAnchor[] {
    const rows: unknown[] = this.#all.all();
    return rows as PlacedAnchor[];
  }
}
