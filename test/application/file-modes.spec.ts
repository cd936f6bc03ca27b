import { AccessFile } from '@penalty-ledger/application/access-file';
import { openLedger } from '@penalty-ledger/application';
import { openLog } from '@penalty-ledger/application/open-log';
import { openSqliteEventStore } from '@penalty-ledger/event-store';
import { rebuildReadModels } from '@penalty-ledger/projections';
import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../support/folder.js';
import { instant } from '../support/given.js';

const folder = temporaryFolder();

const modesIn = (where: string): Record<string, number> =>
  Object.fromEntries(
    readdirSync(where).map((name) => [name, statSync(join(where, name)).mode & 0o777]),
  );

/** Opens a ledger, its Merkle log and the access file, and returns the modes of the open files. */
async function modesWhileOpen(name: string): Promise<Record<string, number>> {
  const where = join(folder, name);
  mkdirSync(where, { recursive: true });
  const url = `sqlite:${join(where, 'ledger.db')}`;
  const opened = await openLedger({ url, simulation: true, openedAt: instant('2019-01-01 00:00') });
  const log = await openLog(url);
  await log.checkpoint();
  const access = AccessFile.open(join(where, 'ledger.access.db'));
  const modes = modesIn(where);
  access.close();
  await log.close();
  await opened.close();
  return modes;
}

it('every file of a new ledger is for its owner alone, the write-ahead logs too', async () => {
  const modes = await modesWhileOpen('new');
  const databases = [
    'ledger.db',
    'ledger.views.db',
    'ledger.log.db',
    'ledger.keys.db',
    'ledger.access.db',
  ];
  expect(Object.keys(modes)).toEqual(
    expect.arrayContaining([
      ...databases,
      ...databases.flatMap((file) => [`${file}-wal`, `${file}-shm`]),
    ]),
  );
  expect(Object.entries(modes).filter(([, mode]) => mode !== 0o600)).toEqual([]);
});

it('an existing file keeps its mode, also when the read models are rebuilt', async () => {
  await modesWhileOpen('kept');
  const [events, views] = ['ledger.db', 'ledger.views.db'].map((file) =>
    join(folder, 'kept', file),
  );
  chmodSync(events!, 0o640);
  chmodSync(views!, 0o640);
  const modes = await modesWhileOpen('kept');
  expect(modes).toMatchObject({
    'ledger.db': 0o640,
    'ledger.db-wal': 0o640,
    'ledger.views.db': 0o640,
  });
  const store = openSqliteEventStore(events!, { access: 'read' });
  await rebuildReadModels(store, views!, { switchOver: true });
  await store.close();
  expect(statSync(views!).mode & 0o777).toBe(0o640);
});
