import { eventStoreContract } from '../contract/index.js';
import { MemoryEventStore, MemoryLog } from './memory-event-store.js';

eventStoreContract('MemoryEventStore', async () => {
  const log = new MemoryLog();
  const store = new MemoryEventStore(log);
  return {
    store,
    openReader: async () => new MemoryEventStore(log),
    damage: (stream, revision, kind) =>
      log.damage(stream, revision, kind === 'missing' ? undefined : '{}'),
    release: () => store.close(),
  };
});
