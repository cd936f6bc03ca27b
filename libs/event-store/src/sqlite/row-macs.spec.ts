import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { leafHashOf } from '@penalty-ledger/ledger';
import { collect, sampleEvents } from '../contract/index.js';
import { openSqliteEventStore } from './open-sqlite-event-store.js';
import { RawRows } from './raw-rows.js';
import { tailRows, type ForeignRows } from './row-macs.js';
import { SqliteEventStore } from './sqlite-event-store.js';

const stream = 'agency/达人';
const events = sampleEvents(stream, 6);
const others = sampleEvents('agency/a2', 2);
const key = Buffer.alloc(32, 7);

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'event-store-'));
  file = join(folder, 'ledger.db');
});

afterEach(() => rmSync(folder, { recursive: true }));

function opened(access: 'read' | 'write', thread = false): SqliteEventStore {
  return openSqliteEventStore(file, { access, thread }) as SqliteEventStore;
}

/** Two commits: positions 1 to 5, and 6 to 8. */
async function filled(thread = false): Promise<void> {
  const store = opened('write', thread);
  store.useRowKey(key);
  await store.append(stream, 'no_stream', events.slice(0, 5));
  await Promise.all([
    store.append('agency/a2', 'no_stream', others),
    store.append(stream, 4, events.slice(5)),
  ]);
  await store.close();
}

function change(statements: string, ...values: readonly string[]): void {
  const db = new DatabaseSync(file);
  const guards = db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all() as {
    readonly name: string;
    readonly sql: string;
  }[];
  for (const { name } of guards) db.exec(`DROP TRIGGER ${name}`);
  if (values.length > 0) db.prepare(statements).run(...values);
  else db.exec(statements);
  // Who knows of the guards puts them back.
  for (const { sql } of guards) db.exec(sql);
  db.close();
}

/** Returns what the whole file shows, and what its tail does. */
function found(with_: Uint8Array = key): [readonly ForeignRows[], ForeignRows | undefined] {
  const rows = RawRows.open(file);
  const all = [...rows.foreignRows(with_)];
  rows.close();
  const db = opened('read');
  const tail = db.findForeignRows(with_);
  void db.close();
  return [all, tail];
}

it.each([false, true])(
  'rows that the ledger stored are its own, in a thread: %s',
  async (thread) => {
    await filled(thread);
    expect(found()).toEqual([[], undefined]);
    expect(found(Buffer.alloc(32, 8))[0]).toEqual([
      { first: 1, last: 5 },
      { first: 6, last: 8 },
    ]);
  },
);

const forged = events[5]!.body.replace('"points":5', '"points":0');

it.each<[string, string, readonly string[], ForeignRows]>([
  [
    'rewritten with its hash, at the end of its stream',
    'UPDATE events SET body = ?, leaf_hash = ? WHERE stream_id = 1 AND revision = 5',
    [forged, leafHashOf(forged)],
    { first: 6, last: 8 },
  ],
  [
    'added behind the last',
    'INSERT INTO events VALUES (9, 2, 2, ?, ?)',
    ['0'.repeat(64), '{}'],
    { first: 9, last: 9 },
  ],
  [
    'exchanged with one of another stream',
    `UPDATE events SET position = 99 WHERE position = 7; UPDATE events SET position = 7
     WHERE position = 8; UPDATE events SET position = 8 WHERE position = 99`,
    [],
    { first: 6, last: 8 },
  ],
  [
    'taken out of the last commit',
    'DELETE FROM events WHERE position = 8',
    [],
    { first: 6, last: 7 },
  ],
  ['without its MAC', 'DELETE FROM row_macs WHERE last = 8', [], { first: 6, last: 8 }],
  ['without any MAC', 'DROP TABLE row_macs', [], { first: 1, last: 8 }],
  [
    'under the MAC of other rows',
    'UPDATE row_macs SET mac = (SELECT mac FROM row_macs WHERE last = 5) WHERE last = 8',
    [],
    { first: 6, last: 8 },
  ],
])('a row %s is found', async (_, statement, values, expected) => {
  await filled();
  expect(forged).not.toBe(events[5]!.body);
  change(statement, ...values);
  const [all, tail] = found();
  expect(all).toEqual([expected]);
  expect(tail).toEqual(expected);
});

it.each([
  ['leaf hash', "leaf_hash = replace(leaf_hash, substr(leaf_hash, 1, 4), '0000')"],
  ['body', "body = replace(body, 'points', 'point5')"],
])('a %s that was damaged alone is left to the reader of its stream', async (_, damage) => {
  await filled();
  change(`UPDATE events SET ${damage} WHERE position = 7`);
  expect(found()).toEqual([[], undefined]);
});

it('rows without MACs get them, and later ones too', async () => {
  const store = opened('write');
  await store.append(stream, 'no_stream', events.slice(0, 5));
  expect(store.findForeignRows(key)).toEqual({ first: 1, last: 5 });
  store.macAllRows(Buffer.alloc(32, 8));
  store.macAllRows(key);
  store.useRowKey(key);
  await store.append(stream, 4, events.slice(5));
  await store.close();
  expect(found()).toEqual([[], undefined]);
});

it('an opening looks at the end alone, and at every row when guards were lost', async () => {
  const many = sampleEvents(stream, tailRows + 2);
  const store = opened('write');
  store.useRowKey(key);
  await store.append(stream, 'no_stream', many.slice(0, 1));
  await store.append(stream, 0, many.slice(1));
  await store.close();
  change("UPDATE row_macs SET mac = x'00' WHERE last = 1");
  expect(found()).toEqual([[{ first: 1, last: 1 }], undefined]);
  const db = new DatabaseSync(file);
  db.exec('DROP TRIGGER events_are_never_updated');
  db.close();
  const rows = RawRows.open(file);
  expect(rows.guards).toEqual({ count: 6, lost: ['events_are_never_updated'] });
  rows.close();
  const writing = opened('write');
  expect(writing.findForeignRows(key)).toEqual({ first: 1, last: 1 });
  await writing.close();
});

it('a guard that was changed is found, and put back as it was', async () => {
  await filled();
  const db = new DatabaseSync(file);
  db.exec(`DROP TRIGGER events_are_never_deleted;
    CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events WHEN 0 BEGIN SELECT 1; END`);
  db.close();
  const rows = RawRows.open(file);
  expect(rows.guards.lost).toEqual(['events_are_never_deleted']);
  rows.close();
  await opened('write').close();
  const after = RawRows.open(file);
  expect(after.guards).toEqual({ count: 6, lost: [] });
  after.close();
  const store = opened('read');
  expect(await collect(store.readAll())).toHaveLength(8);
  await store.close();
});
