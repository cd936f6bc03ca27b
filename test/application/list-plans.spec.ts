import { everything, type Instant } from '@penalty-ledger/ledger';
import { appealPages, complaintPages, openAppeals, ReadModels, sessionPages } from '@penalty-ledger/projections';

const from = '2026-01-01T00:00:00.000Z' as Instant;
const to = '2026-02-01T00:00:00.000Z' as Instant;

/** How SQLite carries out every statement that `ask` prepares: one text a step. */
function plansOf(ask: (database: ReadModels['database']) => void): string[] {
  const readModels = ReadModels.open(':memory:');
  const statements = new Set<string>();
  const watched = {
    prepare: (sql: string, options?: object) => {
      statements.add(sql);
      return readModels.database.prepare(sql, options);
    },
  };
  ask(watched as unknown as ReadModels['database']);
  const steps = [...statements].flatMap((sql) => readModels.database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all());
  readModels.close();
  expect(steps.length).toBeGreaterThan(0);
  return steps.map((step) => (step as { detail: string }).detail);
}

const eachWay = [{ limit: 3 }, { limit: 3, descending: true, after: { key: from, id: 'x' } }];

it.each<readonly [string, RegExp[], (database: ReadModels['database']) => void]>([
  [
    'appeals of all agencies',
    [],
    (database) => {
      const pages = appealPages(database);
      for (const way of eachWay) {
        pages(way);
        pages({ ...way, stage: 'upheld' });
        pages({ ...way, stage: 'initiated', window: { at: from, is: 'closed' } });
        pages({ ...way, agencyId: 'a1' });
        pages({ ...way, agencyId: 'a1', stage: 'upheld' });
      }
    },
  ],
  [
    // Their windows close in another order than they were initiated in, and open ones are few.
    'appeals whose window is open',
    [/^USE TEMP B-TREE FOR ORDER BY$/],
    (database) => {
      const pages = appealPages(database);
      for (const way of eachWay) pages({ ...way, stage: 'initiated', window: { at: from, is: 'open' } });
    },
  ],
  [
    'appeals in which something is due',
    [/^COMPOUND QUERY$/, /^LEFT-MOST SUBQUERY$/, /^UNION ALL$/],
    (database) => {
      const open = openAppeals(database);
      open(from, everything);
      open(from, to, 'a1');
    },
  ],
  [
    'complaints',
    [],
    (database) => {
      const pages = complaintPages(database);
      for (const way of eachWay) {
        pages(way);
        pages({ ...way, agencyId: 'a1' });
        pages({ ...way, creatorId: 'c1', state: 'open' });
        pages({ ...way, state: 'open', filed: { from, to } });
        pages({ ...way, filed: { from, to } });
      }
    },
  ],
  [
    'sessions of a creator',
    [/^CORRELATED SCALAR SUBQUERY/, /^USE TEMP B-TREE FOR LAST TERM OF ORDER BY$/],
    (database) => {
      const pages = sessionPages(database);
      for (const way of eachWay) {
        pages({ ...way, creatorId: 'c1', from, to });
        pages({ ...way, creatorId: 'c1', agencyId: 'a1', from, to });
      }
    },
  ],
  [
    'sessions of an agency',
    [/^CORRELATED SCALAR SUBQUERY/, /^USE TEMP B-TREE FOR ORDER BY$/],
    (database) => {
      const pages = sessionPages(database);
      for (const way of eachWay) pages({ ...way, agencyId: 'a1', from, to });
    },
  ],
])('a page of %s is searched for in an index, and no table is read to its end', (_, others, ask) => {
  const steps = plansOf(ask);
  expect(steps.filter((step) => !others.some((other) => other.test(step)))).toEqual(
    steps.filter((step) => /^SEARCH \w+ USING (?:COVERING )?(?:INDEX|PRIMARY KEY) /.test(step)),
  );
});
