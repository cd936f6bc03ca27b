// Import this before anything of the ledger: it puts a simulated disk under the ledger's files.
import type * as Files from 'node:fs';
import type * as FilePromises from 'node:fs/promises';
import type * as EventStoreFiles from '../../libs/event-store/src/sqlite/connection.js';
import type * as InThread from '../../libs/event-store/src/sqlite/writer.js';
import type { WriterThreadData } from '../../libs/event-store/src/sqlite/writer-messages.js';
import type { OnCommitted, Position } from '@penalty-ledger/event-store';
import type { ReadModels } from '@penalty-ledger/projections';

jest.mock('@photostructure/sqlite', () => jest.requireActual<object>('./simulated-sqlite'));
jest.mock('node:fs', () => {
  const { simulatedFiles } =
    jest.requireActual<typeof import('./simulated-files.js')>('./simulated-files');
  return simulatedFiles(jest.requireActual<typeof Files>('node:fs'));
});
jest.mock('node:fs/promises', () => {
  const { simulatedFilePromises } =
    jest.requireActual<typeof import('./simulated-files.js')>('./simulated-files');
  return simulatedFilePromises(jest.requireActual<typeof FilePromises>('node:fs/promises'));
});
// Threads have a disk of their own. What the writer's and the projector's threads do is done here.
jest.mock('../../libs/event-store/src/sqlite/writer-thread', () => ({
  writerInItsOwnThread: ({ file, synchronous }: WriterThreadData, committed: OnCommitted) => {
    const { connectionTo, keepLog } = jest.requireActual<typeof EventStoreFiles>(
      '../../libs/event-store/src/sqlite/connection',
    );
    const { writerInThisThread } = jest.requireActual<typeof InThread>(
      '../../libs/event-store/src/sqlite/writer',
    );
    const db = connectionTo(file, 'write');
    keepLog(db, file, synchronous);
    return writerInThisThread(db, file, committed);
  },
}));
jest.mock('../../libs/projections/src/projector-thread', () => ({
  projectorInItsOwnThread: ({ events, path }: { events: string; path: string }) => {
    const { openSqliteEventStore, comparePositions } = jest.requireActual<
      typeof import('@penalty-ledger/event-store')
    >('@penalty-ledger/event-store');
    const { ReadModels: models } = jest.requireActual<{ ReadModels: typeof ReadModels }>(
      '../../libs/projections/src/read-models',
    );
    const store = openSqliteEventStore(events, { access: 'read' });
    const readModels = models.open(path);
    let folded: Promise<void> = Promise.resolve();
    return {
      fold: (_events: unknown, last: Position) => {
        folded = folded.then(async () => {
          if (comparePositions(readModels.progress.cursor, last) < 0)
            await readModels.catchUp(store);
        });
        return folded;
      },
      close: async () => {
        await folded;
        readModels.close();
        await store.close();
      },
    };
  },
}));
