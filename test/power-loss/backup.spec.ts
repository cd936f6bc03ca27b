import './simulated-machine.js';
import { openLedger } from '@penalty-ledger/application';
import { backupLedger, verifyBackup } from '@penalty-ledger/application/backing-up';
import { rounds } from '../support/rounds.js';
import { useDisk } from './current-disk.js';
import { accessOf, batches, importLines, movingClock, openService, url } from './ledger-life.js';
import { afterPowerLoss, afterStop, Choices } from './power-loss.js';
import {
  diskRoot,
  emptyImage,
  SimulatedDisk,
  type DiskImage,
  type Operation,
} from './simulated-disk.js';
import { dropConnections, loadSimulatedSqlite } from './simulated-sqlite.js';

jest.setTimeout(300_000 * rounds);

const folder = `${diskRoot}/saved`;
const firstSeed = Number(process.env['LEDGER_TEST_SEED'] ?? 1);

beforeAll(loadSimulatedSqlite);
afterEach(() => dropConnections());

async function backUp(disk: SimulatedDisk): Promise<void> {
  const { events, accessLog = 0 } = await backupLedger({ url, folder, clock: movingClock() });
  disk.acknowledged(`saved ${events} ${accessLog}`);
}

/** Three imports, entries of the access log between them, and a backup after each. */
async function live(disk: SimulatedDisk): Promise<void> {
  const clock = movingClock();
  const service = await openService(clock);
  for (let count = 1; count <= 3; count += 1) {
    const opened = await openLedger({ url, simulation: false, openedAt: clock.now(), clock });
    await importLines(opened, clock, batches.slice(0, count).flat(), () => undefined);
    // The last backup finds the ledger in use.
    if (count === 3) await opened.checkpoint();
    else await opened.close();
    await service.accessLog.record(accessOf(`r${count}`));
    await backUp(disk);
    if (count === 3) await opened.close();
  }
  await service.close();
}

/** The largest backup that was acknowledged by then: its events and entries. */
function savedBy(journal: readonly Operation[]): readonly number[] {
  const facts = journal.flatMap((each) => (each.kind === 'acknowledged' ? [each.fact] : []));
  return (/^saved (\d+) (\d+)$/.exec(facts.at(-1) ?? '') ?? []).slice(1).map(Number);
}

/** Checks that a state has every acknowledged backup, and that the next run continues it. */
async function check(image: DiskImage, journal: readonly Operation[]): Promise<void> {
  const disk = new SimulatedDisk(image, 100_000);
  useDisk(disk);
  try {
    const [events = 0] = savedBy(journal);
    if (events > 0) {
      const found = await verifyBackup({ folder });
      expect(found.checks.flatMap(({ damages }) => damages)).toEqual([]);
      expect(found.events).toBeGreaterThanOrEqual(events);
    }
    if (disk.entry(`${diskRoot}/data/ledger.db`) === undefined) return;
    const again = await backupLedger({ url, folder, clock: movingClock() }).catch(
      (error: unknown) => error,
    );
    // Before the first acknowledgement there may be no ledger yet.
    if (again instanceof Error && events > 0) throw again;
    if (!(again instanceof Error)) expect((await verifyBackup({ folder })).holds).toBe(true);
  } finally {
    dropConnections();
  }
}

it('a power loss at any point leaves the acknowledged backup, which can be continued', async () => {
  const disk = new SimulatedDisk();
  useDisk(disk);
  await live(disk);
  dropConnections();
  const { journal } = disk;
  const begin = journal.findIndex((each) => each.kind === 'makeFolder' && each.path === folder);
  for (let seed = firstSeed; seed < firstSeed + 150 * rounds; seed += 1) {
    const choices = new Choices(seed);
    const until = begin + choices.below(journal.length + 1 - begin);
    const before = journal.slice(0, until);
    const image =
      seed % 3 === 0 ? afterStop(emptyImage, before) : afterPowerLoss(emptyImage, before, choices);
    try {
      await check(image, before);
    } catch (cause) {
      throw new Error(`seed ${seed}: ${String(cause)}`, { cause });
    }
  }
});

it('a full disk at any write leaves the earlier backup, and is named', async () => {
  const disk = new SimulatedDisk();
  useDisk(disk);
  const clock = movingClock();
  const imported = async (count: number): Promise<void> => {
    const opened = await openLedger({ url, simulation: false, openedAt: clock.now(), clock });
    await importLines(opened, clock, batches.slice(0, count).flat(), () => undefined);
    await opened.close();
  };
  await imported(2);
  await backUp(disk);
  await imported(4);
  dropConnections();
  const image = disk.image();
  const before = (await verifyBackup({ folder })).events;
  for (let fails = 1, failures = 1; failures > 0; fails += 1) {
    failures = 0;
    const full = new SimulatedDisk(image, 100_000);
    let attempt = 0;
    full.fault = ({ kind, path }) => {
      if (!path.startsWith(`${folder}/`) || !['write', 'create', 'sync'].includes(kind))
        return undefined;
      attempt += 1;
      if (attempt < fails) return undefined;
      failures += 1;
      return 'ENOSPC';
    };
    useDisk(full);
    const ended: unknown = await backupLedger({ url, folder, clock }).catch(
      (error: unknown) => error,
    );
    full.fault = () => undefined;
    if (failures > 0) expect(String(ended)).toMatch(/"\S+\/saved\/.*cannot be (?:written|used)/);
    const found = await verifyBackup({ folder });
    expect(found.holds).toBe(true);
    expect(found.events).toBeGreaterThanOrEqual(before);
    expect((await backupLedger({ url, folder, clock })).events).toBeGreaterThan(before);
    expect((await verifyBackup({ folder })).holds).toBe(true);
    dropConnections();
  }
});
