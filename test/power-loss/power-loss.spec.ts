import './simulated-machine.js';
import { rounds } from '../support/rounds.js';
import { useDisk } from './current-disk.js';
import { checkLedger, historyOf } from './ledger-check.js';
import { batches, live, liveAgain, paths } from './ledger-life.js';
import { afterPowerLoss, afterStop, Choices, withoutFile } from './power-loss.js';
import { emptyImage, SimulatedDisk, type DiskImage, type Operation } from './simulated-disk.js';
import { dropConnections, loadSimulatedSqlite } from './simulated-sqlite.js';

const states = { afterPowerLoss: 120 * rounds, afterKillToo: 40 * rounds };
const firstSeed = Number(process.env['LEDGER_TEST_SEED'] ?? 1);

jest.setTimeout(300_000 * rounds);

const disk = new SimulatedDisk();
let complete: readonly string[];

beforeAll(async () => {
  await loadSimulatedSqlite();
  useDisk(disk);
  await live(disk, dropConnections);
  complete = await historyOf();
  dropConnections();
});

it('a power loss takes nothing acknowledged, and leaves nothing half-done', async () => {
  const { journal } = disk;
  await eachSeed(states.afterPowerLoss, async (choices) => {
    const before = journal.slice(0, choices.below(journal.length + 1));
    const image = afterPowerLoss(emptyImage, before, choices);
    await checkLedger(sometimesWithoutReadModels(image, choices), before, complete);
  });
});

it('nor does a power loss after the process was killed and started again', async () => {
  const { journal } = disk;
  // The next process can read what was written and not synced, and a power loss can take it.
  const beforeSync = journal.flatMap(({ kind }, index) => (kind === 'sync' ? index : []));
  await eachSeed(states.afterKillToo, async (choices) => {
    const before = journal.slice(0, choices.oneOf(beforeSync));
    const again = new SimulatedDisk(afterStop(emptyImage, before), filesIn(journal));
    useDisk(again);
    try {
      await liveAgain(again, 1 + choices.below(batches.length));
    } finally {
      dropConnections();
    }
    const until = choices.below(again.journal.length + 1);
    const both = [...before, ...again.journal.slice(0, until)];
    const image = afterPowerLoss(emptyImage, both, choices);
    await checkLedger(sometimesWithoutReadModels(image, choices), both, complete);
  });
});

/** Read models follow from the events, also when a power loss, or a person, takes them whole. */
function sometimesWithoutReadModels(image: DiskImage, choices: Choices): DiskImage {
  return choices.below(8) === 0 ? withoutFile(image, paths.readModels) : image;
}

/** Checks a state for each seed, and names the seed that fails. */
async function eachSeed(count: number, check: (choices: Choices) => Promise<void>): Promise<void> {
  for (let seed = firstSeed; seed < firstSeed + count; seed += 1) {
    try {
      await check(new Choices(seed));
    } catch (cause) {
      throw new Error(`LEDGER_TEST_SEED=${String(seed)} shows it: ${String(cause)}`, { cause });
    }
  }
}

/** A number above that of every file. */
function filesIn(journal: readonly Operation[]): number {
  return 1 + Math.max(...journal.map((each) => (each.kind === 'create' ? each.file : 0)));
}
