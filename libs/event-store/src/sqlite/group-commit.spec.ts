import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { appendRequestOf } from '../append-request.js';
import { collect, recordIn, sampleEvents } from '../contract/index.js';
import { StoreUnavailableError } from '../errors.js';
import { keepLog } from './connection.js';
import { EventRows } from './event-rows.js';
import { GroupCommit } from './group-commit.js';
import { openSqliteEventStore } from './open-sqlite-event-store.js';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'event-store-'));
  file = join(folder, 'ledger.db');
  await openSqliteEventStore(file, { access: 'write' }).close();
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A writer whose every statement passes `spy`. */
function writerOn(
  db: DatabaseSyncInstance,
  spy: (sql: string, run: () => unknown) => unknown,
): GroupCommit {
  const spied = {
    prepare: (sql: string) => {
      const statement = db.prepare(sql);
      return { run: (...values: readonly unknown[]) => spy(sql, () => statement.run(...values)) };
    },
  } as unknown as DatabaseSyncInstance;
  return new GroupCommit(spied, new EventRows(db, file), file, () => undefined);
}

const a = sampleEvents('a', 3);
const b = sampleEvents('b', 2);
const first = appendRequestOf('a', 'no_stream', a.slice(0, 2));
const onTop = appendRequestOf('a', 1, a.slice(2));
const beside = appendRequestOf('b', 'no_stream', b);

describe('group commit', () => {
  it('commits what is called together once, and acknowledges it only then', async () => {
    const db = new DatabaseSync(file);
    const log: string[] = [];
    const writer = writerOn(db, (sql, run) => {
      if (/^(BEGIN|COMMIT)/.test(sql)) log.push(sql);
      return run();
    });
    const acknowledged = [first, onTop, beside].map((request) =>
      writer.append(request).then(() => log.push('acknowledged')),
    );
    await Promise.all(acknowledged);
    expect(log).toEqual([
      'BEGIN IMMEDIATE',
      'COMMIT',
      'acknowledged',
      'acknowledged',
      'acknowledged',
    ]);
    db.close();
  });

  it('splits what is too much for one transaction, in order', async () => {
    const db = new DatabaseSync(file);
    let commits = 0;
    const writer = writerOn(db, (sql, run) => {
      if (sql === 'COMMIT') commits += 1;
      return run();
    });
    const events = sampleEvents('a', 30, { text: 'x'.repeat(700_000) });
    const appends = events.map((event, index) =>
      writer.append(appendRequestOf('a', index === 0 ? 'no_stream' : index - 1, [event])),
    );
    const positions = (await Promise.all(appends)).map((appended) => appended.position);
    expect(positions).toEqual(events.map((_, index) => String(index + 1)));
    expect(commits).toBe(3);
    db.close();
  });

  // In pairs, because a writer cannot tell a commit that failed from one whose answer was lost.
  it.each([
    ['does not happen', false],
    ['happens, but reports a failure', true],
  ])(
    'stops writing when a commit %s; sent again to a store opened anew, all of it is there once',
    async (_case, happens) => {
      const db = new DatabaseSync(file);
      const writer = writerOn(db, (sql, run) => {
        if (sql !== 'COMMIT') return run();
        if (happens) run();
        throw Object.assign(new Error('disk I/O error'), { errcode: 10 });
      });
      const group = [first, onTop, beside].map((request) => writer.append(request));
      for (const append of group)
        await expect(append).rejects.toThrow(/may or may not be stored: open the store again/);
      await expect(writer.append(beside)).rejects.toBeInstanceOf(StoreUnavailableError);
      db.close();

      const store = openSqliteEventStore(file, { access: 'write' });
      expect(await collect(store.readAll())).toHaveLength(happens ? 5 : 0);
      for (const { stream, expected, events } of [first, onTop, beside])
        await store.append(stream, expected, events);
      expect((await collect(store.readAll())).map(recordIn)).toEqual([...a, ...b]);
      await store.close();
    },
  );

  it('stops when another program has written to the file', async () => {
    const store = openSqliteEventStore(file, { access: 'write' });
    await store.append('a', 'no_stream', a.slice(0, 2));
    const db = new DatabaseSync(file);
    db.exec(`INSERT INTO streams VALUES (7, 'x'); INSERT INTO events VALUES (3, 7, 0, '', '{}')`);
    db.close();
    await expect(store.append('a', 1, a.slice(2))).rejects.toBeInstanceOf(StoreUnavailableError);
    await expect(store.append('b', 'no_stream', b)).rejects.toBeInstanceOf(StoreUnavailableError);
    expect((await collect(store.readStream('a'))).map(recordIn)).toEqual(a.slice(0, 2));
    await store.close();
  });

  it('stores nothing after a busy file, as later appends may rest on refused ones', async () => {
    const store = openSqliteEventStore(file, { access: 'write' });
    const db = new DatabaseSync(file);
    db.exec('BEGIN IMMEDIATE');
    await expect(store.append('a', 'no_stream', a)).rejects.toThrow(
      /nothing of this append is stored/,
    );
    db.exec('ROLLBACK');
    db.close();
    await expect(store.append('b', 'no_stream', b)).rejects.toThrow(/open the store again/);
    expect(await collect(store.readAll())).toEqual([]);
    await store.close();
    const again = openSqliteEventStore(file, { access: 'write' });
    await again.append('a', 'no_stream', a);
    expect((await collect(again.readAll())).map(recordIn)).toEqual(a);
    await again.close();
  });

  it('knows the end of more streams than it keeps in memory', async () => {
    const store = openSqliteEventStore(file, { access: 'write', synchronous: 'normal' });
    const streams = Array.from({ length: 10_500 }, (_, index) =>
      sampleEvents(`agency/${index}`, 2),
    );
    await Promise.all(streams.map(([event]) => store.append(event!.stream, 'no_stream', [event!])));
    await Promise.all(streams.map(([, event]) => store.append(event!.stream, 0, [event!])));
    expect(await store.head()).toBe('21000');
    await store.close();
  });
});

it.each([
  [undefined, 2],
  ['full', 2],
  ['normal', 1],
] as const)(
  'the writer keeps a write-ahead log, by default synchronous in full (%s)',
  (synchronous, value) => {
    const db = new DatabaseSync(join(folder, 'another.db'));
    keepLog(db, file, synchronous);
    expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect(db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: value });
    db.close();
  },
);
