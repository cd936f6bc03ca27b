import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventStoreContract } from '../contract/index.js';
import { openSqliteEventStore } from './open-sqlite-event-store.js';

eventStoreContract('the SQLite event store', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'event-store-'));
  const file = join(folder, 'ledger.db');
  const store = openSqliteEventStore(file, { access: 'write' });
  return {
    store,
    openReader: async () => openSqliteEventStore(file, { access: 'read' }),
    release: async () => {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
});
