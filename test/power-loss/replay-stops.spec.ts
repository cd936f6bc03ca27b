import './simulated-machine.js';
import { openSqliteEventStore } from '@penalty-ledger/event-store';
import { openReadModels, rebuildReadModels } from '@penalty-ledger/projections';
import { rounds } from '../support/rounds.js';
import { useDisk } from './current-disk.js';
import { live, paths } from './ledger-life.js';
import { afterPowerLoss, afterStop, Choices } from './power-loss.js';
import { SimulatedDisk, type DiskImage, type Operation } from './simulated-disk.js';
import { dropConnections, loadSimulatedSqlite } from './simulated-sqlite.js';

jest.setTimeout(300_000 * rounds);

let before: DiskImage;
let journal: readonly Operation[];
let digest: string;

beforeAll(async () => {
  await loadSimulatedSqlite();
  const living = new SimulatedDisk();
  useDisk(living);
  await live(living, dropConnections);
  dropConnections();
  before = living.image();
  const disk = new SimulatedDisk(before, 10_000);
  useDisk(disk);
  const store = openSqliteEventStore(paths.events, { access: 'read' });
  const { equal, switched, rebuilt } = await rebuildReadModels(store, paths.readModels, {
    switchOver: true,
  });
  await store.close();
  dropConnections();
  expect([equal, switched]).toEqual([true, true]);
  digest = rebuilt.all;
  ({ journal } = disk);
});

/** Opens the read models as any command does, and compares them with what the events give. */
async function checkReadModels(image: DiskImage, place: number): Promise<void> {
  useDisk(new SimulatedDisk(image, 20_000));
  try {
    const store = openSqliteEventStore(paths.events, { access: 'read' });
    const readModels = await openReadModels(paths.readModels, store);
    await readModels.catchUp(store);
    expect(readModels.digests().all).toBe(digest);
    readModels.close();
    await store.close();
  } catch (cause) {
    throw new Error(`stopped after call ${String(place)}: ${String(cause)}`, { cause });
  } finally {
    dropConnections();
  }
}

describe('"replay --switch"', () => {
  it('that is stopped between any two calls to the disk leaves right read models', async () => {
    for (let place = 0; place <= journal.length; place += 1)
      await checkReadModels(afterStop(before, journal.slice(0, place)), place);
  });

  it('leaves right read models after a power loss', async () => {
    for (let seed = 1; seed <= 60 * rounds; seed += 1) {
      const choices = new Choices(seed);
      const place = choices.below(journal.length + 1);
      await checkReadModels(afterPowerLoss(before, journal.slice(0, place), choices), place);
    }
  });
});
