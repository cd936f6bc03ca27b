import './simulated-machine.js';
import { rounds } from '../support/rounds.js';
import { useDisk } from './current-disk.js';
import { checkLedger, historyOf } from './ledger-check.js';
import { live } from './ledger-life.js';
import { afterStop } from './power-loss.js';
import { emptyImage, SimulatedDisk } from './simulated-disk.js';
import { dropConnections, loadSimulatedSqlite } from './simulated-sqlite.js';

/** The step through calls that open and close files; in more rounds all of them are tried. */
const stride = rounds > 1 ? 1 : 12;

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

/** The place in the journal where a fact that begins so was first acknowledged. */
function placeOf(beginning: string): number {
  return disk.journal.findIndex(
    (each) => each.kind === 'acknowledged' && each.fact.startsWith(beginning),
  );
}

async function checkStops(from: number, to: number, step: number): Promise<void> {
  for (let place = from; place <= to; place += step) {
    const before = disk.journal.slice(0, place);
    try {
      await checkLedger(afterStop(emptyImage, before), before, complete);
    } catch (cause) {
      throw new Error(`stopped after call ${String(place)}: ${String(cause)}`, { cause });
    }
  }
}

describe('a process that is stopped between any two calls to the disk', () => {
  it.each([
    ['an import', 'accepted 6', 'accepted 15'],
    ['a checkpoint', 'accepted 15', 'checkpoint'],
    ['the rotation of an API key', 'ending', 'key'],
    ['an erasure', 'key', 'erased'],
    ['commands after it', 'erased', 'accepted 27'],
    ['entries of the access log', 'accepted 27', 'logged r9'],
  ])('leaves nothing of %s doubled, lost or half-done', async (_, from, to) => {
    await checkStops(placeOf(from), Math.max(placeOf(from), placeOf(to)), 1);
  });

  it('leaves an opening or a closing to be done again', async () => {
    await checkStops(0, placeOf('accepted 6'), stride);
    await checkStops(placeOf('logged r9'), disk.journal.length, stride);
  });
});
