import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventStoreContract } from '../contract/index.js';
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
      release: async () => {
        await store.close();
        rmSync(folder, { recursive: true });
      },
    };
  });
});
