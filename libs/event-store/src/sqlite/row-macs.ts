import { createHmac, timingSafeEqual } from 'node:crypto';
import type { DatabaseSyncInstance, StatementSyncInstance } from '@photostructure/sqlite';
import { leafHashOf } from '@penalty-ledger/ledger';
import { connectionTo } from './connection.js';
import { guarded } from './failures.js';
import { inTransaction } from './transaction.js';

/** The key of a file's MACs, which lies outside the file. */
export type RowKey = Uint8Array;

/** Rows that do not stand under a MAC of the key, from the first to the last of them. */
export interface ForeignRows {
  readonly first: number;
  readonly last: number;
}

/** Rows under one MAC, where many are put under MACs at once. */
const rowsOfMac = 1_000;

/** Rows at the end of a file that an opening checks, beside those of the MAC before them. */
export const tailRows = 1_000;

type Row = [position: number, leafHash: string, mac: Uint8Array | null];

const select = `
  SELECT events.position, leaf_hash, mac
  FROM events LEFT JOIN row_macs ON last = events.position
  WHERE events.position > `;

/** Computes the MAC of rows that follow one another. The bytes of an event name its stream. */
export function macOf(key: RowKey, first: number, leafHashes: readonly string[]): Uint8Array {
  return createHmac('sha256', key)
    .update(`${String(first)}\n${leafHashes.join('\n')}`)
    .digest();
}

/** Says whether a file has the table of MACs; one that was never opened for writing may not. */
export function hasMacs(db: DatabaseSyncInstance): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'row_macs'").get() !== undefined;
}

/**
 * Checks the rows of a file against their MACs, in order of position.
 *
 * @param part all rows, or those at the end
 */
export function* foreignRows(
  db: DatabaseSyncInstance,
  file: string,
  key: RowKey,
  part: 'all' | 'tail',
): Generator<ForeignRows, void, undefined> {
  const rows = rowsOf(db, file, part);
  let hashes: string[] = [];
  let first = 0;
  let last = 0;
  for (const [position, leafHash, mac] of rows) {
    if (hashes.length === 0) first = position;
    hashes.push(leafHash);
    last = position;
    if (mac === null) continue;
    const isOwn = isMacOf(mac, key, first, hashes) || isMacOfBytes(db, file, mac, key, first, last);
    hashes = [];
    if (!isOwn) yield { first, last };
  }
  if (hashes.length > 0) yield { first, last };
}

function isMacOf(
  mac: Uint8Array,
  key: RowKey,
  first: number,
  leafHashes: readonly string[],
): boolean {
  const expected = macOf(key, first, leafHashes);
  return mac.length === expected.length && timingSafeEqual(mac, expected);
}

/**
 * Compares a MAC with the bytes of the events. A flipped bit in a leaf hash beside them is damage
 * of one stream, which its reading names.
 */
function isMacOfBytes(
  db: DatabaseSyncInstance,
  file: string,
  mac: Uint8Array,
  key: RowKey,
  first: number,
  last: number,
): boolean {
  const bodies = guarded(file, (): unknown =>
    db
      .prepare('SELECT body FROM events WHERE position BETWEEN ? AND ? ORDER BY position', {
        returnArrays: true,
      })
      .all(first, last),
  ) as [string][];
  return isMacOf(
    mac,
    key,
    first,
    bodies.map(([body]) => leafHashOf(body)),
  );
}

function* rowsOf(
  db: DatabaseSyncInstance,
  file: string,
  part: 'all' | 'tail',
): Generator<Row, void, undefined> {
  if (!guarded(file, () => hasMacs(db))) {
    const all = 'SELECT position, leaf_hash, NULL FROM events ORDER BY position';
    yield* guarded(file, () => db.prepare(all, { returnArrays: true }).all() as Row[]);
    return;
  }
  // One statement, so that a writer who goes on meanwhile is not met between rows and MACs.
  if (part === 'tail') {
    const tail = `${select} coalesce(
        (SELECT max(last) FROM row_macs
         WHERE last <= (SELECT max(position) FROM events) - ${String(tailRows)}), 0)
      ORDER BY events.position`;
    yield* guarded(file, () => db.prepare(tail, { returnArrays: true }).all() as Row[]);
    return;
  }
  // The rows of a commit come with their MAC; where a batch ends between them, with the next one.
  const some = guarded(file, () =>
    db.prepare(`${select} ? ORDER BY events.position LIMIT 5000`, { returnArrays: true }),
  );
  for (let after = Number.MIN_SAFE_INTEGER; ;) {
    const batch = guarded(file, () => some.all(after) as Row[]);
    const end = batch.at(-1);
    if (end === undefined) return;
    yield* batch;
    after = end[0];
  }
}

/**
 * Puts every row of a file under MACs of a key, in place of those it has. Durable when it returns.
 * The caller has the file's lock.
 */
export function macAllRows(file: string, key: RowKey): void {
  const db = connectionTo(file, 'write');
  try {
    guarded(file, () => db.exec('PRAGMA synchronous = FULL; PRAGMA fullfsync = ON'));
    inTransaction(db, file, () => {
      db.exec('DELETE FROM row_macs');
      const insert = macInsert(db);
      let hashes: string[] = [];
      let [first, last] = [0, 0];
      const flush = (): void => {
        if (hashes.length > 0) insert.run(last, macOf(key, first, hashes));
        hashes = [];
      };
      for (const [position, leafHash] of rowsOf(db, file, 'all')) {
        if (hashes.length === 0) first = position;
        hashes.push(leafHash);
        last = position;
        if (hashes.length === rowsOfMac) flush();
      }
      flush();
    });
  } finally {
    db.close();
  }
}

/** Stores the MAC of the rows up to a position, behind those of the MAC before it. */
export function macInsert(db: DatabaseSyncInstance): StatementSyncInstance {
  return db.prepare('INSERT INTO row_macs (last, mac) VALUES (?, ?)');
}
