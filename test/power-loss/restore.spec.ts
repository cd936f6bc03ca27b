import './simulated-machine.js';
import { openLedger } from '@penalty-ledger/application';
import { backupLedger, restoreLedger } from '@penalty-ledger/application/backing-up';
import { verifyLedger } from '@penalty-ledger/application/verification';
import { rounds } from '../support/rounds.js';
import { useDisk } from './current-disk.js';
import {
  accessOf,
  batches,
  erasedSubject,
  importLines,
  movingClock,
  openService,
  url,
} from './ledger-life.js';
import { afterPowerLoss, afterStop, Choices } from './power-loss.js';
import { diskRoot, SimulatedDisk, type DiskImage, type Operation } from './simulated-disk.js';
import { dropConnections, loadSimulatedSqlite } from './simulated-sqlite.js';

/** The step through the calls of a restore; in more rounds all of them are tried. */
const stride = rounds > 1 ? 1 : 5;

jest.setTimeout(300_000 * rounds);

const folder = `${diskRoot}/saved`;
const keys = { path: `${diskRoot}/ledger.keys` };
const to = `sqlite:${diskRoot}/restored/ledger.db`;
let before: DiskImage;
let journal: readonly Operation[];
let root: string;

const restore = () => restoreLedger({ folder, to, keys, clock: movingClock() });

/** A backup whose keys are older than an erasure, and with entries of an access log. */
async function backUp(): Promise<void> {
  const clock = movingClock();
  const service = await openService(clock);
  await service.accessLog.record(accessOf('r1'));
  const opened = await openLedger({ url, simulation: false, openedAt: clock.now(), clock });
  const [roster = [], deductions = []] = batches;
  await importLines(opened, clock, roster, () => undefined);
  await opened.checkpoint();
  await backupLedger({ url, folder, keys: { ...keys, seal: { to: 'nobody' } }, clock });
  await opened.ledger.erase({ subject: erasedSubject }, 'o1', clock.now());
  await importLines(opened, clock, [...roster, ...deductions], () => undefined);
  await opened.checkpoint();
  ({ root } = await backupLedger({ url, folder, clock }));
  await opened.close();
  await service.close();
  dropConnections();
}

beforeAll(async () => {
  await loadSimulatedSqlite();
  const living = new SimulatedDisk();
  useDisk(living);
  await backUp();
  before = living.image();
  const disk = new SimulatedDisk(before, 10_000);
  useDisk(disk);
  expect(await restore()).toMatchObject({ root, keys: { erased: [erasedSubject] } });
  dropConnections();
  ({ journal } = disk);
});

/** Opens the target as any command does. @returns the code of the error that says it cannot be */
async function openTarget(): Promise<string | undefined> {
  const clock = movingClock('2020-02-01T00:00:00Z');
  try {
    const opened = await openLedger({
      url: to,
      simulation: false,
      openedAt: clock.now(),
      clock,
    });
    expect(opened.ledger.parts.keys.stateOf(erasedSubject)).toBe('destroyed');
    await opened.close();
    return undefined;
  } catch (error) {
    const code = (error as { readonly code?: string }).code;
    if (code === undefined) throw error;
    return code;
  }
}

/** Checks that a state opens for nobody until a restore finishes it, or that it is whole. */
async function check(image: DiskImage, place: number): Promise<void> {
  useDisk(new SimulatedDisk(image, 20_000));
  try {
    const hasBegun = [...image.entries.keys()].some((path) => path.includes('/restored/'));
    const isMarked = image.entries.has(`${diskRoot}/restored/ledger.restoring`);
    if (hasBegun && isMarked) expect(await openTarget()).toBe('restore_unfinished');
    dropConnections();
    if (!hasBegun || isMarked)
      expect(await restore()).toMatchObject({ root, keys: { erased: [erasedSubject] } });
    expect(await openTarget()).toBeUndefined();
    const { checks } = await verifyLedger({ url: to });
    expect(checks.flatMap(({ damages }) => damages)).toEqual([]);
  } catch (cause) {
    throw new Error(`stopped after call ${place}: ${String(cause)}`, { cause });
  } finally {
    dropConnections();
  }
}

describe('a restore', () => {
  it('that is stopped between two calls to the disk opens for nobody, and continues', async () => {
    for (let place = 0; place < journal.length; place += stride)
      await check(afterStop(before, journal.slice(0, place)), place);
    for (let place = journal.length - 40; place <= journal.length; place += 1)
      await check(afterStop(before, journal.slice(0, place)), place);
  });

  it('continues after a power loss, or was finished', async () => {
    for (let seed = 1; seed <= 60 * rounds; seed += 1) {
      const choices = new Choices(seed);
      const place = choices.below(journal.length + 1);
      await check(afterPowerLoss(before, journal.slice(0, place), choices), place);
    }
  });
});
