import { endOfTime, type Instant } from '@penalty-ledger/ledger';
import {
  appealPages,
  complaintPages,
  creatorPages,
  evidencePages,
  findingPages,
  findingsByRecording,
  openAppeals,
  ReadModels,
  sessionPages,
} from '@penalty-ledger/projections';

type Database = ReadModels['database'];

const from = '2026-01-01T00:00:00.000Z' as Instant;
const to = '2026-02-01T00:00:00.000Z' as Instant;
const wanted = { limit: 3, after: { key: from, id: 'x' } };
const backwards = { ...wanted, descending: true };

/** Returns SQLite's plan of the last statement that `ask` runs, one text a step. */
function planOf(ask: (database: Database) => void): readonly string[] {
  const readModels = ReadModels.open(':memory:');
  const run: string[] = [];
  const watched = {
    prepare: (sql: string, options?: object) => {
      const statement = readModels.database.prepare(sql, options);
      return {
        all: (...values: readonly never[]) => {
          run.push(sql);
          return statement.all(...values) as unknown;
        },
      };
    },
  };
  ask(watched as unknown as Database);
  const steps = readModels.database.prepare(`EXPLAIN QUERY PLAN ${run.at(-1)!}`).all();
  readModels.close();
  return steps.map((step) => (step as { detail: string }).detail);
}

const by = (table: string, index: string, terms: string): string =>
  `SEARCH ${table} USING INDEX ${table}${index} (${terms})`;
const initiated = '(initiatedAt,appealId)>(?,?)';
const recorded = '(recordedAt,stream,revision,place)';
const filed = '(filedAt,complaintId)>(?,?)';
/** Each session that is found is looked up once, for whether it was changed. */
const ofCreator = [
  'SEARCH each USING INDEX sessionsByCreator (creatorId=? AND startedAt>? AND startedAt<?)',
  'CORRELATED SCALAR SUBQUERY 1',
  'SEARCH later USING COVERING INDEX sessionsChanged (sessionId=? AND place>?)',
];

const closed = { stage: 'initiated', window: { at: from, is: 'closed' } } as const;
const open = { stage: 'initiated', window: { at: from, is: 'open' } } as const;

