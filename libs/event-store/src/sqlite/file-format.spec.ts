import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { collect, sampleEvents } from '../contract/index.js';
import { IntegrityError, SchemaTooNewError, StoreUnavailableError } from '../errors.js';
import type { EventStore } from '../event-store.js';
import { openSqliteEventStore } from './open-sqlite-event-store.js';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'event-store-'));
  file = join(folder, 'ledger.db');
});

afterEach(() => rmSync(folder, { recursive: true }));

async function filled(): Promise<void> {
  const store = openSqliteEventStore(file, { access: 'write' });
  await store.append('agency/达人', 'no_stream', sampleEvents('agency/达人', 3));
  await store.close();
}

/** The file as any other program opens it. */
function inSqlite<Result>(work: (db: DatabaseSyncInstance) => Result): Result {
  const db = new DatabaseSync(file);
  try {
    return work(db);
  } finally {
    db.close();
  }
}

describe('the file', () => {
  it.each([
    [
      'an event is updated',
      `UPDATE events SET body = '{}'`,
      'events are append-only: they are never updated',
    ],
    [
      'an event is deleted',
      'DELETE FROM events WHERE position = 2',
      'events are append-only: they are never deleted',
    ],
    [
      'a stream is updated',
      `UPDATE streams SET name = 'x'`,
      'streams are append-only: they are never updated',
    ],
    [
      'a stream is deleted',
      'DELETE FROM streams',
      'streams are append-only: they are never deleted',
    ],
    [
      'an event is replaced by its position',
      `INSERT OR REPLACE INTO events VALUES (2, 1, 3, '', '{}')`,
      'events are append-only: the next one takes the next position and the next revision',
    ],
    [
      'an event is replaced by its revision',
      `REPLACE INTO events VALUES (4, 1, 2, '', '{}')`,
      'events are append-only: the next one takes the next position and the next revision',
    ],
    [
      'a stream is replaced by its number',
      `REPLACE INTO streams VALUES (1, 'x')`,
      'streams are append-only: this one exists',
    ],
    [
      'a stream is replaced by its name',
      `REPLACE INTO streams VALUES (9, 'agency/达人')`,
      'streams are append-only: this one exists',
    ],
    [
      'an event is upserted',
      `INSERT INTO events VALUES (2, 1, 1, '', '') ON CONFLICT DO UPDATE SET body = ''`,
      'append-only',
    ],
  ])('refuses by itself that %s, whichever program tries', async (_case, statement, message) => {
    await filled();
    expect(() => inSqlite((db) => db.exec(statement))).toThrow(message);
    const store = openSqliteEventStore(file, { access: 'read' });
    expect(await collect(store.readAll())).toHaveLength(3);
    await store.close();
  });

  it('gets its guards back when it has lost them', async () => {
    await filled();
    inSqlite((db) => db.exec('DROP TRIGGER events_are_never_deleted'));
    await openSqliteEventStore(file, { access: 'write' }).close();
    expect(() => inSqlite((db) => db.exec('DELETE FROM events'))).toThrow('append-only');
  });

  it('can be read in any SQLite program through a view', async () => {
    await filled();
    const row = inSqlite(
      (db) => db.prepare('SELECT * FROM readable_events WHERE revision = 1').get() as object,
    );
    expect(row).toMatchObject({
      position: 2,
      stream: 'agency/达人',
      revision: 1,
      type: 'EntryRecorded',
      recorded_at: '2025-03-01T09:00:00.000Z',
      occurred_at: '2025-03-01T08:00:00.000Z',
      actor: 'operator:contract',
      data: '{"points":1,"text":"扣分"}',
    });
  });

  it('has strict tables, a write-ahead log and a schema version, and is intact', async () => {
    await filled();
    inSqlite((db) => {
      const value = (query: string): unknown => Object.values(db.prepare(query).get() as object)[0];
      expect(value('PRAGMA journal_mode')).toBe('wal');
      expect(value('PRAGMA user_version')).toBe(1);
      expect(value('PRAGMA application_id')).toBe(0x504c6467);
      expect(value('PRAGMA integrity_check')).toBe('ok');
      expect(
        value(
          `SELECT count(*) FROM pragma_table_list WHERE name IN ('events', 'streams') AND strict`,
        ),
      ).toBe(2);
    });
  });

  it('is refused when a newer release wrote it, for reading and for writing', async () => {
    await filled();
    inSqlite((db) => db.exec('PRAGMA user_version = 3'));
    for (const access of ['read', 'write'] as const) {
      expect(() => openSqliteEventStore(file, { access })).toThrow(SchemaTooNewError);
      expect(() => openSqliteEventStore(file, { access })).toThrow(
        /schema 3, and this release knows up to 2/,
      );
    }
  });

  it('is refused, and left as it is, when it is another program’s', () => {
    inSqlite((db) => db.exec('CREATE TABLE notes (text)'));
    for (const access of ['read', 'write'] as const) {
      expect(() => openSqliteEventStore(file, { access })).toThrow(/a database of another program/);
    }
    const kept = inSqlite((db) => db.prepare('SELECT name FROM sqlite_schema').all() as object[]);
    expect(kept).toEqual([{ name: 'notes' }]);
  });

  it('is refused when it is not a database, empty for a reader, a folder, or not there', () => {
    expect(() => openSqliteEventStore(file, { access: 'read' })).toThrow(
      /there is no event store at/,
    );
    writeFileSync(file, '');
    expect(() => openSqliteEventStore(file, { access: 'read' })).toThrow(/nothing was ever stored/);
    writeFileSync(file, 'a letter to the agency'.repeat(1_000));
    for (const access of ['read', 'write'] as const) {
      expect(() => openSqliteEventStore(file, { access })).toThrow(StoreUnavailableError);
      expect(() => openSqliteEventStore(folder, { access })).toThrow(StoreUnavailableError);
    }
    expect(() => openSqliteEventStore(join(file, 'below'), { access: 'write' })).toThrow(
      StoreUnavailableError,
    );
  });

  it('is made with its folders for a writer', async () => {
    const deep = join(folder, 'a', 'b', 'ledger.db');
    await openSqliteEventStore(deep, { access: 'write' }).close();
    expect(existsSync(deep)).toBe(true);
  });

  it('is the whole store once the writer has closed, without what lies beside it', async () => {
    await filled();
    const copy = join(folder, 'copy.db');
    copyFileSync(file, copy);
    const store = openSqliteEventStore(copy, { access: 'read' });
    expect(await collect(store.readAll())).toHaveLength(3);
    await store.close();
  });

  it('is reported damaged when pages of it are gone', async () => {
    const store = openSqliteEventStore(file, { access: 'write' });
    await store.append('a', 'no_stream', sampleEvents('a', 200, { text: 'x'.repeat(1_000) }));
    await store.close();
    truncateSync(file, 5 * 4096);
    const read = async (): Promise<void> => {
      const damaged: EventStore = openSqliteEventStore(file, { access: 'read' });
      try {
        await collect(damaged.readAll());
      } finally {
        await damaged.close();
      }
    };
    await expect(read()).rejects.toBeInstanceOf(IntegrityError);
  });

  it('is reported damaged when a table is gone', async () => {
    await filled();
    inSqlite((db) =>
      db.exec(
        'DROP TRIGGER events_are_never_deleted; DROP VIEW readable_events; DROP TABLE events',
      ),
    );
    for (const access of ['read', 'write'] as const) {
      expect(() => openSqliteEventStore(file, { access })).toThrow(IntegrityError);
    }
  });
});
