import './simulated-machine.js';
import { rounds } from '../support/rounds.js';
import { useDisk } from './current-disk.js';
import { checkLedger, historyOf } from './ledger-check.js';
import { live, paths } from './ledger-life.js';
import { emptyImage, SimulatedDisk, type Attempt, type FaultCode } from './simulated-disk.js';
import { onlySynced } from './power-loss.js';
import { dropConnections, loadSimulatedSqlite } from './simulated-sqlite.js';

type Fault = readonly [code: FaultCode, kind: Attempt['kind']];

/** The failures of a disk; quick rounds try each file with some of them. */
const faults: readonly Fault[] = [
  ['ENOSPC', 'write'],
  ['EIO', 'sync'],
  ['EROFS', 'open'],
  ['EDQUOT', 'write'],
  ['EIO', 'write'],
  ['ENOSPC', 'create'],
];
/** The files of SQLite: most writes go to the log beside them. */
const databases = [paths.events, paths.keys, paths.log, paths.access, paths.readModels];
const files = databases.flatMap((file) => [
  { file, written: `${file}-wal` },
  { file, written: file },
]);
const cases = files.flatMap((each, index) =>
  faults
    .filter((_, which) => rounds > 1 || (which + index) % 3 === 0)
    // Only the event store opens a log that is there already.
    .filter(([, kind]) => kind !== 'open' || each.file === each.written)
    .map(([code, kind]) => ({ ...each, code, kind })),
);
const logCases = faults
  .filter(([, kind]) => kind !== 'create')
  .map(([code, kind]) => ({ file: paths.accessLog, written: paths.accessLog, code, kind }));

jest.setTimeout(120_000);

let complete: readonly string[];
const counts = new Map<string, number>();
const keyOf = ({ kind, path }: Attempt): string => `${kind} ${path}`;

beforeAll(async () => {
  await loadSimulatedSqlite();
  const disk = new SimulatedDisk();
  disk.fault = (attempt) => {
    counts.set(keyOf(attempt), (counts.get(keyOf(attempt)) ?? 0) + 1);
    return undefined;
  };
  useDisk(disk);
  await live(disk, dropConnections);
  complete = await historyOf();
  dropConnections();
});

it.each([...cases, ...logCases])(
  'names $file when $kind of $written fails with $code, and loses nothing',
  async ({ file, written, code, kind }) => {
    const disk = new SimulatedDisk();
    const half = Math.ceil((counts.get(keyOf({ kind, path: written })) ?? 0) / 2);
    let seen = 0;
    let failed = 0;
    disk.fault = (attempt) => {
      if (keyOf(attempt) !== keyOf({ kind, path: written })) return undefined;
      seen += 1;
      // A disk that is full or read-only stays so until somebody acts.
      const isFailing = code === 'EIO' ? seen === half : seen >= half;
      if (isFailing) failed += 1;
      return isFailing ? code : undefined;
    };
    useDisk(disk);
    const failure: unknown = await live(disk, dropConnections).catch((error: unknown) => error);
    dropConnections();
    expect(failed).toBeGreaterThan(0);
    // Moving the log into the file may fail unseen: what could not be moved stays in the log.
    const isMoving =
      file !== paths.accessLog && kind !== 'open' && (file === written || kind === 'sync');
    if (!isMoving || failure !== undefined) expect(String(failure)).toContain(file);
    const { journal } = disk;
    await checkLedger(disk.image(), journal, complete);
    await checkLedger(onlySynced(emptyImage, journal), journal, complete);
  },
);
