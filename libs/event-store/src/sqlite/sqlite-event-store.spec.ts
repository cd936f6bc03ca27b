import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { eventStoreContract, type DamageKind } from '../contract/index.js';
import { openSqliteEventStore } from './open-sqlite-event-store.js';

describe.each([
  { writing: 'in its own thread', thread: true },
  { writing: 'in the thread of its callers', thread: false },
])('writing $writing', ({ thread }) => {
  eventStoreContract('the SQLite event store', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'event-store-'));
    const file = join(folder, 'ledger.db');
    const store = openSqliteEventStore(file, { access: 'write', thread });
    return {
      store,
      openReader: async () => openSqliteEventStore(file, { access: 'read' }),
      damage: (stream, revision, kind) => damageRow(file, stream, revision, kind),
      release: async () => {
        await store.close();
        rmSync(folder, { recursive: true });
      },
    };
  });
});

/** Changes the file as somebody would who means to: its triggers keep only honest programs off. */
function damageRow(file: string, stream: string, revision: number, kind: DamageKind): void {
  const db = new DatabaseSync(file);
  const change = kind === 'missing' ? 'DELETE FROM events' : `UPDATE events SET body = '{}'`;
  db.exec('DROP TRIGGER events_are_never_updated; DROP TRIGGER events_are_never_deleted');
  db.prepare(
    `${change} WHERE revision = ?
     AND stream_id = (SELECT stream_id FROM streams WHERE name = ?)`,
  ).run(revision, stream);
  db.close();
}