const cases: readonly (readonly [string, (database: Database) => void, ...string[]])[] = [
  ['appeals', (db) => appealPages(db)(wanted), by('appeals', 'ByInitiation', initiated)],
  [
    'appeals, the latest first',
    (db) => appealPages(db)(backwards),
    by('appeals', 'ByInitiation', initiated.replace('>', '<')),
  ],
  [
    'appeals upheld',
    (db) => appealPages(db)({ ...wanted, stage: 'upheld' }),
    by('appeals', 'ByStage', `stage=? AND ${initiated}`),
  ],
  [
    'appeals lapsed',
    (db) => appealPages(db)({ ...wanted, ...closed }),
    by('appeals', 'ByStage', `stage=? AND ${initiated}`),
  ],
  [
    'an agency’s appeals upheld',
    (db) => appealPages(db)({ ...wanted, agencyId: 'a1', stage: 'upheld' }),
    by('appeals', 'ByAgency', `agencyId=? AND ${initiated}`),
  ],
  [
    'appeals whose window is open, which are few',
    (db) => appealPages(db)({ ...wanted, ...open }),
    by('appeals', 'AwaitingEvidence', 'evidenceBy>?'),
    'USE TEMP B-TREE FOR ORDER BY',
  ],
  [
    'appeals in which something is due',
    (db) => openAppeals(db)(from, endOfTime),
    'COMPOUND QUERY',
    'LEFT-MOST SUBQUERY',
    by('appeals', 'AwaitingEvidence', 'evidenceBy>? AND evidenceBy<?'),
    'UNION ALL',
    by('appeals', 'ByStage', 'stage=?'),
  ],
  ['complaints', (db) => complaintPages(db)(wanted), by('complaints', 'ByFiling', filed)],
  [
    'an agency’s open complaints',
    (db) => complaintPages(db)({ ...wanted, agencyId: 'a1', state: 'open' }),
    by('complaints', 'ByAgency', `agencyId=? AND ${filed}`),
  ],
  [
    'complaints about a creator',
    (db) => complaintPages(db)({ ...wanted, agencyId: 'a1', creatorId: 'c1' }),
    by('complaints', 'ByCreator', `creatorId=? AND ${filed}`),
  ],
  [
    'a month’s open complaints',
    (db) => complaintPages(db)({ ...wanted, state: 'open', filed: { from, to } }),
    by('complaints', 'ByState', 'state=? AND filedAt>? AND filedAt<?'),
  ],
  [
    'a month’s complaints',
    (db) => complaintPages(db)({ ...wanted, filed: { from, to } }),
    by('complaints', 'ByFiling', 'filedAt>? AND filedAt<?'),
  ],
  [
    'a creator’s sessions',
    (db) => sessionPages(db)({ ...wanted, creatorId: 'c1', from, to, knownAt: to }),
    ...ofCreator,
    'USE TEMP B-TREE FOR LAST TERM OF ORDER BY',
  ],
  [
    'a creator’s sessions with an agency, the latest first',
    (db) =>
      sessionPages(db)({ ...backwards, creatorId: 'c1', agencyId: 'a1', from, to, knownAt: to }),
    ...ofCreator,
    'USE TEMP B-TREE FOR LAST TERM OF ORDER BY',
  ],
  [
    'an agency’s sessions',
    (db) => sessionPages(db)({ ...wanted, agencyId: 'a1', from, to, knownAt: to }),
    'SEARCH bound USING PRIMARY KEY (agencyId=?)',
    ...ofCreator,
    'USE TEMP B-TREE FOR ORDER BY',
  ],
  [
    'all sessions, of which those of a time are read for each creator',
    (db) => sessionPages(db)({ ...wanted, from, to, knownAt: to }),
    'SCAN bound',
    ...ofCreator,
    'USE TEMP B-TREE FOR ORDER BY',
  ],
  [
    'evidence',
    (db) => evidencePages(db)({ ...wanted, knownAt: to }),
    by('evidence', 'ByRecording', '(recordedAt,evidenceId)>(?,?) AND recordedAt<?'),
  ],
  [
    'evidence of one file',
    (db) => evidencePages(db)({ ...wanted, knownAt: to, sha256: 'x' }),
    by('evidence', 'BySha256', 'sha256=? AND (recordedAt,evidenceId)>(?,?) AND recordedAt<?'),
  ],
  [
    'an agency’s creators',
    (db) => creatorPages(db)({ agencyId: 'a1', knownAt: to, descending: false, limit: 3 }),
    'SEARCH creators USING PRIMARY KEY (agencyId=? AND creatorId>?)',
  ],
  [
    'findings as they were recorded, the latest first',
    (db) => findingsByRecording(db)({ limit: 3, descending: true, severity: 'breach' }),
    by('findings', 'ByRecording', `recordedAt>? AND ${recorded}<(?,?,?,?)`),
  ],
  [
    'findings of a code as they were recorded',
    (db) => findingsByRecording(db)({ limit: 3, descending: false, code: 'appeal_late' }),
    by('findings', 'ByCodeAndRecording', `code=? AND ${recorded}>(?,?,?,?) AND recordedAt<?`),
  ],
  [
    'findings',
    (db) => findingPages(db)({ limit: 3 }),
    'SEARCH findings USING PRIMARY KEY ((stream,revision,place)>(?,?,?))',
  ],
  [
    'the findings of an agency',
    (db) => findingPages(db)({ limit: 0, agencyId: 'a1', code: 'appeal_late' }),
    'SEARCH findings USING PRIMARY KEY (stream=?)',
  ],
  [
    'the findings of an agency’s sessions',
    (db) => findingPages(db)({ limit: 3, agencyId: 'a1', code: 'appeal_late' }),
    'SEARCH findings USING PRIMARY KEY (stream>? AND stream<?)',
  ],
  [
    'findings of a code',
    (db) => findingPages(db)({ limit: 3, code: 'appeal_late' }),
    by('findings', 'ByCode', 'code=? AND (stream,revision,place)>(?,?,?)'),
  ],
];

it.each(cases.map(([name, ask, ...steps]) => ({ name, ask, steps })))(
  'a page of $name is found in an index, and no table is read to its end',
  ({ ask, steps }) => {
    expect(planOf(ask)).toEqual(steps);
  },
);
