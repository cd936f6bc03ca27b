import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteEventStore } from '@penalty-ledger/event-store';
import { handleEvent, readEvent, type LedgerEvent } from '@penalty-ledger/ledger';
import { projections, ReadModels } from '@penalty-ledger/projections';
import { DatabaseSync } from '@photostructure/sqlite';
import { timed, type Case } from './harness.js';

const eventsAtOnce = 1_000;

/** The events of a ledger that `writeDeductions` wrote, in batches. */
async function batchesIn(folder: string): Promise<readonly (readonly LedgerEvent[])[]> {
  const store = openSqliteEventStore(join(folder, 'ledger.db'), { access: 'read' });
  const batches: LedgerEvent[][] = [];
  for await (const batch of store.readAll({ batchSize: eventsAtOnce }))
    batches.push(batch.map((record) => readEvent(record)));
  await store.close();
  return batches;
}

/** Folding events into read models whose pages have sums, beside the same tables without them. */
export function foldWithSums(source: string, events: number): Case {
  return {
    name: `fold ${events.toLocaleString('en')} deductions into read models`,
    explanation:
      'ours: the sum of every page, the lock and the cursor, and closing; raw: the same tables ' +
      'and rows in a SQLite file in WAL mode, without sums and lock, and a checkpoint at the end',
    async ours(folder) {
      const batches = await batchesIn(source);
      return timed(events, () => {
        const readModels = ReadModels.open(join(folder, 'views.db'));
        let done = 0;
        let after: string | undefined;
        for (const batch of batches) {
          done += batch.length;
          readModels.apply(batch, after, String(done));
          after = String(done);
        }
        readModels.close();
      });
    },
    async raw(folder) {
      const batches = await batchesIn(source);
      return timed(events, () => {
        const database = new DatabaseSync(join(folder, 'raw.db'));
        database.exec(
          'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ' +
            'PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 16384',
        );
        for (const { tables } of projections) database.exec(tables);
        const handlers = projections.map((projection) => projection.prepare(database));
        for (const batch of batches) {
          database.exec('BEGIN IMMEDIATE');
          for (const event of batch) for (const table of handlers) handleEvent(table, event);
          database.exec('COMMIT');
        }
        database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
        database.close();
      });
    },
  };
}

/** Comparing every page with its sum, as the opening and the scrub do. */
export function scrubbing(source: string, passes: number): Case {
  const path = join(source, 'ledger.views.db');
  return {
    name: 'scrub read models',
    explanation:
      'ours: every page of the file compared with its sum, a pass a time; raw: reading the bytes ' +
      'of the file',
    ours() {
      const readModels = ReadModels.open(path);
      const measured = timed(passes, () => {
        for (let pass = 0; pass < passes; pass += 1)
          if (readModels.compareAllPages().length > 0) throw new Error('a page is damaged');
      });
      return Promise.resolve(measured).finally(() => {
        readModels.close();
      });
    },
    raw: () =>
      timed(passes, () => {
        for (let pass = 0; pass < passes; pass += 1) readFileSync(path);
      }),
  };
}
